// @ts-check
// The proposal on the table and the agreement made from it; it knows not how terms are edited.

import { byId, el, redraw, say } from "./dom.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").Terms} Terms */
/** @typedef {import("./types.js").Act} Act */

/**
 * @param {RoomState} state
 * @param {{act: Act, fill: (terms: Terms) => void, sign: (() => void) | null}} doing `sign` only for the mediator
 */
export function drawPapers(state, doing) {
  drawProposal(state, doing);
  drawAgreement(state, doing);
}

/**
 * @param {RoomState} state
 * @param {{act: Act, fill: (terms: Terms) => void}} doing
 */
function drawProposal(state, { act, fill }) {
  const place = byId("proposal", HTMLElement);
  const proposal = state.proposal;
  const seats = state.seats.map((seat) => [seat.seat, seat.label]);
  redraw(place, [proposal, seats, state.agreement?.status], () => {
    if (!proposal) return [el("p", { class: "quiet", text: say("no-proposal") })];
    const answers = partySeats(state).map((seat) => {
      const answer = proposal.answers[seat.seat];
      const look = answer === "accept" ? "good" : answer ? "bad" : "";
      const word = answer === "accept" ? "accepted" : answer ? "rejected" : "unanswered";
      return el("span", { class: `chip ${look}`, text: `${seat.label} · ${say(word)}` });
    });
    const all = partySeats(state).every((seat) => proposal.answers[seat.seat] === "accept");
    const box = el("div", { class: "version" }, [
      el("strong", { text: say("version", { number: proposal.number }) }),
      el("ol", {}, proposal.lines.map((line) => el("li", { text: line }))),
      el("div", { class: "mono", text: `SHA-256 ${short(proposal.text_hash)}` }),
      el("div", { class: "row" }, answers),
    ]);
    const buttons = el("div", { class: "panel-foot" }, [
      el("button", { type: "button", class: "btn small", text: say("edit-version"), onclick: () => fill(proposal.terms) }),
    ]);
    if (all && !state.agreement && state.me.role === "mediator") {
      buttons.append(
        el("button", {
          type: "button", class: "btn small go", id: "prepare", text: say("prepare"),
          onclick: () => act("prepare-agreement"),
        }),
      );
    }
    return [box, buttons];
  });
}

/**
 * @param {RoomState} state
 * @param {{sign: (() => void) | null}} doing
 */
function drawAgreement(state, { sign }) {
  const place = byId("agreement", HTMLElement);
  const agreement = state.agreement;
  redraw(place, agreement, () => {
    if (!agreement) return [];
    const fields = agreement.fields.map((field) =>
      el("li", {}, [
        `${field.name} `,
        el("span", {
          class: `chip ${field.status === "signed" ? "good" : field.status === "refused" ? "bad" : ""}`,
          text: say(`sign-${field.status}`),
        }),
      ]),
    );
    const mine = agreement.fields.find((field) => field.mine);
    const children = [
      el("strong", { text: say("agreement", { status: say(`agreement-${agreement.status}`) }) }),
      el("div", { class: "mono", text: `SHA-256 ${short(agreement.content_hash)}` }),
      el("ul", { class: "lines" }, fields),
    ];
    if (sign && mine?.status === "waiting" && agreement.status !== "refused") {
      children.push(el("button", { type: "button", class: "btn go", id: "sign-open", text: say("read-sign"), onclick: sign }));
    }
    return [el("div", { class: "version" }, children)];
  });
}

/** @param {RoomState} state */
export function partySeats(state) {
  return state.seats.filter((seat) => seat.role === "applicant" || seat.role === "respondent");
}

/** @param {string} hash */
export function short(hash) {
  return hash.length > 20 ? `${hash.slice(0, 8)}…${hash.slice(-8)}` : hash;
}
