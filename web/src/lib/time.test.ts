import { expect, it } from "vitest";
import { formatAge, formatCountdown, formatUtc, timeframeMs, untilClose } from "./time";

it("tells ages shortly, and never a negative one", () => {
  expect([-5, 900, 12_400, 240_000, 12_000_000, 86_400_000 * 5].map(formatAge)).toEqual([
    "now",
    "now",
    "12 s",
    "4 min",
    "3 h 20 min",
    "5 d",
  ]);
});

it("counts down without jumping in width", () => {
  expect([151_000, 59_001, 3_751_000, -1].map(formatCountdown)).toEqual(["2:31", "1:00", "1:02:31", "0:00"]);
});

it("shows UTC whatever the machine's zone", () => {
  expect(formatUtc(Date.UTC(2026, 10, 20, 7, 35, 9), { seconds: true })).toBe("2026-11-20 07:35:09");
});

it("knows when a bar closes", () => {
  expect(untilClose("5m", Date.UTC(2026, 0, 1, 0, 2, 29))).toBe(151_000);
  expect(timeframeMs("1d")).toBe(86_400_000);
  expect(() => timeframeMs("7x")).toThrow(RangeError);
});
