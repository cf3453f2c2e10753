import { useState } from "react";
import type { PairAgreement } from "../../api/types";
import { formatPercent } from "../../lib/decimal";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";

const STEP = 10;

const HEAD = (
  <>
    <HeadCell>Pair</HeadCell>
    <HeadCell number>Cycles</HeadCell>
    <HeadCell number>Long, short</HeadCell>
    <HeadCell number>Quorums</HeadCell>
    <HeadCell number>Disagree</HeadCell>
  </>
);

/** How often the panel agreed on each pair, over the cycles that are listed first. */
export function AgreementTable({ agreement, cycles }: { agreement: readonly PairAgreement[]; cycles: number }) {
  const [shown, setShown] = useState(STEP);
  const rows = agreement.toSorted((a, b) => b.disagreement - a.disagreement || (a.pair < b.pair ? -1 : 1));
  if (rows.length === 0) return null;
  return (
    <Panel
      title="Agreement by pair"
      aside={
        <span className="text-xs text-ink-3">
          last {cycles} {cycles === 1 ? "cycle" : "cycles"}, most disputed first
        </span>
      }
    >
      <Table caption={`Agreement by pair over the last ${cycles} cycles`} head={HEAD}>
        {rows.slice(0, shown).map((row) => (
          <tr key={row.pair} className="border-b border-line">
            <RowHead>{row.pair}</RowHead>
            <Cell number>{row.cycles}</Cell>
            <Cell number>
              {row.long_votes}, {row.short_votes}
            </Cell>
            <Cell number>{row.quorums}</Cell>
            <Cell number>{formatPercent(String(row.disagreement), { digits: 0 })}</Cell>
          </tr>
        ))}
      </Table>
      {rows.length > shown && (
        <Button className="mt-3 w-full" onClick={() => setShown(rows.length)}>
          Show all {rows.length} pairs
        </Button>
      )}
    </Panel>
  );
}
