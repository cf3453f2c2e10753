/** Candles as a chart takes them, and the bar that is still forming. */
import type { UTCTimestamp } from "lightweight-charts";
import type { Candles, Price } from "../../api/types";
import { toNumber } from "../../lib/decimal";
import { parseTime, timeframeMs } from "../../lib/time";

export interface Bar {
  time: UTCTimestamp;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export function secondsOf(ms: number): UTCTimestamp {
  return Math.floor(ms / 1000) as UTCTimestamp;
}

export function barsOf(candles: Candles): Bar[] {
  return candles.candles.map(([at, open, high, low, close, volume]) => ({
    time: secondsOf(at),
    open: toNumber(open),
    high: toNumber(high),
    low: toNumber(low),
    close: toNumber(close),
    volume,
  }));
}

/**
 * The bar after the last closed one, from the closed `finer` bars inside it and the newest price.
 * Null while the feed has told nothing about it.
 */
export function formingBar(last: Bar, timeframe: string, finer: readonly Bar[], price: Price | undefined): Bar | null {
  const length = timeframeMs(timeframe) / 1000;
  const start = last.time + length;
  const inside = finer.filter((bar) => bar.time >= start && bar.time < start + length);
  const first = inside[0];
  const at = price === undefined ? 0 : parseTime(price.at) / 1000;
  const quoted = price !== undefined && at > start && at < start + length ? toNumber(price.last) : null;
  if (first === undefined && quoted === null) return null;
  const open = first?.open ?? last.close;
  const close = quoted ?? inside.at(-1)?.close ?? open;
  return {
    time: start as UTCTimestamp,
    open,
    high: Math.max(open, close, ...inside.map((bar) => bar.high)),
    low: Math.min(open, close, ...inside.map((bar) => bar.low)),
    close,
    volume: inside.reduce((sum, bar) => sum + bar.volume, 0),
  };
}

/** Whether the feed has gone past the bar after the last closed one, so that closed candles are missing here. */
export function isBehind(last: Bar, timeframe: string, price: Price | undefined): boolean {
  return price !== undefined && parseTime(price.at) / 1000 >= last.time + 2 * (timeframeMs(timeframe) / 1000);
}
