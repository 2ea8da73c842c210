// @ts-check
// The proposal on the table and the agreement made from it; it knows not how terms are edited.

import { byId, el, redraw, say } from "./dom.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").Terms} Terms */
/** @typedef {import("./types.js").Act} Act */
/** @typedef {import("./types.js").ProposalState} ProposalState */
/** @typedef {import("./types.js").ClauseState} ClauseState */

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
      el("ol", { class: "clauses" }, proposal.clauses.map((clause) => clauseRow(state, proposal, clause))),
      ...proposal.left_out.map((line) => el("p", { class: "left-out" }, [el("span", { class: "chip bad", text: say("left-out") }), " ", el("del", { text: line })])),
      el("div", { class: "mono", text: `SHA-256 ${short(proposal.text_hash)}` }),
      el("div", { class: "row" }, answers),
      remarks(proposal),
    ]);
    const buttons = el("div", { class: "panel-foot" }, [
      el("button", { type: "button", class: "btn small", text: say("edit-version"), onclick: () => fill(proposal.terms) }),
      proposal.number > 1 ? el("a", { class: "btn small", href: `${caseUrl()}/drafts`, target: "_blank", text: say("all-versions") }) : null,
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
 * One clause: its words, who wrote them and since when, what each side says to it.
 * @param {RoomState} state
 * @param {ProposalState} proposal
 * @param {ClauseState} clause
 */
function clauseRow(state, proposal, clause) {
  const fresh = proposal.number > 1 && clause.since === proposal.number;
  const said = partySeats(state).filter((seat) => clause.answers[seat.seat]).map((seat) => {
    const yes = clause.answers[seat.seat] === "accept";
    const why = clause.reasons[seat.seat];
    return el("span", { class: `chip ${yes ? "good" : "bad"} to-clause`, text: `${seat.label} ${say(yes ? "clause-yes" : "clause-no")}${why ? `：${why}` : ""}` });
  });
  return el("li", { "data-clause": clause.key }, [
    ...clause.lines.map((line) => el("div", { text: line })),
    el("div", { class: "quiet" }, [
      say("clause-by", { by: clause.by, number: clause.since }), " ",
      fresh ? el("span", { class: "chip warn to-clause", text: say(clause.changed ? "clause-changed" : "clause-new") }) : null,
    ]),
    said.length ? el("div", { class: "row" }, said) : null,
  ]);
}

/**
 * What the linter says of the draft, with the article it stands on.
 * @param {ProposalState} proposal
 */
function remarks(proposal) {
  if (!proposal.remarks.length) return null;
  const rows = proposal.remarks.map((one) =>
    el("li", { "data-level": one.level }, [
      el("span", { class: `chip to-clause ${one.level === "note" ? "info" : "warn"}`, text: say(`lint-${one.level}`) }),
      ` ${one.text} `,
      el("span", { class: "quiet", text: one.article }),
    ]),
  );
  return el("details", { class: "remarks", open: proposal.remarks.some((one) => one.level !== "note") }, [
    el("summary", { text: say("remarks", { count: proposal.remarks.length }) }),
    el("ul", { class: "lines" }, rows),
  ]);
}

function caseUrl() {
  return byId("main", HTMLElement).dataset["case"] ?? "";
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
