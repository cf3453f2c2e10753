/** What a person fills in before a backtest is started: sensible at once, checked before it is sent. */
import type {
  BacktestOffer,
  BacktestWanted,
  FieldFault,
  OfferedCandles,
  OfferedStrategy,
  Timeframe,
} from "../../api/types";
import { timeframeMs } from "../../lib/time";

type Engine = NonNullable<BacktestWanted["engine"]>;
export type CostPart = BacktestOffer["costs"][number]["name"];
type Parameters = Record<string, string>;

export interface Wish {
  strategies: string[];
  /** Strategy -> parameter -> what was typed; what is not there is the settings'. */
  parameters: Record<string, Parameters>;
  /** Place in the list of candles of the offer. */
  candles: number;
  timeframe: Timeframe;
  pairs: string[];
  start: string;
  end: string;
  engine: Engine;
  entry: NonNullable<BacktestWanted["entry"]>;
  tie: NonNullable<BacktestWanted["tie"]>;
  without: CostPart[];
  /** In percent, as people say it; empty is the settings'. */
  feePercent: string;
  startEquity: string;
  baselines: boolean;
}

const MAJORS = ["BTC/USDT", "ETH/USDT", "SOL/USDT"];
const FAVOURED: Timeframe = "5m";
const NUMBER = /^\d{1,15}(\.\d{1,12})?$/;

export function timeframesOf(candles: OfferedCandles | undefined): Timeframe[] {
  const found = new Set(candles?.series.map((series) => series.timeframe));
  return [...found].toSorted((left, right) => timeframeMs(left) - timeframeMs(right));
}

export function pairsOf(candles: OfferedCandles | undefined, timeframe: Timeframe): string[] {
  return (candles?.series ?? []).filter((series) => series.timeframe === timeframe).map((series) => series.pair);
}

/** Days of the first and the last candle of any of these pairs. */
export function reachOf(candles: OfferedCandles | undefined, timeframe: Timeframe, pairs: readonly string[]) {
  const found = (candles?.series ?? []).filter((one) => one.timeframe === timeframe && pairs.includes(one.pair));
  const firsts = found.map((one) => one.first).toSorted();
  const lasts = found.map((one) => one.last).toSorted();
  const [first, last] = [firsts[0], lasts.at(-1)];
  return first === undefined || last === undefined ? null : { first: first.slice(0, 10), last: last.slice(0, 10) };
}

/** Whether bars of the strategy can be made of these candles. */
export function reads(strategy: OfferedStrategy, timeframe: Timeframe): boolean {
  return timeframeMs(strategy.timeframe) >= timeframeMs(timeframe);
}

function favoured(pairs: readonly string[]): string[] {
  const majors = MAJORS.filter((pair) => pairs.includes(pair));
  return majors.length > 0 ? majors : pairs.slice(0, MAJORS.length);
}

/** What holds when nobody has chosen anything. */
export function freshWish(offer: BacktestOffer): Wish {
  const timeframes = timeframesOf(offer.candles[0]);
  const timeframe = timeframes.includes(FAVOURED) ? FAVOURED : (timeframes[0] ?? FAVOURED);
  const fitting = offer.strategies.filter((strategy) => reads(strategy, timeframe));
  const published = fitting.filter((strategy) => strategy.publishes);
  return {
    strategies: (published.length > 0 ? published : fitting).map(({ name }) => name),
    parameters: {},
    candles: 0,
    timeframe,
    pairs: favoured(pairsOf(offer.candles[0], timeframe)),
    start: "",
    end: "",
    engine: "compiled",
    entry: "next_open",
    tie: "pessimistic",
    without: [],
    feePercent: "",
    startEquity: "",
    baselines: true,
  };
}

/** The wish behind a backtest, to start it once more. */
export function wishOf(wanted: BacktestWanted, offer: BacktestOffer): Wish {
  const place = offer.candles.findIndex(
    ({ source, exchange }) => source === wanted.source && exchange === wanted.exchange,
  );
  const texts = (values: Record<string, unknown> = {}): Parameters =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, parameterText(value)]));
  return {
    ...freshWish(offer),
    strategies: wanted.strategies.map(({ name }) => name),
    parameters: Object.fromEntries(wanted.strategies.map(({ name, parameters }) => [name, texts(parameters)])),
    candles: Math.max(place, 0),
    timeframe: wanted.timeframe,
    pairs: wanted.pairs,
    start: wanted.start ?? "",
    end: wanted.end ?? "",
    engine: wanted.engine ?? "compiled",
    entry: wanted.entry ?? "next_open",
    tie: wanted.tie ?? "pessimistic",
    without: wanted.without ?? [],
    feePercent: wanted.fee == null ? "" : String(Number((Number(wanted.fee) * 100).toPrecision(12))),
    startEquity: wanted.start_equity ?? "",
    baselines: wanted.baselines ?? true,
  };
}

/** Other candles or another timeframe: what is not there any more is no longer chosen. */
export function withCandles(wish: Wish, offer: BacktestOffer, candles: number, wanted: Timeframe): Wish {
  const timeframes = timeframesOf(offer.candles[candles]);
  const timeframe = timeframes.includes(wanted) ? wanted : (timeframes[0] ?? wanted);
  const there = pairsOf(offer.candles[candles], timeframe);
  const kept = wish.pairs.filter((pair) => there.includes(pair));
  const fits = offer.strategies.filter((strategy) => reads(strategy, timeframe)).map(({ name }) => name);
  return {
    ...wish,
    candles,
    timeframe,
    pairs: kept.length > 0 ? kept : favoured(there),
    strategies: wish.strategies.filter((name) => fits.includes(name)),
  };
}

/** The desk trades by its own conventions: what it cannot take is put back. */
export function withEngine(wish: Wish, engine: Engine): Wish {
  if (engine === "compiled") return { ...wish, engine };
  const without = wish.without.filter((part) => part === "funding" || part === "liquidation");
  return { ...wish, engine, entry: "next_open", tie: "pessimistic", startEquity: "", without };
}

export function parameterText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed, as the kind of value that the parameter is; undefined where it is none. */
export function parameterValue(text: string, kind: OfferedStrategy["parameters"][number]["kind"]): unknown {
  const typed = text.trim();
  if (kind === "text" || kind === "decimal") return typed === "" ? undefined : typed;
  try {
    const value: unknown = JSON.parse(kind === "list" && !typed.startsWith("[") ? `[${typed}]` : typed);
    const fits = {
      whole: Number.isInteger(value),
      number: typeof value === "number",
      yes_no: typeof value === "boolean",
      list: Array.isArray(value),
    }[kind];
    return fits ? value : undefined;
  } catch {
    return undefined;
  }
}

const KINDS = {
  whole: "a whole number",
  number: "a number",
  decimal: "a number",
  text: "a word",
  yes_no: "true or false",
  list: "numbers with commas between them",
} as const;

function changedOf(strategy: OfferedStrategy, typed: Parameters, place: number, faults: FieldFault[]) {
  const changed: Record<string, unknown> = {};
  for (const { name, kind, value } of strategy.parameters) {
    const text = typed[name];
    if (text === undefined || text === parameterText(value)) continue;
    const found = parameterValue(text, kind);
    if (found === undefined) {
      faults.push({ field: `strategies.${place}.parameters`, message: `${name} has to be ${KINDS[kind]}.` });
    } else changed[name] = found;
  }
  return changed;
}

function faultsOf(wish: Wish): FieldFault[] {
  const faults: FieldFault[] = [];
  const say = (field: string, message: string) => faults.push({ field, message });
  if (wish.strategies.length === 0) say("strategies", "Choose at least one strategy.");
  if (wish.pairs.length === 0) say("pairs", "Choose at least one pair.");
  if (wish.start !== "" && wish.end !== "" && wish.start >= wish.end) say("end", "It has to be after the first day.");
  if (wish.feePercent !== "" && !(NUMBER.test(wish.feePercent) && Number(wish.feePercent) < 100)) {
    say("fee", "It is a percentage: write 0.1 for a thousandth of the value.");
  }
  if (wish.startEquity !== "" && !(NUMBER.test(wish.startEquity) && Number(wish.startEquity) > 0)) {
    say("start_equity", "It has to be a number over 0.");
  }
  return faults;
}

/** The percentage as the share that the desk takes: the point moved by two places, exact. */
export function shareText(percent: string): string {
  const [whole = "0", part = ""] = percent.split(".");
  const digits = whole.padStart(3, "0");
  return `${digits.slice(0, -2).replace(/^0+(?=\d)/, "")}.${digits.slice(-2)}${part}`;
}

/** What is sent, or everything that has to be mended first. */
export function wantedOf(wish: Wish, offer: BacktestOffer): { wanted: BacktestWanted | null; faults: FieldFault[] } {
  const faults = faultsOf(wish);
  const candles = offer.candles[wish.candles];
  const strategies = wish.strategies.map((name, place) => {
    const strategy = offer.strategies.find((one) => one.name === name);
    const parameters = strategy ? changedOf(strategy, wish.parameters[name] ?? {}, place, faults) : {};
    return { name, parameters: parameters as Record<string, never> };
  });
  if (candles === undefined || faults.length > 0) return { wanted: null, faults };
  const wanted: BacktestWanted = {
    strategies,
    pairs: wish.pairs,
    timeframe: wish.timeframe,
    source: candles.source,
    exchange: candles.exchange,
    start: wish.start || null,
    end: wish.end || null,
    engine: wish.engine,
    entry: wish.entry,
    tie: wish.tie,
    without: wish.without,
    fee: wish.feePercent === "" ? null : shareText(wish.feePercent),
    start_equity: wish.startEquity || null,
    baselines: wish.baselines,
  };
  return { wanted, faults };
}
