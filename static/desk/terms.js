// @ts-check
// The editor of the terms: amount and capitals, the plan, the other clauses; it keeps a draft, it sends nothing.

import { byId, el, say } from "./dom.js";
import {
  LARGEST_FEN, MOST_INSTALMENTS, capitals, parseYuan, planEqual, planRising, planStepped, yuan,
} from "./money.js";

import { FIELDS as PROMISES, fillPromises, readPromises } from "./promises.js";

/** @typedef {import("./types.js").Terms} Terms */
/** @typedef {import("./types.js").Instalment} Instalment */

const FIELDS = ["total", "plan-kind", "count", "first", "down", "step-up", "payee", "method", "penalty", "fee", "extra", ...PROMISES];

/** A sentence for the mediator when the form cannot become terms. */
export class FormProblem extends Error {}

/** @param {string} id */
function field(id) {
  const found = document.getElementById(id);
  if (
    found instanceof HTMLInputElement ||
    found instanceof HTMLTextAreaElement ||
    found instanceof HTMLSelectElement
  ) {
    return found;
  }
  throw new Error(`the page has no field ${id}`);
}

/** @param {string} key @param {Record<string, string | number>} [values] @returns {never} */
function problem(key, values) {
  throw new FormProblem(say(key, values));
}

export class TermsEditor {
  /** @param {string} draftKey where the draft lives in this browser tab */
  constructor(draftKey) {
    this.draftKey = draftKey;
    this.lines = byId("plan-lines", HTMLElement);
    this.sum = byId("plan-sum", HTMLElement);
    byId("plan-make", HTMLButtonElement).addEventListener("click", () => this.generate());
    byId("plan-add", HTMLButtonElement).addEventListener("click", () => this.addLine());
    byId("terms", HTMLFormElement).addEventListener("input", () => this.changed());
    field("plan-kind").addEventListener("change", () => this.showKind());
    this.restore();
    this.showKind();
    this.changed();
  }

  /** Show only the fields that the chosen kind of plan needs. */
  showKind() {
    const kind = field("plan-kind").value;
    byId("down-field", HTMLElement).hidden = kind !== "down";
    byId("step-field", HTMLElement).hidden = kind !== "stepped";
  }

  /** Make the plan from total, count, first day; a mistake is told beside the button. */
  generate() {
    try {
      this.showLines(this.plan());
      this.tell("");
    } catch (error) {
      if (!(error instanceof FormProblem)) throw error;
      this.tell(error.message);
    }
    this.changed();
  }

  /** @returns {Instalment[]} */
  plan() {
    const total = this.amount("total", "total-name");
    const count = Number(field("count").value);
    const first = field("first").value;
    if (!Number.isInteger(count) || count < 1 || count > MOST_INSTALMENTS) problem("bad-count");
    if (!first) problem("bad-first");
    const kind = field("plan-kind").value;
    const down = kind === "down" ? this.amount("down", "down-name") : 0;
    const step = kind === "stepped" ? this.amount("step-up", "step-name") : 0;
    const plan = step
      ? planRising({ total, count, first, step })
      : planEqual({ total, count, first, down });
    if (plan.some((line) => line.amount_fen <= 0)) problem("plan-impossible");
    return plan;
  }

  /** @param {string} id @param {string} name */
  amount(id, name) {
    const fen = parseYuan(field(id).value);
    if (fen === null || fen <= 0 || fen > LARGEST_FEN) return problem("bad-amount", { name: say(name) });
    return fen;
  }

  /** @param {Instalment[]} plan */
  showLines(plan) {
    this.lines.replaceChildren(...plan.map((line) => this.row(line)));
  }

  /** @param {Instalment} line */
  row(line) {
    const label = say("line-name", { number: line.number });
    return el("tr", {}, [
      el("td", { text: String(line.number) }),
      el("td", {}, [el("input", { type: "date", value: line.due, "aria-label": `${label} ${say("due")}`, class: "due" })]),
      el("td", {}, [
        el("input", {
          type: "text", inputmode: "decimal", class: "amount num",
          value: yuan(line.amount_fen), "aria-label": `${label} ${say("amount")}`,
        }),
      ]),
      el("td", {}, [
        el("button", {
          type: "button", class: "btn small", text: "×", "aria-label": `${label} ${say("remove")}`,
          onclick: (event) => this.removeLine(event),
        }),
      ]),
    ]);
  }

  addLine() {
    const amounts = this.readLines();
    const last = amounts[amounts.length - 1];
    const due = last?.due ? planStepped([0, 0], last.due)[1]?.due ?? "" : field("first").value;
    this.showLines([...amounts, { number: amounts.length + 1, due, amount_fen: this.missing() }]);
    this.changed();
  }

  /** @param {Event} event */
  removeLine(event) {
    if (event.target instanceof Element) event.target.closest("tr")?.remove();
    this.showLines(this.readLines().map((line, index) => ({ ...line, number: index + 1 })));
    this.changed();
  }

  /** What the lines lack to reach the total, at least 0. */
  missing() {
    const total = parseYuan(field("total").value) ?? 0;
    return Math.max(0, total - this.readLines().reduce((sum, line) => sum + line.amount_fen, 0));
  }

  /** @returns {Instalment[]} amounts that cannot be read count as 0 */
  readLines() {
    return [...this.lines.querySelectorAll("tr")].map((row, index) => {
      const due = row.querySelector(".due");
      const amount = row.querySelector(".amount");
      return {
        number: index + 1,
        due: due instanceof HTMLInputElement ? due.value : "",
        amount_fen: amount instanceof HTMLInputElement ? parseYuan(amount.value) ?? 0 : 0,
      };
    });
  }

  /** Echo the capitals, check the sum, keep the draft. */
  changed() {
    const total = parseYuan(field("total").value);
    const fits = total !== null && total <= LARGEST_FEN;
    byId("capitals", HTMLElement).textContent = fits ? `${say("capitals")} ${capitals(total)}` : "";
    const lines = this.readLines();
    const paid = lines.reduce((sum, line) => sum + line.amount_fen, 0);
    this.sum.textContent = lines.length ? say("sum", { count: lines.length, sum: yuan(paid) }) : "";
    this.sum.className = "echo";
    if (lines.length && total !== null && paid !== total) {
      this.sum.textContent += ` ${say("sum-differs", { difference: yuan(total - paid) })}`;
      this.sum.className = "echo sum-bad";
    }
    this.save();
  }

  /** The terms as the server wants them; FormProblem says what is missing. @returns {Terms} */
  read() {
    const instalments = this.readLines();
    const promises = this.promises();
    const pays = instalments.length > 0 || !(promises.delivery || promises.apology);
    return { ...(pays ? this.payment(instalments) : this.nothing()), ...this.rest(), ...(Object.keys(promises).length ? { promises } : {}) };
  }

  promises() {
    return readPromises(field, (key, values = {}) => problem(key, { ...values, name: say(String(values["name"] ?? "")) }));
  }

  /** Where only something else is promised, nothing is paid. */
  nothing() {
    return { total_fen: 0, instalments: [], payee_account: "" };
  }

  /** @param {Instalment[]} instalments */
  payment(instalments) {
    const total = this.amount("total", "total-name");
    if (!instalments.length) problem("no-lines");
    const empty = instalments.find((line) => !line.due || line.amount_fen <= 0);
    if (empty) problem("bad-line", { number: empty.number });
    const paid = instalments.reduce((sum, line) => sum + line.amount_fen, 0);
    if (paid !== total) problem("sum-wrong", { sum: yuan(paid), total: yuan(total) });
    if (!field("payee").value.trim()) problem("no-payee");
    return { total_fen: total, instalments, payee_account: field("payee").value.trim() };
  }

  rest() {
    return {
      method: field("method").value.trim(),
      acceleration: byId("acceleration", HTMLInputElement).checked,
      penalty: field("penalty").value.trim(),
      fee_burden: field("fee").value.trim(),
      extra: field("extra").value.split("\n").map((text) => text.trim()).filter(Boolean),
    };
  }

  /** Put given terms into the form, to be changed into a new version. @param {Terms} terms */
  fill(terms) {
    field("total").value = yuan(terms.total_fen);
    field("count").value = String(terms.instalments.length);
    field("first").value = terms.instalments[0]?.due ?? "";
    field("payee").value = terms.payee_account;
    field("method").value = terms.method;
    field("penalty").value = terms.penalty;
    field("fee").value = terms.fee_burden;
    field("extra").value = terms.extra.join("\n");
    byId("acceleration", HTMLInputElement).checked = terms.acceleration;
    fillPromises(field, terms.promises ?? {});
    this.showLines(terms.instalments);
    this.changed();
  }

  /** @param {string} text */
  tell(text) {
    byId("terms-error", HTMLElement).textContent = text;
  }

  save() {
    const draft = Object.fromEntries(FIELDS.map((id) => [id, field(id).value]));
    const acceleration = byId("acceleration", HTMLInputElement).checked;
    sessionStorage.setItem(this.draftKey, JSON.stringify({ draft, acceleration, lines: this.readLines() }));
  }

  restore() {
    const kept = sessionStorage.getItem(this.draftKey);
    if (!kept) return;
    const { draft, acceleration, lines } = JSON.parse(kept);
    for (const id of FIELDS) if (draft[id] !== undefined) field(id).value = draft[id];
    byId("acceleration", HTMLInputElement).checked = acceleration;
    this.showLines(lines);
  }
}
