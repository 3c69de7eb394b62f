// Scans on their way to the server: kept on the phone until they are answered, sent again with the same scan_id.

const EVERY = 5000; // ms; navigator.onLine alone cannot be trusted

export function newOutgoing({ key, post, onAnswer, onSilence, onChange }) {
  const busy = new Set();
  let scans = read();

  function read() {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "[]");
    } catch {
      return [];
    }
  }

  function write(next) {
    scans = next;
    try {
      if (scans.length) localStorage.setItem(key, JSON.stringify(scans));
      else localStorage.removeItem(key);
    } catch { /* no storage in this browser: the list still lives as long as the page */ }
    onChange(scans.length);
  }

  async function attempt(scan) {
    if (busy.has(scan.scan_id)) return true;
    busy.add(scan.scan_id);
    try {
      const answer = await post(scan);
      if (answer.keep) throw answer;
      write(scans.filter((each) => each.scan_id !== scan.scan_id));
      onAnswer(scan, answer);
      return true;
    } catch (silence) {
      onSilence(scan, silence);
      return false;
    } finally {
      busy.delete(scan.scan_id);
    }
  }

  function send(scan) {
    write([...scans, scan]);
    return attempt(scan);
  }

  async function again() {
    for (const scan of [...scans]) if (!(await attempt(scan))) return;
  }

  setInterval(() => scans.length && again(), EVERY);
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => document.hidden || again());
  onChange(scans.length);
  if (scans.length) again();
  const find = (ticket) => scans.find((each) => each.ticket === ticket);
  return { send, again, find };
}
