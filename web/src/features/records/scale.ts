/** One scale around zero for every interval of a table, so that they can be compared by eye. */

/** No scale goes further than this: one record of three trades must not press all others into a dot. */
const REACH_MAX_R = 2;
const STEPS = [0.1, 0.2, 0.5, 1, REACH_MAX_R];

export interface Span {
  low: number;
  high: number;
}

/**
 * How far the scale goes from zero to either side, in R: the first round number that holds all of `spans`, up to the
 * limit. What is known least well goes on beyond it, so that the rest can still be told apart.
 */
export function reachOf(spans: readonly Span[]): number {
  const widest = Math.max(0, ...spans.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  return STEPS.find((step) => widest <= step) ?? REACH_MAX_R;
}

/** The interval, or where there is too little for one the estimate alone. */
export function spanOr(span: Span | null, estimate: number | null): Span | null {
  return span ?? (estimate === null ? null : { low: estimate, high: estimate });
}

/** Where `value` lies on the scale, 0 at its left end and 100 at its right one. */
export function placeOf(value: number, reach: number): number {
  return Math.max(0, Math.min(100, 50 + (value / reach) * 50));
}

export interface Drawn {
  from: number;
  to: number;
  /** Where the estimate is; null where there is none, or where it lies beyond the scale. */
  at: number | null;
  /** Whether its ends lie on the scale, each drawn as a stroke. */
  lowEnds: boolean;
  highEnds: boolean;
  /** Whether it goes on beyond the scale, drawn as an arrow. */
  beyondLeft: boolean;
  beyondRight: boolean;
}

export function drawnOf({ low, high }: Span, estimate: number | null, reach: number): Drawn {
  return {
    from: placeOf(low, reach),
    to: placeOf(high, reach),
    at: estimate === null || Math.abs(estimate) > reach ? null : placeOf(estimate, reach),
    lowEnds: Math.abs(low) <= reach,
    highEnds: Math.abs(high) <= reach,
    beyondLeft: low < -reach,
    beyondRight: high > reach,
  };
}

/** Whether the interval lies on one side of zero: 1 above, -1 below, 0 when it holds zero. */
export function sideOfZero({ low, high }: Span): number {
  return low > 0 ? 1 : high < 0 ? -1 : 0;
}
