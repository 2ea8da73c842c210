// @ts-check
// The device check: own picture, a meter that moves, a sound to hear, the time a request takes; the result is kept.

import { capture } from "./room.js";
import { Refusal, byId, post, say } from "./ui.js";

const PROBES = 5;
const GOOD_MS = 250;
const FAIR_MS = 800;
const LOUD = 8;

/** @type {Record<string, string | number>} */
const found = { browser: navigator.userAgent.slice(0, 80) };
/** @type {MediaStream | null} */
let stream = null;
/** @type {AudioContext | null} */
let audio = null;

/**
 * @param {string} id
 * @param {"good" | "warn" | "bad" | ""} look
 * @param {string} text
 */
function mark(id, look, text) {
  const chip = byId(id, HTMLElement);
  chip.className = `chip ${look}`;
  chip.textContent = text;
  chip.hidden = false;
}

async function keep() {
  await post("/p/check", found).then(
    () => (byId("told", HTMLElement).textContent = say("told")),
    () => undefined,
  );
}

async function start() {
  audio ??= new AudioContext();
  void audio.resume();
  byId("trouble", HTMLElement).hidden = true;
  try {
    stream = await capture(true);
  } catch (error) {
    const key = error instanceof Refusal ? error.key : "impossible";
    byId("trouble-text", HTMLElement).textContent = say(key);
    byId("trouble", HTMLElement).hidden = false;
    mark("camera", "bad", say("bad"));
    mark("microphone", "bad", say("bad"));
    Object.assign(found, { camera: key, microphone: key });
    await keep();
    return;
  }
  const video = byId("self", HTMLVideoElement);
  video.srcObject = stream;
  void video.play();
  byId("start", HTMLButtonElement).hidden = true;
  mark("camera", "good", say("good"));
  found["camera"] = "good";
  listen(audio, stream);
  await probe();
  await keep();
}

/**
 * @param {AudioContext} context
 * @param {MediaStream} heard
 */
function listen(context, heard) {
  mark("microphone", "warn", say("speak"));
  found["microphone"] = "silent";
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(heard).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const meter = byId("level", HTMLMeterElement);
  const tick = () => {
    if (!stream) return;
    analyser.getByteTimeDomainData(samples);
    const peak = Math.max(...samples.map((value) => Math.abs(value - 128)));
    const level = Math.min(100, Math.round((peak / 128) * 220));
    meter.value = Math.max(level, meter.value * 0.85);
    if (level > LOUD && found["microphone"] !== "good") {
      found["microphone"] = "good";
      mark("microphone", "good", say("good"));
      void keep();
    }
    requestAnimationFrame(tick);
  };
  tick();
}

function chime() {
  audio ??= new AudioContext();
  void audio.resume();
  for (const [at, tone] of [523, 659, 784].entries()) {
    const begins = audio.currentTime + at * 0.35;
    const source = audio.createOscillator();
    const gain = audio.createGain();
    source.frequency.value = tone;
    gain.gain.setValueAtTime(0.0001, begins);
    gain.gain.exponentialRampToValueAtTime(0.3, begins + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, begins + 0.32);
    source.connect(gain).connect(audio.destination);
    source.start(begins);
    source.stop(begins + 0.34);
  }
  byId("heard", HTMLElement).hidden = false;
}

/** @param {boolean} yes */
function heard(yes) {
  found["sound"] = yes ? "good" : "bad";
  mark("sound", yes ? "good" : "bad", say(yes ? "good" : "bad"));
  byId("heard", HTMLElement).hidden = true;
  void keep();
}

async function probe() {
  const times = [];
  for (let n = 0; n < PROBES; n += 1) {
    const begun = performance.now();
    await fetch(`/healthz?n=${n}`, { cache: "no-store" }).catch(() => null);
    times.push(performance.now() - begun);
  }
  const typical = times.sort((a, b) => a - b)[Math.floor(PROBES / 2)] ?? FAIR_MS;
  found["rtt_ms"] = Math.round(typical);
  const word = typical < GOOD_MS ? "good" : typical < FAIR_MS ? "fair" : "poor";
  found["network"] = word;
  mark("network", word === "good" ? "good" : "warn", say(word));
}

// Only one capture may live in a phone's web view: leave none behind for the room.
function end() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

byId("start", HTMLButtonElement).addEventListener("click", () => void start());
byId("chime", HTMLButtonElement).addEventListener("click", chime);
byId("heard-yes", HTMLButtonElement).addEventListener("click", () => heard(true));
byId("heard-no", HTMLButtonElement).addEventListener("click", () => heard(false));
window.addEventListener("pagehide", end);
