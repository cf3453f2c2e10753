/** Figures of the context with their units. */
import type { ContextText, WorldContext } from "../../api/types";
import { formatCompact, formatDecimal, parseDecimal } from "../../lib/decimal";

const LARGE = 10_000;
const DIGITS_MAX = 4;
const UNITS: Record<string, string> = { percent: "%" };

/** "57.21 %", "1.93 T USD": the exact value, shortened where it is large. */
export function figureWords({ value, unit }: WorldContext["figures"][number]): string {
  const shown =
    Math.abs(Number(value)) >= LARGE
      ? formatCompact(value)
      : formatDecimal(value, { digits: Math.min(DIGITS_MAX, parseDecimal(value).scale) });
  return `${shown} ${UNITS[unit] ?? unit}`.trim();
}

const TONE_HEARD = 0.05;

/** A baseline heard in the words of the title alone; never more than a hint. */
export function toneWords(tone: number): string {
  if (tone >= TONE_HEARD) return "sounds positive";
  return tone <= -TONE_HEARD ? "sounds negative" : "sounds neutral";
}

/** Only addresses of the web are links; anything else a stranger gave stays text. */
export function safeUrl({ url }: ContextText): string | null {
  if (url === null) return null;
  try {
    const { protocol, href } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}
