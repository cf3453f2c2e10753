/** Breakers of one name and book gathered into one field of the board: the worst of them speaks. */
import type { Breaker } from "../../api/types";

export type FieldState = "ok" | "tripped" | "unknown";

export interface Field {
  state: FieldState;
  /** The breaker that speaks for the field. */
  breaker: Breaker;
  /** Every tripped breaker of the field, each with its own scope. */
  tripped: Breaker[];
}

export function stateOf(breaker: Breaker): FieldState {
  if (breaker.tripped) return "tripped";
  return breaker.known ? "ok" : "unknown";
}

const WORST_FIRST: readonly FieldState[] = ["tripped", "unknown", "ok"];

export interface Board {
  books: string[];
  names: string[];
  field: (name: string, book: string) => Field | null;
  tripped: Breaker[];
}

export function boardOf(breakers: readonly Breaker[]): Board {
  const field = (name: string, book: string): Field | null => {
    const own = breakers.filter((breaker) => breaker.name === name && breaker.portfolio === book);
    const [worst] = own.toSorted((a, b) => WORST_FIRST.indexOf(stateOf(a)) - WORST_FIRST.indexOf(stateOf(b)));
    if (worst === undefined) return null;
    return { state: stateOf(worst), breaker: worst, tripped: own.filter((breaker) => breaker.tripped) };
  };
  return {
    books: [...new Set(breakers.map((breaker) => breaker.portfolio))],
    names: [...new Set(breakers.map((breaker) => breaker.name))],
    field,
    tripped: breakers.filter((breaker) => breaker.tripped),
  };
}
