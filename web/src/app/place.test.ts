import { expect, it } from "vitest";
import type { FeedState, Health } from "../api/types";
import { feedWords, frameOf, freshnessOf } from "./place";

function health(mode: Health["mode"], feed: Partial<FeedState>): Health {
  return {
    status: "ok",
    live: true,
    ready: true,
    mode,
    account: "paper",
    version: "1",
    parts: [],
    context: [],
    providers: [],
    budget: null,
    feed: { kind: "exchange", label: "", simulated: false, state: "up", age_ms: 0, at: null, ...feed },
  };
}

it("tints the frame by where orders go, and by play money in a made-up market", () => {
  expect(frameOf(undefined)).toBe("paper");
  expect(frameOf(health("paper", {}))).toBe("paper");
  expect(frameOf(health("paper", { kind: "replay" }))).toBe("paper");
  expect(frameOf(health("paper", { kind: "simulated", simulated: true }))).toBe("simulated");
  expect(frameOf(health("live", {}))).toBe("live");
});

it("says the feed and every state of it in words", () => {
  expect(feedWords(health("paper", { kind: null }).feed)).toBe("No feed");
  const states: FeedState["state"][] = ["up", "stale", "down", "ended", "starting"];
  expect(states.map((state) => freshnessOf(health("paper", { state }).feed).words)).toEqual([
    "Data",
    "Stale",
    "Feed down",
    "Feed ended",
    "Feed starts",
  ]);
});
