/** The votes of one cycle as a table of analysts across and pairs down. Nothing is smoothed: every opinion is a field. */
import type { CouncilCycle, PairVotes, Vote } from "../../api/types";

export type Field =
  | { kind: "side"; vote: Vote; dissents: boolean }
  | { kind: "flat"; reason: string }
  | { kind: "abstained"; reason: string }
  | { kind: "nothing" };

/** What one analyst said about one pair. */
export function fieldOf(pair: PairVotes, analyst: string): Field {
  const vote = pair.votes.find((each) => each.analyst === analyst);
  if (vote === undefined) return pair.flat.includes(analyst) ? { kind: "flat", reason: "" } : { kind: "nothing" };
  if (vote.abstained) return { kind: "abstained", reason: vote.reason };
  if (vote.side === "FLAT") return { kind: "flat", reason: vote.reason };
  return { kind: "side", vote, dissents: pair.outcome !== null && vote.side !== pair.outcome.side };
}

export type Fate = "published" | "kept back" | "no quorum";

export function fateOf(pair: PairVotes): Fate {
  if (pair.outcome === null) return "no quorum";
  return pair.outcome.signal === null ? "kept back" : "published";
}

function sidesOf(pair: PairVotes): Vote[] {
  return pair.votes.filter((vote) => !vote.abstained && vote.side !== "FLAT");
}

/** "2 long, 1 short", "3 long": the sides that were taken, counted. */
export function sidesWords(pair: PairVotes): string {
  const sides = sidesOf(pair);
  const long = sides.filter((vote) => vote.side === "LONG").length;
  const short = sides.length - long;
  return [long > 0 && `${long} long`, short > 0 && `${short} short`].filter(Boolean).join(", ");
}

const FATES: readonly Fate[] = ["published", "kept back", "no quorum"];

/** Rows in the order of what is worth looking at: published, kept back, then open dispute, then most sides taken. */
export function rowsOf(cycle: CouncilCycle): PairVotes[] {
  return cycle.pairs.toSorted(
    (a, b) =>
      FATES.indexOf(fateOf(a)) - FATES.indexOf(fateOf(b)) ||
      Number(b.opposed) - Number(a.opposed) ||
      sidesOf(b).length - sidesOf(a).length ||
      (a.pair < b.pair ? -1 : 1),
  );
}

/** Whether somebody asked the council outside its schedule. */
export function byHand({ slot }: CouncilCycle): boolean {
  return slot.startsWith("manual");
}

export interface Tally {
  /** Pairs on which somebody took a side. */
  sides: number;
  published: number;
  keptBack: number;
  /** Pairs with a LONG and a SHORT. */
  opposed: number;
}

export function tallyOf(cycle: CouncilCycle): Tally {
  const fates = cycle.pairs.map(fateOf);
  return {
    sides: cycle.pairs.length,
    published: fates.filter((fate) => fate === "published").length,
    keptBack: fates.filter((fate) => fate === "kept back").length,
    opposed: cycle.pairs.filter((pair) => pair.opposed).length,
  };
}

/** Who sits on the panel as what: whoever was asked by a prompt is a model, anybody else a rule. */
export function seatsOf(cycle: CouncilCycle): { analyst: string; kind: string }[] {
  const models = new Map(cycle.models.map((model) => [model.analyst, `${model.provider}/${model.model}`]));
  return cycle.panel.map((analyst) => ({ analyst, kind: models.get(analyst) ?? "rule" }));
}
