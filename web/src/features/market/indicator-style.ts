/** How each column of an indicator is drawn: its colour, its pane (0 is the price's own) and its kind. */
import type { ChartColours } from "../../lib/chart-theme";

export interface IndicatorStyle {
  label: string;
  colour: keyof ChartColours;
  pane: 0 | 1 | 2;
  kind: "line" | "histogram";
  width: 1 | 2;
  /** Class of the same colour for the legend. */
  tone: string;
}

const PLAIN: IndicatorStyle = { label: "", colour: "ink-3", pane: 0, kind: "line", width: 1, tone: "text-ink-3" };
const ACCENT = { colour: "accent", tone: "text-accent" } as const;
const THIRD = { colour: "series-3", tone: "text-series-3" } as const;

const STYLES: Record<string, IndicatorStyle> = {
  ema_20: { ...PLAIN, ...ACCENT, label: "EMA 20" },
  ema_50: { ...PLAIN, ...THIRD, label: "EMA 50", width: 2 },
  bollinger_upper: { ...PLAIN, label: "Bollinger upper" },
  bollinger_middle: { ...PLAIN, label: "Bollinger middle" },
  bollinger_lower: { ...PLAIN, label: "Bollinger lower" },
  rsi_14: { ...PLAIN, ...ACCENT, label: "RSI 14", pane: 1 },
  macd: { ...PLAIN, ...ACCENT, label: "MACD", pane: 2 },
  macd_signal: { ...PLAIN, ...THIRD, label: "MACD signal", pane: 2 },
  macd_histogram: { ...PLAIN, label: "MACD histogram", colour: "line-strong", pane: 2, kind: "histogram" },
};

export function styleOf(name: string): IndicatorStyle {
  return STYLES[name] ?? { ...PLAIN, label: name };
}
