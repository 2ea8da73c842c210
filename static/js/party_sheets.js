// @ts-check
// The sheets that rise from below: the proposal, the papers, an objection, a question; the room stays behind them.

import { PartyTerms } from "./party_terms.js";
import { byId, el, redraw, say, toast } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */
/** @typedef {(type: string, body?: Record<string, unknown>) => Promise<boolean>} Act */

export class PartySheets {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    this.dialog = byId("sheet", HTMLDialogElement);
    this.shown = "";
    this.terms = new PartyTerms(act);
    byId("sheet-close", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => (this.shown = ""));
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {Node[]} body
   */
  open(name, title, body) {
    this.shown = name;
    byId("sheet-title", HTMLElement).textContent = title;
    byId("sheet-body", HTMLElement).replaceChildren(...body);
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {RoomState} state */
  learn(state) {
    if (this.shown === "proposal" && state.proposal) this.proposal(state);
    if (this.shown === "papers") this.lines(state);
  }

  /** @param {RoomState} state */
  proposal(state) {
    if (!state.proposal) return;
    const title = say("proposal", { n: state.proposal.number });
    if (this.shown !== "proposal") this.open("proposal", title, [el("div", { id: "on-the-table", class: "stack" })]);
    byId("sheet-title", HTMLElement).textContent = title;
    const place = byId("on-the-table", HTMLElement);
    const writes = document.activeElement instanceof HTMLTextAreaElement ? document.activeElement.dataset["about"] : "";
    redraw(place, this.terms.key(state), () => this.terms.draw(state, () => this.dialog.close()));
    const box = writes ? place.querySelector(`[data-about="${writes}"]`) : null;
    if (box instanceof HTMLTextAreaElement && box !== document.activeElement) box.focus(); // she was writing
  }

  /** @param {RoomState} state */
  papers(state) {
    const look = JSON.parse(byId("look", HTMLScriptElement).textContent || "{}");
    const facts = [
      ["case", look.case],
      ["amount", `${look.amount} ${say("yuan")}`],
      ["claim", look.claim],
    ];
    const pairs = el("dl", { class: "pairs" }, facts.flatMap(([key, value]) => [el("dt", { text: say(String(key)) }), el("dd", { text: String(value) })]));
    const line = /** @type {HTMLInputElement} */ (el("input", { type: "text", maxlength: "500", "aria-label": say("say"), placeholder: say("say") }));
    const form = el("form", { class: "stack" }, [line, el("button", { type: "submit", class: "btn", text: say("send") })]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (line.value.trim()) void this.act("say", { text: line.value.trim() }).then((taken) => taken && (line.value = ""));
    });
    const chat = el("section", { class: "stack" }, [el("h3", { text: say("chat") }), el("div", { id: "said", class: "stack", "aria-live": "polite" }), form]);
    this.open("papers", say("papers"), [el("section", {}, [pairs]), el("section", { id: "agreed", class: "stack" }), chat]);
    this.lines(state);
  }

  /** @param {RoomState} state */
  lines(state) {
    const me = state.me.seat;
    redraw(byId("agreed", HTMLElement), state.facts, () => [
      el("h3", { text: say("facts") }),
      ...state.facts.map((fact) =>
        el("p", {}, [`${fact.number}. ${fact.text}　`, el("span", { class: "chip", text: fact.answers[me] ? say(fact.answers[me] ?? "") : "…" })]),
      ),
    ]);
    const said = state.notes.filter((note) => note.kind === "chat");
    redraw(byId("said", HTMLElement), said, () => said.map((note) => el("p", {}, [el("strong", { text: `${note.by}：` }), note.text])));
  }

  objection() {
    const words = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: "3", maxlength: "500", "aria-label": say("object-what") }));
    const send = press("send", "btn go", async () => {
      if (!words.value.trim()) return words.focus();
      if (await this.act("object", { text: words.value.trim() })) {
        this.dialog.close();
        toast(say("objected"));
      }
    });
    this.open("objection", say("object-what"), [el("section", { class: "stack" }, [words, send])]);
    words.focus();
  }

  /**
   * @param {string} name
   * @param {[string, string, () => void][]} ways
   */
  ask(name, ways) {
    const buttons = ways.map(([key, look, then]) =>
      press(key, look, async () => {
        this.dialog.close();
        then();
      }),
    );
    this.open(name, say(`${name}-title`), [el("p", { text: say(`${name}-text`) }), ...buttons]);
  }
}

/**
 * @param {string} key
 * @param {string} look
 * @param {() => Promise<void>} then
 */
function press(key, look, then) {
  return el("button", { type: "button", class: look, text: say(key), onclick: () => void then() });
}
