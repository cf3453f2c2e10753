import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { deskQuery, equityQuery } from "../../api/queries";
import type { EquityPoint } from "../../api/types";
import { formatUsd } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";
import { FeedAge } from "../../ui/age";
import { ChartCredit } from "../../ui/chart-credit";
import { OneOf } from "../../ui/choice";
import { plain } from "../../ui/figures";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { lastPoints } from "./equity-series";
import { lineStyle, LineSample } from "../../ui/line-style";
import { useLiveEquity } from "./live-equity";

const EquityChart = lazy(() => import("./equity-chart"));
const RANGES = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "all", label: "All" },
] as const;
const CHART_HEIGHT = "h-60 lg:h-72 compact:h-52";
const TABLE_ROWS = 12;

function sampled(points: readonly EquityPoint[]): EquityPoint[] {
  const step = Math.max(1, Math.floor(points.length / TABLE_ROWS));
  return points.filter((_, index) => (points.length - 1 - index) % step === 0);
}

/** The curve in words, for those who do not see it. */
function CurveTable({ books, points }: { books: readonly string[]; points: readonly EquityPoint[] }) {
  return (
    <div className="sr-only">
      {books.map((book) => (
        <table key={book}>
          <caption>Equity of {book} in USD over time</caption>
          <thead>
            <tr>
              <th scope="col">Time, UTC</th>
              <th scope="col">Equity</th>
              <th scope="col">Drawdown</th>
            </tr>
          </thead>
          <tbody>
            {sampled(points.filter((point) => point.portfolio === book)).map((point) => (
              <tr key={point.id}>
                <td>{formatUtc(parseTime(point.timestamp))}</td>
                <td>{formatUsd(point.equity)}</td>
                <td>{plain(point.drawdown_pct, 2, "%")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

function Curves({
  books,
  points,
  days,
}: {
  books: readonly string[];
  points: readonly EquityPoint[];
  days: number | null;
}) {
  const newest = points.at(-1);
  if (newest === undefined) {
    return (
      <div className={CHART_HEIGHT}>
        <Empty title="No equity marked yet">Every close of the feed adds a point for each book.</Empty>
      </div>
    );
  }
  const last = lastPoints(points, books);
  return (
    <figure>
      <figcaption className="sr-only">
        Equity of {books.length} books in USD.{" "}
        {books.map((book, index) => `${book}, ${lineStyle(index).words}: ${last[index]?.equity ?? "none"}. `)}
      </figcaption>
      <ul className="flex flex-wrap gap-x-5 gap-y-1 py-2 text-xs" aria-hidden="true">
        {books.map((book, index) => (
          <li key={book} className="flex items-center gap-2">
            <LineSample index={index} />
            <span className="text-ink-2">{book}</span>
          </li>
        ))}
      </ul>
      <div className={CHART_HEIGHT} aria-hidden="true">
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          <EquityChart books={books} points={points} days={days} />
        </Suspense>
      </div>
      <div className="flex flex-wrap justify-between gap-x-3 pt-1">
        <ChartCredit />
        <p className="text-xs text-ink-3">
          marked <FeedAge at={newest.timestamp} word="ago" />, in USD, times in UTC
        </p>
      </div>
      <CurveTable books={books} points={points} />
    </figure>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-2">
    <Skeleton className="h-4 w-64" />
    <Skeleton className={`w-full ${CHART_HEIGHT}`} />
    <Skeleton className="h-4 w-40" />
  </div>
);

/** The equity of every book over time, live. */
export function EquityPanel({ className = "" }: { className?: string }) {
  const [range, setRange] = useState<"1" | "7" | "all">("all");
  const query = useQuery(equityQuery);
  const desk = useQuery(deskQuery);
  useLiveEquity();
  const books = desk.data?.portfolios ?? [...new Set(query.data?.points.map((point) => point.portfolio))];
  return (
    <Panel
      title="Equity"
      className={className}
      aside={<OneOf label="Time range" options={RANGES} value={range} onChoose={setRange} />}
    >
      <View what="Equity" query={query} skeleton={LOADING}>
        {(data) => <Curves books={books} points={data.points} days={range === "all" ? null : Number(range)} />}
      </View>
    </Panel>
  );
}
