// @ts-check
// The white card: which step it is and the one thing this party should do now; it sends what she touches.

import { el, icon, redraw, say } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */
/** @typedef {import("../desk/types.js").Item & {text_hash: string}} Item */
/** @typedef {import("../desk/types.js").Fact} Fact */
/** @typedef {(type: string, body?: Record<string, unknown>) => Promise<boolean>} Act */
/** @typedef {{act: Act, proposal: () => void, sign: () => void, object: () => void}} Ways */

export class PartyCard {
  /**
   * @param {HTMLElement} place
   * @param {Ways} ways
   */
  constructor(place, ways) {
    this.place = place;
    this.ways = ways;
  }

  /** @param {RoomState} state */
  draw(state) {
    const { work, turn } = this.work(state);
    const me = state.me.seat;
    const seen = [
      state.status, state.step, state.card, state.facts, state.proposal?.text_hash, state.proposal?.answers,
      state.agreement?.fields, state.agreement?.status, state.seats.find((one) => one.seat === me)?.identity,
    ];
    redraw(this.place, seen, () => [this.head(state, turn), el("h2", { text: state.card.title }), ...work]);
  }

  /**
   * @param {RoomState} state
   * @param {boolean} turn
   */
  head(state, turn) {
    const step = say("step", { n: state.step_index + 1, all: state.steps.length });
    const open = state.card.items.findIndex((one) => !one.done);
    const many = state.card.items.length > 1 && open >= 0;
    const count = many ? `${step} · ${say("of", { n: open + 1, all: state.card.items.length })}` : step;
    return el("div", { class: "head" }, [
      el("span", { class: "quiet", text: count }),
      el("span", { class: turn ? "chip info" : "chip", text: say(turn ? "your-turn" : "their-turn") }),
    ]);
  }

  /**
   * @param {RoomState} state
   * @returns {{work: HTMLElement[], turn: boolean}}
   */
  work(state) {
    const item = /** @type {Item | undefined} */ (state.card.items.find((one) => !one.done));
    const lead = el("p", { text: state.card.text });
    if (state.status !== "open") return { work: [lead], turn: false };
    if (state.step === "fact-confirmation") return this.facts(state, item, lead);
    if (state.step === "negotiation") return this.proposal(state, lead);
    if (state.step === "agreement" && state.proposal && state.proposal.answers[state.me.seat] !== "accept") return this.proposal(state, lead);
    if (state.step === "signing") return this.signing(state, lead);
    if (item) {
      const [sentence, acts] = this.item(state, item); // the sentence she confirms stands first: on a small phone it must not be scrolled away
      const terms = state.step === "agreement" ? [button(say("see-proposal"), "btn line", this.ways.proposal, "file-text")] : [];
      return { work: [sentence, ...(state.step === "rights-notice" ? [] : [lead]), ...terms, acts], turn: true };
    }
    const mine = state.seats.find((one) => one.seat === state.me.seat);
    if (state.step === "identity-check" && mine?.identity === "same") return { work: [good("identity-done")], turn: false };
    return { work: state.step === "identity-check" ? [lead] : [good("all-done")], turn: false };
  }

  /**
   * One sentence to touch: the sentence, then the buttons.
   * @param {RoomState} state
   * @param {Item} item
   * @returns {[HTMLElement, HTMLElement]}
   */
  item(state, item) {
    const tap = () => this.send("tap", { item: item.key, text_hash: item.text_hash });
    return [
      el("p", { class: "item", text: item.text }),
      el("div", { class: "pair acts" }, [
        button(say(state.step === "rights-notice" ? "understood" : "confirm"), "btn go", tap),
        button(say("object"), "btn", this.ways.object),
      ]),
    ];
  }

  /**
   * @param {RoomState} state
   * @param {Item | undefined} item
   * @param {HTMLElement} lead
   */
  facts(state, item, lead) {
    if (!state.facts.length) return { work: [el("p", { text: say("no-facts") })], turn: false };
    const open = state.facts.find((fact) => !fact.answers[state.me.seat]);
    if (open) return { work: this.fact(open, state.facts.length), turn: true };
    if (item) return { work: this.item(state, item), turn: true };
    return { work: [good("all-done")], turn: false };
  }

  /**
   * @param {Fact} fact
   * @param {number} all
   */
  fact(fact, all) {
    const answer = (/** @type {string} */ word) => this.send("answer-fact", { fact: fact.id, answer: word });
    return [
      el("p", { class: "item" }, [el("span", { class: "quiet", text: `${say("of", { n: fact.number, all })}　` }), fact.text]),
      el("div", { class: "three acts" }, [
        button(say("agreed"), "btn go", () => answer("agreed")),
        button(say("disputed"), "btn", () => answer("disputed")),
        button(say("unknown"), "btn", () => answer("unknown")),
      ]),
    ];
  }

  /**
   * @param {RoomState} state
   * @param {HTMLElement} lead
   */
  proposal(state, lead) {
    const shown = state.proposal;
    if (!shown) return { work: [el("p", { text: say("no-proposal") })], turn: false };
    const mine = shown.answers[state.me.seat];
    const look = button(say("see-proposal"), mine ? "btn line" : "btn go", this.ways.proposal, "file-text");
    if (!mine) return { work: [lead, el("p", {}, [el("strong", { text: say("proposal", { n: shown.number }) })]), look], turn: true };
    return { work: [good(mine === "accept" ? "you-accepted" : "you-rejected"), look], turn: false };
  }

  /**
   * @param {RoomState} state
   * @param {HTMLElement} lead
   */
  signing(state, lead) {
    const paper = state.agreement;
    const mine = paper?.fields.find((one) => /** @type {any} */ (one).mine);
    if (!paper || !mine) return { work: [el("p", { text: say("sign-wait") })], turn: false };
    if (paper.status === "effective" || paper.status === "sealed") return { work: [good("effective")], turn: false };
    if (mine.status === "signed") return { work: [good("signed")], turn: false };
    return { work: [lead, button(say("sign-now"), "btn go", this.ways.sign, "pen")], turn: true };
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} body
   */
  async send(type, body) {
    for (const one of this.place.querySelectorAll("button")) one.disabled = true;
    await this.ways.act(type, body);
    for (const one of this.place.querySelectorAll("button")) one.disabled = false;
  }
}

/**
 * @param {string} words
 * @param {string} look
 * @param {() => void} press
 * @param {string} [picture]
 */
function button(words, look, press, picture) {
  return el("button", { type: "button", class: look, onclick: press }, [picture ? icon(picture) : null, el("span", { text: words })]);
}

/** @param {string} key */
function good(key) {
  return el("p", { class: "chip good" }, [icon("check"), say(key)]);
}
