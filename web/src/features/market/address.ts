import { useParams, useSearchParams } from "react-router";
import type { Desk, Timeframe } from "../../api/types";
import { pairOfPath } from "../../lib/links";

export const INDICATORS = [
  { value: "ema_20", label: "EMA 20" },
  { value: "ema_50", label: "EMA 50" },
  { value: "bollinger", label: "Bollinger" },
  { value: "rsi_14", label: "RSI" },
  { value: "macd", label: "MACD" },
] as const;

export type Indicator = (typeof INDICATORS)[number]["value"];

const PREFERRED_TIMEFRAME = "1h";
const PREFERRED_PAIR = "BTC/USDT";
const PREFERRED_INDICATORS = "ema_20,ema_50";

function isIndicator(text: string): text is Indicator {
  return INDICATORS.some(({ value }) => value === text);
}

/** What the chart shows, kept in the address: `/market/BTC-USDT?tf=1h&ind=ema_20,rsi_14`. */
export function useMarketAddress(desk: Desk) {
  const segment = useParams()["pair"];
  const [address, setAddress] = useSearchParams();
  const { pairs, timeframes } = desk;
  const asked = segment === undefined ? null : pairOfPath(segment);
  const usual = pairs.includes(PREFERRED_PAIR) ? PREFERRED_PAIR : pairs[0];
  const usualFrame = timeframes.find((name) => name === PREFERRED_TIMEFRAME) ?? timeframes[0];
  const timeframe: Timeframe | undefined = timeframes.find((name) => name === address.get("tf")) ?? usualFrame;

  function change(name: string, value: string): void {
    setAddress(
      (before) => {
        const after = new URLSearchParams(before);
        after.set(name, value);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  }

  return {
    /** Undefined when the feed carries no pair at all. */
    pair: asked ?? usual,
    known: asked === null || pairs.includes(asked),
    timeframe,
    indicators: (address.get("ind") ?? PREFERRED_INDICATORS).split(",").filter(isIndicator),
    search: address.toString(),
    setTimeframe: (value: Timeframe) => change("tf", value),
    setIndicators: (values: readonly Indicator[]) => change("ind", values.join(",")),
  };
}
