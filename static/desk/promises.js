// @ts-check
// The further promises of the draft: grace, guarantee, delivery, apology, costs, what stays open; it sends nothing.

import { byId } from "./dom.js";
import { LARGEST_FEN, parseYuan, yuan } from "./money.js";

/** @typedef {import("./types.js").Promises} Promises */

export const FIELDS = [
  "responsibility", "grace", "contracted", "guarantor", "guarantee-kind", "guarantee-until", "delivery-what", "delivery-by", "delivery-due",
  "delivery-place", "apology-by", "apology-manner", "apology-due", "costs-what", "costs-applicant", "costs-respondent", "remainder",
];
const MOST_GRACE = 90;

/**
 * The promises as the server wants them; `problem` says what is missing. What was not promised is left out.
 * @param {(id: string) => {value: string}} field
 * @param {(key: string, values?: Record<string, string | number>) => never} problem a sentence for the mediator
 * @returns {Promises}
 */
export function readPromises(field, problem) {
  const text = (/** @type {string} */ id) => field(id).value.trim();
  /** @type {Promises} */
  const read = {};
  if (text("responsibility")) read.responsibility = text("responsibility");
  if (text("grace")) read.grace_days = days(text("grace"), problem);
  if (text("contracted")) read.contracted = text("contracted");
  if (text("guarantor")) {
    read.guarantee = { guarantor: text("guarantor"), kind: text("guarantee-kind"), until: text("guarantee-until") || null };
  } else if (text("guarantee-until")) problem("promise-half", { name: "guarantee-name" });
  const delivery = { what: text("delivery-what"), due: text("delivery-due"), place: text("delivery-place") };
  if (all(delivery, "delivery-name", problem)) read.delivery = { ...delivery, by: text("delivery-by") };
  if (text("apology-due")) read.apology = { by: text("apology-by"), manner: text("apology-manner"), due: text("apology-due") };
  const shares = { applicant_fen: fen(text("costs-applicant"), problem), respondent_fen: fen(text("costs-respondent"), problem) };
  const cost = { what: text("costs-what"), sum: shares.applicant_fen + shares.respondent_fen ? "some" : "" };
  if (all(cost, "costs-name", problem)) read.costs = { what: cost.what, ...shares };
  if (text("remainder")) read.remainder = text("remainder");
  return read;
}

/**
 * Put given promises into the form; what is not promised is emptied.
 * @param {(id: string) => {value: string}} field
 * @param {Promises} given
 */
export function fillPromises(field, given) {
  const { guarantee, delivery, apology, costs } = given;
  /** @type {Record<string, string | number | null | undefined>} */
  const values = {
    responsibility: given.responsibility, grace: given.grace_days, contracted: given.contracted, remainder: given.remainder,
    guarantor: guarantee?.guarantor, "guarantee-kind": guarantee?.kind ?? "joint", "guarantee-until": guarantee?.until,
    "delivery-what": delivery?.what, "delivery-by": delivery?.by ?? "respondent", "delivery-due": delivery?.due, "delivery-place": delivery?.place,
    "apology-by": apology?.by ?? "respondent", "apology-manner": apology?.manner ?? "spoken", "apology-due": apology?.due,
    "costs-what": costs?.what, "costs-applicant": costs ? yuan(costs.applicant_fen) : "", "costs-respondent": costs ? yuan(costs.respondent_fen) : "",
  };
  for (const id of FIELDS) field(id).value = String(values[id] ?? "");
  byId("promises", HTMLDetailsElement).open = Object.keys(given).length > 0;
}

/**
 * Whether all parts are there; none is fine as well, some are not.
 * @param {Record<string, string>} parts
 * @param {string} name
 * @param {(key: string, values?: Record<string, string | number>) => never} problem
 */
function all(parts, name, problem) {
  const given = Object.values(parts).filter(Boolean).length;
  if (given && given < Object.keys(parts).length) problem("promise-half", { name });
  return given > 0;
}

/**
 * @param {string} text
 * @param {(key: string) => never} problem
 */
function days(text, problem) {
  const count = Number(text);
  return Number.isInteger(count) && count >= 0 && count <= MOST_GRACE ? count : problem("bad-grace");
}

/**
 * @param {string} text
 * @param {(key: string, values?: Record<string, string | number>) => never} problem
 */
function fen(text, problem) {
  const amount = text ? parseYuan(text) : 0;
  return amount === null || amount > LARGEST_FEN ? problem("bad-amount", { name: "costs-name" }) : amount;
}
