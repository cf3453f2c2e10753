/** What the desk did and holds on one pair, as lines and marks on its chart. */
import type { UTCTimestamp } from "lightweight-charts";
import type { Portfolio, Signal, SignalDetail } from "../../api/types";
import { toNumber } from "../../lib/decimal";
import { parseTime } from "../../lib/time";
import { secondsOf, type Bar } from "./bars";

export interface Level {
  kind: "entry" | "stop" | "target";
  price: number;
  title: string;
}

export interface Mark {
  kind: "signal" | "entry" | "exit";
  side: "LONG" | "SHORT";
  time: UTCTimestamp;
  text: string;
}

/** Levels of the same kind and price are one line that names every book. */
function merged(levels: readonly (Level & { book: string })[]): Level[] {
  const byPlace = new Map<string, { level: Level; books: Set<string> }>();
  for (const { book, ...level } of levels) {
    const key = `${level.kind} ${level.price} ${level.title}`;
    const found = byPlace.get(key) ?? { level, books: new Set<string>() };
    found.books.add(book);
    byPlace.set(key, found);
  }
  return [...byPlace.values()].map(({ level, books }) => ({
    ...level,
    title: `${level.title}, ${books.size > 1 ? `${books.size} books` : [...books].join("")}`,
  }));
}

/** Lines of the open positions on `pair`; without one, those of its newest signal. */
export function levelsOf(pair: string, books: readonly Portfolio[], newest: Signal | undefined): Level[] {
  const held = books.flatMap((book) =>
    book.positions
      .filter((position) => position.pair === pair)
      .flatMap((position) => [
        { kind: "entry" as const, price: toNumber(position.entry), title: "entry", book: book.name },
        { kind: "stop" as const, price: toNumber(position.stop), title: "stop", book: book.name },
        ...position.targets.flatMap((target, index) =>
          target.hit
            ? []
            : [{ kind: "target" as const, price: toNumber(target.price), title: `T${index + 1}`, book: book.name }],
        ),
      ]),
  );
  if (held.length > 0) return merged(held);
  if (newest === undefined) return [];
  return [
    { kind: "entry", price: newest.entry_price, title: "signal entry" },
    { kind: "stop", price: newest.stop_loss, title: "signal stop" },
    ...newest.targets.map((target, index) => ({
      kind: "target" as const,
      price: toNumber(target.price),
      title: `signal T${index + 1}`,
    })),
  ];
}

/** The bar that holds an instant: marks stand on bars. */
function barAt(bars: readonly Bar[], instant: string): UTCTimestamp | null {
  const at = secondsOf(parseTime(instant));
  const first = bars[0];
  if (first === undefined || at < first.time) return null;
  return bars.findLast((bar) => bar.time <= at)?.time ?? null;
}

/** Marks of signals, and of entries and exits of the trades they became. */
export function marksOf(bars: readonly Bar[], signals: readonly Signal[], details: readonly SignalDetail[]): Mark[] {
  const found: (Omit<Mark, "time"> & { at: string })[] = [];
  for (const signal of signals)
    found.push({ kind: "entry", side: signal.side, at: signal.timestamp, text: signal.tier });
  for (const trade of details.flatMap((detail) => detail.trades)) {
    found.push({ kind: "exit", side: trade.side, at: trade.closed_at, text: `exit ${toNumber(trade.r).toFixed(1)} R` });
  }
  return found.flatMap(({ at, ...mark }) => {
    const time = barAt(bars, at);
    return time === null ? [] : [{ ...mark, time }];
  });
}
