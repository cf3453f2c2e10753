/** Where two backtests differ in what was run, so that a difference in figures can be laid at its door. */
import type { Backtest, BacktestResult } from "../../api/types";
import { plainWords } from "../../lib/words";
import { parameterText } from "./wish";

interface Done {
  backtest: Backtest;
  result: BacktestResult;
}

export interface Difference {
  what: string;
  first: string;
  second: string;
}

const NONE = "not there";

function factsOf({ backtest, result }: Done): Map<string, string> {
  const facts = new Map<string, string>([
    ["strategies", backtest.wanted.strategies.map(({ name }) => plainWords(name)).join(", ")],
    ["pairs", backtest.wanted.pairs.join(", ")],
    ["candles", `${backtest.wanted.timeframe}, ${result.source}`],
    ["from", result.start.slice(0, 16).replace("T", " ")],
    ["up to", result.end.slice(0, 16).replace("T", " ")],
    ["engine", backtest.wanted.engine ?? "compiled"],
    ["start equity", result.start_equity],
  ]);
  for (const [strategy, values] of Object.entries(result.parameters)) {
    for (const [name, value] of Object.entries(values)) facts.set(`${strategy}: ${name}`, parameterText(value));
  }
  for (const [name, value] of Object.entries(result.costs)) facts.set(`cost: ${name}`, value);
  for (const [name, value] of Object.entries(result.conventions)) facts.set(`convention: ${name}`, value);
  return facts;
}

export function differencesOf(first: Done, second: Done): Difference[] {
  const [one, two] = [factsOf(first), factsOf(second)];
  const names = [...new Set([...one.keys(), ...two.keys()])];
  return names
    .map((what) => ({ what, first: one.get(what) ?? NONE, second: two.get(what) ?? NONE }))
    .filter((each) => each.first !== each.second);
}
