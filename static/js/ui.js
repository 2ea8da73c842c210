// @ts-check
// The little that every page needs to build and read itself; it knows nothing of mediation.

/**
 * The element with this id, of the wanted kind; a page without it is a mistake of ours.
 * @template {Element} T
 * @param {string} id
 * @param {new (...a: any[]) => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * Make an element; text always goes in as text, never as markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [traits] `class`, `text`, `onclick`, attributes
 * @param {(Node | string | null)[]} [children]
 * @returns {HTMLElement}
 */
export function el(tag, traits = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (name === "text") made.textContent = String(value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/**
 * One icon of the sprite; a word must stand beside it.
 * @param {string} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.body.dataset["icons"] ?? "/static/vendor/icons.svg"}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * The page's data block `<script type="application/json" id=…>`.
 * @param {string} id
 * @returns {any}
 */
export function data(id) {
  return JSON.parse(byId(id, HTMLScriptElement).textContent || "null");
}

/** @type {Record<string, string> | null} */
let words = null;

/**
 * One phrase of the page's block `words`, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  words ??= /** @type {Record<string, string>} */ (data("words"));
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Milliseconds as 00:12:34.
 * @param {number} ms
 */
export function clock(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${two(Math.floor(all / 3600))}:${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
}

let timer = 0;

/**
 * A sentence at the edge of the page for some seconds; also read aloud by screen readers.
 * @param {string} text
 * @param {{bad?: boolean}} [how]
 */
export function toast(text, how = {}) {
  const place = byId("toast", HTMLElement);
  place.textContent = text;
  place.className = how.bad ? "toast bad" : "toast";
  place.hidden = false;
  clearTimeout(timer);
  timer = window.setTimeout(() => (place.hidden = true), how.bad ? 9000 : 4000);
}

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/** Places that are touched just now, and what is to be drawn there when the finger is lifted. */
/** @type {Map<HTMLElement, (() => void) | null>} */
const held = new Map();
const CLICK_MS = 80; // a click follows its pointerup at once; on touch screens in a later task

/** Draw what came while a finger was down: a button must not be taken away between press and release. */
function lift() {
  const waiting = [...held.values()];
  held.clear();
  for (const draw of waiting) draw?.();
}

/** @param {HTMLElement} place */
function watch(place) {
  place.addEventListener("pointerdown", () => {
    if (!held.has(place)) held.set(place, null);
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, () => window.setTimeout(lift, CLICK_MS), { once: true });
    }
  });
}

/**
 * Replace the children only when what they show has changed, so that focus and selection stay;
 * while a finger is down on the place, wait until it is lifted.
 * @param {HTMLElement} place
 * @param {unknown} shown
 * @param {() => (Node | string)[]} build
 */
export function redraw(place, shown, build) {
  const key = JSON.stringify(shown) ?? "";
  if (!drawn.has(place)) watch(place);
  if (held.has(place)) {
    held.set(place, () => redraw(place, shown, build));
    return;
  }
  if (drawn.get(place) === key) return;
  drawn.set(place, key);
  place.replaceChildren(...build());
}

/** A refusal of the server in a sentence for the person. */
export class Refusal extends Error {
  /**
   * @param {string} sentence
   * @param {string} [key]
   */
  constructor(sentence, key = "") {
    super(sentence);
    this.key = key;
  }
}

/**
 * POST JSON to our own server; throws Refusal with the server's sentence.
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function post(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF": csrf() },
    body: JSON.stringify(body),
    credentials: "same-origin",
  });
  const read = await answer.json().catch(() => ({}));
  if (!answer.ok || read.ok === false) throw new Refusal(read.error ?? say("no-answer"), read.key);
  return read;
}

function csrf() {
  const meta = document.querySelector('meta[name="csrf"]');
  if (meta instanceof HTMLMetaElement) return meta.content;
  const main = document.querySelector("[data-csrf]");
  return main instanceof HTMLElement ? (main.dataset["csrf"] ?? "") : "";
}
