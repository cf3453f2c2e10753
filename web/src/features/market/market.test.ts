import { describe, expect, it } from "vitest";
import { aBook, aPosition, aPrice, aSignal } from "../../testing/samples";
import { barsOf, formingBar, isBehind } from "./bars";
import { levelsOf, marksOf } from "./overlays";

const AT = Date.UTC(2026, 10, 20, 6, 0);
const candle = (minutes: number, close: string): [number, string, string, string, string, number] => [
  AT + minutes * 60_000,
  "100",
  "110",
  "95",
  close,
  3,
];
const hours = barsOf({ pair: "BTC/USDT", timeframe: "1h", candles: [candle(0, "104")], estimated: false });
const finer = barsOf({
  pair: "BTC/USDT",
  timeframe: "5m",
  candles: [candle(55, "104"), candle(60, "107"), candle(65, "103")],
  estimated: false,
});
const [last] = hours;
if (last === undefined) throw new Error("a candle makes a bar");

describe("the bar that is forming", () => {
  it("is made of the finer bars inside it and the newest price", () => {
    const forming = formingBar(last, "1h", finer, aPrice({ last: "111", at: "2026-11-20T07:12:00Z" }));
    expect(forming).toEqual({ time: last.time + 3600, open: 100, high: 111, low: 95, close: 111, volume: 6 });
  });

  it("ignores a price of another bar, and is nothing while nothing is known", () => {
    expect(formingBar(last, "1h", finer, aPrice({ last: "111", at: "2026-11-20T08:00:00Z" }))?.close).toBe(103);
    expect(formingBar(last, "1h", [], aPrice({ at: "2026-11-20T07:00:00Z" }))).toBeNull();
    expect(formingBar(last, "1h", [], undefined)).toBeNull();
  });

  it("is told from missing closed candles", () => {
    expect(isBehind(last, "1h", aPrice({ at: "2026-11-20T07:59:59Z" }))).toBe(false);
    expect(isBehind(last, "1h", aPrice({ at: "2026-11-20T08:00:00Z" }))).toBe(true);
  });
});

describe("lines and marks on the chart", () => {
  const books = [
    aBook({ positions: [aPosition()] }),
    aBook({ name: "conservative", positions: [aPosition({ stop: "95" })] }),
  ];

  it("draw one line where books agree, and one each in their own dash where they differ", () => {
    expect(levelsOf("BTC/USDT", books, undefined).map(({ title, book }) => [title, book])).toEqual([
      ["entry", 0],
      ["stop", 0],
      ["T2", 0],
      ["stop", 1],
    ]);
  });

  it("fall back to the newest signal", () => {
    expect(levelsOf("ETH/USDT", books, aSignal()).map(({ price }) => price)).toEqual([100, 90, 110, 120, 130]);
    expect(levelsOf("ETH/USDT", books, undefined)).toEqual([]);
  });

  it("stand on the bar that holds their instant, and nowhere before the first", () => {
    const signals = [aSignal({ timestamp: "2026-11-20T06:59:00Z" }), aSignal({ timestamp: "2026-11-19T06:59:00Z" })];
    expect(marksOf(hours, signals, [])).toEqual([{ kind: "entry", side: "LONG", text: "", time: last.time }]);
  });
});
