// @ts-check
// The room on a phone: it binds the seat (room.js) to tiles, card, sheets and plates.

import { PartyCard } from "./party_card.js";
import { PartySheets } from "./party_sheets.js";
import { PartySign } from "./party_sign.js";
import { PartyTiles } from "./party_tiles.js";
import { Room } from "./room.js";
import { Refusal, byId, clock, el, icon, say, toast } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */

const main = byId("main", HTMLElement);
const sitting = main.dataset["sitting"] ?? "";
const room = new Room(sitting);
const tiles = new PartyTiles(byId("tiles", HTMLElement), room, () => room.state && plate(room.state));
const sign = new PartySign(sitting);
const sheets = new PartySheets(act);
const card = new PartyCard(byId("card", HTMLElement), {
  act,
  proposal: () => room.state && sheets.proposal(room.state),
  sign: () => room.state && sign.open(room.state),
  object: () => sheets.objection(),
});
let entered = false;
let kicked = false;
let lostAt = 0;
let recordedMs = 0;
let recordedAt = 0;

/**
 * Do something; a refusal is shown as a sentence. True when it was taken.
 * @param {string} type
 * @param {Record<string, unknown>} [body]
 */
async function act(type, body = {}) {
  try {
    await room.act(type, body);
    return true;
  } catch (error) {
    toast(error instanceof Refusal && error.message ? error.message : say("no-answer"), { bad: true });
    return false;
  }
}

/** @param {boolean} camera */
function enter(camera) {
  // Inside the tap, before anything is awaited: elements are made and played, or phones stay silent.
  if (room.state) tiles.open(room.state);
  const opening = room.enter({ camera });
  const wrong = byId("start-error", HTMLElement);
  wrong.hidden = true;
  opening.then(
    () => {
      entered = true;
      byId("start", HTMLElement).hidden = true;
      if (room.state) draw(room.state);
      void stayAwake();
    },
    (error) => {
      wrong.textContent = say(error instanceof Refusal ? error.key : "impossible");
      wrong.hidden = false;
    },
  );
}

/** @param {RoomState} state */
function draw(state) {
  if (entered) tiles.draw(state);
  card.draw(state);
  sheets.learn(state);
  sign.learn(state);
  record(state.recording);
  plate(state);
}

/** @param {{on: boolean, t_ms: number}} recording */
function record(recording) {
  recordedMs = recording.t_ms;
  recordedAt = performance.now();
  byId("rec", HTMLElement).classList.toggle("off", !recording.on);
  byId("rec-text", HTMLElement).textContent = recording.on ? say("rec-on", { time: clock(recordedMs) }) : say("rec-off");
}

/** @param {string} word */
function network(word) {
  byId("net", HTMLElement).dataset["word"] = word;
  byId("net-text", HTMLElement).textContent = say(`net-${word}`);
}

/**
 * What lies over the room, the most important first.
 * @param {RoomState} state
 */
function plate(state) {
  if (kicked) return lay("kicked", [["again", () => location.reload(), "btn go"]]);
  if (state.status === "closed") return lay("closed", [["to-case", toCase, "btn go"]]);
  if (!entered) return lay("");
  if (!state.me.admitted) return lay("waiting");
  if (room.linkStatus === "lost" || (room.linkStatus === "connecting" && lostAt)) return lay("lost");
  if (state.status === "adjourned") return lay("adjourned");
  document.body.classList.toggle("apart", Boolean(state.caucus?.inside));
  if (state.caucus && !state.caucus.inside) return apart("apart-out", state.caucus, false);
  if (tiles.blocked) return lay("play", [["play", unblock, "btn go"]]);
  if (state.status === "waiting") return lay("soon", [], true);
  if (state.caucus) return apart("apart-in", state.caucus, true);
  return lay("");
}

/**
 * A talk apart, and whether it may be recorded: asked once, and taken back at any moment.
 * @param {"apart-out" | "apart-in"} name
 * @param {NonNullable<RoomState["caucus"]>} caucus
 * @param {boolean} calm
 */
function apart(name, caucus, calm) {
  const values = { side: say(caucus.side) };
  /** @type {(answer: string) => () => void} */
  const answer = (word) => () => void act("answer-recording", { answer: word });
  /** @type {[string, () => void, string][]} */
  const choice = [["record-agree", answer("agree"), "btn go"], ["record-refuse", answer("refuse"), "btn"]];
  if (caucus.asked && !caucus.mine) return lay(`${name}-asked`, choice, calm, values);
  if (caucus.mine !== "agree") return lay(name, [], calm, values);
  return lay(`${name}-${caucus.recorded ? "kept" : "agreed"}`, [["record-stop", answer("refuse"), "btn"]], calm, values);
}

/**
 * @param {string} name
 * @param {[string, () => void, string][]} [acts]
 * @param {boolean} [calm] only a note at the top, nothing is covered
 * @param {Record<string, string>} [values] for the words
 */
function lay(name, acts = [], calm = false, values = {}) {
  const place = byId("plate", HTMLElement);
  if (place.dataset["name"] === name) return;
  place.dataset["name"] = name;
  place.hidden = !name;
  place.classList.toggle("calm", calm);
  byId("plate-clock", HTMLElement).textContent = "";
  if (!name) return;
  byId("plate-title", HTMLElement).textContent = say(`${name}-title`);
  byId("plate-text", HTMLElement).textContent = name === "play" ? "" : say(`${name}-text`, values);
  byId("plate-acts", HTMLElement).replaceChildren(
    ...acts.map(([key, press, look]) => el("button", { type: "button", class: look, text: say(key), onclick: press })),
  );
}

function unblock() {
  tiles.play();
  if (room.state) plate(room.state);
}

function toCase() {
  location.assign(main.dataset["case"] ?? "/p");
}

function leave() {
  sheets.ask("leave", [
    ["stay", "btn go", () => undefined],
    ["leave", "btn stop", () => {
      room.leave();
      toCase();
    }],
  ]);
}

/**
 * @param {string} id
 * @param {boolean} pressed
 * @param {string} picture
 * @param {string} word
 */
function press(id, pressed, picture, word) {
  const button = byId(id, HTMLButtonElement);
  button.setAttribute("aria-pressed", String(pressed));
  button.replaceChildren(icon(picture), el("span", { text: say(word) }));
}

/** @param {boolean} off */
function mute(off) {
  room.mute(off);
  press("mute", off, off ? "mic-off" : "mic", off ? "unmute" : "mute");
}

/** @param {boolean} off */
function camera(off) {
  room.cameraOff(off);
  press("camera", off, off ? "video-off" : "video", off ? "camera-on" : "camera-off");
  if (room.state && entered) tiles.draw(room.state);
}

async function stayAwake() {
  await navigator.wakeLock?.request("screen").catch(() => null);
}

function tick() {
  const on = room.state?.recording.on && room.state.status === "open";
  if (on) byId("rec-text", HTMLElement).textContent = say("rec-on", { time: clock(recordedMs + performance.now() - recordedAt) });
  const lost = byId("plate", HTMLElement).dataset["name"] === "lost";
  if (lost && lostAt) byId("plate-clock", HTMLElement).textContent = clock(performance.now() - lostAt).slice(3);
}

room
  .on("state", draw)
  .on("stream", (seat, stream) => {
    tiles.show(seat, stream);
    if (room.state && entered) tiles.draw(room.state);
  })
  .on("link", (status) => {
    if (status === "lost") lostAt ||= performance.now();
    if (status === "up") {
      lostAt = 0;
      network("good");
    }
    if (status === "lost") network("none");
    if (room.state) plate(room.state);
  })
  .on("recording", (body) => record({ on: true, ...body }))
  .on("speaker", (body) => {
    tiles.speaker = body?.seat ?? "";
    if (room.state && entered) tiles.draw(room.state);
  })
  .on("quality", (body) => {
    const word = body?.[room.state?.me.seat ?? ""]?.word;
    if (word && room.linkStatus === "up") network(word);
  })
  .on("pictures", (body) => {
    tiles.missing = { ...tiles.missing, ...body?.pictures };
    if (room.state && entered) tiles.draw(room.state);
  })
  .on("mute", () => {
    mute(true);
    toast(say("muted-by"));
  })
  .on("kicked", () => {
    kicked = true;
    if (room.state) plate(room.state);
  })
  .on("refused", (error) => toast(error instanceof Refusal && error.message ? error.message : say("no-answer"), { bad: true }));

byId("enter", HTMLButtonElement).addEventListener("click", () => enter(true));
byId("enter-sound", HTMLButtonElement).addEventListener("click", () => enter(false));
byId("mute", HTMLButtonElement).addEventListener("click", () => mute(!room.muted));
byId("camera", HTMLButtonElement).addEventListener("click", () => camera(!room.cameraIsOff));
byId("cannot-hear", HTMLButtonElement).addEventListener("click", () => {
  void act("cannot-hear").then((taken) => taken && toast(say("told")));
});
byId("papers", HTMLButtonElement).addEventListener("click", () => room.state && sheets.papers(room.state));
byId("leave", HTMLButtonElement).addEventListener("click", leave);
window.addEventListener("pagehide", () => room.leave());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
window.setInterval(tick, 1000);
room.watch();
