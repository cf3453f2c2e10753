/** Complete values of the council's shapes for tests; every test says only what it is about. */
import type {
  AnalystRecord,
  AskedModel,
  Comparison,
  CouncilCycle,
  ModelAsking,
  PairVotes,
  VerdictOutcome,
  Vote,
} from "../api/types";

export function aVote(changes: Partial<Vote> = {}): Vote {
  return {
    analyst: "trend",
    side: "LONG",
    confidence: 0.71,
    entry: "100",
    stop: "90",
    target: "130",
    reason: "EMA 20 over EMA 50.",
    abstained: false,
    ...changes,
  };
}

export function anAbstention(analyst: string, reason = "timeout: no answer"): Vote {
  return aVote({
    analyst,
    side: "FLAT",
    confidence: 0,
    entry: null,
    stop: null,
    target: null,
    reason,
    abstained: true,
  });
}

export function anOutcome(changes: Partial<VerdictOutcome> = {}): VerdictOutcome {
  return {
    side: "LONG",
    tier: "silver",
    confidence: 0.71,
    agreeing: ["breakout", "trend"],
    dissenting: [],
    signal: "signal-1",
    kept_back: null,
    ...changes,
  };
}

export function aPair(changes: Partial<PairVotes> = {}): PairVotes {
  return { pair: "BTC/USDT", votes: [aVote()], flat: [], disagreement: 0, opposed: false, outcome: null, ...changes };
}

export function anAsking(changes: Partial<ModelAsking> = {}): ModelAsking {
  return {
    prompt: "a".repeat(64),
    record: "b".repeat(64),
    answered_by: "gemini/gemini-2",
    fallback: false,
    fault: null,
    input_tokens: 30_000,
    output_tokens: 900,
    cost_usd: "0.0412",
    latency_ms: 4_200,
    ...changes,
  };
}

export function aModel(changes: Partial<AskedModel> = {}): AskedModel {
  return {
    analyst: "gemini",
    provider: "gemini",
    model: "gemini-2",
    template: "full-1",
    code: "voted",
    prompt: "a".repeat(64),
    stood_in: null,
    record: "gemini/gemini-2 full-1 temperature 0, 16384 tokens",
    input_tokens: 30_000,
    output_tokens: 900,
    cost_usd: "0.0412",
    latency_ms: 4_200,
    askings: [anAsking()],
    ...changes,
  };
}

export function aCycle(changes: Partial<CouncilCycle> = {}): CouncilCycle {
  return {
    id: "1-500",
    slot: "1795172400000",
    at: "2026-11-20T07:00:00Z",
    panel: ["trend", "breakout", "gemini"],
    pairs: [aPair()],
    silences: [],
    models: [],
    cost_usd: "0",
    ...changes,
  };
}

export function aComparison(changes: Partial<Comparison> = {}): Comparison {
  return {
    against: "luck",
    other: "1000 random traders",
    difference: { estimate: 0.05, low: -0.02, high: 0.12, note: "Bootstrap over 44 days." },
    trades: 168,
    other_trades: 391,
    verdict: "does_not_beat",
    sentence: "It does not.",
    ...changes,
  };
}

export function aRecord(changes: Partial<AnalystRecord> = {}): AnalystRecord {
  return {
    analyst: "trend",
    kind: "rule",
    record: {
      key: "rules 9f86d081",
      provider: null,
      model: null,
      template: null,
      sampling: null,
      digest: "9f86d081",
      newest: true,
    },
    knowledge_cutoff: null,
    weight: 1,
    since: "2026-10-01T00:00:00Z",
    days: 44,
    decisions: 168,
    abstentions: 0,
    failures: {},
    closed: 159,
    open: 2,
    never_entered: 1,
    contaminated: { closed: 0, open: 0, average_r: null },
    win_rate: 0.47,
    average_r: 0.07,
    average_r_interval: { low: -0.1, high: 0.24 },
    expectancy_r: 0.06,
    brier: 0.247,
    calibration: [],
    calibration_error: null,
    flip_rate: null,
    input_tokens: 0,
    output_tokens: 0,
    cost: { usd: "0", usd_per_decision: 0, usd_per_trade: 0, r_usd: null, r_per_decision: null, r_per_trade: null },
    ranked: false,
    rank: null,
    unranked_why: null,
    luck: { traders: 1000, trades: 159, average_r: 0.07, interval: null, percentile: null, p_value: null },
    comparisons: [],
    ...changes,
  };
}
