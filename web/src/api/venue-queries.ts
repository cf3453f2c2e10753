/** What the page asks about the venue and its orders, and how often. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";
import type { OrderPage } from "./types";

export type OrderStatus = "open" | "ended" | "denied";

const EVERY_MS = 5_000;
/** Open orders stand on one page: the controls let no desk have more than so many, and one in doubt must be seen. */
const PAGE: Record<OrderStatus, number> = { open: 200, ended: 20, denied: 20 };

export const venueQuery = queryOptions({
  queryKey: ["venue"],
  queryFn: ({ signal }) => body(client.GET("/v1/venue", { signal })),
  refetchInterval: EVERY_MS,
});

export function ordersQuery(status: OrderStatus) {
  return infiniteQueryOptions({
    queryKey: ["orders", status],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }): Promise<OrderPage> => {
      const query = { status, limit: PAGE[status], ...(pageParam && { before: pageParam }) };
      return body(client.GET("/v1/orders", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
}
