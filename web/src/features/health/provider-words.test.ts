import { expect, it } from "vitest";
import type { ContextSource, ModelProvider } from "../../api/types";
import { providerStanding, providerWords, sourceStanding, sourceWords } from "./provider-words";

function source(changes: Partial<ContextSource>): ContextSource {
  return { name: "wire", state: "ok", age_ms: 1, breaker: "closed", failures: 0, fault: null, why: "", ...changes };
}

function provider(changes: Partial<ModelProvider>): ModelProvider {
  return {
    name: "gemini",
    breaker: "closed",
    failures: 0,
    under_way: 0,
    waits_s: 0,
    last_latency_ms: null,
    last_fault: "",
    ...changes,
  };
}

it("takes recordings for well and an old answer for less than that", () => {
  const states: ContextSource["state"][] = ["ok", "recorded", "stale", "down", "waiting"];
  expect(states.map((state) => sourceStanding(source({ state })))).toEqual(["up", "up", "degraded", "down", "unknown"]);
});

it("says what is wrong with a source, and nothing where nothing is", () => {
  expect(sourceWords(source({}))).toBe("");
  expect(sourceWords(source({ fault: "too_large" }))).toBe("too large.");
  expect(sourceWords(source({ why: "HTTP 403.", breaker: "open", failures: 6 }))).toBe(
    "HTTP 403. It rests after 6 failures in a row.",
  );
});

it("says how a provider stands and why", () => {
  expect(providerStanding(provider({}))).toBe("up");
  expect(providerStanding(provider({ failures: 1 }))).toBe("degraded");
  expect(providerStanding(provider({ breaker: "probing" }))).toBe("degraded");
  expect(providerStanding(provider({ breaker: "open", failures: 5 }))).toBe("down");
  expect(providerWords(provider({ under_way: 1, last_latency_ms: 1_840 }))).toBe(
    "1 call under way, last answer took 1.8 s",
  );
  expect(providerWords(provider({ breaker: "open", failures: 5, last_fault: "rate_limited", waits_s: 12.2 }))).toBe(
    "rests, 5 failures in a row, last: rate limited, asked us to wait 13 s",
  );
});
