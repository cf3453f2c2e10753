/** Backtests in words and figures. */
import type { Backtest, BacktestProgress, BacktestWanted, ResultFigure } from "../../api/types";
import { formatDecimal, formatPercent, MINUS, NOTHING } from "../../lib/decimal";
import { plainWords } from "../../lib/words";

export type FigureUnit = ResultFigure["unit"];
type Tone = NonNullable<Backtest["headline"]>["tone"];

const DIGITS_KEPT = 9;
export const NO_BOUND = "no bound";

/** A statistic as people read it; it is signed where the sign says something. */
export function valueWords(value: number | null, unit: FigureUnit, { signed = false } = {}): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  const text = value.toFixed(DIGITS_KEPT);
  switch (unit) {
    case "share":
      return formatPercent(text, { digits: 2, signed });
    case "money":
      return formatDecimal(text, { digits: 2, signed });
    case "ratio":
      return formatDecimal(text, { digits: 2, signed });
    case "r":
      return `${formatDecimal(text, { digits: 3, signed })} R`;
    case "count":
      return formatDecimal(text, { digits: Number.isInteger(value) ? 0 : 1 });
    case "days":
      return `${formatDecimal(text, { digits: 1 })} d`;
  }
}

const GAINS = new Set(["total_return", "net_profit", "cagr", "expectancy", "expectancy_r", "sharpe", "sortino"]);

export function figureWords(figure: ResultFigure): string {
  return figure.unbounded ? NO_BOUND : valueWords(figure.value, figure.unit, { signed: GAINS.has(figure.name) });
}

/** "−3.90 to +0.98", or nothing where there is no interval. */
export function intervalWords({ low, high, unit, name }: ResultFigure): string | null {
  if (low === null || high === null) return null;
  const signed = GAINS.has(name);
  return `${valueWords(low, unit, { signed })} to ${valueWords(high, unit, { signed })}`;
}

const PHASES: Record<BacktestProgress["phase"], string> = {
  starting: "Starting its process",
  reading: "Reading candles",
  running: "Running",
  examining: "Examining",
  writing: "Writing the report",
};
const PHASE_ORDER = Object.keys(PHASES) as BacktestProgress["phase"][];

/** "Running breakout on BTC/USDT, 3 of 7". */
export function progressWords({ phase, about, done, total }: BacktestProgress): string {
  const what = about === "" ? PHASES[phase] : `${PHASES[phase]} ${plainWords(about).replace(/\S+\/\S+/, upper)}`;
  return total > 0 ? `${what}, ${done + 1} of ${total}` : what;
}

function upper(pair: string): string {
  return pair.toUpperCase();
}

/** Steps of a run with where it is, for a list that stands still while it goes on. */
export function phasesOf(progress: BacktestProgress): { words: string; state: "done" | "now" | "next" }[] {
  const at = PHASE_ORDER.indexOf(progress.phase);
  return PHASE_ORDER.map((phase, index) => ({
    words: index === at ? progressWords(progress) : PHASES[phase],
    state: index < at ? "done" : index === at ? "now" : "next",
  }));
}

export const STATES: Record<Backtest["state"], string> = {
  running: "Running",
  done: "Done",
  failed: "Failed",
  stopped: "Stopped",
  interrupted: "Interrupted",
};

export const TONES: Record<NonNullable<Tone>, string> = {
  promising: "Promising",
  unproven: "Not proven",
  against: "Speaks against it",
};

function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

/** "breakout, trend on BTC/USDT". */
export function titleOf(wanted: BacktestWanted): string {
  const strategies = listed(
    wanted.strategies.map(({ name }) => plainWords(name)),
    3,
  );
  return `${strategies} on ${listed(wanted.pairs, 3)}`;
}

/** "5m candles, 2025-01-01 to 2025-03-01, compiled engine". */
export function termsOf(wanted: BacktestWanted): string {
  const { start, end } = wanted;
  const range = [start && `from ${start}`, end && `up to ${end}`].filter(Boolean).join(" ") || "all there is";
  const engine = wanted.engine === "event" ? "the real desk" : "compiled engine";
  return `${wanted.timeframe} candles, ${range}, ${engine}`;
}

export const ENGINES = {
  compiled: "Each strategy and pair on an equity of its own: fast, and what random entry can be compared with.",
  event: "The real desk with its portfolios, controls, breakers and one cash for all: slower.",
} as const;

/** A sentence of the desk's research as the page sets it: real minus signs, names in plain words. */
export function told(sentence: string): string {
  return sentence
    .replace(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`)
    .replace(/\b[a-z]+(?:_[a-z0-9]+)+\b/g, plainWords)
    .replace(/(\d)%/g, "$1 %");
}
