import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useFeedClock } from "../../api/feed-clock";
import { cycleQuery, cyclesQuery, latestCycleQuery } from "../../api/council-queries";
import { jobsQuery } from "../../api/queries";
import { refreshOld } from "../../api/refresh";
import type { CouncilCycle } from "../../api/types";
import { cyclePath } from "../../lib/links";
import { formatCountdown, parseTime } from "../../lib/time";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { AgreementTable } from "./agreement-table";
import { AskedModels } from "./asked-models";
import { CycleList } from "./cycle-list";
import { CycleSummary } from "./cycle-summary";
import { Silences } from "./silences";
import { VoteMatrix } from "./vote-matrix";

const COLUMNS = "grid gap-x-8 gap-y-8 xl:grid-cols-[minmax(0,1fr)_minmax(0,24rem)]";
const ROWS = Array.from({ length: 12 }, (_, index) => <Skeleton key={index} className="h-8 w-full" />);
const LOADING = (
  <>
    <Skeleton className="my-3 h-16 w-full" />
    <div className={COLUMNS}>
      <div className="grid content-start gap-2">{ROWS}</div>
      <div className="grid content-start gap-2 max-xl:hidden">{ROWS}</div>
    </div>
  </>
);

function NotAskedYet() {
  const { now, onWallTime } = useFeedClock();
  const jobs = useQuery(jobsQuery);
  const scan = jobs.data?.jobs.find((job) => job.job.startsWith("scan"))?.next_slot;
  const wait = scan ? parseTime(scan) - now : null;
  return (
    <Empty title="The council has not been asked yet">
      {onWallTime && wait !== null && wait > 0 && <p>It is asked in {formatCountdown(wait)}.</p>}
      <p>Every vote will stand here, disagreement included.</p>
    </Empty>
  );
}

function Beside({ shown, newest }: { shown: CouncilCycle; newest: CouncilCycle }) {
  const cache = useQueryClient();
  const query = useInfiniteQuery(cyclesQuery);
  const first = query.data?.pages[0];
  const behind = first !== undefined && first.cycles[0]?.id !== newest.id;
  useEffect(() => {
    if (behind) refreshOld(cache, cyclesQuery.queryKey);
  }, [behind, newest.id, cache]);
  return (
    <div className="grid min-w-0 content-start gap-y-8">
      <View what="Cycles" query={query} skeleton={<div className="grid gap-2 pt-3">{ROWS}</div>}>
        {({ pages }) => (
          <>
            <CycleList
              cycles={pages.flatMap((page) => page.cycles)}
              shown={shown.id}
              newest={newest.id}
              onEarlier={query.hasNextPage ? () => void query.fetchNextPage() : null}
              loading={query.isFetchingNextPage}
            />
            {first !== undefined && <AgreementTable agreement={first.agreement} cycles={first.cycles.length} />}
          </>
        )}
      </View>
    </div>
  );
}

interface CycleProps {
  cycle: CouncilCycle;
  newest: CouncilCycle;
}

function Cycle({ cycle, newest }: CycleProps) {
  return (
    <>
      <CycleSummary cycle={cycle} newest={cycle.id === newest.id} />
      <div className={COLUMNS}>
        <div className="grid min-w-0 content-start gap-y-8">
          <Panel
            title="Votes"
            aside={
              cycle.id !== newest.id && (
                <Link to={cyclePath(null)} className="text-accent underline underline-offset-4">
                  Back to the latest cycle
                </Link>
              )
            }
          >
            <VoteMatrix key={cycle.id} cycle={cycle} />
          </Panel>
          <Silences silences={cycle.silences} />
          <AskedModels cycle={cycle} />
        </div>
        <Beside shown={cycle} newest={newest} />
      </div>
    </>
  );
}

/** The newest cycle; while somebody reads or points at it a newer one waits behind a button. */
function LatestCycle({ newest }: { newest: CouncilCycle }) {
  const [reading, setReading] = useState(false);
  const [held, setHeld] = useState(newest);
  if (!reading && held.id !== newest.id) setHeld(newest);
  return (
    <div
      onPointerEnter={() => setReading(true)}
      onPointerLeave={() => setReading(false)}
      onFocus={() => setReading(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setReading(false);
      }}
    >
      {held.id !== newest.id && (
        <div className="sticky top-0 z-20 flex justify-center bg-page py-1">
          <Button onClick={() => setHeld(newest)}>Show the cycle that has come since</Button>
        </div>
      )}
      <Cycle cycle={held} newest={newest} />
    </div>
  );
}

function EarlierCycle({ id, newest }: { id: string; newest: CouncilCycle }) {
  const query = useQuery(cycleQuery(id));
  return (
    <View what="This cycle" query={query} skeleton={LOADING}>
      {(cycle) => <Cycle cycle={cycle} newest={newest} />}
    </View>
  );
}

/** What the council said: the latest cycle, or the one that the address names as `?cycle=ID`. */
export function CouncilView() {
  const [address] = useSearchParams();
  const query = useQuery(latestCycleQuery);
  const wanted = address.get("cycle");
  return (
    <View what="The council" query={query} skeleton={LOADING}>
      {(newest) => {
        if (newest === null) return <NotAskedYet />;
        if (wanted === null || wanted === newest.id) return <LatestCycle newest={newest} />;
        return <EarlierCycle id={wanted} newest={newest} />;
      }}
    </View>
  );
}
