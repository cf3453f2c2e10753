import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { backtestQuery, curveQuery } from "../../api/backtest-queries";
import type { Backtest, BacktestCurve, BacktestDetail, BacktestResult, ResultFigure } from "../../api/types";
import { NOTHING } from "../../lib/decimal";
import { plainWords } from "../../lib/words";
import { LineSample } from "../../ui/line-style";
import { Panel } from "../../ui/panel";
import { Empty, Failure, LoadingNote, Skeleton } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { differencesOf } from "./compare";
import { Curves } from "./curves";
import { Defined } from "./defined";
import { ToneMark } from "./marks";
import { figureWords, intervalWords, termsOf, titleOf, told, valueWords } from "./words";

interface Done {
  backtest: Backtest;
  result: BacktestResult;
}

const NAMES = ["First", "Second"] as const;

function Heads({ both }: { both: readonly Done[] }) {
  return (
    <div className="grid gap-x-10 gap-y-4 pt-3 sm:grid-cols-2">
      {both.map(({ backtest, result }, index) => (
        <section key={backtest.id} aria-label={NAMES[index]} className="min-w-0">
          <p className="flex items-center gap-2 text-xs text-ink-3">
            <LineSample index={index} />
            {NAMES[index]}
          </p>
          <h2 className="font-semibold wrap-anywhere">
            <Link to={`/backtests/${backtest.id}`} className="text-accent underline underline-offset-4">
              {titleOf(backtest.wanted)}
            </Link>
          </h2>
          <p className="text-xs text-ink-3">{termsOf(backtest.wanted)}</p>
          <div className="mt-2">
            {result.tone !== null && <ToneMark tone={result.tone} />}
            <p className="text-ink-2">{told(result.verdict ?? "Nobody asked whether luck does as well.")}</p>
          </div>
        </section>
      ))}
    </div>
  );
}

function Overlaid({ both, curves }: { both: readonly Done[]; curves: readonly BacktestCurve[] }) {
  const lines = useMemo(
    () =>
      curves.map(({ points }, index) => ({
        name: `${NAMES[index] ?? ""}: ${both[index] === undefined ? "" : titleOf(both[index].backtest.wanted)}`,
        points,
      })),
    [both, curves],
  );
  return <Curves lines={lines} asChange />;
}

function change(first: ResultFigure, second: ResultFigure | undefined): string {
  if (first.value === null || second?.value == null) return NOTHING;
  return valueWords(second.value - first.value, first.unit, { signed: true });
}

function Figures({ both: [first, second] }: { both: readonly [Done, Done] }) {
  return (
    <Panel title="Figures" aside={<span className="text-xs text-ink-3">95 % intervals below where there are any</span>}>
      <Table
        caption="Figures of both backtests"
        head={
          <>
            <HeadCell>Figure</HeadCell>
            <HeadCell number>First</HeadCell>
            <HeadCell number>Second</HeadCell>
            <HeadCell number>Second less first</HeadCell>
          </>
        }
      >
        {first.result.figures.map((figure) => {
          const other = second.result.figures.find(({ name }) => name === figure.name);
          return (
            <tr key={figure.name} className="border-b border-line align-baseline">
              <RowHead className="py-1 font-normal whitespace-normal!">
                <Defined label={figure.label}>
                  <p>{figure.definition}</p>
                </Defined>
              </RowHead>
              {[figure, other].map((each, index) => (
                <Cell key={index} number>
                  {each === undefined ? NOTHING : figureWords(each)}
                  <span className="block text-xs text-ink-3">{each && intervalWords(each)}</span>
                </Cell>
              ))}
              <Cell number>{change(figure, other)}</Cell>
            </tr>
          );
        })}
      </Table>
    </Panel>
  );
}

function Differences({ both: [first, second] }: { both: readonly [Done, Done] }) {
  const found = differencesOf(first, second);
  return (
    <Panel title="What differs">
      {found.length === 0 ? (
        <p className="py-3 text-ink-2">Nothing: both ran the same rules on the same candles at the same costs.</p>
      ) : (
        <Table
          caption="Where the two backtests differ"
          head={
            <>
              <HeadCell>What</HeadCell>
              <HeadCell>First</HeadCell>
              <HeadCell>Second</HeadCell>
            </>
          }
        >
          {found.map(({ what, first: one, second: two }) => (
            <tr key={what} className="border-b border-line align-baseline">
              <RowHead className="font-normal whitespace-normal!">{plainWords(what)}</RowHead>
              <Cell className="py-1 whitespace-normal!">{one}</Cell>
              <Cell className="py-1 whitespace-normal!">{two}</Cell>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

function doneOf(detail: BacktestDetail | undefined): Done | null {
  return detail === undefined || detail.result === null ? null : { backtest: detail.backtest, result: detail.result };
}

/** Two backtests side by side: verdicts, curves over each other, figures, and what differs in what was run. */
export function CompareView({ first, second }: { first: string; second: string }) {
  const details = useQueries({ queries: [backtestQuery(first), backtestQuery(second)] });
  const curves = useQueries({ queries: [curveQuery(first, "total"), curveQuery(second, "total")] });
  const failed = details.find(({ data, error }) => data === undefined && error !== null);
  if (failed !== undefined) {
    return <Failure what="The two backtests" error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (details.some(({ data }) => data === undefined)) {
    return (
      <>
        <LoadingNote what="two backtests" />
        <Skeleton className="h-96 w-full" />
      </>
    );
  }
  const [one, two] = details.map(({ data }) => doneOf(data));
  if (!one || !two) {
    return (
      <Empty title="Only backtests that are done can be compared">
        <Link to="/backtests">All backtests</Link>
      </Empty>
    );
  }
  const both = [one, two] as const;
  const drawn = curves.flatMap(({ data }) => data ?? []);
  return (
    <div className="grid gap-y-8">
      <Heads both={both} />
      <Panel title="Curves">
        {drawn.length === both.length ? <Overlaid both={both} curves={drawn} /> : <Skeleton className="h-96 w-full" />}
      </Panel>
      <Figures both={both} />
      <Differences both={both} />
    </div>
  );
}
