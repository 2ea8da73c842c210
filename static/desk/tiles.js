// @ts-check
// The pictures in the middle: one tile a seat, the speaker framed, absence said in words; it knows no step.

import { byId, el, say } from "./dom.js";

/** @typedef {import("./types.js").RoomState} RoomState */
/** @typedef {import("./types.js").SeatState} SeatState */

const PLACES_AT_LEAST = 4;

export class Tiles {
  /** @param {(seat: string) => MediaStream} streamOf the stream of a seat, empty until she speaks */
  constructor(streamOf) {
    this.streamOf = streamOf;
    this.place = byId("tiles", HTMLElement);
    /** @type {Map<string, HTMLElement>} */
    this.tiles = new Map();
    /** @type {Map<string, MediaStream>} */
    this.streams = new Map();
    /** @type {Record<string, string>} whose picture is not sent here, and why: "network" or "codec" */
    this.missing = {};
    /** @type {string[] | null} who takes part while some talk apart */
    this.apart = null;
  }

  /** @param {string} seat */
  outside(seat) {
    return this.apart !== null && !this.apart.includes(seat);
  }

  /**
   * @param {Record<string, string>} pictures
   * @param {RoomState | null} state
   */
  hold(pictures, state) {
    this.missing = { ...this.missing, ...pictures };
    if (state) this.draw(state);
  }

  /** Start all elements inside the click that enters: afterwards they may play sound. */
  playAll() {
    for (const seat of this.tiles.keys()) {
      const video = this.video(seat);
      if (!video) continue;
      if (!video.srcObject) video.srcObject = video.muted ? null : this.streamOf(seat);
      void video.play().catch(() => undefined); // it has nothing to play yet; give() starts it again
    }
  }

  /** @param {RoomState} state */
  draw(state) {
    this.apart = state.caucus?.seats ?? null;
    const seats = [
      ...state.seats.filter((seat) => seat.seat !== state.me.seat),
      ...state.seats.filter((seat) => seat.seat === state.me.seat),
    ];
    this.place.dataset["count"] = String(Math.max(PLACES_AT_LEAST, seats.length));
    for (const seat of seats) this.tile(seat, seat.seat === state.me.seat);
    for (const [key, tile] of this.tiles) {
      if (!seats.some((seat) => seat.seat === key)) {
        tile.remove();
        this.tiles.delete(key);
      }
    }
  }

  /**
   * @param {SeatState} seat
   * @param {boolean} own
   */
  tile(seat, own) {
    let tile = this.tiles.get(seat.seat);
    if (!tile) {
      tile = el("div", { class: own ? "tile mirror" : "tile", "data-seat": seat.seat }, [
        el("video", { autoplay: true, playsinline: true }),
        el("div", { class: "absent" }),
        el("div", { class: "plate" }),
        el("div", { class: "flag", hidden: true }),
      ]);
      this.tiles.set(seat.seat, tile);
      this.place.append(tile);
      const video = this.video(seat.seat);
      if (video) video.muted = own;
      for (const name of ["resize", "playing"]) {
        video?.addEventListener(name, () => this.cover(seat.seat, true));
      }
      this.show(seat.seat);
    }
    const name = own ? say("you", { name: seat.label }) : say("person", { name: seat.label, role: say(seat.role) });
    text(tile, ".plate", name);
    text(tile, ".absent", this.outside(seat.seat) ? say("apart-flag") : absence(seat, own));
    const flag = tile.querySelector(".flag");
    if (flag instanceof HTMLElement) {
      const why = this.missing[seat.seat];
      flag.textContent = say(why ? `picture-${why}` : "net-poor");
      flag.hidden = !(seat.connected && (why || seat.quality === "poor"));
    }
    this.cover(seat.seat, seat.connected || own);
  }

  /** @param {string} seat */
  video(seat) {
    const video = this.tiles.get(seat)?.querySelector("video");
    return video instanceof HTMLVideoElement ? video : null;
  }

  /**
   * The stream of a seat has come (or changed).
   * @param {string} seat
   * @param {MediaStream} stream
   */
  give(seat, stream) {
    this.streams.set(seat, stream);
    this.show(seat);
  }

  /** @param {string} seat */
  show(seat) {
    const video = this.video(seat);
    const stream = this.streams.get(seat);
    if (!video || !stream || video.srcObject === stream) return;
    video.srcObject = stream;
    void video.play().catch(() => undefined); // refused before the click that enters; then it plays
  }

  /**
   * Cover the picture with words while there is none.
   * @param {string} seat
   * @param {boolean} present
   */
  cover(seat, present) {
    const absent = this.tiles.get(seat)?.querySelector(".absent");
    const video = this.video(seat);
    if (absent instanceof HTMLElement) absent.hidden = Boolean(present && video && video.videoWidth && !this.outside(seat));
  }

  /** The session is over: no pictures any more. */
  close() {
    this.speaks(null);
    for (const [seat, tile] of this.tiles) {
      const video = this.video(seat);
      if (video) video.srcObject = null;
      text(tile, ".absent", say("over"));
      const absent = tile.querySelector(".absent");
      if (absent instanceof HTMLElement) absent.hidden = false;
    }
  }

  /** @param {string | null} speaker */
  speaks(speaker) {
    for (const [seat, tile] of this.tiles) tile.classList.toggle("speaks", seat === speaker);
  }
}

/**
 * @param {SeatState} seat
 * @param {boolean} own
 */
function absence(seat, own) {
  if (own) return say("own-off");
  if (seat.connected) return say("sound-only");
  if (seat.admitted) return say("not-connected");
  return seat.waiting ? say("waits") : say("absent");
}

/**
 * @param {HTMLElement} tile
 * @param {string} place
 * @param {string} words
 */
function text(tile, place, words) {
  const found = tile.querySelector(place);
  if (found && found.textContent !== words) found.textContent = words;
}
