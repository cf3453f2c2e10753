import type { Backtest } from "../../api/types";
import { useNow } from "../../lib/now";
import { formatAge, parseTime } from "../../lib/time";
import { CheckIcon, ChevronIcon } from "../../ui/icons";
import { Panel } from "../../ui/panel";
import { StaleNote } from "../../ui/states";
import { EndButton } from "./acts";
import { phasesOf, progressWords } from "./words";

const COMPILES_AFTER_MS = 8_000;

/** How far the pieces of a phase are; empty where they are not counted. */
export function ProgressBar({ backtest, className = "" }: { backtest: Backtest; className?: string }) {
  const { progress } = backtest;
  if (progress === null) return null;
  const known = progress.total > 0;
  return (
    <progress
      aria-label={`Progress: ${progressWords(progress)}`}
      className={`progress h-1.5 ${className}`}
      {...(known && { value: progress.done, max: progress.total })}
    />
  );
}

/** A backtest at work: its steps, where it is, how long it has been, and a way to end it. */
export function ProgressPanel({ backtest, lost }: { backtest: Backtest; lost: boolean }) {
  const now = useNow();
  const { progress } = backtest;
  if (progress === null) return null;
  const since = Math.max(0, now - parseTime(backtest.created_at));
  const compiles = progress.phase === "running" && progress.done === 0 && since > COMPILES_AFTER_MS;
  return (
    <Panel title="At work" aside={<EndButton backtest={backtest} act="stop" />}>
      <div className="max-w-2xl py-3">
        <ProgressBar backtest={backtest} className="w-full" />
        <ol className="mt-3 grid gap-1">
          {phasesOf(progress).map(({ words, state }) => (
            <li
              key={words}
              aria-current={state === "now" ? "step" : undefined}
              className={`flex min-h-6 items-center gap-2 ${state === "now" ? "font-medium" : "text-ink-3"}`}
            >
              <span className="size-4 shrink-0">
                {state === "done" && <CheckIcon />}
                {state === "now" && <ChevronIcon />}
              </span>
              <span>
                {words}
                {state === "done" && <span className="sr-only">, done</span>}
              </span>
            </li>
          ))}
        </ol>
        <p className="mt-3 min-h-8 text-xs text-ink-3">
          For {formatAge(since)}. It runs in a process of its own and goes on when you leave this page.
          {compiles && " The first run on a machine compiles the engine, which takes up to a minute."}
        </p>
        {lost && <StaleNote>The desk does not answer just now: what is shown may be old.</StaleNote>}
        <p role="status" className="sr-only">
          {progressWords(progress)}
        </p>
      </div>
    </Panel>
  );
}
