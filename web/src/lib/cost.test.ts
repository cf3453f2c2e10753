import { expect, it } from "vitest";
import { costWords } from "./cost";
import { newKey } from "./idempotency";

it("shows small sums with the digits they need", () => {
  expect(["0", "0.000000", "0.00003", "0.0001", "0.04775", "0.99999", "1.268"].map(costWords)).toEqual([
    "0",
    "0",
    "under 0.0001",
    "0.0001",
    "0.0478",
    "1.0000",
    "1.27",
  ]);
});

it("makes a key for every act of its own", () => {
  const keys = Array.from({ length: 50 }, newKey);
  expect(new Set(keys).size).toBe(50);
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
