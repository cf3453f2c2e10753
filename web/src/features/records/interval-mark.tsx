import { formatDecimal } from "../../lib/decimal";
import { drawnOf, sideOfZero, spanOr, type Span } from "./scale";

const TONE = { "-1": "stroke-short fill-short", "0": "stroke-ink-2 fill-ink-2", "1": "stroke-long fill-long" } as const;

function r(value: number): string {
  return formatDecimal(value.toFixed(6), { digits: 2, signed: true });
}

/** "+0.12 (−0.05 to +0.30)": an estimate with its interval, in R. */
export function intervalWords(estimate: number | null, span: Span | null): string {
  if (estimate === null) return "not known yet";
  return span === null ? r(estimate) : `${r(estimate)} (${r(span.low)} to ${r(span.high)})`;
}

interface IntervalMarkProps {
  estimate: number | null;
  span: Span | null;
  /** How far the scale goes to either side of zero, in R. */
  reach: number;
}

/** An interval on the table's common scale: a line, a dot for the estimate (hollow where there is none), zero. */
export function IntervalMark({ estimate, span, reach }: IntervalMarkProps) {
  const shown = spanOr(span, estimate);
  const drawn = shown === null ? null : drawnOf(shown, estimate, reach);
  // Without an interval nothing says on which side of zero it lies.
  const tone = TONE[String(span === null ? 0 : sideOfZero(span)) as keyof typeof TONE];
  return (
    <svg aria-hidden="true" className="h-5 w-28 shrink-0 overflow-visible sm:w-36 xl:w-44">
      <line x1="0" x2="100%" y1="50%" y2="50%" className="stroke-line" />
      <line x1="50%" x2="50%" y1="1" y2="19" className="stroke-line-strong" />
      {drawn !== null && (
        <g className={tone} strokeWidth="2">
          <line x1={`${drawn.from}%`} x2={`${drawn.to}%`} y1="50%" y2="50%" />
          {drawn.lowEnds && <line x1={`${drawn.from}%`} x2={`${drawn.from}%`} y1="6" y2="14" />}
          {drawn.highEnds && <line x1={`${drawn.to}%`} x2={`${drawn.to}%`} y1="6" y2="14" />}
          {drawn.beyondLeft && <path d="M5 6 1 10l4 4" fill="none" />}
          {drawn.beyondRight && (
            <svg x="100%" overflow="visible">
              <path d="m-5 6 4 4-4 4" fill="none" />
            </svg>
          )}
          {drawn.at !== null && (
            <circle
              cx={`${drawn.at}%`}
              cy="50%"
              r="3.5"
              strokeWidth={span === null ? 1.5 : 0}
              className={span === null ? "fill-page" : ""}
            />
          )}
        </g>
      )}
    </svg>
  );
}

/** The ends and the middle of the scale, to stand over a column of marks. */
export function ScaleHead({ reach }: { reach: number }) {
  const end = formatDecimal(String(reach), { digits: reach < 1 ? 1 : 0 });
  return (
    <span aria-hidden="true" className="flex w-28 justify-between font-normal sm:w-36 xl:w-44">
      <span>−{end}</span>
      <span>0</span>
      <span>+{end} R</span>
    </span>
  );
}
