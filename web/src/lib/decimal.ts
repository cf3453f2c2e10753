/** Exact decimals as text: money and prices are added, compared, rounded and shown without ever becoming a float. */

export interface Decimal {
  readonly units: bigint;
  /** Digits after the point: the value is units / 10^scale. */
  readonly scale: number;
}

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const SCALE_MAX = 60;
export const MINUS = "−";
export const NOTHING = "–";

export function parseDecimal(text: string): Decimal {
  const match = SHAPE.exec(text.trim());
  const whole = match?.[2] ?? "";
  const part = match?.[3] ?? "";
  if (match === null || whole + part === "") throw new RangeError(`not a decimal: ${text}`);
  const units = BigInt((match[1] === "-" ? "-" : "") + whole + part);
  const scale = part.length - Number(match[4] ?? 0);
  if (Math.abs(scale) > SCALE_MAX) throw new RangeError(`out of range: ${text}`);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

function aligned(left: Decimal, right: Decimal): [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  return [left.units * 10n ** BigInt(scale - left.scale), right.units * 10n ** BigInt(scale - right.scale), scale];
}

export function toText({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const cut = digits.length - scale;
  return (units < 0n ? "-" : "") + digits.slice(0, cut) + (scale > 0 ? "." + digits.slice(cut) : "");
}

export function add(left: string, right: string): string {
  const [a, b, scale] = aligned(parseDecimal(left), parseDecimal(right));
  return toText({ units: a + b, scale });
}

export function subtract(left: string, right: string): string {
  const [a, b, scale] = aligned(parseDecimal(left), parseDecimal(right));
  return toText({ units: a - b, scale });
}

export function multiply(left: string, right: string): string {
  const [a, b] = [parseDecimal(left), parseDecimal(right)];
  return toText({ units: a.units * b.units, scale: a.scale + b.scale });
}

/** The quotient cut after `digits`; null when there is nothing to divide by. */
export function divide(left: string, right: string, digits = 12): string | null {
  const [a, b] = aligned(parseDecimal(left), parseDecimal(right));
  return b === 0n ? null : toText({ units: (a * 10n ** BigInt(digits)) / b, scale: digits });
}

/** -1, 0 or 1. */
export function compare(left: string, right: string): number {
  const [a, b] = aligned(parseDecimal(left), parseDecimal(right));
  return a < b ? -1 : a > b ? 1 : 0;
}

export function signOf(text: string): number {
  const { units } = parseDecimal(text);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Rounded half to even to exactly `digits` after the point. */
export function roundTo(text: string, digits: number): string {
  const { units, scale } = parseDecimal(text);
  if (scale <= digits) return toText({ units: units * 10n ** BigInt(digits - scale), scale: digits });
  const step = 10n ** BigInt(scale - digits);
  const size = units < 0n ? -units : units;
  const twice = (size % step) * 2n;
  let rounded = size / step;
  if (twice > step || (twice === step && rounded % 2n === 1n)) rounded += 1n;
  return toText({ units: units < 0n ? -rounded : rounded, scale: digits });
}

/** The share as a percentage: the point moved by two places, exact. */
export function percentOf(share: string): string {
  const { units, scale } = parseDecimal(share);
  return toText(scale >= 2 ? { units, scale: scale - 2 } : { units: units * 10n ** BigInt(2 - scale), scale: 0 });
}

/** For drawing only: a chart has pixels, not cents. */
export function toNumber(text: string): number {
  return Number(text);
}

function grouped(text: string, signed: boolean): string {
  const negative = text.startsWith("-");
  const [whole = "", part] = (negative ? text.slice(1) : text).split(".");
  const body = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part === undefined ? "" : "." + part);
  const isZero = !/[1-9]/.test(body);
  return (isZero ? "" : negative ? MINUS : signed ? "+" : "") + body;
}

export interface NumberStyle {
  /** Digits after the point. */
  digits: number;
  /** Show a plus before what is positive. */
  signed?: boolean;
}

export function formatDecimal(text: string, { digits, signed = false }: NumberStyle): string {
  return grouped(roundTo(text, digits), signed);
}

export function formatPercent(share: string, { digits = 1, signed = false }: Partial<NumberStyle> = {}): string {
  return `${formatDecimal(percentOf(share), { digits, signed })} %`;
}

export function formatUsd(text: string, { signed = false, digits = 2 }: Partial<NumberStyle> = {}): string {
  return formatDecimal(text, { digits, signed });
}

/** Every digit that the amount has, without zeros at its end: quantities and balances. */
export function formatExact(text: string): string {
  const whole = toText(parseDecimal(text));
  return grouped(whole.includes(".") ? whole.replace(/\.?0+$/, "") : whole, false);
}

const PRICE_DIGITS_MIN = 2;
const PRICE_SIGNIFICANT_MAX = 8;

/** Digits after the point that a price needs: its own without trailing zeros, 2 at least, 8 significant at most. */
export function priceDigits(...prices: string[]): number {
  const needed = prices.map((price) => {
    const text = toText(parseDecimal(price)).replace("-", "");
    const [whole = "", part = ""] = text.split(".");
    const own = part.replace(/0+$/, "").length;
    const leadingZeros = whole === "0" ? (/^0*/.exec(part)?.[0].length ?? 0) : 0;
    const wholeDigits = whole === "0" ? 0 : whole.length;
    return Math.min(own, leadingZeros + Math.max(PRICE_SIGNIFICANT_MAX - wholeDigits, 0));
  });
  return Math.max(PRICE_DIGITS_MIN, ...needed);
}

export function formatPrice(price: string, digits = priceDigits(price)): string {
  return formatDecimal(price, { digits });
}

const SUFFIXES: readonly [number, string][] = [
  [12, "T"],
  [9, "B"],
  [6, "M"],
  [3, "k"],
];

/** Three significant digits with k, M, B or T, for volumes. */
export function formatCompact(text: string): string {
  const whole = toText(parseDecimal(text)).replace("-", "").split(".")[0] ?? "0";
  for (const [power, suffix] of SUFFIXES) {
    if (whole.length <= power) continue;
    const { units, scale } = parseDecimal(text);
    const digits = Math.max(0, 2 - (whole.length - 1 - power));
    return `${formatDecimal(toText({ units, scale: scale + power }), { digits })} ${suffix}`;
  }
  return formatDecimal(text, { digits: whole.length > 2 ? 0 : 2 });
}
