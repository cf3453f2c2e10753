/** What every chart looks like, read from the page's own colours. */
import { ColorType, CrosshairMode, type ChartOptions, type DeepPartial } from "lightweight-charts";

const NAMES = [
  "page",
  "surface",
  "line",
  "line-strong",
  "ink",
  "ink-2",
  "ink-3",
  "accent",
  "long",
  "short",
  "series-1",
  "series-2",
  "series-3",
] as const;

export type ChartColours = Record<(typeof NAMES)[number], string>;

export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as ChartColours;
}

export function chartOptions(colours: ChartColours): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colours.page },
      textColor: colours["ink-2"],
      fontFamily: '"IBM Plex Sans", system-ui, sans-serif',
      fontSize: 12,
      // The credit to TradingView stands under every chart as text: its logo brings a style element of its own,
      // which the page's content security policy refuses.
      attributionLogo: false,
      panes: { separatorColor: colours.line, separatorHoverColor: colours.line },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colours.line } },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: colours["line-strong"], labelBackgroundColor: colours["ink-3"] },
      horzLine: { color: colours["line-strong"], labelBackgroundColor: colours["ink-3"] },
    },
    rightPriceScale: { borderColor: colours.line, entireTextOnly: true },
    timeScale: { borderColor: colours.line, timeVisible: true, secondsVisible: false },
  };
}
