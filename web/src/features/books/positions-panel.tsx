import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { portfoliosQuery, pricesQuery } from "../../api/queries";
import type { Position } from "../../api/types";
import { formatExact, formatPrice, NOTHING, priceDigits, roundTo, signOf } from "../../lib/decimal";
import { plainWords } from "../../lib/words";
import { FeedAge } from "../../ui/age";
import { ProfitUsd, Signed } from "../../ui/figures";
import { CheckIcon } from "../../ui/icons";
import { PairLink } from "../../ui/pair-link";
import { Panel } from "../../ui/panel";
import { SideMark } from "../../ui/side";
import { Empty, Skeleton, View } from "../../ui/states";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { atMark, leverageWords } from "./marked";

interface Held {
  book: string;
  position: Position;
}

function Under({ children }: { children: ReactNode }) {
  return <span className="block text-xs font-normal text-ink-3">{children}</span>;
}

function Targets({ position, digits }: { position: Position; digits: number }) {
  return (
    <span className="inline-flex gap-x-3">
      {position.targets.map((target, index) => (
        <span key={index} className={target.hit ? "inline-flex items-center gap-0.5 text-long" : "text-ink-2"}>
          {target.hit && <CheckIcon className="size-3" />}
          {target.hit && <span className="sr-only">hit </span>}
          {formatPrice(target.price, digits)}
        </span>
      ))}
    </span>
  );
}

/** What a perpetual position carries besides its price: leverage, and funding received or paid so far. */
function Carried({ position }: { position: Position }) {
  const leverage = leverageWords(position);
  const funded = signOf(roundTo(position.funding, 2)) !== 0;
  if (leverage === null && !funded) return null;
  return (
    <Under>
      {leverage}
      {leverage !== null && funded && ", "}
      {funded && (
        <>
          funding <ProfitUsd value={position.funding} />
        </>
      )}
    </Under>
  );
}

function Row({ book, position, last }: Held & { last: string | null }) {
  const { mark, unrealized, rNow } = atMark(position, last);
  const prices = [position.entry, position.stop, ...position.targets.map((target) => target.price)];
  const digits = priceDigits(...prices);
  return (
    <tr className="border-b border-line">
      <RowHead className="py-1">
        <span className="flex items-center gap-2">
          <SideMark side={position.side} className="text-xs" />
          <PairLink pair={position.pair} />
        </span>
        <Under>
          {book}
          <span className="max-sm:hidden">, {plainWords(position.source)}</span>, <FeedAge at={position.opened_at} />
          <span className="lg:hidden">
            {leverageWords(position) !== null && `, ${leverageWords(position)}`}
            {position.liquidation !== null && `, liquidation at ${formatPrice(position.liquidation, digits)}`}
          </span>
        </Under>
      </RowHead>
      <Cell number className="max-lg:hidden">
        {formatExact(position.quantity)}
        <Carried position={position} />
      </Cell>
      <Cell number>
        {mark === null ? NOTHING : formatPrice(mark, digits)}
        <Under>{formatPrice(position.entry, digits)}</Under>
      </Cell>
      <Cell number className="max-sm:hidden">
        {formatPrice(position.stop, digits)}
        <Under>{position.stop === position.initial_stop ? "initial" : "moved"}</Under>
      </Cell>
      <Cell number className="max-lg:hidden">
        <Targets position={position} digits={digits} />
        {position.liquidation !== null && <Under>liquidation at {formatPrice(position.liquidation, digits)}</Under>}
      </Cell>
      <Cell number>
        <ProfitUsd value={unrealized} />
        <Under>
          <Signed value={rNow} digits={2} unit="R" />
        </Under>
      </Cell>
    </tr>
  );
}

const HEAD = (
  <>
    <HeadCell>Position, book, age</HeadCell>
    <HeadCell number className="max-lg:hidden">
      Quantity, leverage, funding
    </HeadCell>
    <HeadCell number>Mark, entry</HeadCell>
    <HeadCell number className="max-sm:hidden">
      Stop
    </HeadCell>
    <HeadCell number className="max-lg:hidden">
      Targets, liquidation
    </HeadCell>
    <HeadCell number>Open, USD</HeadCell>
  </>
);

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 5 }, (_, index) => (
      <Skeleton key={index} className="h-10 w-full" />
    ))}
  </div>
);

/** What every book holds, marked at the newest price. */
export function PositionsPanel({ className = "" }: { className?: string }) {
  const portfolios = useQuery(portfoliosQuery);
  const prices = useQuery(pricesQuery);
  const lastOf = new Map(prices.data?.prices.map((price) => [price.pair, price.last]));
  return (
    <Panel title="Open positions" className={className}>
      <View what="Open positions" query={portfolios} skeleton={LOADING}>
        {(data) => {
          const held: Held[] = data.portfolios.flatMap(({ name, positions }) =>
            positions.map((position) => ({ book: name, position })),
          );
          if (held.length === 0)
            return <Empty title="No open positions">They open when a signal passes every control.</Empty>;
          return (
            <Table caption="Open positions of every book" head={HEAD}>
              {held.map((row) => (
                <Row key={`${row.book} ${row.position.pair}`} {...row} last={lastOf.get(row.position.pair) ?? null} />
              ))}
            </Table>
          );
        }}
      </View>
    </Panel>
  );
}
