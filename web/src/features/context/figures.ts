/** Figures of the context with their units. */
import type { ContextText, WorldContext } from "../../api/types";
import { formatCompact, formatDecimal, formatPercent, parseDecimal } from "../../lib/decimal";
import { sentenceCase } from "../../lib/words";

const LARGE = 10_000;
const DIGITS_MAX = 4;
const UNITS: Record<string, string> = { percent: "%" };
const PER_8_H = "ratio per 8 h";
const PARTS: Record<string, string> = { fear_greed: "Fear & Greed" };

/** A part of the context by the name that people know. */
export function partWords(name: string): string {
  return PARTS[name] ?? sentenceCase(name);
}

/** "57.21 %", "1.93 T USD", "+0.0100 % per 8 h": the exact value, shortened where it is large. */
export function figureWords({ value, unit }: WorldContext["figures"][number]): string {
  if (unit === PER_8_H) return `${formatPercent(value, { digits: DIGITS_MAX, signed: true })} per 8 h`;
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
