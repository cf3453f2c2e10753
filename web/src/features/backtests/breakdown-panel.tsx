import { useState } from "react";
import type { BacktestResult } from "../../api/types";
import { formatPercent } from "../../lib/decimal";
import { Select } from "../../ui/choice";
import { plain, ProfitUsd, Signed } from "../../ui/figures";
import { Panel } from "../../ui/panel";
import { Empty } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { valueWords } from "./words";

/** All trades by one thing they differ in: symbol, regime, side, hour. */
export function BreakdownPanel({ result }: { result: BacktestResult }) {
  const [by, choose] = useState("Symbol");
  const shown = result.breakdowns.find((breakdown) => breakdown.by === by) ?? result.breakdowns[0];
  return (
    <Panel
      title="Where it came from"
      aside={
        shown !== undefined && (
          <Select
            label="Trades by"
            value={shown.by}
            options={result.breakdowns.map((breakdown) => ({ value: breakdown.by, label: breakdown.by }))}
            onChoose={choose}
          />
        )
      }
    >
      {shown === undefined ? (
        <Empty title="No trade ended">There is nothing to take apart.</Empty>
      ) : (
        <Table
          caption={`Trades by ${shown.by.toLowerCase()}`}
          head={
            <>
              <HeadCell>{shown.by}</HeadCell>
              <HeadCell number>Trades</HeadCell>
              <HeadCell number>Won</HeadCell>
              <HeadCell number>A trade</HeadCell>
              <HeadCell number className="max-sm:hidden">
                Profit factor
              </HeadCell>
              <HeadCell number className="max-sm:hidden">
                Costs
              </HeadCell>
              <HeadCell number>Net</HeadCell>
            </>
          }
        >
          {shown.parts.map((part) => (
            <tr key={part.name} className="border-b border-line">
              <RowHead className="font-normal">{part.name}</RowHead>
              <Cell number>{valueWords(part.trades, "count")}</Cell>
              <Cell number>{formatPercent(part.win_rate.toFixed(6), { digits: 0 })}</Cell>
              <Cell number>
                <Signed value={part.mean_r} digits={3} unit="R" />
              </Cell>
              <Cell number className="max-sm:hidden">
                {plain(part.profit_factor, 2)}
              </Cell>
              <Cell number className="text-ink-2 max-sm:hidden">
                {valueWords(Number(part.costs), "money")}
              </Cell>
              <Cell number>
                <ProfitUsd value={part.pnl} />
              </Cell>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
