import { describe, expect, it } from "vitest";
import type { Adjustment, OptimizerVersion } from "../../api/types";
import { baseWords, changeWords, placeOfWeight, valueWords, versionsOf, versionWords } from "./values";

function adjustment(changes: Partial<Adjustment> = {}): Adjustment {
  return {
    subject: "weight trend",
    count: 20,
    expectancy_r: "0.1",
    win_rate: "0.5",
    average_r: "0.1",
    before: "1",
    after: "1.05",
    reason: "Why.",
    ...changes,
  };
}

function version(changes: Partial<OptimizerVersion> = {}): OptimizerVersion {
  return {
    version: 3,
    at: "2026-11-20T06:00:00Z",
    by: "optimizer",
    weights: [],
    base_factors: {},
    blocked_regimes: [],
    adjustments: [adjustment(), adjustment({ subject: "weight momentum", after: "1" })],
    reverts_to: null,
    ...changes,
  };
}

it("draws weights so that halving and doubling are the same step", () => {
  expect(["0.25", "0.5", "1", "2", "4"].map(placeOfWeight)).toEqual([0, 25, 50, 75, 100]);
  expect(placeOfWeight("9")).toBe(100);
});

it("tells a change in percent, and none where nothing changed or a regime did", () => {
  expect(changeWords(adjustment())).toBe("+5.0 %");
  expect(changeWords(adjustment({ after: "0.8" }))).toBe("−20.0 %");
  expect(changeWords(adjustment({ after: "1.00" }))).toBeNull();
  expect(changeWords(adjustment({ subject: "regime VOLATILE", after: "0" }))).toBeNull();
});

it("says open and blocked of regimes", () => {
  expect(valueWords("regime VOLATILE", "0")).toBe("blocked");
  expect(valueWords("regime VOLATILE", "1")).toBe("open");
  expect(valueWords("base aggressive", "0.884836")).toBe("0.885");
});

it("multiplies base risk before the reader's eyes, and does not claim equality where a limit cut it", () => {
  expect(baseWords({ setting: "0.1", factor: "0.884836", base: "0.0884836" })).toBe("10.00 % × 0.885 = 8.848 %");
  expect(baseWords({ setting: "0.8", factor: "1.5", base: "1" })).toBe("80.00 % × 1.500 → 100.000 %");
});

describe("a version", () => {
  it("is told in a sentence", () => {
    expect(versionWords(version())).toBe("By optimizer: 1 value changed.");
    expect(versionWords(version({ adjustments: [] }))).toBe("By optimizer: nothing changed.");
    expect(versionWords(version({ reverts_to: 1, by: "a person" }))).toBe("Went back to version 1, by a person.");
  });

  it("can always be the settings' own", () => {
    expect(versionsOf([version()]).map((each) => each.version)).toEqual([3, 0]);
    expect(versionsOf([]).map(versionWords)).toEqual(["What the settings say."]);
    expect(versionsOf([version(), version({ version: 0 })]).map((each) => each.version)).toEqual([3, 0]);
  });
});
