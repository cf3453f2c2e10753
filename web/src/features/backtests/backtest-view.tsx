import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { backtestQuery, backtestsQuery, eventsPath, reportPath } from "../../api/backtest-queries";
import { DeskProblem } from "../../api/problem";
import type { Backtest, BacktestDetail } from "../../api/types";
import { useEventStream } from "../../lib/stream";
import { formatUtc, parseTime } from "../../lib/time";
import { Button } from "../../ui/button";
import { Empty, Skeleton, View } from "../../ui/states";
import { EndButton } from "./acts";
import { StateMark } from "./marks";
import { ProgressPanel } from "./progress-panel";
import { ResultView } from "./result-view";
import { StartDrawer } from "./start-drawer";
import { termsOf, titleOf } from "./words";

const LINK =
  "inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-accent-quiet";

function Head({ backtest, onAgain }: { backtest: Backtest; onAgain: () => void }) {
  const go = useNavigate();
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 pt-3">
      <div className="min-w-0">
        <h2 className="text-lg font-semibold wrap-anywhere">{titleOf(backtest.wanted)}</h2>
        <p className="text-xs text-ink-3">
          {termsOf(backtest.wanted)}, of {backtest.wanted.exchange}, started {formatUtc(parseTime(backtest.created_at))}{" "}
          UTC
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {backtest.state === "done" && (
          <>
            <a className={LINK} href={reportPath(backtest.id)} target="_blank" rel="noreferrer">
              Full report<span className="sr-only"> (opens in a new tab)</span>
            </a>
            <a className={LINK} href={reportPath(backtest.id, { download: true })}>
              Save it
            </a>
          </>
        )}
        {backtest.state !== "running" && (
          <>
            <Button onClick={onAgain}>Run it again</Button>
            <EndButton backtest={backtest} act="remove" onDone={() => void go("/backtests")} />
          </>
        )}
      </div>
    </div>
  );
}

const WITHOUT_RESULT: Record<"failed" | "stopped" | "interrupted", string> = {
  failed: "It came to no result.",
  stopped: "Somebody stopped it before it was done. Nothing of it was kept but what was wanted.",
  interrupted: "The desk went away while it ran. Nothing of it was kept but what was wanted.",
};

function Ended({ backtest }: { backtest: Backtest }) {
  const { state, error } = backtest;
  if (state === "running" || state === "done") return null;
  return (
    <div className="max-w-2xl py-6">
      <StateMark state={state} />
      <p className="mt-1 text-ink-2">{WITHOUT_RESULT[state]}</p>
      {error !== null && (
        <div className="mt-3 border-l-2 border-warn pl-3">
          <p className="wrap-anywhere">{error.message}</p>
          <p className="font-mono text-xs text-ink-3">{error.code}</p>
        </div>
      )}
    </div>
  );
}

/** Follows a run and keeps what is shown up to date; once it is over everything is fetched again. */
function Followed({ backtest }: { backtest: Backtest }) {
  const cache = useQueryClient();
  const { queryKey } = backtestQuery(backtest.id);
  const refetch = () => void cache.invalidateQueries({ queryKey });
  const state = useEventStream(eventsPath(backtest.id), ["backtest"], {
    onEvent: (_, data) => {
      const newer = data as Backtest;
      if (newer.state === "running") cache.setQueryData(queryKey, { backtest: newer, result: null });
      else {
        refetch();
        void cache.invalidateQueries({ queryKey: backtestsQuery.queryKey });
      }
    },
    onGap: refetch,
  });
  return <ProgressPanel backtest={backtest} lost={state === "lost"} />;
}

function Told({ detail }: { detail: BacktestDetail }) {
  const { backtest, result } = detail;
  const [again, setAgain] = useState(false);
  return (
    <>
      <Head backtest={backtest} onAgain={() => setAgain(true)} />
      {backtest.state === "running" && <Followed backtest={backtest} />}
      {result !== null ? (
        <ResultView id={backtest.id} wanted={backtest.wanted} result={result} />
      ) : (
        <Ended backtest={backtest} />
      )}
      {again && <StartDrawer again={backtest.wanted} onClose={() => setAgain(false)} />}
    </>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    <Skeleton className="h-8 w-96 max-w-full" />
    <Skeleton className="h-16 w-full" />
    <Skeleton className="h-96 w-full" />
  </div>
);

/** One backtest: at work, ended without a result, or with everything that was found out. */
export function BacktestView({ id }: { id: string }) {
  const query = useQuery(backtestQuery(id));
  if (query.data === undefined && query.error instanceof DeskProblem && [404, 422].includes(query.error.status)) {
    return (
      <Empty title="There is no such backtest">
        It may have been removed. <Link to="/backtests">All backtests</Link>
      </Empty>
    );
  }
  return (
    <View what="The backtest" query={query} skeleton={LOADING}>
      {(detail) => <Told key={detail.backtest.id} detail={detail} />}
    </View>
  );
}
