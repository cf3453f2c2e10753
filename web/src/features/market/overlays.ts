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
  /** Place of its book, which gives the dash; null for a signal that no book holds. */
  book: number | null;
}

export interface Mark {
  kind: "signal" | "entry" | "exit";
  side: "LONG" | "SHORT";
  time: UTCTimestamp;
  text: string;
}

/** Levels at the same price are one line, in the dash of the first book that has it. */
function merged(levels: readonly Level[]): Level[] {
  const lines = new Map<string, Level>();
  for (const level of levels) {
    const place = `${level.title} ${level.price}`;
    if (!lines.has(place)) lines.set(place, level);
  }
  return [...lines.values()];
}

/** Lines of the open positions on `pair`; without one, those of its newest signal. */
export function levelsOf(pair: string, books: readonly Portfolio[], newest: Signal | undefined): Level[] {
  const held = books.flatMap((book, index) =>
    book.positions
      .filter((position) => position.pair === pair)
      .flatMap((position) => [
        { kind: "entry" as const, price: toNumber(position.entry), title: "entry", book: index },
        { kind: "stop" as const, price: toNumber(position.stop), title: "stop", book: index },
        ...position.targets.flatMap((target, number) =>
          target.hit
            ? []
            : [{ kind: "target" as const, price: toNumber(target.price), title: `T${number + 1}`, book: index }],
        ),
      ]),
  );
  if (held.length > 0) return merged(held);
  if (newest === undefined) return [];
  return [
    { kind: "entry", price: newest.entry_price, title: "entry", book: null },
    { kind: "stop", price: newest.stop_loss, title: "stop", book: null },
    ...newest.targets.map((target, index) => ({
      kind: "target" as const,
      price: toNumber(target.price),
      title: `T${index + 1}`,
      book: null,
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
