// @ts-check
// The clerk's audit player: film with angles kept in step, chapters, events, keys; it changes nothing.

import { byId, clock, data, say } from "./dom.js";

const DRIFT_S = 0.12; // eyes and ears notice more than this between two angles
const JUMP_S = 1.0; // beyond this a jump, below it a gentle change of speed
const SPEEDS_BACK = 5;

/** @typedef {{t_ms: number, end_ms: number}} Span */

class Player {
  constructor() {
    this.main = byId("film", HTMLVideoElement);
    this.angles = [...document.querySelectorAll("video.angle")].filter((v) => v instanceof HTMLVideoElement);
    this.duration = Number(byId("player", HTMLElement).dataset["durationMs"] ?? 0);
    /** @type {Span[]} */
    this.chapters = data("chapters");
    this.playButton = byId("play", HTMLButtonElement);
  }

  start() {
    this.main.addEventListener("timeupdate", () => this.moved());
    this.main.addEventListener("seeked", () => this.align(true));
    this.main.addEventListener("play", () => this.followPlay());
    this.main.addEventListener("pause", () => this.followPlay());
    this.main.addEventListener("ratechange", () => this.followRate());
    this.main.addEventListener("loadedmetadata", () => this.moved());
    window.setInterval(() => this.align(false), 500);
    this.bindControls();
    document.addEventListener("keydown", (event) => this.key(event));
    const wanted = Number(new URLSearchParams(location.hash.slice(1)).get("t"));
    if (wanted > 0) this.seek(wanted * 1000);
    this.moved();
  }

  bindControls() {
    this.playButton.addEventListener("click", () => this.toggle());
    byId("back", HTMLButtonElement).addEventListener("click", () => this.skip(-10));
    byId("forth", HTMLButtonElement).addEventListener("click", () => this.skip(10));
    const speed = byId("speed", HTMLSelectElement);
    speed.addEventListener("change", () => (this.main.playbackRate = Number(speed.value)));
    byId("moment", HTMLButtonElement).addEventListener("click", () => this.link());
    document.addEventListener("click", (event) => {
      const at = event.target instanceof Element ? event.target.closest("[data-seek]") : null;
      if (at instanceof HTMLElement) this.seek(Number(at.dataset["seek"]));
    });
    const bar = byId("bar", SVGSVGElement);
    bar.addEventListener("click", (event) => {
      const box = bar.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.duration);
    });
    for (const button of document.querySelectorAll("button[data-angle]")) {
      button.addEventListener("click", () => this.swap(button));
    }
    const search = byId("search", HTMLInputElement);
    search.addEventListener("input", () => filter(search.value));
  }

  /** @param {number} ms */
  seek(ms) {
    this.main.currentTime = Math.max(0, Math.min(ms, this.duration)) / 1000;
  }

  /** @param {number} seconds */
  skip(seconds) {
    this.seek((this.main.currentTime + seconds) * 1000);
  }

  toggle() {
    if (this.main.paused) void this.main.play().catch(() => say("cannot-play"));
    else this.main.pause();
  }

  followPlay() {
    this.playButton.textContent = say(this.main.paused ? "play" : "pause");
    for (const angle of this.angles) {
      if (this.main.paused) angle.pause();
      else void angle.play().catch(() => angle.pause()); // an angle that is shorter simply stands still
    }
    this.align(true);
  }

  followRate() {
    for (const angle of this.angles) angle.playbackRate = this.main.playbackRate;
    const speed = byId("speed", HTMLSelectElement);
    speed.value = String(this.main.playbackRate);
  }

  /**
   * Keep the angles within DRIFT_S of the film: far off jumps, a little off runs faster or slower.
   * @param {boolean} now whether to jump at once
   */
  align(now) {
    for (const angle of this.angles) {
      if (!angle.duration || this.main.currentTime > angle.duration) continue;
      const drift = angle.currentTime - this.main.currentTime;
      if (Math.abs(drift) < DRIFT_S) angle.playbackRate = this.main.playbackRate;
      else if (now || this.main.paused || Math.abs(drift) > JUMP_S) angle.currentTime = this.main.currentTime;
      else angle.playbackRate = this.main.playbackRate * (drift > 0 ? 0.9 : 1.1);
    }
  }

  /**
   * Show this angle big; the film that was big takes its place.
   * @param {Element} button
   */
  swap(button) {
    const small = button.querySelector("video");
    if (!(small instanceof HTMLVideoElement)) return;
    const at = this.main.currentTime;
    const playing = !this.main.paused;
    const [mainSource, smallSource] = [this.main.src, small.src];
    const caption = byId("film-name", HTMLElement);
    const name = button.querySelector("span");
    [this.main.src, small.src] = [smallSource, mainSource];
    if (name) [caption.textContent, name.textContent] = [name.textContent, caption.textContent];
    small.muted = true;
    this.main.addEventListener(
      "loadedmetadata",
      () => {
        this.main.currentTime = at;
        if (playing) void this.main.play().catch(() => this.main.pause());
      },
      { once: true },
    );
  }

  /** The clock, the bar and the lists follow the film. */
  moved() {
    const ms = this.main.currentTime * 1000;
    byId("clock", HTMLElement).textContent = `${clock(ms)} / ${clock(this.duration)}`;
    const head = byId("head", SVGRectElement);
    head.setAttribute("x", String(this.duration ? (ms / this.duration) * 1000 - 1 : 0));
    this.chapters.forEach((chapter, index) => {
      const inside = ms >= chapter.t_ms && ms < chapter.end_ms;
      document.getElementById(`chapter-${index}`)?.classList.toggle("now", inside);
      document.getElementById(`chapter-button-${index}`)?.setAttribute("aria-current", String(inside));
    });
    markEvent(ms);
  }

  /** Copy a link to this very moment. */
  link() {
    const url = `${location.href.split("#")[0]}#t=${Math.floor(this.main.currentTime)}`;
    location.hash = `t=${Math.floor(this.main.currentTime)}`;
    void navigator.clipboard?.writeText(url);
    byId("moment", HTMLButtonElement).textContent = say("copied");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.target;
    const typing = target instanceof Element && target.closest("input, select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = target instanceof Element && target.closest("button, a, summary");
    if (event.key === " " && onButton) return; // Space presses the button that has the focus
    const actions = this.keys(event.shiftKey);
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /**
   * @param {boolean} fine Shift: single frames
   * @returns {Record<string, () => void>}
   */
  keys(fine) {
    const step = fine ? 0.04 : SPEEDS_BACK;
    return {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.skip(-10),
      l: () => this.skip(10),
      arrowleft: () => this.skip(-step),
      arrowright: () => this.skip(step),
      "/": () => byId("search", HTMLInputElement).focus(),
    };
  }
}

/** @param {string} text */
function filter(text) {
  const wanted = text.trim().toLowerCase();
  for (const row of document.querySelectorAll("#events li")) {
    if (row instanceof HTMLElement) row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
  }
}

/** @param {number} ms */
function markEvent(ms) {
  /** @type {HTMLElement | null} */
  let current = null;
  for (const row of document.querySelectorAll("#events li")) {
    if (!(row instanceof HTMLElement)) continue;
    row.classList.remove("now");
    if (Number(row.dataset["at"]) <= ms) current = row;
  }
  current?.classList.add("now");
}

if (document.getElementById("film")) new Player().start();
