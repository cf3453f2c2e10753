import type { UseQueryResult } from "@tanstack/react-query";
import type { Health } from "../api/types";
import type { StreamState } from "../lib/stream";
import { useNow } from "../lib/now";
import { formatAge } from "../lib/time";
import { CheckIcon, CrossIcon, WarnIcon } from "../ui/icons";
import { feedWords, freshnessOf, type Freshness } from "./place";

const LIGHTS: Record<Freshness, typeof CheckIcon> = { fresh: CheckIcon, old: WarnIcon, gone: CrossIcon };

const STREAM_WORDS: Record<StreamState, string> = {
  connecting: "Stream",
  open: "Stream",
  lost: "Stream lost",
  asleep: "Stream asleep",
};

function Light({ freshness, children, title }: { freshness: Freshness; children: string; title: string }) {
  const Sign = LIGHTS[freshness];
  return (
    <span
      title={title}
      className={`inline-flex min-w-18 shrink-0 items-center gap-1.5 whitespace-nowrap ${freshness === "fresh" ? "text-on-head-2" : "font-medium text-on-head"}`}
    >
      <Sign className="size-3.5" />
      {children}
    </span>
  );
}

/** How old the newest market data is, counted on between two answers of the desk. */
function DataAge({ health }: { health: UseQueryResult<Health> }) {
  const now = useNow();
  if (health.data === undefined) {
    return (
      <Light freshness={health.isError ? "gone" : "old"} title="The desk has not said how old its data is.">
        {health.isError ? "No answer" : "Data"}
      </Light>
    );
  }
  const { feed } = health.data;
  const { freshness, words } = freshnessOf(feed);
  const ageMs = feed.age_ms === null ? null : feed.age_ms + Math.max(0, now - health.dataUpdatedAt);
  if (health.isError) return <Light freshness="gone" title="The desk does not answer.">{`Desk silent`}</Light>;
  return (
    <Light freshness={freshness} title={`Age of the newest data of ${feed.label}`}>
      {ageMs === null || feed.state === "ended" ? words : `${words} ${formatAge(ageMs)}`}
    </Light>
  );
}

interface StatusBadgesProps {
  health: UseQueryResult<Health>;
  stream: StreamState;
}

/**
 * Mode and feed, unmistakable; the age of the data; the state of the stream. On a phone one line, whatever its words
 * and before the fonts are there: what lies below must not move.
 */
export function StatusBadges({ health, stream }: StatusBadgesProps) {
  const data = health.data;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 text-xs max-sm:gap-x-3 min-[22rem]:max-sm:flex-nowrap">
      <p role="group" className="flex min-w-0 items-center gap-2" aria-label="Mode and feed">
        <span className="shrink-0 rounded-sm bg-badge px-2 py-0.5 font-semibold tracking-wide text-on-badge uppercase">
          {data?.mode ?? "mode"}
        </span>
        <span className="truncate font-medium">{data ? feedWords(data.feed) : "feed"}</span>
        {data && (
          <span className="truncate text-on-head-2 max-xl:hidden" title={data.feed.label}>
            {data.feed.label}
          </span>
        )}
      </p>
      <DataAge health={health} />
      <Light freshness={stream === "open" ? "fresh" : "old"} title="Whether new signals arrive by themselves">
        {STREAM_WORDS[stream]}
      </Light>
    </div>
  );
}
