import { describe, expect, it } from "vitest";
import { intervalWords } from "./interval-mark";
import { drawnOf, placeOf, reachOf, sideOfZero, spanOr } from "./scale";

describe("the common scale", () => {
  it("goes to the first round number that holds everything, the same way to both sides", () => {
    expect(reachOf([])).toBe(0.1);
    expect(reachOf([{ low: -0.04, high: 0.09 }])).toBe(0.1);
    expect(
      reachOf([
        { low: -0.04, high: 0.1 },
        { low: -0.31, high: 0 },
      ]),
    ).toBe(0.5);
  });

  it("has an end, so that one wild record does not press the others into a dot", () => {
    expect(reachOf([{ low: -9, high: 14 }])).toBe(2);
  });

  it("has zero in its middle and never leaves its ends", () => {
    expect([-1, -0.5, 0, 0.5, 1].map((value) => placeOf(value, 1))).toEqual([0, 25, 50, 75, 100]);
    expect([-7, 7].map((value) => placeOf(value, 1))).toEqual([0, 100]);
  });
});

describe("an interval on the scale", () => {
  it("ends in strokes where its ends are, and in arrows where it goes on", () => {
    expect(drawnOf({ low: -0.5, high: 0.5 }, 0, 1)).toEqual({
      from: 25,
      to: 75,
      at: 50,
      lowEnds: true,
      highEnds: true,
      beyondLeft: false,
      beyondRight: false,
    });
    expect(drawnOf({ low: -3, high: 0.5 }, -0.2, 1)).toMatchObject({
      lowEnds: false,
      highEnds: true,
      beyondLeft: true,
    });
  });

  it("draws nothing but the arrow where all of it lies beyond", () => {
    const far = drawnOf({ low: -4, high: -3 }, -3.5, 1);
    expect(far).toMatchObject({ at: null, lowEnds: false, highEnds: false, beyondLeft: true, beyondRight: false });
  });

  it("tells which side of zero it lies on only when it does not hold zero", () => {
    expect(sideOfZero({ low: 0.01, high: 0.2 })).toBe(1);
    expect(sideOfZero({ low: -0.2, high: -0.01 })).toBe(-1);
    expect(sideOfZero({ low: -0.01, high: 0.4 })).toBe(0);
    expect(sideOfZero({ low: 0, high: 0.4 })).toBe(0);
  });

  it("falls back to the estimate, and to nothing", () => {
    expect(spanOr(null, 0.3)).toEqual({ low: 0.3, high: 0.3 });
    expect(spanOr(null, null)).toBeNull();
  });

  it("is said in figures, the same as it is drawn", () => {
    expect(intervalWords(0.118, { low: -0.004, high: 0.24 })).toBe("+0.12 (0.00 to +0.24)");
    expect(intervalWords(-0.2, { low: -0.31, high: -0.09 })).toBe("−0.20 (−0.31 to −0.09)");
    expect(intervalWords(-0.2, null)).toBe("−0.20");
    expect(intervalWords(null, null)).toBe("not known yet");
  });
});
