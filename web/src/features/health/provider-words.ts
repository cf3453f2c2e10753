/** How a provider of models and a source of context stand, in a word and a sentence. */
import type { ContextSource, ModelProvider } from "../../api/types";
import { plainWords } from "../../lib/words";

export type Standing = "up" | "degraded" | "down" | "off" | "unknown";

const SOURCES: Record<ContextSource["state"], Standing> = {
  ok: "up",
  recorded: "up",
  stale: "degraded",
  down: "down",
  waiting: "unknown",
};

export function sourceStanding({ state }: ContextSource): Standing {
  return SOURCES[state];
}

/** What is wrong with a source, or nothing where all is well. */
export function sourceWords({ why, fault, breaker, failures }: ContextSource): string {
  const rest = breaker === "closed" ? "" : ` It rests after ${failures} failures in a row.`;
  if (why !== "") return `${why}${rest}`;
  return fault === null ? rest.trim() : `${plainWords(fault)}.${rest}`;
}

export function providerStanding({ breaker, failures, waits_s }: ModelProvider): Standing {
  if (breaker === "open") return "down";
  return breaker === "probing" || failures > 0 || waits_s > 0 ? "degraded" : "up";
}

const BREAKERS: Record<ModelProvider["breaker"], string> = { closed: "", open: "rests", probing: "tries again" };

/** "2 calls under way, last answer took 1.8 s", or what is wrong. */
export function providerWords(provider: ModelProvider): string {
  const { breaker, failures, under_way, waits_s, last_latency_ms, last_fault } = provider;
  return [
    BREAKERS[breaker],
    failures > 0 && `${failures} ${failures === 1 ? "failure" : "failures"} in a row`,
    failures > 0 && last_fault !== "" && `last: ${plainWords(last_fault)}`,
    waits_s > 0 && `asked us to wait ${Math.ceil(waits_s)} s`,
    under_way > 0 && `${under_way} ${under_way === 1 ? "call" : "calls"} under way`,
    last_latency_ms !== null && `last answer took ${(last_latency_ms / 1000).toFixed(1)} s`,
  ]
    .filter((words) => words !== false && words !== "")
    .join(", ");
}
