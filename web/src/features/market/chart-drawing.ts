/** The chart itself: series, panes, lines and markers, told apart from React so that updates cost only what changed. */
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type LineWidth,
  type MouseEventParams,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { IndicatorColumns } from "../../api/types";
import { formatDecimal } from "../../lib/decimal";
import { chartColours, chartOptions, type ChartColours } from "../../lib/chart-theme";
import type { Bar } from "./bars";
import { styleOf } from "./indicator-style";
import type { Level, Mark } from "./overlays";

const BARS_SHOWN = 140;
const VOLUME_SCALE = "volume";

type Toned = "long" | "short";

export interface Drawing {
  setTheme: () => void;
  setDigits: (digits: number) => void;
  setBars: (bars: readonly Bar[], fresh: boolean) => void;
  setForming: (bar: Bar) => void;
  setIndicators: (columns: IndicatorColumns | undefined) => void;
  setLevels: (levels: readonly Level[]) => void;
  setMarks: (marks: readonly Mark[]) => void;
  remove: () => void;
}

function candleOptions(colours: ChartColours) {
  return {
    // Rising candles are hollow and falling ones filled: told apart without colour.
    upColor: colours.page,
    downColor: colours.short,
    borderUpColor: colours.long,
    borderDownColor: colours.short,
    wickUpColor: colours.long,
    wickDownColor: colours.short,
  };
}

/** The dashes of the books, as on their equity curves; a signal that nobody holds has one of its own. */
const BOOK_DASHES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted];

function dashOf(book: number | null): LineStyle {
  return book === null ? LineStyle.SparseDotted : (BOOK_DASHES[book % BOOK_DASHES.length] ?? LineStyle.Solid);
}

function levelColour(level: Level, colours: ChartColours): string {
  return { entry: colours["ink-2"], stop: colours.short, target: colours.long }[level.kind];
}

function markerOf(mark: Mark, colours: ChartColours): SeriesMarker<Time> {
  const below = mark.side === "LONG" ? mark.kind === "entry" : mark.kind === "exit";
  const tone: Toned = mark.side === "LONG" ? "long" : "short";
  const shape = mark.kind === "exit" ? "square" : mark.side === "LONG" ? "arrowUp" : "arrowDown";
  return { time: mark.time, position: below ? "belowBar" : "aboveBar", shape, color: colours[tone], text: mark.text };
}

export function drawChart(box: HTMLElement, onPoint: (time: UTCTimestamp | null) => void): Drawing {
  let colours = chartColours();
  const chart: IChartApi = createChart(box, chartOptions(colours));
  const candles = chart.addSeries(CandlestickSeries, { ...candleOptions(colours), priceLineStyle: LineStyle.Dotted });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: VOLUME_SCALE,
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale(VOLUME_SCALE).applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  chart.priceScale("right").applyOptions({ scaleMargins: { top: 0.08, bottom: 0.2 }, minimumWidth: 72 });
  const markers: ISeriesMarkersPluginApi<Time> = createSeriesMarkers(candles, []);
  const indicators = new Map<string, ISeriesApi<"Line" | "Histogram">>();
  let lines: IPriceLine[] = [];
  let kept = {
    levels: [] as readonly Level[],
    marks: [] as readonly Mark[],
    columns: undefined as IndicatorColumns | undefined,
  };

  const onCrosshair = (event: MouseEventParams) => onPoint((event.time as UTCTimestamp | undefined) ?? null);
  chart.subscribeCrosshairMove(onCrosshair);

  function volumeOf(bar: Bar) {
    return { time: bar.time, value: bar.volume, color: colours.line };
  }

  function setLevels(levels: readonly Level[]): void {
    kept = { ...kept, levels };
    for (const line of lines) candles.removePriceLine(line);
    lines = levels.map((level) =>
      candles.createPriceLine({
        price: level.price,
        title: level.title,
        color: levelColour(level, colours),
        lineStyle: dashOf(level.book),
        lineWidth: 1,
        axisLabelVisible: true,
      }),
    );
  }

  function setMarks(marks: readonly Mark[]): void {
    kept = { ...kept, marks };
    markers.setMarkers(marks.map((mark) => markerOf(mark, colours)).sort((a, b) => Number(a.time) - Number(b.time)));
  }

  function addIndicator(name: string): ISeriesApi<"Line" | "Histogram"> {
    const { colour, pane, kind, width } = styleOf(name);
    const shared = { color: colours[colour], lastValueVisible: pane > 0, priceLineVisible: false };
    const series =
      kind === "histogram"
        ? chart.addSeries(HistogramSeries, shared, paneIndex(pane))
        : chart.addSeries(
            LineSeries,
            { ...shared, lineWidth: width as LineWidth, crosshairMarkerVisible: false },
            paneIndex(pane),
          );
    return series;
  }

  /** Panes follow one another without gaps: MACD takes the second when RSI is off. */
  function paneIndex(pane: number): number {
    if (pane === 0) return 0;
    for (const [name, series] of indicators) if (styleOf(name).pane === pane) return series.getPane().paneIndex();
    return chart.panes().length;
  }

  function setIndicators(columns: IndicatorColumns | undefined): void {
    kept = { ...kept, columns };
    const names = new Set(columns?.series.map(({ name }) => name));
    for (const [name, series] of indicators) {
      if (names.has(name)) continue;
      chart.removeSeries(series);
      indicators.delete(name);
    }
    for (const { name, values } of columns?.series ?? []) {
      const series = indicators.get(name) ?? addIndicator(name);
      indicators.set(name, series);
      series.setData(
        values.flatMap((value, index) => {
          const at = columns?.open_ms[index];
          return value === null || at === undefined ? [] : [{ time: (at / 1000) as UTCTimestamp, value }];
        }),
      );
    }
    chart.panes().forEach((pane, index) => pane.setStretchFactor(index === 0 ? 4 : 1));
  }

  return {
    setTheme: () => {
      colours = chartColours();
      chart.applyOptions(chartOptions(colours));
      candles.applyOptions(candleOptions(colours));
      volume.setData(volume.data().map((point) => ({ ...point, color: colours.line })));
      for (const [name, series] of indicators) series.applyOptions({ color: colours[styleOf(name).colour] });
      setLevels(kept.levels);
      setMarks(kept.marks);
    },
    setDigits: (digits) => {
      const formatter = (price: number) => formatDecimal(price.toFixed(digits + 2), { digits });
      candles.applyOptions({ priceFormat: { type: "custom", minMove: 10 ** -digits, formatter } });
    },
    setBars: (bars, fresh) => {
      candles.setData([...bars]);
      volume.setData(bars.map(volumeOf));
      if (fresh) chart.timeScale().setVisibleLogicalRange({ from: bars.length - BARS_SHOWN, to: bars.length + 6 });
    },
    setForming: (bar) => {
      candles.update(bar);
      volume.update(volumeOf(bar));
    },
    setIndicators,
    setLevels,
    setMarks,
    remove: () => {
      chart.unsubscribeCrosshairMove(onCrosshair);
      chart.remove();
    },
  };
}
