// @ts-check
// Amounts in fen, capitals and instalment plans, as odr/settlement/terms.py has them; it knows no page.

/** @typedef {{number: number, due: string, amount_fen: number}} Instalment */

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const UNITS = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿"];
export const LARGEST_FEN = 10 ** 14 - 1;
export const MOST_INSTALMENTS = 120;

/**
 * "340,000.5" → 34000050; null when it is not an amount.
 * @param {string} text
 * @returns {number | null}
 */
export function parseYuan(text) {
  const clean = text.normalize("NFKC").replace(/[,\s¥元]/g, "");
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(clean);
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/**
 * 34000000 → "340,000.00".
 * @param {number} fen
 */
export function yuan(fen) {
  const cents = String(Math.abs(fen) % 100).padStart(2, "0");
  const whole = String(Math.floor(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fen < 0 ? "-" : ""}${whole}.${cents}`;
}

/**
 * 34000000 → "叁拾肆万元整".
 * @param {number} fen
 */
export function capitals(fen) {
  const whole = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const cents = fen % 10;
  let text = whole ? `${wholeCapitals(whole)}元` : "";
  if (jiao) text += `${DIGITS[jiao]}角`;
  else if (cents && whole) text += "零";
  if (cents) return `${text}${DIGITS[cents]}分`;
  return `${text || "零元"}整`;
}

/** @param {number} number */
function wholeCapitals(number) {
  let text = "";
  let gap = false;
  for (const power of [2, 1, 0]) {
    const group = Math.floor(number / 10 ** (4 * power)) % 10000;
    if (!group) {
      gap = gap || text !== "";
      continue;
    }
    if (text && (gap || group < 1000)) text += "零";
    text += groupCapitals(group) + GROUPS[power];
    gap = false;
  }
  return text;
}

/** @param {number} group */
function groupCapitals(group) {
  let text = "";
  let gap = false;
  for (const power of [3, 2, 1, 0]) {
    const digit = Math.floor(group / 10 ** power) % 10;
    if (!digit) {
      gap = text !== "";
      continue;
    }
    text += `${gap ? "零" : ""}${DIGITS[digit]}${UNITS[power]}`;
    gap = false;
  }
  return text;
}

/**
 * The same day some months later, or the month's last: ("2027-01-31", 1) → "2027-02-28".
 * @param {string} day
 * @param {number} months
 */
export function monthLater(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  const index = (year ?? 0) * 12 + (month ?? 1) - 1 + months;
  const target = { year: Math.floor(index / 12), month: index % 12 };
  const last = new Date(Date.UTC(target.year, target.month + 1, 0)).getUTCDate();
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${target.year}-${two(target.month + 1)}-${two(Math.min(date ?? 1, last))}`;
}

/**
 * Equal monthly payments, the last takes the odd fen; a down payment comes before them.
 * @param {{total: number, count: number, first: string, down: number}} wish
 * @returns {Instalment[]}
 */
export function planEqual({ total, count, first, down }) {
  const rest = total - down;
  const each = Math.floor(rest / count);
  const amounts = Array.from({ length: count }, () => each);
  amounts[count - 1] = rest - each * (count - 1);
  return planStepped(down ? [down, ...amounts] : amounts, first);
}

/**
 * Monthly payments that rise (or fall) by the same step; the last takes what the step leaves.
 * @param {{total: number, count: number, first: string, step: number}} wish
 * @returns {Instalment[]}
 */
export function planRising({ total, count, first, step }) {
  const start = Math.floor((total - (step * count * (count - 1)) / 2) / count);
  const amounts = Array.from({ length: count }, (_, index) => start + step * index);
  const before = amounts.slice(0, -1).reduce((sum, one) => sum + one, 0);
  amounts[count - 1] = total - before;
  return planStepped(amounts, first);
}

/**
 * Monthly payments of the given amounts, the first on the given day.
 * @param {number[]} amounts
 * @param {string} first
 * @returns {Instalment[]}
 */
export function planStepped(amounts, first) {
  return amounts.map((amount, index) => ({
    number: index + 1,
    due: monthLater(first, index),
    amount_fen: amount,
  }));
}
