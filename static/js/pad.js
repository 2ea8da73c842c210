// @ts-check
// A box to write a name in: strokes with time and pressure are kept, a picture never stands for them.

import SignaturePad from "../vendor/signature_pad.js";

/** @typedef {{x: number, y: number, t: number, p: number}} Point pixels, milliseconds since the first touch, 0 to 1 */

export class Pad {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pad = new SignaturePad(canvas, { minWidth: 1.2, maxWidth: 4, penColor: "#10151b" });
    this.width = 0;
    window.addEventListener("resize", () => this.fit());
  }

  /** A canvas is cleared by a new size: only a new width counts, and the strokes are drawn again. */
  fit() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width || box.width === this.width) return;
    this.width = box.width;
    const drawn = this.pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.canvas.getContext("2d")?.scale(ratio, ratio);
    this.pad.clear();
    this.pad.fromData(drawn);
  }

  get empty() {
    return this.pad.isEmpty();
  }

  clear() {
    this.pad.clear();
  }

  undo() {
    this.pad.fromData(this.pad.toData().slice(0, -1));
  }

  /**
   * What was drawn, as the server keeps it.
   * @returns {Point[][]}
   */
  strokes() {
    const drawn = this.pad.toData();
    const start = drawn[0]?.points[0]?.time ?? 0;
    const short = (/** @type {number} */ value) => Math.round(value * 100) / 100;
    return drawn.map((stroke) =>
      stroke.points.map((at) => ({ x: short(at.x), y: short(at.y), t: at.time - start, p: short(at.pressure || 0.5) })),
    );
  }
}
