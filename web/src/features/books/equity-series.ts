/** From points of the journal to what a chart draws: per book, one value a second, in ascending time. */
import type { UTCTimestamp } from "lightweight-charts";
import type { EquityPoint } from "../../api/types";
import { toNumber } from "../../lib/decimal";
import { parseTime } from "../../lib/time";

export interface Drawn {
  time: UTCTimestamp;
  value: number;
}

export function drawnOf(points: readonly EquityPoint[], book: string): Drawn[] {
  const bySecond = new Map<number, number>();
  for (const point of points) {
    if (point.portfolio === book) bySecond.set(Math.floor(parseTime(point.timestamp) / 1000), toNumber(point.equity));
  }
  return [...bySecond]
    .sort(([left], [right]) => left - right)
    .map(([time, value]) => ({ time: time as UTCTimestamp, value }));
}

/** Every book's curve, each carried on to the newest instant of them all: a book that did not change is still there. */
export function curvesOf(points: readonly EquityPoint[], books: readonly string[]): Drawn[][] {
  const curves = books.map((book) => drawnOf(points, book));
  const newest = Math.max(...curves.map((curve) => curve.at(-1)?.time ?? 0)) as UTCTimestamp;
  return curves.map((curve) => {
    const last = curve.at(-1);
    return last === undefined || last.time === newest ? curve : [...curve, { time: newest, value: last.value }];
  });
}

/** The newest point of each book, in the order of `books`. */
export function lastPoints(points: readonly EquityPoint[], books: readonly string[]): (EquityPoint | undefined)[] {
  return books.map((book) => points.findLast((point) => point.portfolio === book));
}
