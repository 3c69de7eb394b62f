// The camera and its light: start, stop, choose, and a stream of codes from the worker that reads its pictures.

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 } };
const LONGEST = 1280; // pixels of the picture's longer side that the worker gets
const PAUSE = 70; // ms between two pictures: quick for people, kind to the battery

export function newCamera({ video, worker, onCode, onFault }) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let stream = null;
  let reader = null;
  let timer = 0;

  const track = () => stream?.getVideoTracks()[0];

  async function start(id = "") {
    stop();
    const wanted = id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } };
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...wanted, ...PICTURE } });
    video.srcObject = stream;
    await video.play();
    reader ??= openReader();
    look();
  }

  function stop() {
    clearTimeout(timer);
    stream?.getTracks().forEach((each) => each.stop());
    stream = null;
    video.srcObject = null;
  }

  function openReader() {
    const opened = new Worker(worker);
    opened.onmessage = ({ data }) => {
      if (data.ready) return;
      if (data.fault) onFault(data.fault);
      if (data.text && stream) onCode(data.text);
      timer = setTimeout(look, PAUSE);
    };
    opened.onerror = (fault) => onFault(fault.message);
    return opened;
  }

  function look() {
    clearTimeout(timer);
    if (!stream) return;
    if (document.hidden || video.readyState < 2 || !video.videoWidth) {
      timer = setTimeout(look, 200);
      return;
    }
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const width = Math.round(video.videoWidth * scale);
    const height = Math.round(video.videoHeight * scale);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.drawImage(video, 0, 0, width, height);
    const pixels = pen.getImageData(0, 0, width, height).data.buffer;
    reader.postMessage({ pixels, width, height }, [pixels]);
  }

  async function choices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((each) => each.kind === "videoinput" && each.deviceId);
  }

  const hasLight = () => Boolean(track()?.getCapabilities?.().torch);
  const light = (on) => track()?.applyConstraints({ advanced: [{ torch: on }] });
  const isOn = () => Boolean(stream);
  const current = () => track()?.getSettings?.().deviceId ?? "";

  return { start, stop, choices, current, hasLight, light, isOn };
}
