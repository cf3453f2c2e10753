import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { OrderStatus } from "../../api/venue-queries";
import type { Order, OrderPage } from "../../api/types";
import { Button } from "../../ui/button";
import { OneOf, type Option } from "../../ui/choice";
import { Panel } from "../../ui/panel";
import { Empty, Skeleton, View } from "../../ui/states";
import { HeadCell, Table } from "../../ui/table";
import { OrderRow } from "./order-row";
import { urgentFirst } from "./order-words";

const STATUSES: readonly Option<OrderStatus>[] = [
  { value: "open", label: "Open" },
  { value: "ended", label: "Ended" },
  { value: "denied", label: "Refused" },
];

const HEAD = (
  <>
    <HeadCell>Order</HeadCell>
    <HeadCell number className="max-sm:hidden">
      Filled
    </HeadCell>
    <HeadCell number className="max-sm:hidden">
      Price
    </HeadCell>
    <HeadCell>State</HeadCell>
    <HeadCell className="max-xl:hidden">Ids</HeadCell>
  </>
);

const LOADING = (
  <div className="grid gap-2 pt-3">
    {Array.from({ length: 6 }, (_, index) => (
      <Skeleton key={index} className="h-12 w-full" />
    ))}
  </div>
);

function None({ status, paper }: { status: OrderStatus; paper: boolean }) {
  if (status === "denied")
    return <Empty title="No order was refused">The controls before every order have let all of them pass.</Empty>;
  if (status === "ended")
    return <Empty title="No order has ended yet">Filled, cancelled and rejected orders are kept here.</Empty>;
  return (
    <Empty title="No open orders">
      {paper
        ? "On paper an order waits here until the bars fill it."
        : "Entries, exits and protective stops stand here while they may still change a position."}
    </Empty>
  );
}

function List({ orders, paper }: { orders: readonly Order[]; paper: boolean }) {
  return (
    <Table caption="Orders" head={HEAD}>
      {orders.map((order) => (
        <OrderRow key={order.client_id} order={order} paper={paper} />
      ))}
    </Table>
  );
}

interface OrdersPanelProps {
  query: UseInfiniteQueryResult<InfiniteData<OrderPage>>;
  status: OrderStatus;
  onChoose: (status: OrderStatus) => void;
  /** On paper there is no venue that could number orders. */
  paper: boolean;
}

/** Every order: open ones, those in doubt before all others; ended ones and refused ones, the newest first. */
export function OrdersPanel({ query, status, onChoose, paper }: OrdersPanelProps) {
  return (
    <Panel
      title={paper ? "Orders on paper" : "Our orders"}
      aside={<OneOf label="Which orders" options={STATUSES} value={status} onChoose={onChoose} />}
    >
      <View what="Orders" query={query} skeleton={LOADING}>
        {({ pages }) => {
          // Orders of the status that was shown before are none of this one.
          if (query.isPlaceholderData) return <div aria-hidden="true">{LOADING}</div>;
          const orders = pages.flatMap((page) => page.orders);
          if (orders.length === 0) return <None status={status} paper={paper} />;
          return <List orders={status === "open" ? urgentFirst(orders) : orders} paper={paper} />;
        }}
      </View>
      {query.hasNextPage && (
        <div className="pt-3 text-center">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading" : "More of them"}
          </Button>
        </div>
      )}
    </Panel>
  );
}
