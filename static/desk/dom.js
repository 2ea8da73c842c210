// @ts-check
// What the desk adds to the page's own little tools: shorter times; it knows nothing of mediation.

export { Refusal, byId, data, el, redraw, say, toast } from "../js/ui.js";

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
