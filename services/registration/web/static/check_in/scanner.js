// The door: camera, hand scanner and typed codes go the same way, and every scan ends as one big verdict.
import { newApi } from "./api.js";
import { newCamera } from "./camera.js";
import { newOutgoing } from "./outgoing.js";
import { signal, stayAwake, unlock } from "./signals.js";
import { newStage } from "./verdicts.js";
import { listenForHandScanner } from "./wedge.js";

const SAME_CODE = 4000; // ms that a code in view counts as the same scan
const LAST = 20;
const door = document.querySelector("[data-door]");
const part = (name) => door.querySelector(`[data-${name}]`);
const data = door.dataset;
const form = part("typed");
const memory = `werktor.check-in.${data.event}`;
const sessions = new Map([...part("session").options].filter((each) => each.value).map((each) => [each.value, each.dataset.short]));
const seen = new Map();
let shown = null; // the scan whose verdict is on the screen

const stage = newStage({ place: part("result"), announcer: part("announce"), locale: data.locale, zone: data.zone, sessions });
const api = newApi({ door, checkIns: data.checkIns, summary: data.summary });
const outgoing = newOutgoing({ key: `${memory}.unsent`, post: api.scan, onAnswer, onSilence, onChange: showUnsent });
const camera = newCamera({ video: part("video"), worker: data.worker, onCode: seeCode, onFault: () => showCameraFault("unreadable") });

// ---- a scan ----

function seeCode(text) {
  const last = seen.get(text) ?? -Infinity;
  seen.set(text, performance.now());
  if (performance.now() - last > SAME_CODE) scan(text);
}

function scan(text) {
  stayAwake();
  const waiting = outgoing.find(text.trim());
  if (waiting) { // shown again because the first try had no answer: it stays one scan
    shown = waiting;
    show("checking");
    outgoing.again();
    return;
  }
  const made = { scan_id: newId(), ticket: text.trim().slice(0, 500), event_id: data.event, scanned_at: api.now() };
  const [session, device] = [part("session").value, part("gate").value.trim()];
  if (session) made.session_id = session;
  if (device) made.device = device;
  shown = made;
  show("checking");
  outgoing.send(made);
}

function onAnswer(made, { verdict, facts }) {
  const isOnScreen = shown?.scan_id === made.scan_id;
  remember(made, verdict, facts);
  if (facts.counts) showCounts(facts.counts);
  if (!isOnScreen) return;
  show(verdict, facts);
  if (verdict === "admitted") offerUndo(made.scan_id);
}

function onSilence(made, silence) {
  if (shown?.scan_id !== made.scan_id) return;
  show(silence.verdict === "not-allowed" ? "not-allowed" : "no-connection");
  part("again").hidden = false;
}

function show(verdict, facts = {}) {
  part("undo").hidden = true;
  part("again").hidden = true;
  data.showing = verdict;
  data.tone = stage.show(verdict, facts);
  if (verdict !== "checking") signal(data.tone, { sound: part("sound").checked });
}

// Also where the page is not a secure context, as on a laptop in the hall's network.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// ---- taking back ----

function offerUndo(id) {
  part("undo").hidden = false;
  part("undo").elements.scan_id.value = id;
}

part("undo").addEventListener("submit", async (event) => {
  event.preventDefault();
  const id = part("undo").elements.scan_id.value;
  const name = part("result").querySelector("[data-slot=name]")?.textContent ?? "";
  try {
    const { status } = await api.undo(id);
    if (status >= 300) throw new Error(status);
    shown = null;
    show("undone", { name });
    part("last").querySelector(`[data-scan="${id}"]`)?.classList.add("door-taken-back");
    refresh();
  } catch {
    part("undo").querySelector("[data-failed]").hidden = false;
  }
});

part("again").addEventListener("click", () => outgoing.again());

// ---- what else the screen tells ----

function remember(made, verdict, facts) {
  const line = part("line").content.firstElementChild.cloneNode(true);
  line.dataset.scan = made.scan_id;
  line.dataset.tone = stage.tone(verdict);
  line.querySelector("[data-time]").textContent = stage.timeOf(made.scanned_at);
  line.querySelector("[data-name]").textContent = facts.name ?? "";
  line.querySelector("[data-word]").append(stage.icon(verdict) ?? "", stage.word(verdict));
  part("last").prepend(line);
  while (part("last").children.length > LAST) part("last").lastElementChild.remove();
  part("none-yet").hidden = true;
}

function showCounts(counts) {
  const chosen = part("session").value || data.current;
  const count = counts.find((each) => each.session_id === chosen) ?? counts[0];
  if (!count) return;
  part("checked-in").textContent = count.checked_in;
  part("expected").textContent = count.expected;
  part("meter").max = Math.max(count.expected, count.checked_in, 1);
  part("meter").value = count.checked_in;
}

function showUnsent(number) {
  part("unsent").hidden = number === 0;
  part("unsent-number").textContent = number;
}

async function refresh() {
  if (document.hidden) return;
  try {
    const { status, facts } = await api.counts();
    if (status !== 200) return;
    data.current = facts.current_session_id ?? data.current;
    showCounts(facts.sessions);
  } catch { /* without connection the old number stays */ }
}

// ---- the camera ----

async function startCamera(id) {
  part("camera-fault").hidden = true;
  unlock();
  stayAwake();
  try {
    await camera.start(id).catch((fault) => {
      if (id && fault.name === "OverconstrainedError") return camera.start(); // the remembered camera is gone
      throw fault;
    });
    data.camera = "on";
    part("light").hidden = !camera.hasLight();
    part("stop").hidden = false;
    await listCameras();
  } catch (fault) {
    showCameraFault(fault.name);
  }
}

function stopCamera() {
  camera.stop();
  data.camera = "off";
  part("light").hidden = true;
  part("stop").hidden = true;
}

function showCameraFault(name) {
  const known = ["NotAllowedError", "NotFoundError", "NotReadableError", "unreadable"];
  stopCamera();
  part("camera-fault").hidden = false;
  part("camera-fault").textContent = part("camera-fault").dataset[known.includes(name) ? name : "NotFoundError"] ?? name;
}

async function listCameras() {
  const choices = await camera.choices();
  part("cameras").replaceChildren(...choices.map((each, at) => new Option(each.label || `${at + 1}`, each.deviceId)));
  part("cameras").value = camera.current();
  part("camera-field").hidden = choices.length < 2;
}

if (navigator.mediaDevices?.getUserMedia) part("camera").hidden = false;
part("start").addEventListener("click", () => startCamera(localStorage.getItem("werktor.camera") ?? ""));
part("stop").addEventListener("click", stopCamera);
part("light").addEventListener("click", () => {
  const on = part("light").getAttribute("aria-pressed") !== "true";
  part("light").setAttribute("aria-pressed", on);
  camera.light(on);
});
part("cameras").addEventListener("change", () => {
  localStorage.setItem("werktor.camera", part("cameras").value);
  startCamera(part("cameras").value);
});

// ---- typed codes, hand scanners, settings ----

form.addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
  const text = form.elements.ticket.value;
  if (!text.trim()) return form.elements.ticket.focus();
  form.elements.ticket.value = "";
  if (matchMedia("(pointer: coarse)").matches) form.elements.ticket.blur();
  return scan(text);
});
listenForHandScanner(scan);

part("gate").value = localStorage.getItem(`${memory}.gate`) ?? part("gate").value;
part("gate").addEventListener("change", () => localStorage.setItem(`${memory}.gate`, part("gate").value.trim()));
part("sound").checked = localStorage.getItem("werktor.sound") !== "off";
part("sound").addEventListener("change", () => localStorage.setItem("werktor.sound", part("sound").checked ? "on" : "off"));
part("session").addEventListener("change", refresh);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { refresh(); if (camera.isOn()) stayAwake(); } });
setInterval(refresh, 10000);
data.ready = "yes";
