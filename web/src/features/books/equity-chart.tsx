import { createChart, LineSeries, LineStyle, type IChartApi, type ISeriesApi } from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { EquityPoint } from "../../api/types";
import { useShownTheme } from "../../lib/appearance";
import { formatDecimal } from "../../lib/decimal";
import { chartColours, chartOptions } from "../../lib/chart-theme";
import { curvesOf, type Drawn } from "./equity-series";
import { lineStyle } from "../../ui/line-style";

const LINES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted];

interface Drawing {
  chart: IChartApi;
  series: Map<string, ISeriesApi<"Line">>;
  drawn: Map<string, Drawn[]>;
}

function styleOf(index: number) {
  const colours = chartColours();
  return {
    color: colours[lineStyle(index).colour],
    lineStyle: LINES[index % LINES.length] ?? LineStyle.Solid,
    lineWidth: 2 as const,
    priceLineVisible: false,
    priceFormat: {
      type: "custom" as const,
      minMove: 0.01,
      formatter: (value: number) => formatDecimal(value.toFixed(2), { digits: 0 }),
    },
  };
}

/** Draws only what is new where the curve merely grew, and everything where it changed. */
function draw(drawing: Drawing, book: string, next: Drawn[]): boolean {
  const series = drawing.series.get(book);
  const before = drawing.drawn.get(book) ?? [];
  const last = before.at(-1);
  const grew = last !== undefined && next.length >= before.length && next[before.length - 1]?.time === last.time;
  drawing.drawn.set(book, next);
  if (!grew || next[0]?.time !== before[0]?.time) {
    series?.setData(next);
    return true;
  }
  for (const point of next.slice(before.length - 1)) series?.update(point);
  return false;
}

interface EquityChartProps {
  books: readonly string[];
  points: readonly EquityPoint[];
  /** Days to show, counted from the newest point; null for all. */
  days: number | null;
}

export default function EquityChart({ books, points, days }: EquityChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const theme = useShownTheme();
  const names = books.join(",");

  useEffect(() => {
    if (box.current === null) return;
    const chart = createChart(box.current, {
      ...chartOptions(chartColours()),
      handleScroll: false,
      handleScale: false,
    });
    const series = new Map(names.split(",").map((book, index) => [book, chart.addSeries(LineSeries, styleOf(index))]));
    drawing.current = { chart, series, drawn: new Map() };
    return () => {
      chart.remove();
      drawing.current = null;
    };
  }, [names]);

  useEffect(() => {
    drawing.current?.chart.applyOptions(chartOptions(chartColours()));
    names.split(",").forEach((book, index) => drawing.current?.series.get(book)?.applyOptions(styleOf(index)));
  }, [theme, names]);

  useEffect(() => {
    const current = drawing.current;
    if (current === null) return;
    const books = names.split(",");
    curvesOf(points, books).forEach((curve, index) => draw(current, books[index] ?? "", curve));
    const newest = Math.max(...[...current.drawn.values()].map((drawn) => drawn.at(-1)?.time ?? 0));
    const oldest = Math.min(...[...current.drawn.values()].map((drawn) => drawn[0]?.time ?? newest));
    const from = days === null ? oldest : Math.max(oldest, newest - days * 86_400);
    if (newest > from) current.chart.timeScale().setVisibleRange({ from: from as never, to: newest as never });
  }, [points, names, days]);

  return <div ref={box} className="h-full w-full" />;
}
