/** A position at the newest price: exact, with the desk's own mark where no newer price is known. */
import type { Position } from "../../api/types";
import { compare, divide, formatDecimal, multiply, parseDecimal, signOf, subtract, toNumber } from "../../lib/decimal";

export interface Marked {
  mark: string | null;
  /** Profit of the open quantity before the costs of closing, in quote units. */
  unrealized: string | null;
  rNow: number | null;
}

export function atMark(position: Position, last: string | null): Marked {
  const mark = last ?? position.mark;
  if (mark === null) return { mark, unrealized: null, rNow: null };
  const [from, to] = position.side === "LONG" ? [position.entry, mark] : [mark, position.entry];
  const gained = subtract(to, from);
  const distance = subtract(position.entry, position.initial_stop);
  const risk = signOf(distance) < 0 ? subtract("0", distance) : distance;
  const r = divide(gained, risk, 6);
  return { mark, unrealized: multiply(gained, position.quantity), rNow: r === null ? null : toNumber(r) };
}

/** "3 ×", or null where a position is held without leverage. */
export function leverageWords({ leverage }: Position): string | null {
  if (compare(leverage, "1") === 0) return null;
  return `${formatDecimal(leverage, { digits: Math.min(2, parseDecimal(leverage).scale) })} ×`;
}
