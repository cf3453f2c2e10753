import type { Desk, Timeframe } from "../api/types";

const USUAL: Timeframe = "5m";

/** The timeframe whose closes drive the desk: the usual one where it is carried, else the finest. */
export function baseTimeframe(desk: Desk): Timeframe | undefined {
  return desk.timeframes.find((name) => name === USUAL) ?? desk.timeframes[0];
}
