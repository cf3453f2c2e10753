import { useQuery } from "@tanstack/react-query";
import { feedNow } from "../lib/feed-time";
import { useNow } from "../lib/now";
import { healthQuery } from "./queries";

/** The instant it is for the feed, in milliseconds; the wall clock until the desk has told. */
export function useFeedNow(): number {
  const now = useNow();
  const { data } = useQuery({ ...healthQuery, select: (health) => health.feed });
  return feedNow(data, now);
}
