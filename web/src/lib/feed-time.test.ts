import { expect, it } from "vitest";
import type { FeedState } from "../api/types";
import { feedNow } from "./feed-time";

const NOW = Date.UTC(2026, 10, 20, 7, 0);
const PAST = "2025-03-01T12:00:00Z";
const feed = (changes: Partial<FeedState>): FeedState => ({
  kind: "exchange",
  label: "",
  simulated: false,
  state: "up",
  age_ms: 0,
  at: PAST,
  ...changes,
});

it("runs on the wall clock for an exchange and for a simulation at our own time", () => {
  expect(feedNow(undefined, NOW)).toBe(NOW);
  expect(feedNow(feed({}), NOW)).toBe(NOW);
  expect(feedNow(feed({ kind: "simulated", at: "2026-11-20T06:55:00Z" }), NOW)).toBe(NOW);
});

it("stands where the data stands in a replay and in a simulation of another time", () => {
  expect(feedNow(feed({ kind: "replay" }), NOW)).toBe(Date.parse(PAST));
  expect(feedNow(feed({ kind: "simulated" }), NOW)).toBe(Date.parse(PAST));
});
