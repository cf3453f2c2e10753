import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { feedNow, runsOnWallTime } from "../lib/feed-time";
import { useNow } from "../lib/now";
import { healthQuery } from "./queries";

/** Feed time of the newest event that a stream brought: a fast replay runs ahead of what the desk was last asked. */
let newest = 0;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

export function noteFeedTime(at: number): void {
  if (at <= newest) return;
  newest = at;
  tell();
}

/** After a gap what comes may be another feed's time. */
export function forgetFeedTime(): void {
  newest = 0;
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface FeedClock {
  /** The instant it is for the feed, in milliseconds; the wall clock until the desk has told. */
  now: number;
  /** Whether its time runs as ours does, so that one can count down to its next close. */
  onWallTime: boolean;
}

export function useFeedClock(): FeedClock {
  const wall = useNow();
  const noted = useSyncExternalStore(subscribe, () => newest);
  const { data } = useQuery({ ...healthQuery, select: (health) => health.feed });
  if (data === undefined || runsOnWallTime(data, wall)) return { now: wall, onWallTime: true };
  return { now: Math.max(feedNow(data, wall), noted), onWallTime: false };
}
