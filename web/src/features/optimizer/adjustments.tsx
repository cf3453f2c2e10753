import type { Adjustment } from "../../api/types";
import { formatDecimal, formatPercent, NOTHING } from "../../lib/decimal";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { changed, changeWords, valueWords } from "./values";

/** On a phone these stand under the value they belong to. */
const ON_WIDE = "max-md:hidden";

function r(value: string | null): string {
  return value === null ? NOTHING : formatDecimal(value, { digits: 3, signed: true });
}

const HEAD = (
  <>
    <HeadCell>Value</HeadCell>
    <HeadCell number className={ON_WIDE}>
      Trades
    </HeadCell>
    <HeadCell number className={ON_WIDE}>
      Win rate
    </HeadCell>
    <HeadCell number className={ON_WIDE}>
      Average R
    </HeadCell>
    <HeadCell number className={ON_WIDE}>
      Expectancy R
    </HeadCell>
    <HeadCell number>Before</HeadCell>
    <HeadCell number>After</HeadCell>
    <HeadCell className={ON_WIDE}>Why</HeadCell>
  </>
);

function Row({ adjustment }: { adjustment: Adjustment }) {
  const { subject, count, win_rate, average_r, expectancy_r, before, after, reason } = adjustment;
  const change = changeWords(adjustment);
  return (
    <tr className="border-b border-line">
      <RowHead className="py-1">
        {subject}
        <span className="block text-xs font-normal whitespace-normal text-ink-3 md:hidden">
          {count} {count === 1 ? "trade" : "trades"}
          {expectancy_r !== null && `, expectancy ${r(expectancy_r)} R`}. {reason}
        </span>
      </RowHead>
      <Cell number className={ON_WIDE}>
        {count}
      </Cell>
      <Cell number className={ON_WIDE}>
        {win_rate === null ? NOTHING : formatPercent(win_rate, { digits: 0 })}
      </Cell>
      <Cell number className={ON_WIDE}>
        {r(average_r)}
      </Cell>
      <Cell number className={ON_WIDE}>
        {r(expectancy_r)}
      </Cell>
      <Cell number className="text-ink-2">
        {valueWords(subject, before)}
      </Cell>
      <Cell number className={`py-1 ${changed(adjustment) ? "font-medium" : "text-ink-2"}`}>
        {valueWords(subject, after)}
        {change !== null && <span className="block text-xs font-normal text-ink-3">{change}</span>}
      </Cell>
      <Cell className={`min-w-56 py-1 whitespace-normal! text-ink-2 ${ON_WIDE}`}>{reason}</Cell>
    </tr>
  );
}

/** Every value that was looked at, what it was measured by, and why it is what it is now. */
export function Adjustments({ adjustments, caption }: { adjustments: readonly Adjustment[]; caption: string }) {
  if (adjustments.length === 0) return <p className="py-3 text-ink-2">Nothing was looked at in this version.</p>;
  return (
    <Table caption={caption} head={HEAD}>
      {adjustments.map((adjustment) => (
        <Row key={adjustment.subject} adjustment={adjustment} />
      ))}
    </Table>
  );
}
