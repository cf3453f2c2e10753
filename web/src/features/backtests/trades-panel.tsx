import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { tradesQuery, type TradeFilter } from "../../api/backtest-queries";
import type { BacktestResult, BacktestTrade, BacktestWanted } from "../../api/types";
import { formatPrice } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";
import { plainWords } from "../../lib/words";
import { Button } from "../../ui/button";
import { Select } from "../../ui/choice";
import { ProfitUsd } from "../../ui/figures";
import { Panel } from "../../ui/panel";
import { ResultR } from "../../ui/result";
import { SideMark } from "../../ui/side";
import { Empty, Skeleton, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { valueWords } from "./words";

const ON_WIDE = "max-lg:hidden";
const ANY = "";

function Row({ trade }: { trade: BacktestTrade }) {
  return (
    <tr className="border-b border-line">
      <RowHead className="font-normal">
        {formatUtc(parseTime(trade.closed_at))}
        <span className="sr-only"> closed</span>
      </RowHead>
      <Cell>
        {trade.pair} <span className="text-xs text-ink-3 max-sm:hidden">{plainWords(trade.strategy)}</span>
      </Cell>
      <Cell>
        <SideMark side={trade.side} />
      </Cell>
      <Cell number className={ON_WIDE}>
        {formatPrice(trade.entry)}
      </Cell>
      <Cell number className={ON_WIDE}>
        {formatPrice(trade.exit)}
      </Cell>
      <Cell className={ON_WIDE}>{plainWords(trade.reason)}</Cell>
      <Cell className={ON_WIDE}>{plainWords(trade.regime)}</Cell>
      <Cell number className={ON_WIDE}>
        {valueWords(trade.bars, "count")}
      </Cell>
      <Cell number>
        <ResultR value={trade.r} />
      </Cell>
      <Cell number className="max-sm:hidden">
        <ProfitUsd value={trade.pnl} />
      </Cell>
    </tr>
  );
}

function Rows({ trades }: { trades: readonly BacktestTrade[] }) {
  return (
    <Table
      caption="Closed trades, newest first"
      head={
        <>
          <HeadCell>Closed, UTC</HeadCell>
          <HeadCell>Pair</HeadCell>
          <HeadCell>Side</HeadCell>
          <HeadCell number className={ON_WIDE}>
            Entry
          </HeadCell>
          <HeadCell number className={ON_WIDE}>
            Exit
          </HeadCell>
          <HeadCell className={ON_WIDE}>Ended by</HeadCell>
          <HeadCell className={ON_WIDE}>Regime</HeadCell>
          <HeadCell number className={ON_WIDE}>
            Candles
          </HeadCell>
          <HeadCell number>R</HeadCell>
          <HeadCell number className="max-sm:hidden">
            Net
          </HeadCell>
        </>
      }
    >
      {trades.map((trade) => (
        <Row
          key={`${trade.opened_at} ${trade.closed_at} ${trade.pair} ${trade.strategy} ${trade.portfolio}`}
          trade={trade}
        />
      ))}
    </Table>
  );
}

interface FilterProps {
  wanted: BacktestWanted;
  filter: TradeFilter;
  onChange: (filter: TradeFilter) => void;
}

function Filter({ wanted, filter, onChange }: FilterProps) {
  const options = (any: string, names: readonly string[]) => [
    { value: ANY, label: any },
    ...names.map((name) => ({ value: name, label: name.includes("/") ? name : plainWords(name) })),
  ];
  return (
    <div className="flex flex-wrap gap-2">
      {wanted.strategies.length > 1 && (
        <Select
          label="Strategy"
          value={filter.strategy ?? ANY}
          options={options(
            "All strategies",
            wanted.strategies.map(({ name }) => name),
          )}
          onChoose={(strategy) => onChange({ ...filter, strategy: strategy || null })}
        />
      )}
      {wanted.pairs.length > 1 && (
        <Select
          label="Pair"
          value={filter.pair ?? ANY}
          options={options("All pairs", wanted.pairs)}
          onChoose={(pair) => onChange({ ...filter, pair: pair || null })}
        />
      )}
    </div>
  );
}

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} className="h-8 w-full" />
    ))}
  </div>
);

interface TradesPanelProps {
  id: string;
  wanted: BacktestWanted;
  result: BacktestResult;
}

/** Every closed trade. */
export function TradesPanel({ id, wanted, result }: TradesPanelProps) {
  const [filter, setFilter] = useState<TradeFilter>({ strategy: null, pair: null });
  const query = useInfiniteQuery(tradesQuery(id, filter));
  const told = `${valueWords(result.trades, "count")} closed${result.open_trades > 0 ? `, ${result.open_trades} open at the end` : ""}`;
  return (
    <Panel
      title="Trades"
      aside={
        <div className="flex flex-wrap items-center gap-3">
          <span className="text-xs text-ink-3">{told}</span>
          <Filter wanted={wanted} filter={filter} onChange={setFilter} />
        </div>
      }
    >
      <View what="Trades" query={query} skeleton={LOADING}>
        {({ pages }) => {
          const trades = pages.flatMap((page) => page.trades);
          return trades.length === 0 ? (
            <Empty title="No trade">No trade of this kind ended in the range.</Empty>
          ) : (
            <Rows trades={trades} />
          );
        }}
      </View>
      {query.hasNextPage && (
        <div className="pt-3 text-center">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading" : "Earlier trades"}
          </Button>
        </div>
      )}
    </Panel>
  );
}
