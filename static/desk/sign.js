// @ts-check
// The mediator reads the agreement and signs it by hand; it sends strokes, never a picture alone.

import SignaturePad from "../vendor/signature_pad.js";
import { byId, el, say, toast } from "./dom.js";

/** @typedef {import("./types.js").AgreementState} AgreementState */

export class SignDialog {
  /**
   * @param {string} sitting
   * @param {string} csrf
   */
  constructor(sitting, csrf) {
    this.sitting = sitting;
    this.csrf = csrf;
    /** @type {AgreementState | null} */
    this.agreement = null;
    this.dialog = byId("sign", HTMLDialogElement);
    this.canvas = byId("pad", HTMLCanvasElement);
    this.pad = new SignaturePad(this.canvas, { minWidth: 1, maxWidth: 3 });
    this.width = 0;
    byId("pad-clear", HTMLButtonElement).addEventListener("click", () => this.pad.clear());
    byId("pad-undo", HTMLButtonElement).addEventListener("click", () => this.undo());
    byId("sign-cancel", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    byId("sign-ok", HTMLButtonElement).addEventListener("click", () => void this.send());
    window.addEventListener("resize", () => this.fit());
  }

  /** @param {AgreementState} agreement */
  open(agreement) {
    this.agreement = agreement;
    const pages = Array.from({ length: agreement.pages }, (_, index) =>
      el("img", {
        src: `/api/sittings/${this.sitting}/agreement/page/${index + 1}.png?v=${agreement.content_hash.slice(0, 12)}`,
        alt: say("page", { number: index + 1 }),
      }),
    );
    byId("sheets", HTMLElement).replaceChildren(...pages);
    byId("sign-read", HTMLInputElement).checked = false;
    this.tell("");
    this.dialog.showModal();
    this.width = 0;
    this.fit();
    this.pad.clear();
  }

  /** The canvas is cleared by a new size: only a new width counts, and the strokes are drawn again. */
  fit() {
    const box = this.canvas.getBoundingClientRect();
    if (!this.dialog.open || box.width === this.width) return;
    this.width = box.width;
    const strokes = this.pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    this.canvas.width = box.width * ratio;
    this.canvas.height = box.height * ratio;
    this.canvas.getContext("2d")?.scale(ratio, ratio);
    this.pad.fromData(strokes);
  }

  undo() {
    const strokes = this.pad.toData();
    strokes.pop();
    this.pad.fromData(strokes);
  }

  async send() {
    if (!this.agreement) return;
    if (!byId("sign-read", HTMLInputElement).checked) return this.tell(say("sign-unread"));
    if (this.pad.isEmpty()) return this.tell(say("sign-empty"));
    const button = byId("sign-ok", HTMLButtonElement);
    button.disabled = true;
    try {
      const answer = await fetch(`/api/sittings/${this.sitting}/sign`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF": this.csrf },
        body: JSON.stringify({ strokes: this.strokes(), shown_hash: this.agreement.content_hash }),
      });
      const body = await answer.json();
      if (!answer.ok || body.ok === false) return this.tell(body.error ?? String(answer.status));
      this.dialog.close();
      toast(say("signed"));
    } finally {
      button.disabled = false;
    }
  }

  /** What was drawn, as the server keeps it: pixels, milliseconds, pressure. */
  strokes() {
    return this.pad
      .toData()
      .map((stroke) => stroke.points.map((at) => ({ x: at.x, y: at.y, t: at.time, p: at.pressure })));
  }

  /** @param {string} text */
  tell(text) {
    byId("sign-error", HTMLElement).textContent = text;
  }
}
