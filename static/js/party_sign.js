// @ts-check
// Reading and signing inside the room: the text, a code, the name by hand; what is signed is the hash shown.

import { Pad } from "./pad.js";
import { Refusal, byId, el, post, redraw, say, toast } from "./ui.js";

/** @typedef {import("../desk/types.js").RoomState} RoomState */

export class PartySign {
  /** @param {string} sitting */
  constructor(sitting) {
    this.sitting = sitting;
    this.dialog = byId("sign", HTMLDialogElement);
    this.pad = new Pad(byId("pad", HTMLCanvasElement));
    this.hash = "";
    this.attempt = "";
    this.confirmed = false;
    byId("sign-close", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    byId("pad-clear", HTMLButtonElement).addEventListener("click", () => this.pad.clear());
    byId("pad-undo", HTMLButtonElement).addEventListener("click", () => this.pad.undo());
    byId("code-send", HTMLButtonElement).addEventListener("click", () => void this.sendCode());
    byId("sign-ok", HTMLButtonElement).addEventListener("click", () => void this.sign());
  }

  /** @param {RoomState} state */
  open(state) {
    const paper = state.agreement;
    if (!paper) return;
    this.hash = paper.content_hash;
    const mine = paper.fields.find((one) => /** @type {any} */ (one).mine);
    byId("sign-name", HTMLElement).textContent = mine?.name ?? state.me.label;
    byId("shown-hash", HTMLElement).textContent = say("shown", { hash: this.hash });
    const lines = state.proposal?.clauses.flatMap((clause) => clause.lines) ?? [];
    redraw(byId("lines", HTMLElement), lines, () =>
      lines.map((line) => el("p", { text: line })),
    );
    redraw(byId("pages", HTMLElement), this.hash, () =>
      Array.from({ length: paper.pages }, (_, at) =>
        el("img", {
          class: "page-image",
          src: `/api/sittings/${this.sitting}/agreement/page/${at + 1}.png?v=${this.hash.slice(0, 12)}`,
          alt: say("page", { n: at + 1 }),
        }),
      ),
    );
    this.tell("");
    if (!this.dialog.open) this.dialog.showModal();
    this.pad.fit();
  }

  /** @param {RoomState} state */
  learn(state) {
    const mine = state.agreement?.fields.find((one) => /** @type {any} */ (one).mine);
    const over = state.step !== "signing" || state.status !== "open" || mine?.status === "signed";
    if (this.dialog.open && over) this.dialog.close();
    if (this.dialog.open && state.agreement && state.agreement.content_hash !== this.hash) this.open(state);
  }

  async sendCode() {
    await this.tried(byId("code-send", HTMLButtonElement), async () => {
      const answer = await post(`/api/sittings/${this.sitting}/step-up`);
      this.attempt = answer.attempt ?? "";
      this.confirmed = false;
      toast(say("code-sent"));
      byId("code", HTMLInputElement).focus();
    });
  }

  async sign() {
    const code = byId("code", HTMLInputElement).value.trim();
    if (!byId("read", HTMLInputElement).checked) return this.tell(say("tick-first"));
    if (!this.confirmed && (!this.attempt || !code)) return this.tell(say("code-first"));
    if (this.pad.empty) return this.tell(say("write-first"));
    await this.tried(byId("sign-ok", HTMLButtonElement), async () => {
      if (!this.confirmed) {
        await post(`/api/sittings/${this.sitting}/step-up/confirm`, { attempt: this.attempt, code });
        this.confirmed = true;
      }
      await post(`/api/sittings/${this.sitting}/sign`, { strokes: this.pad.strokes(), shown_hash: this.hash });
      this.dialog.close();
      toast(say("signed"));
    });
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {() => Promise<void>} work
   */
  async tried(button, work) {
    button.disabled = true;
    this.tell("");
    try {
      await work();
    } catch (error) {
      this.tell(error instanceof Refusal && error.message ? error.message : say("no-answer"));
    } finally {
      button.disabled = false;
    }
  }

  /** @param {string} words */
  tell(words) {
    const place = byId("sign-error", HTMLElement);
    place.hidden = !words;
    place.textContent = words;
    if (words) place.scrollIntoView({ block: "nearest" });
  }
}
