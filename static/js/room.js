// @ts-check
// One seat of one sitting, for the phone and for the desk alike; it draws nothing.
//
//   const room = new Room(sittingId);
//   room.on("state", (state) => …)          the whole state of the room for this viewer (desk/types.js RoomState)
//   room.on("stream", (seat, stream) => …)  the tracks of a seat have changed: give the stream to its element and play it
//   room.on("link", (status) => …)          "waiting" | "connecting" | "up" | "lost" | "ended": how this seat is connected
//   room.on("recording" | "speaker" | "quality" | "pictures" | "mute" | "kicked" | "refused", (body) => …)
//   await room.enter({camera: true})        call it INSIDE the tap: it opens camera and microphone, then connects;
//                                           media starts by itself as soon as the seat is admitted. `camera: false`
//                                           joins by sound only, `silent: true` only watches and listens.
//   room.watch()                            connects without media: the waiting room
//   await room.act("tap", {item, text_hash})   throws Refusal, whose message is a sentence for the person
//   room.mute(true); room.cameraOff(true); room.muted; room.cameraIsOff; room.local
//   room.streamOf(seat)                     for `video.srcObject`; may be set and played before any track is there
//   await room.renewMedia()                 opens the camera anew, e.g. after a telephone call
//   room.leave()
// Elements that play sound must be created and played inside the same tap, before the first `await`.

import { Link, MOST_OTHERS, WANTED } from "./rtc.js";
import { Signal } from "./signal.js";
import { Refusal, post } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */
/** @typedef {"state" | "stream" | "link" | "recording" | "speaker" | "quality" | "pictures" | "mute" | "kicked" | "refused"} RoomEvent */

const SYNC_MS = 15000;

export class Room {
  /** @param {string} sitting */
  constructor(sitting) {
    this.sitting = sitting;
    /** @type {Map<string, ((...values: any[]) => void)[]>} */
    this.listeners = new Map();
    /** @type {RoomState | null} */
    this.state = null;
    /** @type {MediaStream | null} */
    this.local = null;
    this.entered = false;
    this.muted = false;
    this.cameraIsOff = false;
    /** @type {{camera: boolean, silent: boolean}} */
    this.wish = { camera: true, silent: false };
    this.linkStatus = "waiting";
    this.link = new Link({
      attach: (sdp) => this.signal.call("attach", { sdp }),
      status: (status) => this.tellLink(status),
      stream: (seat, stream) => this.tell("stream", seat, stream),
    });
    this.signal = new Signal(
      async () => (await post(`/api/sittings/${sitting}/ticket`)).ticket,
      (name, body) => this.heard(name, body),
    );
    window.setInterval(() => void this.sync(), SYNC_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.awake();
    });
  }

  /**
   * @param {RoomEvent} name
   * @param {(...values: any[]) => void} listener
   */
  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return this;
  }

  /**
   * Open camera and microphone and take the seat.
   * @param {{camera?: boolean, silent?: boolean}} [wish]
   */
  async enter(wish = {}) {
    this.wish = { camera: wish.camera !== false, silent: wish.silent === true };
    if (!this.wish.silent) this.local = await capture(this.wish.camera);
    this.entered = true;
    this.cameraIsOff = !this.wish.camera;
    await this.link.send(this.local);
    this.showSelf();
    for (const track of this.local?.getTracks() ?? []) track.addEventListener("ended", () => void this.renewMedia());
    if (this.signal.connected) this.takeSeat();
    else this.signal.connect();
  }

  /** Be in the room's list without media. */
  watch() {
    this.signal.connect();
  }

  /**
   * Do something in the room; throws Refusal with the server's sentence.
   * @param {string} type
   * @param {Record<string, unknown>} [body]
   */
  async act(type, body = {}) {
    const answer = await this.signal.call("act", { type, ...body });
    if (answer.state) this.heard("state", answer.state);
    return answer;
  }

  /** @param {boolean} off */
  mute(off) {
    this.muted = off;
    for (const track of this.local?.getAudioTracks() ?? []) track.enabled = !off;
  }

  /** @param {boolean} off */
  cameraOff(off) {
    this.cameraIsOff = off;
    for (const track of this.local?.getVideoTracks() ?? []) track.enabled = !off;
  }

  /** @param {string} seat */
  streamOf(seat) {
    return this.link.streamOf(seat);
  }

  async renewMedia() {
    if (!this.entered || this.wish.silent) return;
    const fresh = await capture(this.wish.camera).catch(() => null);
    if (!fresh) return;
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.local = fresh;
    this.mute(this.muted);
    this.cameraOff(this.cameraIsOff);
    await this.link.send(fresh);
    this.showSelf();
  }

  leave() {
    this.link.stop();
    this.signal.close();
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.entered = false;
    this.tellLink("ended");
  }

  // ---------------------------------------------------------------- inside

  /**
   * @param {string} name
   * @param {any} body
   */
  heard(name, body) {
    if (name === "up") {
      this.takeSeat();
      void this.sync();
    } else if (name === "down") {
      if (this.linkStatus !== "ended") this.tellLink(this.linkStatus === "waiting" ? "waiting" : "lost");
    } else if (name === "state") {
      this.learn(body);
    } else if (name === "slots") {
      this.link.place(Array.isArray(body) ? body : (body?.slots ?? []));
    } else if (name === "reattach") {
      if (this.entered && this.admitted) this.link.start();
    } else if (name === "kicked") {
      // The seat is taken from elsewhere: connecting again by itself would start a tug of war.
      this.link.stop();
      this.signal.close();
      this.tell("kicked", body);
    } else {
      this.tell(/** @type {RoomEvent} */ (name), body);
    }
  }

  get admitted() {
    const me = this.state?.me;
    return Boolean(me?.admitted && this.state?.status !== "closed");
  }

  /** @param {RoomState} state */
  learn(state) {
    const before = this.state;
    if (before && state.version < before.version) return;
    const could = this.admitted;
    this.state = state;
    this.tell("state", state, before);
    if (!before) this.showSelf();
    if (this.admitted && !could) this.takeSeat();
    if (!this.admitted && could) this.link.stop();
  }

  // The own picture is a stream of the own seat; it can be told once the seat is known.
  showSelf() {
    if (this.state && this.local) this.tell("stream", this.state.me.seat, this.local);
  }

  takeSeat() {
    if (!this.entered || !this.admitted || !this.signal.connected) return;
    const others = (this.state?.seats.length ?? MOST_OTHERS) - 1;
    this.link.others = Math.min(Math.max(others, 1), MOST_OTHERS);
    this.link.start();
  }

  async sync() {
    if (!this.signal.connected) return;
    const answer = await this.signal
      .call("act", { type: "sync", last_version: this.state?.version ?? 0 })
      .catch(() => null);
    const state = answer?.state ?? (answer?.version ? answer : null);
    if (state) this.learn(state);
  }

  // After a call or a locked screen the tracks may be dead although they say that they live.
  async awake() {
    const dead = (this.local?.getTracks() ?? []).some((track) => track.readyState === "ended" || track.muted);
    if (this.entered && dead) await this.renewMedia();
  }

  /** @param {"waiting" | "connecting" | "up" | "lost" | "ended"} status */
  tellLink(status) {
    this.linkStatus = status;
    this.tell("link", status);
  }

  /**
   * @param {RoomEvent} name
   * @param {...unknown} values
   */
  tell(name, ...values) {
    for (const listener of this.listeners.get(name) ?? []) listener(...values);
  }
}

/**
 * Camera and microphone, or a Refusal whose key names what is wrong: denied, missing, busy, impossible.
 * @param {boolean} camera
 * @returns {Promise<MediaStream>}
 */
export async function capture(camera) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Refusal("", "impossible");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: WANTED.audio, video: camera ? WANTED.video : false });
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    const keys = { NotAllowedError: "denied", NotFoundError: "missing", NotReadableError: "busy" };
    throw new Refusal(String(error), keys[/** @type {keyof typeof keys} */ (name)] ?? "impossible");
  }
}
