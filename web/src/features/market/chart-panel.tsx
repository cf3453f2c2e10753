import { lazy, Suspense, useState } from "react";
import type { UTCTimestamp } from "lightweight-charts";
import { wordsFor } from "../../api/problem";
import type { Desk, Timeframe } from "../../api/types";
import { formatDecimal } from "../../lib/decimal";
import { formatCountdown, formatUtc, untilClose } from "../../lib/time";
import { useFeedClock } from "../../api/feed-clock";
import { ChartCredit } from "../../ui/chart-credit";
import { OneOf, SomeOf } from "../../ui/choice";
import { Empty, Failure, LoadingNote, Skeleton, StaleNote } from "../../ui/states";
import { INDICATORS, type Indicator } from "./address";
import type { Bar } from "./bars";
import { ChartLegend } from "./chart-legend";
import { QuoteLine } from "./quote-line";
import { useChartData } from "./use-chart-data";

const CandleChart = lazy(() => import("./candle-chart"));
const CHART_HEIGHT = "h-[24rem] sm:h-[30rem] xl:h-[36rem] compact:h-[26rem]";
const TABLE_ROWS = 20;

interface ChartPanelProps {
  desk: Desk;
  pair: string;
  timeframe: Timeframe;
  indicators: readonly Indicator[];
  onTimeframe: (timeframe: Timeframe) => void;
  onIndicators: (indicators: readonly Indicator[]) => void;
}

/** The newest candles in figures, for those who do not see the chart. */
function CandleTable({ bars, digits, caption }: { bars: readonly Bar[]; digits: number; caption: string }) {
  const text = (value: number) => formatDecimal(value.toFixed(digits + 2), { digits });
  return (
    <div className="sr-only">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {["Opened, UTC", "Open", "High", "Low", "Close", "Volume"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.slice(-TABLE_ROWS).map((bar) => (
            <tr key={bar.time}>
              <th scope="row">{formatUtc(bar.time * 1000)}</th>
              <td>{text(bar.open)}</td>
              <td>{text(bar.high)}</td>
              <td>{text(bar.low)}</td>
              <td>{text(bar.close)}</td>
              <td>{bar.volume.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NextClose({ timeframe }: { timeframe: Timeframe }) {
  const { now, onWallTime } = useFeedClock();
  return onWallTime ? (
    <>
      next {timeframe} close in {formatCountdown(untilClose(timeframe, now))}
    </>
  ) : (
    <>
      feed time {formatUtc(now)}, next {timeframe} close at {formatUtc(now + untilClose(timeframe, now))}
    </>
  );
}

/** Candles of one pair with what the desk did on them. */
export function ChartPanel({ desk, pair, timeframe, indicators, onTimeframe, onIndicators }: ChartPanelProps) {
  const data = useChartData(desk, pair, timeframe, indicators);
  const [pointed, setPointed] = useState<UTCTimestamp | null>(null);
  const { candles, bars, forming, digits } = data;
  const newest = forming ?? bars.at(-1);
  const told = forming?.time === pointed ? forming : (bars.find((bar) => bar.time === pointed) ?? newest);
  const timeframes = desk.timeframes.map((value) => ({ value, label: value }));

  function chart() {
    if (
      bars.length > 0 ||
      (candles.data !== undefined && candles.data.candles.length > 0 && candles.isPlaceholderData)
    ) {
      return (
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          <CandleChart
            subject={`${pair} ${timeframe}`}
            bars={bars}
            forming={forming}
            digits={digits}
            indicators={data.indicators}
            levels={data.levels}
            marks={data.marks}
            onPoint={setPointed}
          />
        </Suspense>
      );
    }
    if (candles.isError) return <Failure what="Candles" error={candles.error} onRetry={() => void candles.refetch()} />;
    if (candles.isPending || candles.isFetching) return <Skeleton className="h-full w-full" />;
    return (
      <Empty title={`No closed ${timeframe} candle of ${pair} yet`}>
        <NextClose timeframe={timeframe} />
      </Empty>
    );
  }

  return (
    <section aria-label={`Chart of ${pair}`} className="min-w-0">
      <QuoteLine pair={pair} price={data.price} digits={digits} />
      <div className="flex flex-wrap gap-2 py-2">
        <OneOf label="Timeframe" options={timeframes} value={timeframe} onChoose={onTimeframe} />
        <SomeOf label="Indicators" options={INDICATORS} chosen={indicators} onChange={onIndicators} />
      </div>
      {candles.isError && bars.length > 0 && (
        <StaleNote>New candles do not arrive: {wordsFor(candles.error).detail}</StaleNote>
      )}
      {data.indicatorsError !== null && <StaleNote>Indicators: {wordsFor(data.indicatorsError).detail}</StaleNote>}
      {candles.isPending && <LoadingNote what="candles" />}
      <figure>
        <figcaption className="sr-only">
          Candles of {pair}, {timeframe}, with volume, signals, entries, exits and levels. The newest follow as a table.
        </figcaption>
        <ChartLegend bar={told} digits={digits} indicators={data.indicators} />
        <div className={CHART_HEIGHT}>{chart()}</div>
        <CandleTable bars={bars} digits={digits} caption={`The newest ${timeframe} candles of ${pair}`} />
      </figure>
      <div className="flex flex-wrap justify-between gap-x-3 pt-1 text-xs text-ink-3">
        <ChartCredit />
        <p>
          {data.estimated && "estimated data, "}
          times in UTC, <NextClose timeframe={timeframe} />
        </p>
      </div>
    </section>
  );
}
