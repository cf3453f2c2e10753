import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { ordersQuery, venueQuery, type OrderStatus } from "../../api/venue-queries";
import type { Venue } from "../../api/types";
import { Skeleton, View } from "../../ui/states";
import { BalancesPanel } from "./balances-panel";
import { BreaksPanel } from "./breaks-panel";
import { OrderBooksPanel } from "./order-books-panel";
import { OrdersPanel } from "./orders-panel";
import { Standing } from "./standing";
import { StrangersPanel } from "./strangers-panel";
import { UnprotectedPanel } from "./unprotected-panel";

function statusOf(text: string | null): OrderStatus {
  return text === "ended" || text === "denied" ? text : "open";
}

const LOADING = (
  <div className="grid gap-3 pt-3">
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} className="h-12 w-full" />
    ))}
  </div>
);

function Parts({ venue }: { venue: Venue }) {
  const [search, setSearch] = useSearchParams();
  const status = statusOf(search.get("orders"));
  const paper = venue.state === "paper";
  const query = useInfiniteQuery(ordersQuery(status));
  // Nobody knows how many orders there are before they are there: what lies below them waits.
  const pending = query.isPending;
  const choose = (next: OrderStatus) => {
    const asked = new URLSearchParams(search);
    if (next === "open") asked.delete("orders");
    else asked.set("orders", next);
    setSearch(asked, { replace: true });
  };
  const orders = <OrdersPanel query={query} status={status} onChoose={choose} paper={paper} />;
  return (
    <>
      <Standing venue={venue} />
      {paper ? (
        <div className="mt-6">{orders}</div>
      ) : (
        <div className="mt-6 grid gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,24rem)]">
          <div className="grid min-w-0 content-start gap-8">
            <UnprotectedPanel positions={venue.unprotected} />
            {orders}
            {!pending && <StrangersPanel orders={venue.external_orders} />}
          </div>
          {!pending && (
            <div className="grid min-w-0 content-start gap-8">
              <BreaksPanel breaks={venue.breaks} />
              <OrderBooksPanel blocked={venue.blocked_books} silent={venue.state === "silent"} />
              <BalancesPanel venue={venue} />
            </div>
          )}
        </div>
      )}
    </>
  );
}

/** Where orders go: how the venue is, what is wrong there, and every order. */
export function VenueView() {
  const query = useQuery(venueQuery);
  return (
    <View what="Venue" query={query} skeleton={LOADING}>
      {(venue) => <Parts venue={venue} />}
    </View>
  );
}
