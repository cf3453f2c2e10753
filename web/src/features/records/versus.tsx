import type { AnalystRecord, Comparison } from "../../api/types";
import { CheckIcon, CrossIcon, QuestionIcon } from "../../ui/icons";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { IntervalMark, intervalWords, ScaleHead } from "./interval-mark";
import { reachOf, spanOr, type Span } from "./scale";
import { baselineWords, inOrder, VERDICTS } from "./words";

const MARKS = {
  beats: { Icon: CheckIcon, tone: "text-long" },
  does_not_beat: { Icon: CrossIcon, tone: "text-short" },
  cannot_be_told: { Icon: QuestionIcon, tone: "text-ink-2" },
} as const;

function VerdictMark({ verdict }: { verdict: Comparison["verdict"] }) {
  const { Icon, tone } = MARKS[verdict];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
      <Icon className="size-3.5" />
      {VERDICTS[verdict]}
    </span>
  );
}

function spanOf({ difference: { low, high } }: Comparison): Span | null {
  return low === null || high === null ? null : { low, high };
}

function Row({ comparison, reach }: { comparison: Comparison; reach: number }) {
  const { difference, trades, other_trades, verdict, sentence } = comparison;
  const words = intervalWords(difference.estimate, spanOf(comparison));
  return (
    <>
      <tr>
        <RowHead className="whitespace-normal!">{baselineWords(comparison)}</RowHead>
        <Cell className="whitespace-normal!">
          <VerdictMark verdict={verdict} />
        </Cell>
        <Cell className="max-md:hidden">
          <IntervalMark estimate={difference.estimate} span={spanOf(comparison)} reach={reach} />
        </Cell>
        <Cell number className="max-sm:whitespace-normal!">
          {words}
        </Cell>
        <Cell number className="max-sm:hidden">
          {trades} / {other_trades}
        </Cell>
      </tr>
      <tr className="border-b border-line">
        <td colSpan={5} className="pb-2 text-xs text-ink-2">
          {sentence} {difference.note !== sentence && difference.note}
        </td>
      </tr>
    </>
  );
}

/** A record against what it has to beat: in plain words what may be concluded, and the figures it rests on. */
export function Versus({ record, caption }: { record: AnalystRecord; caption: string }) {
  const comparisons = inOrder(record.comparisons);
  const reach = reachOf(
    comparisons.flatMap((comparison) => spanOr(spanOf(comparison), comparison.difference.estimate) ?? []),
  );
  if (comparisons.length === 0) return <p className="py-3 text-ink-2">Nothing to hold it against yet.</p>;
  return (
    <Table
      caption={caption}
      head={
        <>
          <HeadCell>Against</HeadCell>
          <HeadCell>Verdict</HeadCell>
          <HeadCell className="max-md:hidden">
            <ScaleHead reach={reach} />
          </HeadCell>
          <HeadCell number>
            <span className="max-sm:sr-only">Difference in </span>R a trade, 95 %
          </HeadCell>
          <HeadCell number className="max-sm:hidden">
            Trades, own / other
          </HeadCell>
        </>
      }
    >
      {comparisons.map((comparison) => (
        <Row key={comparison.against} comparison={comparison} reach={reach} />
      ))}
    </Table>
  );
}
