/** What a record's figures mean, in the words the page uses. */
import type { AnalystRecord, Comparison } from "../../api/types";

export const VERDICTS: Record<Comparison["verdict"], string> = {
  beats: "beats",
  does_not_beat: "does not beat",
  cannot_be_told: "cannot be told yet",
};

const BASELINES: Record<Comparison["against"], string> = {
  luck: "luck",
  buy_and_hold: "buy and hold",
  best_single: "the best single analyst",
  majority: "an unweighted majority",
};

/** "the best single analyst (trend)": whom a record is held against. */
export function baselineWords({ against, other }: Comparison): string {
  const words = BASELINES[against];
  return against === "best_single" && other !== "" ? `${words} (${other})` : words;
}

export const KINDS: Record<AnalystRecord["kind"], string> = {
  rule: "rule",
  model: "model",
  strategy: "strategy",
  council: "the council's own trades",
  majority: "unweighted majority",
};

/** The rank, or null where there is none: never one that the desk has not given. */
export function rankOf(record: AnalystRecord): number | null {
  return record.ranked ? record.rank : null;
}

/** Tells one record from another, also of the same analyst. */
export function idOf({ analyst, record }: AnalystRecord): string {
  return `${analyst} ${record.key}`;
}

const ORDER: readonly Comparison["against"][] = ["best_single", "majority", "buy_and_hold", "luck"];

export function inOrder(comparisons: readonly Comparison[]): Comparison[] {
  return comparisons.toSorted((a, b) => ORDER.indexOf(a.against) - ORDER.indexOf(b.against));
}

/** The record that is meant by the address: the named one, else the council's, else the first. */
export function chosenOf(records: readonly AnalystRecord[], id: string | null): AnalystRecord | undefined {
  return (
    records.find((record) => idOf(record) === id) ??
    records.find((record) => record.kind === "council" && record.record.newest) ??
    records[0]
  );
}
