// @ts-check
// The room at the desk: joins the line to the three columns; the rules are on the server.

import { Room } from "../js/room.js";
import { Question, bindTabs, drawLight, press, showTab } from "./controls.js";
import { Refusal, byId, clock, data, el, say, toast } from "./dom.js";
import { bindMinutes, drawMinutes, drawPrompt } from "./minutes.js";
import { drawPapers } from "./papers.js";
import { drawLines, drawPeople, drawSteps, drawTimes } from "./people.js";
import { SignDialog } from "./sign.js";
import { FormProblem, TermsEditor } from "./terms.js";
import { Tiles } from "./tiles.js";

/** @typedef {import("./types.js").RoomState} RoomState */

const LEAVE_MS = 2000;
const STUCK_MS = 6000; // the light tells when the bytes on disk have not grown for this long

class Desk {
  constructor() {
    const main = byId("main", HTMLElement);
    const sitting = main.dataset["sitting"] ?? "";
    this.caseUrl = main.dataset["case"] ?? "/";
    this.mediates = main.dataset["role"] === "mediator";
    this.papers = data("papers");
    this.duties = data("script-items");
    this.room = new Room(sitting);
    this.tiles = new Tiles((seat) => this.room.streamOf(seat));
    this.editor = new TermsEditor(`odr-terms-${sitting}`);
    this.sign = this.mediates ? new SignDialog(sitting, main.dataset["csrf"] ?? "") : null;
    this.question = new Question();
    /** @type {RoomState | null} */
    this.state = null;
    this.stateAt = 0;
    this.disk = { bytes: 0, t_ms: 0, grewAt: Date.now() };
    /** @type {Record<string, import("./people.js").Line>} */
    this.lines = {};
    this.linked = "waiting";
    this.read = 0;
    this.act = this.act.bind(this);
  }

  start() {
    this.room
      .on("state", (state, before) => this.learn(state, before))
      .on("stream", (seat, stream) => this.tiles.give(seat, stream))
      .on("link", (status) => this.link(status))
      .on("recording", (body) => this.grown(body))
      .on("speaker", (body) => this.tiles.speaks(body?.seat ?? null))
      .on("quality", (body) => drawLines((this.lines = body ?? {})))
      .on("pictures", (body) => this.tiles.hold(body?.pictures ?? {}, this.state))
      .on("kicked", () => this.stopped(say("kicked")))
      .on("refused", (error) => toast(sentence(error), { bad: true }));
    bindTabs();
    bindMinutes(this.act, () => this.state);
    byId("terms", HTMLFormElement).addEventListener("submit", (event) => void this.propose(event));
    byId("enter", HTMLButtonElement).addEventListener("click", () => void this.enter({}));
    byId("enter-silent", HTMLButtonElement).addEventListener("click", () => void this.enter({ silent: true }));
    byId("tab-minutes", HTMLButtonElement).addEventListener("click", () => this.drawCount());
    this.bindControls();
    this.room.watch();
    window.setInterval(() => this.tick(), 1000);
  }

  bindControls() {
    on("mute", () => {
      this.room.mute(!this.room.muted);
      press("mute", this.room.muted, ["mute", "unmute"]);
    });
    on("camera", () => {
      this.room.cameraOff(!this.room.cameraIsOff);
      press("camera", this.room.cameraIsOff, ["camera-off", "camera-on"]);
    });
    on("object", () =>
      this.question.ask({
        title: say("objection-title"),
        outcomes: false,
        needed: true,
        send: ({ reason }) => this.attempt("note", { text: say("objection-note", { text: reason }) }),
      }),
    );
    if (!this.mediates) return;
    on("adjourn", () => this.adjournOrResume());
    on("end", () =>
      this.question.ask({
        title: say("end-title"),
        outcomes: true,
        needed: false,
        send: (answer) => this.attempt("finish", answer),
      }),
    );
  }

  adjournOrResume() {
    if (this.state?.status === "adjourned") return void this.act("resume");
    this.question.ask({
      title: say("adjourn-title"),
      outcomes: false,
      needed: true,
      send: ({ reason }) => this.attempt("adjourn", { reason }),
    });
  }

  /** @param {{silent?: boolean}} wish */
  async enter(wish) {
    this.tiles.playAll(); // inside the click, before anything is awaited
    const error = byId("start-error", HTMLElement);
    try {
      await this.room.enter(wish);
      if (this.room.local && this.state) this.tiles.give(this.state.me.seat, this.room.local);
      byId("start", HTMLElement).hidden = true;
    } catch (problem) {
      const key = problem instanceof Refusal ? `camera-${problem.key}` : "camera-impossible";
      error.textContent = say("no-camera", { why: say(key) });
    }
  }

  /**
   * @param {RoomState} state
   * @param {RoomState | null} before
   */
  learn(state, before) {
    this.state = state;
    this.stateAt = Date.now();
    this.grown(state.recording);
    this.tiles.draw(state);
    // Whoever pressed "enter" before the first state came has her own picture only now.
    if (this.room.local && state.status !== "closed") this.tiles.give(state.me.seat, this.room.local);
    drawSteps(state);
    drawPeople(state, this.act, this.papers);
    drawLines(this.lines);
    drawPrompt(state, this.mediates, this.duties);
    drawPapers(state, {
      act: this.act,
      fill: (terms) => this.editor.fill(terms),
      sign: this.sign ? () => state.agreement && this.sign?.open(state.agreement) : null,
    });
    drawMinutes(state);
    this.drawCount();
    this.drawStatus();
    this.tick();
    if (before?.status === "waiting" && state.status === "open") this.room.takeSeat();
    if (before && before.step !== state.step) this.stepChanged(state);
  }

  /** @param {RoomState} state */
  stepChanged(state) {
    const papers = ["negotiation", "agreement", "signing"].includes(state.step);
    if (!papers) showTab("prompt");
    else if (state.step !== "negotiation") showTab("terms");
  }

  drawStatus() {
    const state = this.state;
    if (!state) return;
    const banner = byId("banner", HTMLElement);
    let text = "";
    if (state.status === "closed") text = say("ended", { outcome: say(`outcome-${state.outcome}`) });
    else if (state.status === "adjourned") text = say("adjourned");
    else if (state.caucus) text = say(`apart-banner-${recordable(state.caucus)}`, { side: say(state.caucus.side) });
    else if (this.linked === "lost" && state.status === "open" && this.room.entered) text = say("reconnecting");
    banner.textContent = text;
    banner.hidden = !text;
    const apart = state.status === "open" && Boolean(state.caucus);
    document.body.classList.toggle("apart", apart);
    if (apart && this.mediates && this.linked !== "lost") {
      const press = () => void this.act("rejoin");
      banner.append(" ", el("button", { type: "button", class: "btn small go", text: say("rejoin"), onclick: press, "data-do": "rejoin" }));
      if (!state.caucus?.asked) {
        const ask = () => void this.act("ask-to-record");
        banner.append(" ", el("button", { type: "button", class: "btn small", text: say("ask-to-record"), onclick: ask, "data-do": "ask-to-record" }));
      }
    }
    if (state.status === "closed") this.over(banner);
    if (!this.mediates) return;
    press("adjourn", state.status === "adjourned", ["adjourn", "resume"]);
    byId("adjourn", HTMLButtonElement).disabled = state.status === "waiting" || state.status === "closed";
    byId("end", HTMLButtonElement).disabled = state.status === "closed";
  }

  /**
   * The camera goes off with the session; the way leads back to the case.
   * @param {HTMLElement} banner
   */
  over(banner) {
    byId("start", HTMLElement).hidden = true;
    banner.append(" ", el("a", { href: this.caseUrl, text: say("to-case") }));
    this.tiles.close();
    this.question.dialog.close();
    // The answer to the act that ended it is still on its way.
    window.setTimeout(() => this.room.entered && this.room.leave(), LEAVE_MS);
  }

  /** Lines of the minutes that have come since the tab was last open. */
  drawCount() {
    const all = this.state?.notes.length ?? 0;
    if (!byId("panel-minutes", HTMLElement).hidden || this.read > all) this.read = all;
    const count = byId("minutes-count", HTMLElement);
    count.textContent = String(all - this.read);
    count.hidden = all === this.read;
  }

  /** @param {string} status */
  link(status) {
    this.linked = status;
    this.drawStatus();
  }

  /** @param {{bytes: number, t_ms: number}} body */
  grown(body) {
    if (body.bytes > this.disk.bytes) this.disk = { bytes: body.bytes, t_ms: body.t_ms, grewAt: Date.now() };
  }

  tick() {
    if (!this.state) return;
    drawTimes(this.state, Date.now() - this.stateAt);
    drawLight(this.state, { ...this.disk, stuck: Date.now() - this.disk.grewAt > STUCK_MS }, clock);
  }

  /** @param {SubmitEvent} event */
  async propose(event) {
    event.preventDefault();
    try {
      const terms = this.editor.read();
      this.editor.tell("");
      const error = await this.attempt("propose", { terms });
      this.editor.tell(error);
      if (!error) toast(say("proposed"));
    } catch (problem) {
      if (!(problem instanceof FormProblem)) throw problem;
      this.editor.tell(problem.message);
    }
  }

  /**
   * Ask the server; a refusal is shown in a sentence.
   * @param {string} type
   * @param {Record<string, unknown>} [body]
   */
  async act(type, body = {}) {
    const error = await this.attempt(type, body);
    if (error) toast(error, { bad: true });
    return !error;
  }

  /**
   * Ask the server; the answer is the sentence of its refusal, or nothing.
   * @param {string} type
   * @param {Record<string, unknown>} body
   */
  async attempt(type, body) {
    try {
      await this.room.act(type, body);
      return "";
    } catch (error) {
      return sentence(error);
    }
  }

  /** @param {string} text */
  stopped(text) {
    this.room.leave();
    byId("start-error", HTMLElement).textContent = text;
    byId("start", HTMLElement).hidden = false;
    for (const id of ["enter", "enter-silent"]) byId(id, HTMLButtonElement).disabled = true;
  }
}

/**
 * @param {string} id
 * @param {() => void} doing
 */
function on(id, doing) {
  byId(id, HTMLButtonElement).addEventListener("click", doing);
}

/** @param {unknown} error */
function sentence(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text || say("no-answer");
}

/**
 * How it stands with recording a talk apart: off, asked, refused or kept.
 * @param {NonNullable<RoomState["caucus"]>} caucus
 */
function recordable(caucus) {
  if (caucus.recorded) return "kept";
  if (Object.values(caucus.answers).includes("refuse")) return "refused";
  return caucus.asked ? "asked" : "off";
}

new Desk().start();
