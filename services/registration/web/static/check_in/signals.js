// What a verdict sounds and feels like, and a screen that stays on. No files: tones are made here.

const TONES = {
  good: [[660, 0, 0.11], [990, 0.11, 0.2]],
  stop: [[220, 0, 0.18], [165, 0.22, 0.34]],
  look: [[440, 0, 0.14], [440, 0.2, 0.14]],
  wait: [[330, 0, 0.3]],
};
const BUZZES = { good: [60], stop: [220, 90, 220], look: [120, 80, 120], wait: [400] };
let audio = null;
let lock = null;

// Browsers give sound only after a touch: call this from one.
export function unlock() {
  const Audio = window.AudioContext ?? window.webkitAudioContext;
  audio ??= Audio ? new Audio() : null;
  if (audio?.state === "suspended") audio.resume();
}

export function signal(tone, { sound }) {
  if (BUZZES[tone]) navigator.vibrate?.(BUZZES[tone]);
  if (!sound || audio?.state !== "running") return;
  for (const [pitch, after, length] of TONES[tone] ?? []) play(pitch, audio.currentTime + after, length);
}

function play(pitch, start, length) {
  const voice = audio.createOscillator();
  const loudness = audio.createGain();
  voice.type = pitch < 300 ? "square" : "sine";
  voice.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, start);
  loudness.gain.exponentialRampToValueAtTime(0.4, start + 0.015);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + length);
  voice.connect(loudness).connect(audio.destination);
  voice.start(start);
  voice.stop(start + length + 0.02);
}

export async function stayAwake() {
  try {
    if (!lock || lock.released) lock = await navigator.wakeLock?.request("screen");
  } catch { /* low battery or not allowed: the phone may sleep */ }
}
