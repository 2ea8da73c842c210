// @ts-check
// The terms on the table, clause by clause, with yes and no to each and to the whole; it opens no sheet itself.

import { aloud, speaks } from "./aloud.js";
import { el, say } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */
/** @typedef {import("../desk/types.js").ProposalState} ProposalState */
/** @typedef {import("../desk/types.js").ClauseState} ClauseState */
/** @typedef {(type: string, body?: Record<string, unknown>) => Promise<boolean>} Act */

export class PartyTerms {
  /** @param {Act} act */
  constructor(act) {
    this.act = act;
    /** What was typed and not sent yet, by the hash of the text it is about: a redrawn sheet must not lose it.
     * @type {Map<string, string>} */
    this.typed = new Map();
  }

  /**
   * What the sheet shows; the same key means the same sheet.
   * @param {RoomState} state
   */
  key(state) {
    const { id, answers, clauses } = /** @type {ProposalState} */ (state.proposal);
    return JSON.stringify([id, answers[state.me.seat], clauses.map((one) => [one.text_hash, one.answers, one.reasons])]);
  }

  /**
   * @param {RoomState} state
   * @param {() => void} done when the whole has been answered
   * @returns {Node[]}
   */
  draw(state, done) {
    const shown = /** @type {ProposalState} */ (state.proposal);
    const mine = shown.answers[state.me.seat];
    const clauses = el("ol", { class: "clauses" }, shown.clauses.map((clause) => this.clause(state, shown, clause)));
    const gone = shown.left_out.length
      ? el("section", { class: "changes" }, [el("h3", { text: say("left-out") }), ...shown.left_out.map((line) => el("del", { text: line }))])
      : null;
    const said = el("p", { class: mine === "accept" ? "chip good" : "chip warn", text: say(mine === "accept" ? "you-accepted" : "you-rejected") });
    const hash = el("p", { class: "hash", text: `SHA-256 ${shown.text_hash}` });
    const text = shown.clauses.flatMap((clause) => clause.lines).join("\n");
    const read = speaks ? press("read-to-me", "btn line", async () => aloud(text)) : null;
    const body = [read, clauses, gone, mine ? said : null, mine === "accept" ? null : this.whole(state, shown, done), hash];
    return /** @type {Node[]} */ (body.filter(Boolean));
  }

  /**
   * @param {RoomState} state
   * @param {ProposalState} proposal
   * @param {ClauseState} clause
   */
  clause(state, proposal, clause) {
    const mine = clause.answers[state.me.seat];
    const about = { proposal: proposal.id, clause: clause.key, text_hash: clause.text_hash };
    const box = this.reason(clause.text_hash, "clause-why");
    const field = el("div", { class: "stack", hidden: !this.typed.has(clause.text_hash) }, [
      box,
      press("clause-send", "btn line", () => this.send("answer-clause", { ...about, answer: "object", reason: box.value.trim() }, clause.text_hash)),
    ]);
    const object = press("clause-object", mine === "object" ? "btn warn" : "btn", async () => {
      field.hidden = false;
      box.focus();
    });
    const accept = press("clause-accept", mine === "accept" ? "btn on" : "btn", () => this.send("answer-clause", { ...about, answer: "accept" }, clause.text_hash));
    accept.setAttribute("aria-pressed", String(mine === "accept"));
    object.setAttribute("aria-pressed", String(mine === "object"));
    return el("li", { class: "clause", "data-clause": clause.key }, [
      el("p", { class: "quiet" }, [
        say("clause-by", { by: clause.by, n: clause.since }), " ",
        proposal.number > 1 && clause.since === proposal.number ? el("span", { class: "chip warn", text: say(clause.changed ? "clause-changed" : "clause-new") }) : null,
      ]),
      ...clause.lines.map((line) => el("p", { text: line })),
      ...others(state, clause),
      el("div", { class: "pair" }, [accept, object]),
      field,
    ]);
  }

  /**
   * @param {RoomState} state
   * @param {ProposalState} shown
   * @param {() => void} done
   */
  whole(state, shown, done) {
    const box = this.reason(shown.text_hash, "why");
    box.id = "reason";
    const about = { proposal: shown.id, text_hash: shown.text_hash };
    const answer = (/** @type {string} */ type, /** @type {Record<string, unknown>} */ more) => async () => {
      if (await this.send(type, { ...about, ...more }, shown.text_hash)) done();
    };
    const objected = shown.clauses.some((clause) => clause.answers[state.me.seat] === "object");
    return el("section", { class: "stack" }, [
      objected ? el("p", { class: "chip warn", text: say("still-object") }) : null,
      el("div", { class: "field" }, [el("label", { for: "reason", text: say("why") }), box]),
      el("div", { class: "pair" }, [
        press("accept", "btn go", answer("accept", {})),
        press("reject", "btn", async () => answer("reject", { reason: box.value.trim() })()),
      ]),
    ]);
  }

  /**
   * A place for one's reason that survives a redrawn sheet.
   * @param {string} about
   * @param {string} label
   */
  reason(about, label) {
    const box = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: "2", maxlength: "500", "aria-label": say(label), "data-about": about }));
    box.value = this.typed.get(about) ?? "";
    box.addEventListener("input", () => this.typed.set(about, box.value));
    return box;
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} body
   * @param {string} about
   */
  async send(type, body, about) {
    const taken = await this.act(type, body);
    if (taken) this.typed.delete(about);
    return taken;
  }
}

/**
 * What the other seats say to a clause.
 * @param {RoomState} state
 * @param {ClauseState} clause
 */
function others(state, clause) {
  return state.seats
    .filter((seat) => seat.seat !== state.me.seat && clause.answers[seat.seat])
    .map((seat) => {
      const yes = clause.answers[seat.seat] === "accept";
      const why = clause.reasons[seat.seat];
      const text = say(yes ? "clause-yes" : "clause-no", { name: seat.label }) + (why ? `：${why}` : "");
      return el("p", { class: yes ? "chip good wide" : "chip warn wide", text });
    });
}

/**
 * @param {string} key
 * @param {string} look
 * @param {() => Promise<unknown>} then
 */
function press(key, look, then) {
  return el("button", { type: "button", class: look, text: say(key), onclick: () => void then() });
}
