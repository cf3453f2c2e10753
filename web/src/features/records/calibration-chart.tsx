import { useId } from "react";
import type { CalibrationBin } from "../../api/types";
import { formatPercent } from "../../lib/decimal";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";

const SIDE = 180;
const BARS = 36;
const DOT_MIN = 2.5;
const DOT_MAX = 7;

function percent(share: number): string {
  return formatPercent(String(share), { digits: 0 });
}

/** Dots of win rate over stated confidence, the bigger the more votes; the diagonal is perfect; bars count the votes. */
function Chart({ bins }: { bins: readonly CalibrationBin[] }) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const x = (share: number) => share * SIDE;
  const y = (share: number) => SIDE - share * SIDE;
  return (
    <svg
      viewBox={`-1 -1 ${SIDE + 2} ${SIDE + BARS + 10}`}
      className="w-full max-w-60 overflow-visible"
      aria-hidden="true"
    >
      <rect width={SIDE} height={SIDE} className="fill-none stroke-line" />
      <path d={`M0 ${SIDE / 2}H${SIDE}M${SIDE / 2} 0V${SIDE}`} className="stroke-line" />
      <path d={`M0 ${SIDE}L${SIDE} 0`} strokeDasharray="4 3" className="stroke-line-strong" />
      {bins.map((bin) => (
        <g key={bin.low}>
          <line
            x1={x(bin.confidence)}
            x2={x(bin.confidence)}
            y1={y(bin.confidence)}
            y2={y(bin.win_rate)}
            strokeWidth="1.5"
            className="stroke-ink-3"
          />
          <circle
            cx={x(bin.confidence)}
            cy={y(bin.win_rate)}
            r={DOT_MIN + (DOT_MAX - DOT_MIN) * Math.sqrt(bin.count / most)}
            className="fill-accent"
          />
          <rect
            x={x(bin.low) + 1}
            width={Math.max(1, x(bin.high - bin.low) - 2)}
            y={SIDE + 8 + BARS * (1 - bin.count / most)}
            height={BARS * (bin.count / most)}
            className="fill-line-strong"
          />
        </g>
      ))}
      <path d={`M0 ${SIDE + 8 + BARS}H${SIDE}`} className="stroke-line-strong" />
    </svg>
  );
}

/** Whether votes that were said to be, say, 70 % sure won about 70 times in a hundred. */
export function Calibration({ bins, error }: { bins: readonly CalibrationBin[]; error: number | null }) {
  const title = useId();
  const used = bins.filter((bin) => bin.count > 0);
  return (
    <figure aria-labelledby={title}>
      <figcaption id={title} className="text-xs text-ink-3">
        Calibration: win rate over stated confidence
        {error !== null && `, expected error ${formatPercent(String(error), { digits: 1 })}`}
      </figcaption>
      {used.length === 0 ? (
        <p className="py-3 text-ink-2">No vote has run to its end yet.</p>
      ) : (
        <>
          <div className="mt-2 grid grid-cols-[auto_minmax(0,15rem)] gap-x-2 text-xs text-ink-3" aria-hidden="true">
            <span className="flex flex-col justify-between pb-12 text-right">
              <span>100 % won</span>
              <span>0 %</span>
            </span>
            <Chart bins={used} />
            <span />
            <span className="flex justify-between">
              <span>0 %</span>
              <span>sure</span>
              <span>100 %</span>
            </span>
          </div>
          <details className="mt-2">
            <summary className="text-xs text-accent">Figures of the {used.length} bins</summary>
            <Table
              caption="Calibration by bins of stated confidence"
              head={
                <>
                  <HeadCell>Stated</HeadCell>
                  <HeadCell number>Votes</HeadCell>
                  <HeadCell number>Mean stated</HeadCell>
                  <HeadCell number>Won</HeadCell>
                </>
              }
            >
              {used.map((bin) => (
                <tr key={bin.low} className="border-b border-line">
                  <RowHead>
                    {percent(bin.low)} to {percent(bin.high)}
                  </RowHead>
                  <Cell number>{bin.count}</Cell>
                  <Cell number>{percent(bin.confidence)}</Cell>
                  <Cell number>{percent(bin.win_rate)}</Cell>
                </tr>
              ))}
            </Table>
          </details>
        </>
      )}
    </figure>
  );
}
