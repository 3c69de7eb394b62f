// A camera that sees what the test draws: window.showPicture(address of a picture) or "" for an empty desk.
(() => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 1280, height: 720 });
  const pen = canvas.getContext("2d");
  let picture = null;
  const draw = () => {
    pen.fillStyle = "#c9c3b8";
    pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = `rgb(${Math.random() * 255},0,0)`; // a stream without change gives no pictures
    pen.fillRect(0, 0, 4, 4);
    if (picture) pen.drawImage(picture, 440, 160, 400, 400);
  };
  setInterval(draw, 33);
  window.showPicture = async (address) => {
    if (!address) { picture = null; return; }
    const bytes = Uint8Array.from(atob(address.split(",")[1]), (each) => each.charCodeAt(0));
    picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  };
  window.lights = [];
  Object.defineProperty(navigator, "mediaDevices", { value: {
    getUserMedia: async (wish) => {
      window.wished = wish;
      if (window.refuseCamera) throw new DOMException("no", window.refuseCamera);
      const stream = canvas.captureStream(30);
      const [track] = stream.getVideoTracks();
      track.getCapabilities = () => ({ torch: true });
      track.applyConstraints = async (change) => { window.lights.push(change.advanced[0].torch); };
      return stream;
    },
    enumerateDevices: async () => [
      { kind: "videoinput", deviceId: "back", label: "Back" },
      { kind: "videoinput", deviceId: "front", label: "Front" },
    ],
  } });
  window.buzzes = [];
  navigator.vibrate = (pattern) => { window.buzzes.push(pattern); return true; };
})();
