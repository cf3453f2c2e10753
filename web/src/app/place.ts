/** Where orders go and where data comes from: the place that tints the page, and its words. */
import type { FeedState, Health } from "../api/types";

export type Frame = "paper" | "simulated" | "live";

export function frameOf(health: Health | undefined): Frame {
  if (health === undefined) return "paper";
  if (health.mode === "live") return "live";
  return health.feed.simulated ? "simulated" : "paper";
}

export function feedWords(feed: FeedState): string {
  if (feed.kind === null) return "No feed";
  return { exchange: "Exchange", replay: "Replay", simulated: "Simulated" }[feed.kind];
}

export type Freshness = "fresh" | "old" | "gone";

/** What the data-age light shows: a state that is told by shape and words, not by colour alone. */
export function freshnessOf(feed: FeedState): { freshness: Freshness; words: string } {
  switch (feed.state) {
    case "up":
      return { freshness: "fresh", words: "Data" };
    case "ended":
      return { freshness: "old", words: "Feed ended" };
    case "starting":
      return { freshness: "old", words: "Feed starts" };
    case "stale":
      return { freshness: "old", words: "Stale" };
    case "down":
      return { freshness: "gone", words: "Feed down" };
  }
}
