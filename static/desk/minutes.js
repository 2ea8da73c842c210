// @ts-check
// The prompt of the step and the minutes: notes, facts, objections, chat; it draws and asks, the server decides.

import { byId, clock, el, redraw, say } from "./dom.js";
import { partySeats } from "./papers.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").NoteState} NoteState */
/** @typedef {import("./types.js").Act} Act */
/** @typedef {import("./types.js").Item} Item */

/**
 * What the mediator reads now, what each party must tap, who is missing, and what comes next.
 * @param {RoomState} state
 * @param {boolean} mediates the clerk reads along but does not lead
 * @param {Record<string, Item[]>} duties what each party must touch, by step
 */
export function drawPrompt(state, mediates, duties) {
  const index = state.steps.findIndex((step) => step.key === state.step);
  const step = state.steps[index];
  const next = state.steps[index + 1];
  byId("prompt-title", HTMLElement).textContent = step
    ? say("step", { number: index + 1, all: state.steps.length, title: step.title })
    : "";
  byId("prompt", HTMLElement).textContent = state.read;
  byId("law", HTMLElement).textContent = state.law;
  drawDuties(state, duties[state.step] ?? []);
  const missing = byId("missing", HTMLElement);
  redraw(missing, state.missing, () => state.missing.map((text) => el("li", { text })));
  missing.hidden = state.missing.length === 0 || state.status !== "open";
  const button = byId("advance", HTMLButtonElement);
  button.hidden = !next || state.status !== "open";
  button.disabled = !mediates || state.missing.length > 0;
  if (next) button.textContent = say("next", { title: next.title });
  byId("open", HTMLButtonElement).hidden = state.status !== "waiting";
}

/**
 * @param {RoomState} state
 * @param {Item[]} items
 */
function drawDuties(state, items) {
  const parties = partySeats(state);
  const taps = parties.map((seat) => [seat.label, seat.taps]);
  redraw(byId("duties", HTMLElement), [items, taps], () =>
    items.map((item) =>
      el("li", {}, [
        el("div", { text: item.text }),
        el(
          "div",
          { class: "row" },
          parties.map((seat) => {
            const done = seat.taps.includes(item.key);
            return el("span", { class: done ? "chip good" : "chip", text: `${done ? "✓" : "…"} ${seat.label}` });
          }),
        ),
      ]),
    ),
  );
}

/** @param {RoomState} state */
export function drawMinutes(state) {
  const of = (/** @type {string[]} */ kinds) => state.notes.filter((note) => kinds.includes(note.kind));
  drawNotes("notes", of(["note", "gap"]), "no-notes");
  drawNotes("objections", of(["objection", "cannot-hear"]), "no-objections");
  drawNotes("chat", of(["chat"]), "no-chat");
  drawFacts(state);
}

/**
 * @param {string} id
 * @param {NoteState[]} notes
 * @param {string} none
 */
function drawNotes(id, notes, none) {
  const place = byId(id, HTMLElement);
  redraw(place, [notes, none], () =>
    notes.length
      ? notes.map((note) =>
          el("li", { class: note.kind }, [
            el("time", { text: clock(note.t_ms) }),
            el("strong", { text: `${note.by} ` }),
            note.kind === "cannot-hear" ? say("cannot-hear-note") : note.text,
          ]),
        )
      : [el("li", { class: "quiet", text: say(none) })],
  );
  place.scrollTop = place.scrollHeight;
}

/** @param {RoomState} state */
function drawFacts(state) {
  const parties = partySeats(state);
  redraw(byId("facts", HTMLElement), [state.facts, parties.map((seat) => seat.label)], () =>
    state.facts.map((fact) =>
      el("li", {}, [
        el("div", { text: `${fact.number}. ${fact.text}` }),
        el(
          "div",
          { class: "row" },
          parties.map((seat) => {
            const answer = fact.answers[seat.seat];
            const look = answer === "agreed" ? "good" : answer === "disputed" ? "bad" : answer ? "warn" : "";
            return el("span", { class: `chip ${look}`, text: `${seat.label} · ${say(`fact-${answer ?? "none"}`)}` });
          }),
        ),
      ]),
    ),
  );
}

/**
 * Connect the forms of both panels.
 * @param {Act} act
 * @param {() => RoomState | null} state
 */
export function bindMinutes(act, state) {
  byId("advance", HTMLButtonElement).addEventListener("click", () => act("advance"));
  byId("open", HTMLButtonElement).addEventListener("click", () => act("open"));
  const quick = byId("quick-note", HTMLTextAreaElement);
  sends("quick-form", quick, (text) => act("note", { text }));
  sends("note-form", byId("note-text", HTMLTextAreaElement), (text) => act("note", { text }));
  sends("chat-form", byId("chat-text", HTMLInputElement), (text) => act("say", { text }));
  const facts = byId("facts-text", HTMLTextAreaElement);
  byId("facts-edit", HTMLButtonElement).addEventListener("click", () => {
    facts.value = (state()?.facts ?? []).map((fact) => fact.text).join("\n");
    facts.focus();
  });
  byId("facts-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const lines = facts.value.split("\n").map((text) => text.trim()).filter(Boolean);
    void act("set-facts", { lines });
  });
}

/**
 * A form with one text that is emptied once the server has it.
 * @param {string} id
 * @param {HTMLTextAreaElement | HTMLInputElement} input
 * @param {(text: string) => Promise<boolean>} send
 */
function sends(id, input, send) {
  const form = byId(id, HTMLFormElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text && (await send(text))) input.value = "";
  });
  input.addEventListener("keydown", (event) => {
    const wanted = event instanceof KeyboardEvent && event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (wanted) form.requestSubmit();
  });
}
