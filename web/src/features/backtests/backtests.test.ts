import { describe, expect, it } from "vitest";
import type { BacktestOffer, BacktestResult, ResultFigure } from "../../api/types";
import { differencesOf } from "./compare";
import { yearOf } from "./months";
import {
  freshWish,
  parameterValue,
  reachOf,
  shareText,
  wantedOf,
  wishOf,
  withCandles,
  withEngine,
  type Wish,
} from "./wish";
import { figureWords, intervalWords, phasesOf, progressWords, termsOf, titleOf, told, valueWords } from "./words";

function series(pair: string, timeframe: "5m" | "1h", last = "2025-10-01T00:00:00Z") {
  return { pair, timeframe, first: "2025-01-01T00:00:00Z", last, candles: 10 };
}

function strategy(name: string, timeframe: "5m" | "1h", publishes = true) {
  const parameters = [
    { name: "channel", kind: "whole" as const, value: 20 },
    { name: "targets_atr", kind: "list" as const, value: [2, 5] },
  ];
  return { name, about: "", timeframe, warm_up: 1, publishes, parameters };
}

const OFFER: BacktestOffer = {
  strategies: [strategy("bar_reaction", "5m"), strategy("breakout", "1h"), strategy("mine", "1h", false)],
  candles: [
    {
      source: "store",
      label: "candle store",
      exchange: "binance",
      series: [series("ADA/USDT", "5m"), series("BTC/USDT", "5m"), series("BTC/USDT", "1h", "2025-11-01T00:00:00Z")],
    },
    { source: "folder", label: "folder x", exchange: "kraken", series: [series("ETH/USDT", "1h")] },
  ],
  costs: [],
  maker_fee: "0.0002",
  taker_fee: "0.0005",
  start_equity: "10000",
  running: 0,
  running_max: 2,
  limit_s: 1800,
  faults: [],
};

function figure(changes: Partial<ResultFigure>): ResultFigure {
  return {
    name: "sharpe",
    label: "Sharpe ratio",
    group: "Risk",
    unit: "ratio",
    value: 1,
    unbounded: false,
    low: null,
    high: null,
    level: null,
    method: "",
    definition: "",
    basis: "",
    ...changes,
  };
}

describe("a wish", () => {
  it("is sensible before anything was chosen", () => {
    const wish = freshWish(OFFER);
    expect(wish).toMatchObject({ timeframe: "5m", pairs: ["BTC/USDT"], strategies: ["bar_reaction", "breakout"] });
    expect(wantedOf(wish, OFFER).faults).toEqual([]);
  });

  it("lets go of what other candles do not have", () => {
    const elsewhere = withCandles(freshWish(OFFER), OFFER, 1, "5m");
    expect(elsewhere).toMatchObject({ timeframe: "1h", pairs: ["ETH/USDT"], strategies: ["breakout"] });
  });

  it("sends only the parameters that were changed, as what they are", () => {
    const parameters = { breakout: { channel: "30", targets_atr: "[2,5]" } };
    const { wanted } = wantedOf({ ...freshWish(OFFER), strategies: ["breakout"], parameters }, OFFER);
    expect(wanted?.strategies).toEqual([{ name: "breakout", parameters: { channel: 30 } }]);
  });

  it.each([
    ["strategies", { strategies: [] }],
    ["pairs", { pairs: [] }],
    ["end", { start: "2025-02-01", end: "2025-02-01" }],
    ["fee", { feePercent: "a lot" }],
    ["fee", { feePercent: "100" }],
    ["start_equity", { startEquity: "0" }],
    ["strategies.0.parameters", { parameters: { bar_reaction: { channel: "2.5" } } }],
  ] satisfies [string, Partial<Wish>][])("is not sent where %s makes no sense", (field, changes) => {
    const { wanted, faults } = wantedOf({ ...freshWish(OFFER), ...changes }, OFFER);
    expect(wanted).toBeNull();
    expect(faults.map((fault) => fault.field)).toEqual([field]);
  });

  it("comes back as it was sent", () => {
    const wish: Wish = {
      ...freshWish(OFFER),
      candles: 1,
      timeframe: "1h",
      pairs: ["ETH/USDT"],
      strategies: ["breakout"],
      parameters: { breakout: { channel: "30" } },
      feePercent: "0.15",
      startEquity: "5000",
      without: ["queue"],
      start: "2025-02-01",
      baselines: false,
    };
    const { wanted } = wantedOf(wish, OFFER);
    expect(wanted).not.toBeNull();
    if (wanted !== null) expect(wishOf(wanted, OFFER)).toEqual(wish);
  });

  it("gives up what the real desk cannot take", () => {
    const wish: Wish = { ...freshWish(OFFER), tie: "optimistic", startEquity: "5", without: ["fees", "funding"] };
    expect(withEngine(wish, "event")).toMatchObject({ tie: "pessimistic", startEquity: "", without: ["funding"] });
  });

  it("knows how far the candles of the chosen pairs reach", () => {
    expect(reachOf(OFFER.candles[0], "1h", ["BTC/USDT"])).toEqual({ first: "2025-01-01", last: "2025-11-01" });
    expect(reachOf(OFFER.candles[0], "1h", [])).toBeNull();
  });

  it.each([
    ["0.1", "0.001"],
    ["12", "0.12"],
    ["0.05", "0.0005"],
    ["99.99", "0.9999"],
    ["0", "0.00"],
  ])("tells a fee of %s percent as %s of the value", (percent, share) => {
    expect(shareText(percent)).toBe(share);
  });

  it.each([
    ["3", "whole", 3],
    ["3.5", "whole", undefined],
    ["2, 5", "list", [2, 5]],
    ["true", "yes_no", true],
    ["", "decimal", undefined],
    ["alert(1)", "number", undefined],
  ] as const)("reads %s as %s", (text, kind, value) => {
    expect(parameterValue(text, kind)).toEqual(value);
  });
});

describe("words", () => {
  it("tells figures by their unit, and never makes up what cannot be told", () => {
    expect(valueWords(-0.0123, "share", { signed: true })).toBe("−1.23 %");
    expect(valueWords(null, "ratio")).toBe("–");
    expect(valueWords(12345, "count")).toBe("12,345");
    expect(figureWords(figure({ value: null, unbounded: true }))).toBe("no bound");
    expect(intervalWords(figure({ low: -3.9, high: 0.98 }))).toBe("−3.90 to +0.98");
    expect(intervalWords(figure({}))).toBeNull();
  });

  it("sets research's sentences with real minus signs and plain names", () => {
    expect(told("bar_reaction made -0.490 R, better than 4.0% (-0.1 R).")).toBe(
      "bar reaction made −0.490 R, better than 4.0 % (−0.1 R).",
    );
  });

  it("names where a run is", () => {
    const progress = { phase: "running" as const, about: "bar_reaction BTC/USDT", done: 2, total: 7 };
    expect(progressWords(progress)).toBe("Running bar reaction BTC/USDT, 3 of 7");
    expect(phasesOf(progress).map(({ state }) => state)).toEqual(["done", "done", "now", "next", "next"]);
  });

  it("names a backtest by what was wanted", () => {
    const wanted = {
      strategies: [{ name: "rsi_reversal" }],
      pairs: ["A/B", "C/D", "E/F", "G/H"],
      timeframe: "5m" as const,
    };
    expect(titleOf(wanted)).toBe("rsi reversal on A/B, C/D, E/F and 1 more");
    expect(termsOf({ ...wanted, start: "2025-01-01", end: null })).toBe("5m candles, from 2025-01-01, compiled engine");
  });
});

describe("months", () => {
  it("multiply to their year, and one that is unknown leaves it unknown", () => {
    const month = (change: number | null) => ({ year: 2025, month: 1, change, whole: true });
    expect(yearOf([month(0.1), month(0.1)])).toBeCloseTo(0.21);
    expect(yearOf([month(0.1), month(null)])).toBeNull();
  });
});

describe("two backtests", () => {
  it("differ in what was run, and in nothing else", () => {
    const result = {
      source: "binance",
      start: "2025-01-01T00:00:00Z",
      end: "2025-02-01T00:00:00Z",
      start_equity: "10000",
      parameters: { breakout: { channel: 20 } },
      costs: { fees: "taker 5 bps" },
      conventions: {},
    } as unknown as BacktestResult;
    const wanted = { strategies: [{ name: "breakout" }], pairs: ["BTC/USDT"], timeframe: "5m" as const };
    const one = { backtest: { wanted } as never, result };
    const two = { backtest: { wanted } as never, result: { ...result, parameters: { breakout: { channel: 40 } } } };
    expect(differencesOf(one, one)).toEqual([]);
    expect(differencesOf(one, two)).toEqual([{ what: "breakout: channel", first: "20", second: "40" }]);
  });
});
