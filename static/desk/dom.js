// @ts-check
// The little that every desk page needs to build and read its page; it knows nothing of mediation.

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
 * The page's data block `<script type="application/json" id=…>`.
 * @param {string} id
 * @returns {any}
 */
export function data(id) {
  return JSON.parse(byId(id, HTMLScriptElement).textContent || "null");
}

/** @type {Record<string, string>} */
let words = {};

/** Read the wording of this page once. */
export function loadWords() {
  words = data("words");
}

/**
 * One phrase in the language of the page, with `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Milliseconds as 01:23 or 1:01:23.
 * @param {number} ms
 */
export function clock(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

let timer = 0;

/**
 * A sentence at the foot of the page for some seconds; also read aloud by screen readers.
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

/**
 * Replace the children only when what they show has changed, so that focus and selection stay.
 * @param {HTMLElement} place
 * @param {unknown} shown
 * @param {() => Node[]} build
 */
export function redraw(place, shown, build) {
  const key = JSON.stringify(shown) ?? "";
  if (place.dataset["shown"] === key) return;
  place.dataset["shown"] = key;
  place.replaceChildren(...build());
}
