import { useQuery } from "@tanstack/react-query";
import { feedNow, runsOnWallTime } from "../lib/feed-time";
import { useNow } from "../lib/now";
import { healthQuery } from "./queries";

export interface FeedClock {
  /** The instant it is for the feed, in milliseconds; the wall clock until the desk has told. */
  now: number;
  /** Whether its time runs as ours does, so that one can count down to its next close. */
  onWallTime: boolean;
}

export function useFeedClock(): FeedClock {
  const wall = useNow();
  const { data } = useQuery({ ...healthQuery, select: (health) => health.feed });
  return { now: feedNow(data, wall), onWallTime: data === undefined || runsOnWallTime(data, wall) };
}
