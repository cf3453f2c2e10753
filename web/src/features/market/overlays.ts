/** What the desk did and holds on one pair, as lines and marks on its chart. */
import type { UTCTimestamp } from "lightweight-charts";
import type { Portfolio, Signal, SignalDetail } from "../../api/types";
import { formatDecimal, toNumber } from "../../lib/decimal";
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

/** Levels at the same price are one line; a book is named only where books differ. */
function merged(levels: readonly (Level & { book: string })[]): Level[] {
  const prices = new Map<string, Set<number>>();
  for (const { title, price } of levels) prices.set(title, (prices.get(title) ?? new Set()).add(price));
  const lines = new Map<string, Level>();
  for (const { book, ...level } of levels) {
    const differ = (prices.get(level.title)?.size ?? 0) > 1;
    lines.set(`${level.title} ${level.price}`, differ ? { ...level, title: `${level.title} ${book}` } : level);
  }
  return [...lines.values()];
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
    { kind: "entry", price: newest.entry_price, title: "entry" },
    { kind: "stop", price: newest.stop_loss, title: "stop" },
    ...newest.targets.map((target, index) => ({
      kind: "target" as const,
      price: toNumber(target.price),
      title: `T${index + 1}`,
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
  for (const signal of signals) found.push({ kind: "entry", side: signal.side, at: signal.timestamp, text: "" });
  for (const trade of details.flatMap((detail) => detail.trades)) {
    found.push({
      kind: "exit",
      side: trade.side,
      at: trade.closed_at,
      text: `${formatDecimal(trade.r, { digits: 1, signed: true })} R`,
    });
  }
  return found.flatMap(({ at, ...mark }) => {
    const time = barAt(bars, at);
    return time === null ? [] : [{ ...mark, time }];
  });
}
