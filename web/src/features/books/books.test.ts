import { describe, expect, it } from "vitest";
import { aPoint, aPosition } from "../../testing/samples";
import { curvesOf, drawnOf, lastPoints } from "./equity-series";
import { atMark, leverageWords } from "./marked";

describe("a position at the newest price", () => {
  it("is exact for both sides", () => {
    expect(atMark(aPosition(), "105.1")).toEqual({ mark: "105.1", unrealized: "2.55", rNow: 0.51 });
    const short = aPosition({ side: "SHORT", stop: "110", initial_stop: "110" });
    expect(atMark(short, "105.1")).toEqual({ mark: "105.1", unrealized: "-2.55", rNow: -0.51 });
  });

  it("falls back to the desk's mark, and to nothing", () => {
    expect(atMark(aPosition(), null).mark).toBe("104");
    expect(atMark(aPosition({ mark: null }), null)).toEqual({ mark: null, unrealized: null, rNow: null });
  });

  it("tells no R where the stop stands at the entry", () => {
    expect(atMark(aPosition({ initial_stop: "100" }), "105").rNow).toBeNull();
  });
});

it("tells leverage only where there is any", () => {
  expect(leverageWords(aPosition())).toBeNull();
  expect(leverageWords(aPosition({ leverage: "1.00" }))).toBeNull();
  expect(leverageWords(aPosition({ leverage: "3" }))).toBe("3 ×");
  expect(leverageWords(aPosition({ leverage: "2.5000" }))).toBe("2.50 ×");
});

describe("an equity curve", () => {
  const points = [
    aPoint({ timestamp: "2026-11-20T07:05:00Z", equity: "10010" }),
    aPoint({ timestamp: "2026-11-20T07:00:00Z", equity: "10000" }),
    aPoint({ timestamp: "2026-11-20T07:05:00.400Z", equity: "10020" }),
    aPoint({ portfolio: "conservative", equity: "9000" }),
  ];

  it("is drawn in order with one value a second, the last", () => {
    expect(drawnOf(points, "aggressive").map(({ value }) => value)).toEqual([10_000, 10_020]);
  });

  it("carries a book that did not change on to the newest instant", () => {
    const [aggressive, conservative] = curvesOf(points, ["aggressive", "conservative"]);
    expect(conservative?.map(({ value }) => value)).toEqual([9000, 9000]);
    expect(conservative?.at(-1)?.time).toBe(aggressive?.at(-1)?.time);
    expect(curvesOf([], ["aggressive"])).toEqual([[]]);
  });

  it("names the newest point of each book", () => {
    expect(lastPoints(points, ["conservative", "none"]).map((point) => point?.equity)).toEqual(["9000", undefined]);
  });
});
