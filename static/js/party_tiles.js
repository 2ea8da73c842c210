// @ts-check
// The pictures on a phone: who speaks is big, the others small below; absence is said in words.

import { el, say } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */
/** @typedef {import("../desk/types.js").SeatState} SeatState */
/** @typedef {import("./room.js").Room} Room */

export class PartyTiles {
  /**
   * @param {HTMLElement} place
   * @param {Room} room
   * @param {() => void} silenced told when the phone refuses to play sound without a tap
   */
  constructor(place, room, silenced) {
    this.place = place;
    this.room = room;
    this.silenced = silenced;
    /** @type {Map<string, HTMLElement>} */
    this.tiles = new Map();
    this.speaker = "";
    /** @type {Record<string, string>} whose picture is not sent here, and why: "network" or "codec" */
    this.missing = {};
    /** @type {string[] | null} who is in the talk apart that we are in, too */
    this.apart = null;
    this.blocked = false;
  }

  /**
   * Make and play the elements of all seats; call it inside the tap, before anything is awaited.
   * @param {RoomState} state
   */
  open(state) {
    for (const seat of state.seats) this.tile(seat.seat, seat.seat === state.me.seat);
    this.play();
  }

  play() {
    this.blocked = false;
    for (const video of this.place.querySelectorAll("video")) this.start(video);
  }

  /** @param {HTMLVideoElement} video */
  start(video) {
    video.play().catch((error) => {
      if (this.blocked || !(error instanceof Error) || error.name !== "NotAllowedError") return;
      this.blocked = true;
      this.silenced();
    });
  }

  /**
   * @param {string} seat
   * @param {boolean} own
   */
  tile(seat, own) {
    const known = this.tiles.get(seat);
    if (known) return known;
    const video = /** @type {HTMLVideoElement} */ (el("video", { playsinline: true, autoplay: true }));
    video.muted = own;
    const made = el("div", { class: own ? "tile own" : "tile", "data-seat": seat }, [
      video,
      el("span", { class: "initial", "aria-hidden": "true" }),
      el("div", { class: "plate-name" }, [el("span", {})]),
      el("div", { class: "flag", hidden: true }),
    ]);
    this.tiles.set(seat, made);
    this.place.append(made);
    this.show(seat, own ? this.room.local : this.room.streamOf(seat));
    return made;
  }

  /**
   * @param {string} seat
   * @param {MediaStream | null} stream
   */
  show(seat, stream) {
    const video = this.tiles.get(seat)?.querySelector("video");
    if (!video) return;
    if (video.srcObject !== stream) video.srcObject = stream;
    this.start(video);
  }

  /** @param {RoomState} state */
  draw(state) {
    const me = state.me.seat;
    this.apart = state.caucus?.inside ? state.caucus.seats : null;
    const here = state.seats.filter((one) => one.seat === me || one.connected || one.admitted || one.role === "mediator");
    const big = this.bigOf(here, me);
    const ordered = [...here.filter((one) => one.seat === big), ...here.filter((one) => one.seat !== big)];
    for (const [seat, tile] of this.tiles) {
      if (ordered.some((one) => one.seat === seat)) continue;
      tile.remove();
      this.tiles.delete(seat);
    }
    for (const one of ordered) this.seat(one, one.seat === me, one.seat === big);
    // An ID card held up must be readable to its owner too: no mirror then.
    this.tiles.get(me)?.classList.toggle("card-shown", state.step === "identity-check" && state.status === "open");
    this.place.dataset["small"] = String(ordered.length - 1);
  }

  /** @param {string} seat */
  outside(seat) {
    return this.apart !== null && !this.apart.includes(seat);
  }

  /**
   * @param {SeatState[]} here
   * @param {string} me
   */
  bigOf(here, me) {
    const talks = here.find((one) => one.seat === this.speaker && one.seat !== me && one.connected && !this.outside(one.seat));
    const mediator = here.find((one) => one.role === "mediator");
    return (talks ?? mediator ?? here[0])?.seat ?? me;
  }

  /**
   * @param {SeatState} one
   * @param {boolean} own
   * @param {boolean} big
   */
  seat(one, own, big) {
    const tile = this.tile(one.seat, own);
    const talks = one.seat === this.speaker && !this.outside(one.seat);
    tile.classList.toggle("big", big);
    tile.classList.toggle("small", !big);
    tile.classList.toggle("talks", talks);
    const stream = own ? this.room.local : this.room.streamOf(one.seat);
    if (tile.querySelector("video")?.srcObject !== stream) this.show(one.seat, stream);
    const picture = stream?.getVideoTracks().some((track) => track.enabled && track.readyState === "live") ?? false;
    const out = this.outside(one.seat);
    const why = one.connected && !own && !out ? this.missing[one.seat] : "";
    tile.classList.toggle("seen", picture && !why && !out && (own || one.connected));
    const who = own ? say("you") : `${one.label} ${say(one.role)}`;
    text(tile, ".plate-name span", talks ? `${who} · ${say("speaking")}` : who);
    text(tile, ".initial", [...one.label][0] ?? "");
    const flag = tile.querySelector(".flag");
    const away = one.admitted ? "lost-seat" : "absent";
    const here = out ? "apart-flag" : why && `picture-${why}`;
    const word = own || one.connected ? here : away;
    if (flag instanceof HTMLElement) {
      flag.hidden = !word;
      flag.textContent = word ? say(word) : "";
    }
  }
}

/**
 * @param {HTMLElement} tile
 * @param {string} selector
 * @param {string} words
 */
function text(tile, selector, words) {
  const place = tile.querySelector(selector);
  if (place && place.textContent !== words) place.textContent = words;
}
