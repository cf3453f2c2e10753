/** The optimizer's values as people read them. */
import type { Adjustment, OptimizerVersion } from "../../api/types";
import { compare, formatDecimal, formatPercent, multiply, subtract, toNumber } from "../../lib/decimal";

/** Bounds of a weight: the scale on which weights are drawn goes from a quarter to four, with 1 in its middle. */
const WEIGHT_MAX = 4;

/** Where a weight lies between its bounds, 0 to 100; halving and doubling are the same step. */
export function placeOfWeight(weight: string): number {
  const place = 50 + (Math.log(toNumber(weight)) / Math.log(WEIGHT_MAX)) * 50;
  return Math.max(0, Math.min(100, place));
}

const REGIME = "regime ";

/** "+12.0 %" against before, or null where nothing changed or there was nothing. */
export function changeWords({ subject, before, after }: Adjustment): string | null {
  if (subject.startsWith(REGIME)) return null;
  if (compare(before, after) === 0 || compare(before, "0") === 0) return null;
  const share = toNumber(subtract(after, before)) / toNumber(before);
  return formatPercent(share.toFixed(6), { digits: 1, signed: true });
}

/** "open" and "blocked" for regimes, figures for everything else. */
export function valueWords(subject: string, value: string): string {
  if (subject.startsWith(REGIME)) return compare(value, "0") === 0 ? "blocked" : "open";
  return formatDecimal(value, { digits: 3 });
}

export function changed({ before, after }: Adjustment): boolean {
  return compare(before, after) !== 0;
}

/** A base of risk as its setting times the optimizer's factor. */
export function baseWords({ setting, factor, base }: { setting: string; factor: string; base: string }): string {
  const factorText = formatDecimal(factor, { digits: 3 });
  const exact = compare(multiply(setting, factor), base) === 0 ? "=" : "→";
  return `${formatPercent(setting, { digits: 2 })} × ${factorText} ${exact} ${formatPercent(base, { digits: 3 })}`;
}

/** Before the optimizer has changed anything: what the settings say, which can always be gone back to. */
const SETTINGS: OptimizerVersion = {
  version: 0,
  at: null,
  by: "settings",
  weights: [],
  base_factors: {},
  blocked_regimes: [],
  adjustments: [],
  reverts_to: null,
};

/** Every version that is told, newest first, and at the end what the settings say. */
export function versionsOf(history: readonly OptimizerVersion[]): OptimizerVersion[] {
  return [...history.filter(({ version }) => version !== 0), SETTINGS];
}

/** What a version is, in a sentence: who made it, and what it changed. */
export function versionWords({ version, by, reverts_to, adjustments }: OptimizerVersion): string {
  if (version === 0) return "What the settings say.";
  if (reverts_to !== null) return `Went back to version ${reverts_to}, by ${by}.`;
  const count = adjustments.filter(changed).length;
  if (count === 0) return `By ${by}: nothing changed.`;
  return `By ${by}: ${count} ${count === 1 ? "value" : "values"} changed.`;
}
