import type { Desk, Timeframe } from "../api/types";

/** The timeframe whose closes drive the desk: the feed's own, else the finest that candles can be asked for. */
export function baseTimeframe(desk: Desk): Timeframe | undefined {
  return desk.timeframe ?? desk.timeframes[0];
}
