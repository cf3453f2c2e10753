import { useQuery } from "@tanstack/react-query";
import { useFeedClock } from "../../api/feed-clock";
import { jobsQuery } from "../../api/queries";
import type { Desk } from "../../api/types";
import { baseTimeframe } from "../../lib/timeframes";
import { formatCountdown, parseTime, untilClose } from "../../lib/time";
import { Empty } from "../../ui/states";

/** Says what will come and when. */
export function NoSignals({ filtered, desk }: { filtered: boolean; desk: Desk | undefined }) {
  const { now, onWallTime } = useFeedClock();
  const jobs = useQuery(jobsQuery);
  const timeframe = desk && baseTimeframe(desk);
  const scan = jobs.data?.jobs.find((job) => job.job.startsWith("scan"))?.next_slot;
  const untilScan = scan ? parseTime(scan) - now : null;
  if (filtered) return <Empty title="No signal matches this filter">Take a filter away to see the others.</Empty>;
  return (
    <Empty title="No signals yet">
      {timeframe !== undefined && (
        <p>
          Strategies speak at every {timeframe} close
          {onWallTime && `; the next is in ${formatCountdown(untilClose(timeframe, now))}`}.
        </p>
      )}
      {onWallTime && untilScan !== null && untilScan > 0 && (
        <p>The council is asked in {formatCountdown(untilScan)}.</p>
      )}
      <p>Most closes bring none: a signal needs a setup, or a quorum.</p>
    </Empty>
  );
}
