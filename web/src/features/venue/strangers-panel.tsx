import type { ExternalOrder } from "../../api/types";
import { formatExact, formatPrice } from "../../lib/decimal";
import { Age } from "../../ui/age";
import { PairLink } from "../../ui/pair-link";
import { Panel } from "../../ui/panel";
import { Cell, HeadCell, RowHead, Table } from "../../ui/table";
import { ActionMark } from "./order-row";

const HEAD = (
  <>
    <HeadCell>Order</HeadCell>
    <HeadCell number>Open quantity</HeadCell>
    <HeadCell number>Price</HeadCell>
    <HeadCell number className="max-sm:hidden">
      Seen
    </HeadCell>
  </>
);

/** Open orders on the account that are not ours: counted in the risk, never touched. */
export function StrangersPanel({ orders }: { orders: readonly ExternalOrder[] }) {
  return (
    <Panel
      title="Somebody else's orders"
      aside={<span className="text-xs text-ink-3">counted in the risk, never touched</span>}
    >
      {orders.length === 0 ? (
        <p className="py-3 text-ink-2">There are none on this account: every open order is the desk's own.</p>
      ) : (
        <Table caption="Open orders on the account that are not the desk's" head={HEAD}>
          {orders.map((order) => (
            <tr key={`${order.pair} ${order.venue_id}`} className="border-b border-line">
              <RowHead className="py-1.5 align-top whitespace-normal!">
                <span className="flex flex-wrap items-center gap-x-2">
                  <ActionMark action={order.action} />
                  <PairLink pair={order.pair} />
                </span>
                <span className="block font-mono text-xs font-normal wrap-anywhere text-ink-3">{order.venue_id}</span>
              </RowHead>
              <Cell number className="py-1.5 align-top">
                {formatExact(order.open_quantity)}
              </Cell>
              <Cell number className="py-1.5 align-top">
                {order.price === null ? "market" : formatPrice(order.price)}
              </Cell>
              <Cell number className="py-1.5 align-top max-sm:hidden">
                <Age at={order.at} word="ago" />
              </Cell>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
