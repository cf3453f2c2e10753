import type { ReactNode } from "react";
import type { AnalystRecord } from "../../api/types";
import { costWords } from "../../lib/cost";
import { formatDecimal, formatPercent, NOTHING } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";
import { plainWords } from "../../lib/words";
import { Fact, plain, Signed } from "../../ui/figures";
import { Panel } from "../../ui/panel";
import { Calibration } from "./calibration-chart";
import { intervalWords } from "./interval-mark";
import { Versus } from "./versus";
import { KINDS, rankOf } from "./words";

function count(value: number): string {
  return formatDecimal(String(value), { digits: 0 });
}

/** How much its confidence counts; who speaks for the whole panel, or sits beside it, has no weight. */
function weightWords({ kind, weight }: AnalystRecord): string {
  if (weight !== null) return plain(weight, 3);
  return kind === "council" || kind === "majority" ? NOTHING : "off the panel";
}

function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-4">{children}</dl>;
}

function Results({ record }: { record: AnalystRecord }) {
  const { luck, contaminated } = record;
  return (
    <Facts>
      <Fact term="Rank">{rankOf(record) ?? "not ranked"}</Fact>
      <Fact term="Decisions, on days">
        {count(record.decisions)}, {count(record.days)}
      </Fact>
      <Fact term="Closed, open">
        {count(record.closed)}, {count(record.open)}
      </Fact>
      <Fact term="Entry never reached">{count(record.never_entered)}</Fact>
      <Fact term="Average R, 95 %">{intervalWords(record.average_r, record.average_r_interval)}</Fact>
      <Fact term="Expectancy, shrunk">
        <Signed value={record.expectancy_r} digits={3} unit="R" />
      </Fact>
      <Fact term="Brier score (a coin: 0.25)">{plain(record.brier, 3)}</Fact>
      <Fact term="Better than random traders">
        {luck.percentile === null ? NOTHING : `${plain(luck.percentile, 1)} % of ${count(luck.traders)}`}
      </Fact>
      <Fact term="Luck does as well or better">
        {luck.p_value === null ? NOTHING : `in ${formatPercent(String(luck.p_value), { digits: 1 })}`}
      </Fact>
      <Fact term="Same question, other side">
        {record.flip_rate === null ? NOTHING : formatPercent(String(record.flip_rate), { digits: 0 })}
      </Fact>
      <Fact term="Abstained">{count(record.abstentions)}</Fact>
      <Fact term="Contaminated, count for nothing">{count(contaminated.closed + contaminated.open)}</Fact>
      <Fact term="Weight in the council">{weightWords(record)}</Fact>
    </Facts>
  );
}

function Money({ record }: { record: AnalystRecord }) {
  const { cost } = record;
  const usd = (value: number | null) => (value === null ? NOTHING : `${costWords(value.toFixed(9))} USD`);
  return (
    <Facts>
      <Fact term="Tokens in, out">
        {count(record.input_tokens)}, {count(record.output_tokens)}
      </Fact>
      <Fact term="Cost">{costWords(cost.usd)} USD</Fact>
      <Fact term="A decision, a paper trade">
        {usd(cost.usd_per_decision)}, {usd(cost.usd_per_trade)}
      </Fact>
      <Fact term="A trade in R (1 R in money)">
        {plain(cost.r_per_trade, 4, "R")} ({usd(cost.r_usd)})
      </Fact>
    </Facts>
  );
}

/** What the record belongs to: when any of it changes, another one begins. */
function Key({ record }: { record: AnalystRecord }) {
  const { record: key, knowledge_cutoff, since } = record;
  return (
    <div>
      <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
        <Fact term="Record of">
          <span className="font-mono text-xs break-all whitespace-normal">{key.key}</span>
        </Fact>
        <Fact term="Since">{since === null ? NOTHING : `${formatUtc(parseTime(since))} UTC`}</Fact>
        {record.kind === "model" && (
          <Fact term="Knowledge cutoff">
            {knowledge_cutoff ?? <span className="text-warn">not known: all contaminated</span>}
          </Fact>
        )}
      </dl>
      <p className="mt-1 text-xs text-ink-3">
        A change of any part of it begins another record{key.newest ? "." : "; this is an earlier one."}
      </p>
    </div>
  );
}

function Failures({ record }: { record: AnalystRecord }) {
  const failures = Object.entries(record.failures).toSorted(([, a], [, b]) => b - a);
  if (failures.length === 0) return null;
  return (
    <div>
      <h3 className="text-xs text-ink-3">Why it did not vote</h3>
      <ul className="flex flex-wrap gap-x-5">
        {failures.map(([code, times]) => (
          <li key={code}>
            {plainWords(code)} <span className="text-ink-2">{count(times)} ×</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** One record in full: what it is held against, how well its confidence is calibrated, what it cost. */
export function RecordDetail({ record }: { record: AnalystRecord }) {
  const why = record.unranked_why;
  return (
    <Panel
      title={`Record of ${record.analyst}`}
      aside={<span className="text-xs text-ink-3">{KINDS[record.kind]}</span>}
    >
      <div className="grid gap-x-10 gap-y-5 pt-3 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="grid min-w-0 content-start gap-y-5">
          {rankOf(record) === null && why !== null && <p className="text-ink-2">Not ranked: {why}</p>}
          <Results record={record} />
          {!(record.kind === "council" && record.record.newest) && (
            <Versus record={record} caption={`${record.analyst} against what it has to beat`} />
          )}
          {record.kind === "model" && <Money record={record} />}
          <Failures record={record} />
          <Key record={record} />
        </div>
        <Calibration bins={record.calibration} error={record.calibration_error} />
      </div>
    </Panel>
  );
}
