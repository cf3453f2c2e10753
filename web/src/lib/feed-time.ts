/** Feed time: ages of market data and signals run on the feed's clock, which in a replay is not the wall's. */
import type { FeedState } from "../api/types";
import { parseTime } from "./time";

/** A feed whose newest data is this close to the wall clock runs on wall time. */
const WALL_TIME_WITHIN_MS = 15 * 60_000;

export function runsOnWallTime(feed: FeedState, now: number): boolean {
  if (feed.kind === "exchange" || feed.at === null) return true;
  return feed.kind !== "replay" && Math.abs(now - parseTime(feed.at)) < WALL_TIME_WITHIN_MS;
}

/** The instant it is for the feed, in milliseconds; in a replay that of its newest data. */
export function feedNow(feed: FeedState | undefined, now: number): number {
  if (feed === undefined || feed.at === null || runsOnWallTime(feed, now)) return now;
  return parseTime(feed.at);
}
