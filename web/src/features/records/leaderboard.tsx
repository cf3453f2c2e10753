import { Link } from "react-router";
import type { AnalystRecord } from "../../api/types";
import { costWords } from "../../lib/cost";
import { formatDecimal, formatPercent, NOTHING } from "../../lib/decimal";
import { plain } from "../../ui/figures";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { IntervalMark, intervalWords, ScaleHead } from "./interval-mark";
import { reachOf, spanOr } from "./scale";
import { idOf, KINDS, rankOf } from "./words";

/** On a phone these figures are told below, in the record itself. */
const ON_WIDE = "max-md:hidden";

interface LeaderboardProps {
  records: readonly AnalystRecord[];
  chosen: string | null;
  addressOf: (id: string) => string;
}

function share(value: number | null): string {
  return value === null ? NOTHING : formatPercent(String(value), { digits: 0 });
}

function Name({ record, address, current }: { record: AnalystRecord; address: string; current: boolean }) {
  const why = record.unranked_why;
  return (
    <>
      <Link
        to={{ search: address }}
        replace
        preventScrollReset
        aria-current={current ? "true" : undefined}
        className={current ? "font-semibold" : "text-accent underline underline-offset-4"}
      >
        {record.analyst}
      </Link>
      <span className="block max-w-64 min-w-28 text-xs font-normal whitespace-normal text-ink-3">
        {KINDS[record.kind]}
        {!record.record.newest && ", an earlier record"}
        {rankOf(record) === null && why !== null && `. Not ranked: ${why}`}
      </span>
    </>
  );
}

function Row({
  record,
  reach,
  address,
  current,
}: {
  record: AnalystRecord;
  reach: number;
  address: string;
  current: boolean;
}) {
  const interval = record.average_r_interval;
  return (
    <tr className={`border-b border-line ${current ? "bg-accent-quiet" : ""}`}>
      <Cell number className="pl-2!">
        {rankOf(record) ?? (
          <>
            <span aria-hidden="true">{NOTHING}</span>
            <span className="sr-only">not ranked</span>
          </>
        )}
      </Cell>
      <RowHead className="py-1.5">
        <Name record={record} address={address} current={current} />
      </RowHead>
      <Cell number className={ON_WIDE}>
        {formatDecimal(String(record.decisions), { digits: 0 })}
      </Cell>
      <Cell number className={ON_WIDE}>
        {formatDecimal(String(record.closed), { digits: 0 })}
      </Cell>
      <Cell number>{share(record.win_rate)}</Cell>
      <Cell>
        <span className="flex gap-x-3 max-sm:flex-col sm:items-center">
          <IntervalMark estimate={record.average_r} span={interval} reach={reach} />
          <span className="max-sm:text-xs">{intervalWords(record.average_r, interval)}</span>
        </span>
      </Cell>
      <Cell number className={ON_WIDE}>
        {plain(record.brier, 3)}
      </Cell>
      <Cell number className={ON_WIDE}>
        {share(record.flip_rate)}
      </Cell>
      <Cell number className={ON_WIDE}>
        {formatDecimal(String(record.abstentions), { digits: 0 })}
      </Cell>
      <Cell number className={ON_WIDE}>
        {formatDecimal(String(record.contaminated.closed + record.contaminated.open), { digits: 0 })}
      </Cell>
      <Cell number className={ON_WIDE}>
        {record.kind === "model" || record.kind === "council" ? costWords(record.cost.usd) : NOTHING}
      </Cell>
      <Cell number className={`pr-2! ${ON_WIDE}`}>
        {record.weight === null ? NOTHING : plain(record.weight, 2)}
      </Cell>
    </tr>
  );
}

/** Every record on one scale; a rank only where there is enough to rank by. */
export function Leaderboard({ records, chosen, addressOf }: LeaderboardProps) {
  const ranked = records.filter((record) => record.ranked);
  const reach = reachOf(
    (ranked.length > 0 ? ranked : records).flatMap(
      (record) => spanOr(record.average_r_interval, record.average_r) ?? [],
    ),
  );
  return (
    <Table
      caption="Records of analysts, ranked ones first"
      head={
        <>
          <HeadCell number className="pl-2!">
            Rank
          </HeadCell>
          <HeadCell>Analyst</HeadCell>
          <HeadCell number className={ON_WIDE}>
            Decisions
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Closed
          </HeadCell>
          <HeadCell number>Win rate</HeadCell>
          <HeadCell>
            <span className="flex gap-x-3 max-sm:flex-col sm:items-center">
              <ScaleHead reach={reach} />
              <span>Average R, 95 %</span>
            </span>
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Brier
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Flips
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Abstained
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Contaminated
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Cost, USD
          </HeadCell>
          <HeadCell number className={`pr-2! ${ON_WIDE}`}>
            Weight
          </HeadCell>
        </>
      }
    >
      {records.map((record) => (
        <Row
          key={idOf(record)}
          record={record}
          reach={reach}
          address={addressOf(idOf(record))}
          current={idOf(record) === chosen}
        />
      ))}
    </Table>
  );
}
