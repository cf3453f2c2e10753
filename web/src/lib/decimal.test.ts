import { describe, expect, it } from "vitest";
import {
  add,
  compare,
  divide,
  formatCompact,
  formatDecimal,
  formatExact,
  formatPercent,
  formatPrice,
  multiply,
  parseDecimal,
  percentOf,
  priceDigits,
  roundTo,
  signOf,
  subtract,
} from "./decimal";

describe("exact decimals", () => {
  it("adds what floats cannot", () => {
    expect(add("0.1", "0.2")).toBe("0.3");
    expect(add("9007199254740993", "0.000000001")).toBe("9007199254740993.000000001");
    expect(subtract("1", "1.00")).toBe("0.00");
  });

  it("multiplies and divides", () => {
    expect(multiply("-0.5", "0.02")).toBe("-0.010");
    expect(divide("1", "3", 4)).toBe("0.3333");
    expect(divide("-171.5", "10000", 4)).toBe("-0.0171");
    expect(divide("1", "0.0")).toBeNull();
  });

  it("compares by value, not by spelling", () => {
    expect(compare("1.50", "1.5")).toBe(0);
    expect(compare("-2", "1")).toBe(-1);
    expect(signOf("-0.00")).toBe(0);
  });

  it("reads the exponents that Python writes", () => {
    expect(roundTo("1E-7", 8)).toBe("0.00000010");
    expect(roundTo("1.2E+3", 0)).toBe("1200");
  });

  it("rounds half to even", () => {
    expect(["0.125", "0.135", "-0.125", "2.5"].map((text) => roundTo(text, text === "2.5" ? 0 : 2))).toEqual([
      "0.12",
      "0.14",
      "-0.12",
      "2",
    ]);
  });

  it.each(["", "abc", "1.2.3", "NaN", "Infinity", "1e9999"])("refuses %j", (text) => {
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });
});

describe("numbers for people", () => {
  it("groups, signs and never shows minus nothing", () => {
    expect(formatDecimal("-1234567.891", { digits: 2 })).toBe("−1,234,567.89");
    expect(formatDecimal("12.3", { digits: 2, signed: true })).toBe("+12.30");
    expect(formatDecimal("-0.001", { digits: 2, signed: true })).toBe("0.00");
  });

  it("moves the point for percentages", () => {
    expect(percentOf("0.0512")).toBe("5.12");
    expect(percentOf("3")).toBe("300");
    expect(formatPercent("-0.1234", { signed: true })).toBe("−12.3 %");
  });

  it("keeps every digit a price needs", () => {
    expect(formatPrice("60123.40")).toBe("60,123.40");
    expect(formatPrice("0.00001234")).toBe("0.00001234");
    expect(formatPrice("60123.456789123456")).toBe("60,123.457");
    expect(priceDigits("1.5", "1.525")).toBe(3);
  });

  it("shortens volumes", () => {
    expect(formatCompact("1234567.8")).toBe("1.23 M");
    expect(formatCompact("98765432100")).toBe("98.8 B");
    expect(formatCompact("12.345")).toBe("12.34");
  });
});

it("shows every digit of an amount, and no zero that says nothing", () => {
  expect(formatExact("100")).toBe("100");
  expect(formatExact("1200.500")).toBe("1,200.5");
  expect(formatExact("0.00012300")).toBe("0.000123");
  expect(formatExact("-5.0")).toBe("−5");
  expect(formatExact("0.000")).toBe("0");
});
