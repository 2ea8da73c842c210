// @ts-check
// The left column: steps with their minutes, people with identity and network; it sends nothing itself.

import { byId, clock, el, redraw, say } from "./dom.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").SeatState} SeatState */
/** @typedef {import("./types.js").Act} Act */
/** @typedef {{loss: number, jitter_ms: number, rtt_ms: number}} Line loss as a part of 1 */

/** @type {Record<string, [string, string]>} */
const IDENTITY = { same: ["good", "id-same"], doubt: ["warn", "id-doubt"], different: ["bad", "id-different"] };
/** @type {Record<string, [string, string]>} */
const QUALITY = { good: ["good", "net-good"], fair: ["warn", "net-fair"], poor: ["bad", "net-poor"] };

/**
 * Draw the script with what is done and how long each step took.
 * @param {RoomState} state
 */
export function drawSteps(state) {
  const place = byId("steps", HTMLElement);
  const shown = state.steps.map((step) => [step.key, step.title, step.done]);
  redraw(place, [shown, state.step], () =>
    state.steps.map((step, index) => {
      const now = step.key === state.step && state.status !== "closed";
      const row = el("li", { "data-step": step.key }, [
        el("span", { class: "mark", text: step.done && !now ? "✓" : String(index + 1) }),
        el("span", { class: "title", text: step.title }),
        el("span", { class: "time" }),
      ]);
      if (now) row.setAttribute("aria-current", "step");
      return row;
    }),
  );
}

/**
 * Write the minutes; called once a second, the running step grows between two states.
 * @param {RoomState} state
 * @param {number} sinceMs how long ago the state came
 */
export function drawTimes(state, sinceMs) {
  for (const step of state.steps) {
    const cell = document.querySelector(`#steps [data-step="${CSS.escape(step.key)}"] .time`);
    const grows = step.key === state.step && state.status === "open";
    const ms = (step.elapsed_s ?? 0) * 1000 + (grows ? sinceMs : 0);
    if (cell && step.begun_ms !== null) cell.textContent = clock(ms);
  }
}

/**
 * Draw who is there, who waits, and the buttons for letting in and for identity.
 * @param {RoomState} state
 * @param {Act} act
 * @param {Record<string, {number: string, born: string}>} papers masked identity data by seat
 */
export function drawPeople(state, act, papers) {
  const place = byId("people", HTMLElement);
  const seats = state.seats.filter((seat) => seat.seat !== state.me.seat);
  redraw(place, [seats, state.step, state.status, state.caucus?.side], () =>
    seats.map((seat) => personRow(seat, state, act, papers[seat.seat])),
  );
}

/**
 * Write how good each line is, in numbers; they come every few seconds, without a new state.
 * @param {Record<string, Line>} lines by seat
 */
export function drawLines(lines) {
  for (const place of document.querySelectorAll("#people [data-seat] .numbers")) {
    const line = lines[place.closest("[data-seat]")?.getAttribute("data-seat") ?? ""];
    place.textContent = line
      ? say("line", { loss: (line.loss * 100).toFixed(1), jitter: line.jitter_ms, rtt: line.rtt_ms })
      : "";
  }
}

/**
 * @param {SeatState} seat
 * @param {RoomState} state
 * @param {Act} act
 * @param {{number: string, born: string} | undefined} paper
 */
function personRow(seat, state, act, paper) {
  const party = seat.role === "applicant" || seat.role === "respondent";
  const row = el("li", { "data-seat": seat.seat }, [
    el("span", { class: "name", text: say("person", { name: seat.label, role: say(seat.role) }) }),
    el("div", { class: "row" }, [presence(seat), party ? identity(seat) : null, network(seat)]),
    el("div", { class: "quiet numbers" }),
  ]);
  if (seat.waiting && !seat.admitted) {
    row.append(
      el("div", { class: "row" }, [
        button("admit", "btn small go", () => act("admit", { seat: seat.seat })),
        button("dismiss", "btn small", () => act("dismiss", { seat: seat.seat })),
      ]),
    );
  }
  const checking = state.me.role === "mediator" && party && seat.admitted && state.step.startsWith("identity") && state.status === "open";
  if (checking) row.append(...verdicts(seat, act, paper));
  if (mayTalkApart(seat, state)) {
    row.append(el("div", { class: "row" }, [button("apart", "btn small", () => act("caucus", { side: seat.role }))]));
  }
  return row;
}

/**
 * Whether the mediator may now talk apart with the side of this seat.
 * @param {SeatState} seat
 * @param {RoomState} state
 */
function mayTalkApart(seat, state) {
  const party = seat.role === "applicant" || seat.role === "respondent";
  const now = ["fact-confirmation", "negotiation"].includes(state.step) && state.status === "open" && !state.caucus;
  return now && party && seat.connected && state.me.role === "mediator";
}

/**
 * @param {SeatState} seat
 * @param {Act} act
 * @param {{number: string, born: string} | undefined} paper
 */
function verdicts(seat, act, paper) {
  const ask = (/** @type {string} */ verdict) => () =>
    act("confirm-identity", { seat: seat.seat, verdict });
  return [
    el("div", { class: "quiet", text: paper ? say("compare", paper) : say("compare-none") }),
    el("div", { class: "row" }, [
      button("id-same", "btn small go", ask("same")),
      button("id-doubt", "btn small", ask("doubt")),
      button("id-different", "btn small", ask("different")),
    ]),
  ];
}

/**
 * @param {string} key
 * @param {string} look
 * @param {() => void} onclick
 */
function button(key, look, onclick) {
  return el("button", { type: "button", class: look, text: say(key), onclick, "data-do": key });
}

/** @param {SeatState} seat */
function presence(seat) {
  if (seat.admitted && seat.connected) return chip("good", "here");
  if (seat.admitted) return chip("warn", "not-connected");
  return seat.waiting ? chip("info", "waits") : chip("", "absent");
}

/** @param {SeatState} seat */
function identity(seat) {
  const [look, key] = (seat.identity && IDENTITY[seat.identity]) || ["", "id-open"];
  return chip(look, key);
}

/** @param {SeatState} seat */
function network(seat) {
  const known = QUALITY[seat.quality];
  return known && seat.connected ? chip(known[0], known[1]) : null;
}

/**
 * @param {string} look
 * @param {string} key
 */
function chip(look, key) {
  return el("span", { class: `chip ${look}` }, [el("span", { class: "dot" }), say(key)]);
}
