/** Curves drawn and told: the chart, what each line is, and a table for those who do not see it. */
import { lazy, Suspense } from "react";
import { formatDecimal } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";
import { ChartCredit } from "../../ui/chart-credit";
import { plain } from "../../ui/figures";
import { lineStyle, LineSample } from "../../ui/line-style";
import { Skeleton } from "../../ui/states";
import type { Line } from "./result-chart";

const ResultChart = lazy(() => import("./result-chart"));
export const CHART_HEIGHT = "h-80 lg:h-96";
const TABLE_ROWS = 12;

function CurveTable({ line }: { line: Line }) {
  const step = Math.max(1, Math.floor(line.points.length / TABLE_ROWS));
  return (
    <table>
      <caption>Equity of {line.name} over time</caption>
      <thead>
        <tr>
          <th scope="col">Time, UTC</th>
          <th scope="col">Equity</th>
          <th scope="col">Under its peak</th>
        </tr>
      </thead>
      <tbody>
        {line.points
          .filter((_, index) => (line.points.length - 1 - index) % step === 0)
          .map((point) => (
            <tr key={point.timestamp}>
              <td>{formatUtc(parseTime(point.timestamp))}</td>
              <td>{formatDecimal(point.equity, { digits: 2 })}</td>
              <td>{plain(point.drawdown_pct, 2, "%")}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

/** `asChange`: every curve begins at 0 %, so that those of different beginnings can lie over each other. */
export function Curves({ lines, asChange }: { lines: readonly Line[]; asChange: boolean }) {
  return (
    <figure>
      <figcaption className="sr-only">
        {lines.map(({ name }, index) => `${name}, ${lineStyle(index).words}`).join("; ")}. Equity above, drawdown below.
      </figcaption>
      <ul className="flex min-h-8 flex-wrap items-center gap-x-5 gap-y-1 py-2 text-xs" aria-hidden="true">
        {lines.map(({ name }, index) => (
          <li key={name} className="flex items-center gap-2">
            <LineSample index={index} />
            <span className="text-ink-2">{name}</span>
          </li>
        ))}
      </ul>
      <div className={CHART_HEIGHT} aria-hidden="true">
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          <ResultChart lines={lines} asChange={asChange} />
        </Suspense>
      </div>
      <div className="flex flex-wrap justify-between gap-x-3 pt-1">
        <ChartCredit />
        <p className="text-xs text-ink-3">
          {asChange ? "change since the beginning" : "equity in quote currency"}, below it drawdown in %, times in UTC
        </p>
      </div>
      <div className="sr-only">
        {lines.map((line) => (
          <CurveTable key={line.name} line={line} />
        ))}
      </div>
    </figure>
  );
}
