// @ts-check
// The waiting room: who is here, and the green button as soon as one may come in.

import { Room } from "./room.js";
import { byId, el, redraw, say } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */

const place = byId("wait", HTMLElement);
const room = new Room(place.dataset["sitting"] ?? "");
/** @type {{release(): Promise<void>} | null} */
let lock = null;

/** @param {RoomState} state */
function draw(state) {
  redraw(byId("people", HTMLElement), state.seats.map((one) => [one.seat, one.waiting, one.admitted, one.connected]), () =>
    state.seats.map((one) => {
      const mine = one.seat === state.me.seat;
      const name = mine ? say("you", { name: one.label }) : one.label;
      const here = mine || one.waiting || one.connected;
      const word = one.connected ? "inside" : here ? "here" : "absent";
      return el("li", {}, [
        el("span", { class: "grow" }, [el("strong", { text: name }), ` ${say(one.role)}`]),
        el("span", { class: here ? "chip good" : "chip info", text: say(word) }),
      ]);
    }),
  );
  const now = state.status === "closed" ? "over" : state.me.admitted ? "enter" : "wait";
  byId("enter", HTMLElement).hidden = now !== "enter";
  byId("wait-title", HTMLElement).textContent = say(`${now}-title`);
  byId("wait-text", HTMLElement).textContent = say(`${now}-text`);
}

async function stayAwake() {
  lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
}

room.on("state", draw);
room.watch();
void stayAwake();
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void stayAwake());
window.addEventListener("pagehide", () => {
  room.leave();
  void lock?.release();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
