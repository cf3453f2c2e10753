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

/** The newest point of each book, in the order of `books`. */
export function lastPoints(points: readonly EquityPoint[], books: readonly string[]): (EquityPoint | undefined)[] {
  return books.map((book) => points.findLast((point) => point.portfolio === book));
}
