import type { Signal, Tier } from "./types";

export interface SignalFilter {
  tier: Tier | null;
  pair: string | null;
  strategy: string | null;
}

export function matches(signal: Signal, filter: SignalFilter): boolean {
  return (
    (filter.tier === null || signal.tier === filter.tier) &&
    (filter.pair === null || signal.pair === filter.pair) &&
    (filter.strategy === null || signal.strategy === filter.strategy)
  );
}
