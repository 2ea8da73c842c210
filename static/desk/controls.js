// @ts-check
// The row beneath the pictures and its questions; it knows the buttons, not what they lead to.

import { byId, say } from "./dom.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {{outcome: string, reason: string}} Answer */

/** Three tabs; arrow keys walk between them. */
export function bindTabs() {
  const tabs = ["prompt", "terms", "minutes"].map((name) => byId(`tab-${name}`, HTMLButtonElement));
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => showTab(tab.id.slice(4)));
    tab.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way) return;
      const next = tabs[(index + way + tabs.length) % tabs.length];
      next?.focus();
      next?.click();
    });
  });
}

/** @param {string} wanted */
export function showTab(wanted) {
  for (const name of ["prompt", "terms", "minutes"]) {
    const tab = byId(`tab-${name}`, HTMLButtonElement);
    tab.setAttribute("aria-selected", String(name === wanted));
    tab.tabIndex = name === wanted ? 0 : -1;
    byId(`panel-${name}`, HTMLElement).hidden = name !== wanted;
  }
}

/**
 * A pressed button whose word says what a click will do next.
 * @param {string} id
 * @param {boolean} pressed
 * @param {[string, string]} words when not pressed, when pressed
 */
export function press(id, pressed, words) {
  const button = byId(id, HTMLButtonElement);
  button.setAttribute("aria-pressed", String(pressed));
  const label = button.querySelector("span");
  if (label) label.textContent = say(words[pressed ? 1 : 0] ?? "");
}

/** One question at a time: why adjourn, what objection, which end. */
export class Question {
  constructor() {
    this.dialog = byId("ask", HTMLDialogElement);
    this.reason = byId("ask-reason", HTMLTextAreaElement);
    this.outcome = byId("ask-outcome", HTMLSelectElement);
    this.error = byId("ask-error", HTMLElement);
    /** @type {(answer: Answer) => Promise<string>} */
    this.send = async () => "";
    this.needed = true;
    byId("ask-cancel", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    byId("ask-form", HTMLFormElement).addEventListener("submit", (event) => void this.answered(event));
  }

  /**
   * @param {object} question
   * @param {string} question.title
   * @param {boolean} question.outcomes whether one of the eight ends is asked for
   * @param {boolean} question.needed whether a reason must be given
   * @param {(answer: Answer) => Promise<string>} question.send tells an error in a sentence, or ""
   */
  ask({ title, outcomes, needed, send }) {
    byId("ask-title", HTMLElement).textContent = title;
    byId("ask-outcome-field", HTMLElement).hidden = !outcomes;
    this.reason.value = "";
    this.error.textContent = "";
    this.needed = needed;
    this.send = send;
    this.dialog.showModal();
    (outcomes ? this.outcome : this.reason).focus();
  }

  /** @param {SubmitEvent} event */
  async answered(event) {
    event.preventDefault();
    const reason = this.reason.value.trim();
    if (this.needed && !reason) {
      this.error.textContent = say("need-reason");
      return;
    }
    const error = await this.send({ outcome: this.outcome.value, reason });
    this.error.textContent = error;
    if (!error) this.dialog.close();
  }
}

/**
 * The recording light: what is on disk, not what is wished for.
 * @param {RoomState} state
 * @param {{bytes: number, t_ms: number, stuck: boolean}} disk
 * @param {(ms: number) => string} clock
 */
export function drawLight(state, disk, clock) {
  const light = byId("rec", HTMLElement);
  const time = clock(disk.t_ms);
  const size = `${(disk.bytes / 1e6).toFixed(1)} MB`;
  /** @type {[string, string]} */
  let shown = ["rec off", say("rec-off")];
  if (state.status === "closed") shown = ["rec off", say("rec-ended", { time })];
  else if (state.status === "adjourned") shown = ["rec off", say("rec-paused")];
  else if (state.caucus && !state.caucus.recorded) shown = ["rec off", say("rec-apart")];
  else if (state.recording.on && disk.stuck) shown = ["rec stuck", say("rec-stuck", { time })];
  else if (state.recording.on) shown = ["rec", say("rec-on", { time, size })];
  if (light.className !== shown[0]) light.className = shown[0];
  const text = byId("rec-text", HTMLElement);
  if (text.textContent !== shown[1]) text.textContent = shown[1];
}
