/** How old something is, with the exact instant within reach. */
import { useFeedClock } from "../api/feed-clock";
import { useNow } from "../lib/now";
import { formatAge, formatSince, formatUtc, parseTime } from "../lib/time";

interface AgeProps {
  /** ISO 8601. */
  at: string;
  /** Inside a sentence: "4 min ago", "4 min old", "just now". */
  word?: "ago" | "old";
  className?: string;
}

function AgeAt({ at, now, word, className = "" }: AgeProps & { now: number }) {
  const instant = parseTime(at);
  return (
    <time
      dateTime={at}
      title={`${formatUtc(instant, { seconds: true })} UTC`}
      className={`whitespace-nowrap ${className}`}
    >
      {word === undefined ? formatAge(now - instant) : formatSince(now - instant, word)}
    </time>
  );
}

/** Age on the wall clock: of what the desk's own parts report. */
export function Age(props: AgeProps) {
  return <AgeAt {...props} now={useNow()} />;
}

/** Age on the feed's clock: of signals, positions and market data. */
export function FeedAge(props: AgeProps) {
  return <AgeAt {...props} now={useFeedClock().now} />;
}
