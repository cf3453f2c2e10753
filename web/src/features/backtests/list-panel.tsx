import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { backtestsQuery } from "../../api/backtest-queries";
import type { Backtest } from "../../api/types";
import { plain } from "../../ui/figures";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { EndButton } from "./acts";
import { ProgressBar } from "./progress-panel";
import { StateMark, ToneMark } from "./marks";
import { progressWords, termsOf, titleOf, valueWords } from "./words";

const ON_WIDE = "max-lg:hidden";
/** On a phone the outcome and what can be done stand under the name. */
const ON_PHONE = "sm:hidden";
const OFF_PHONE = "max-sm:hidden";
const COMPARED = 2;

function Outcome({ backtest }: { backtest: Backtest }) {
  const { progress, headline, error, state } = backtest;
  if (progress !== null) {
    return (
      <span className="block min-w-40">
        <span className="block truncate text-xs text-ink-2">{progressWords(progress)}</span>
        <ProgressBar backtest={backtest} className="mt-1 w-full" />
      </span>
    );
  }
  if (headline !== null) {
    return headline.tone === null ? <span className="text-ink-3">not asked</span> : <ToneMark tone={headline.tone} />;
  }
  return (
    <span className="block max-w-80 text-xs whitespace-normal text-ink-2">
      <StateMark state={state} />
      {error !== null && <span className="line-clamp-2 wrap-anywhere">{error.message}</span>}
    </span>
  );
}

function Acts({ backtest }: { backtest: Backtest }) {
  return <EndButton backtest={backtest} act={backtest.state === "running" ? "stop" : "remove"} tone="quiet" />;
}

interface RowProps {
  backtest: Backtest;
  compared: boolean;
  onCompare: ((on: boolean) => void) | null;
}

function Row({ backtest, compared, onCompare }: RowProps) {
  const { headline } = backtest;
  const title = titleOf(backtest.wanted);
  return (
    <tr className={`border-b border-line ${compared ? "bg-accent-quiet" : ""}`}>
      <Cell className="w-8 pl-2!">
        <input
          type="checkbox"
          aria-label={`Compare ${title}`}
          className="size-4 align-middle accent-(--accent)"
          checked={compared}
          disabled={onCompare === null}
          onChange={(event) => onCompare?.(event.target.checked)}
        />
      </Cell>
      <RowHead className="py-1.5 whitespace-normal!">
        <Link to={`/backtests/${backtest.id}`} className="text-accent underline underline-offset-4">
          {title}
        </Link>
        <span className="block text-xs font-normal text-ink-3">
          {termsOf(backtest.wanted)}, <Age at={backtest.created_at} /> ago
        </span>
        <span className={`mt-1 flex items-center justify-between gap-2 font-normal ${ON_PHONE}`}>
          <Outcome backtest={backtest} />
          <Acts backtest={backtest} />
        </span>
      </RowHead>
      <Cell className={`py-1 ${OFF_PHONE}`}>
        <Outcome backtest={backtest} />
      </Cell>
      <Cell number>{valueWords(headline?.net_return ?? null, "share", { signed: true })}</Cell>
      <Cell number className={ON_WIDE}>
        {valueWords(headline?.max_drawdown ?? null, "share")}
      </Cell>
      <Cell number className={ON_WIDE}>
        {plain(headline?.sharpe ?? null, 2)}
      </Cell>
      <Cell number className={ON_WIDE}>
        {valueWords(headline?.expectancy_r ?? null, "r", { signed: true })}
      </Cell>
      <Cell number className={ON_WIDE}>
        {valueWords(headline?.trades ?? null, "count")}
      </Cell>
      <Cell number className={OFF_PHONE}>
        <Acts backtest={backtest} />
      </Cell>
    </tr>
  );
}

function CompareLink({ chosen }: { chosen: readonly string[] }) {
  const [first, second] = chosen;
  if (first === undefined || second === undefined) {
    return (
      <span className="text-xs text-ink-3">
        {first === undefined ? "Tick two to compare them" : "Tick one more to compare it with"}
      </span>
    );
  }
  return (
    <Link
      to={`/backtests/compare?first=${first}&second=${second}`}
      className="inline-flex h-8 items-center rounded-md border border-line-strong px-3 font-medium hover:bg-accent-quiet"
    >
      Compare the two
    </Link>
  );
}

function List({ backtests }: { backtests: readonly Backtest[] }) {
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const done = new Set(backtests.filter(({ state }) => state === "done").map(({ id }) => id));
  const chosen = ticked.filter((id) => done.has(id));
  const toggle = (id: string, on: boolean) => setTicked(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <>
      <div className="flex min-h-10 items-center justify-end py-1">
        <CompareLink chosen={chosen} />
      </div>
      <Table
        caption="Backtests, newest first"
        head={
          <>
            <HeadCell className="pl-2!">
              <span className="sr-only">Compare</span>
            </HeadCell>
            <HeadCell>Backtest</HeadCell>
            <HeadCell className={OFF_PHONE}>Verdict</HeadCell>
            <HeadCell number>Return</HeadCell>
            <HeadCell number className={ON_WIDE}>
              Drawdown
            </HeadCell>
            <HeadCell number className={ON_WIDE}>
              Sharpe
            </HeadCell>
            <HeadCell number className={ON_WIDE}>
              A trade
            </HeadCell>
            <HeadCell number className={ON_WIDE}>
              Trades
            </HeadCell>
            <HeadCell className={OFF_PHONE}>
              <span className="sr-only">Acts</span>
            </HeadCell>
          </>
        }
      >
        {backtests.map((backtest) => {
          const compared = chosen.includes(backtest.id);
          const open = done.has(backtest.id) && (compared || chosen.length < COMPARED);
          return (
            <Row
              key={backtest.id}
              backtest={backtest}
              compared={compared}
              onCompare={open ? (on) => toggle(backtest.id, on) : null}
            />
          );
        })}
      </Table>
    </>
  );
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** Every backtest that is kept, newest first. */
export function ListPanel({ onNew }: { onNew: () => void }) {
  const query = useInfiniteQuery(backtestsQuery);
  return (
    <Panel
      title="Kept backtests"
      aside={
        <Button onClick={onNew} className="border-accent! bg-accent! text-on-accent">
          New backtest
        </Button>
      }
    >
      <View what="Backtests" query={query} skeleton={LOADING}>
        {({ pages }) => {
          const backtests = pages.flatMap((page) => page.backtests);
          return backtests.length === 0 ? (
            <Empty title="No backtest yet">
              Run strategies over recorded candles, and ask whether luck would have done as well. Start with what is
              filled in already.
            </Empty>
          ) : (
            <List backtests={backtests} />
          );
        }}
      </View>
      {query.hasNextPage && (
        <div className="pt-3 text-center">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading" : "Older ones"}
          </Button>
        </div>
      )}
    </Panel>
  );
}
