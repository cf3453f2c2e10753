import { createChart, LineSeries, LineStyle, type IChartApi, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { BacktestPoint } from "../../api/types";
import { useShownTheme } from "../../lib/appearance";
import { chartColours, chartOptions } from "../../lib/chart-theme";
import { formatDecimal, toNumber } from "../../lib/decimal";
import { parseTime } from "../../lib/time";
import { lineStyle } from "../../ui/line-style";

const DASHES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted];
const UPPER_SHARE = 3;
/** Thousands of points have to fit on a phone. */
const BAR_SPACING_MIN = 0.01;

export interface Line {
  name: string;
  points: readonly BacktestPoint[];
}

interface Drawn {
  time: UTCTimestamp;
  value: number;
}

function drawnOf(points: readonly BacktestPoint[], value: (point: BacktestPoint) => number): Drawn[] {
  const bySecond = new Map<number, number>();
  for (const point of points) bySecond.set(Math.floor(parseTime(point.timestamp) / 1000), value(point));
  return [...bySecond].map(([time, shown]) => ({ time: time as UTCTimestamp, value: shown }));
}

/** Equity as it is, or as the change since the beginning where curves of several beginnings are compared. */
function equityOf(points: readonly BacktestPoint[], asChange: boolean): Drawn[] {
  const first = toNumber(points[0]?.equity ?? "1");
  return drawnOf(points, ({ equity }) => (asChange ? (toNumber(equity) / first - 1) * 100 : toNumber(equity)));
}

function seriesStyle(index: number, suffix: string, digits: number) {
  return {
    color: chartColours()[lineStyle(index).colour],
    lineStyle: DASHES[index % DASHES.length] ?? LineStyle.Solid,
    lineWidth: 2 as const,
    priceLineVisible: false,
    lastValueVisible: false,
    priceFormat: {
      type: "custom" as const,
      minMove: 0.01,
      formatter: (value: number) => formatDecimal(value.toFixed(digits), { digits }) + suffix,
    },
  };
}

function draw(chart: IChartApi, lines: readonly Line[], asChange: boolean): void {
  lines.forEach(({ points }, index) => {
    const upper = chart.addSeries(LineSeries, seriesStyle(index, asChange ? " %" : "", asChange ? 1 : 0));
    upper.setData(equityOf(points, asChange));
  });
  lines.forEach(({ points }, index) => {
    const lower = chart.addSeries(LineSeries, { ...seriesStyle(index, " %", 1), lineWidth: 1 }, 1);
    lower.setData(drawnOf(points, (point) => -point.drawdown_pct));
  });
  const [upper, lower] = chart.panes();
  upper?.setStretchFactor(UPPER_SHARE);
  lower?.setStretchFactor(1);
  chart.timeScale().fitContent();
}

/** Equity above, how far it lies under its peak below, of one or more curves. */
export default function ResultChart({ lines, asChange }: { lines: readonly Line[]; asChange: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();

  useEffect(() => {
    if (box.current === null) return;
    const options = chartOptions(chartColours());
    const chart = createChart(box.current, {
      ...options,
      timeScale: { ...options.timeScale, minBarSpacing: BAR_SPACING_MIN },
      handleScroll: false,
      handleScale: false,
    });
    draw(chart, lines, asChange);
    return () => chart.remove();
  }, [lines, asChange, theme]);

  return <div ref={box} className="h-full w-full" />;
}
