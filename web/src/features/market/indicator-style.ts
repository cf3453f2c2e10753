/** How each column of an indicator is drawn: its colour, its pane (0 is the price's own) and its kind. */
import type { ChartColours } from "../../lib/chart-theme";

export interface IndicatorStyle {
  /** The indicator it belongs to. */
  group: string;
  colour: keyof ChartColours;
  pane: 0 | 1 | 2;
  kind: "line" | "histogram";
  width: 1 | 2;
  /** Class of the same colour for the legend. */
  tone: string;
}

const PLAIN: IndicatorStyle = { group: "", colour: "ink-3", pane: 0, kind: "line", width: 1, tone: "text-ink-3" };
const ACCENT = { colour: "accent", tone: "text-accent" } as const;
const THIRD = { colour: "series-3", tone: "text-series-3" } as const;

const STYLES: Record<string, IndicatorStyle> = {
  ema_20: { ...PLAIN, ...ACCENT, group: "EMA 20" },
  ema_50: { ...PLAIN, ...THIRD, group: "EMA 50", width: 2 },
  bollinger_upper: { ...PLAIN, group: "Bollinger" },
  bollinger_middle: { ...PLAIN, group: "Bollinger" },
  bollinger_lower: { ...PLAIN, group: "Bollinger" },
  rsi_14: { ...PLAIN, ...ACCENT, group: "RSI 14", pane: 1 },
  macd: { ...PLAIN, ...ACCENT, group: "MACD", pane: 2 },
  macd_signal: { ...PLAIN, ...THIRD, group: "MACD", pane: 2 },
  macd_histogram: { ...PLAIN, group: "MACD", colour: "line-strong", pane: 2, kind: "histogram" },
};

export function styleOf(name: string): IndicatorStyle {
  return STYLES[name] ?? { ...PLAIN, group: name };
}
