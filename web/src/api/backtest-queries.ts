/** What the page asks about backtests, how often, and the acts on them. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";
import type { BacktestDetail, BacktestPage, BacktestWanted } from "./types";

const LIST_PAGE = 50;
const TRADES_PAGE = 100;
const CURVE_POINTS = 4_000;
const RUNNING_EVERY_MS = 1_000;
const LIST_EVERY_MS = 10_000;

export const offerQuery = queryOptions({
  queryKey: ["backtests", "offer"],
  queryFn: ({ signal }) => body(client.GET("/v1/backtests/offer", { signal })),
  staleTime: 30_000,
});

export const backtestsQuery = infiniteQueryOptions({
  queryKey: ["backtests", "list"],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }): Promise<BacktestPage> => {
    const query = { limit: LIST_PAGE, ...(pageParam !== null && { before: pageParam }) };
    return body(client.GET("/v1/backtests", { params: { query }, signal }));
  },
  getNextPageParam: (page) => page.next,
  refetchInterval: ({ state }) => ((state.data?.pages[0]?.running ?? 0) > 0 ? RUNNING_EVERY_MS : LIST_EVERY_MS),
});

export function backtestQuery(id: string) {
  return queryOptions({
    queryKey: ["backtests", "one", id],
    queryFn: ({ signal }): Promise<BacktestDetail> =>
      body(client.GET("/v1/backtests/{backtest_id}", { params: { path: { backtest_id: id } }, signal })),
    // What has ended does not change any more.
    staleTime: ({ state }) => (state.data?.backtest.state === "running" ? 0 : Infinity),
  });
}

export function curveQuery(id: string, curve: string) {
  return queryOptions({
    queryKey: ["backtests", "curve", id, curve],
    queryFn: ({ signal }) =>
      body(client.GET("/v1/backtest/pnl", { params: { query: { id, curve, n: CURVE_POINTS } }, signal })),
    staleTime: Infinity,
  });
}

export interface TradeFilter {
  strategy: string | null;
  pair: string | null;
}

export function tradesQuery(id: string, { strategy, pair }: TradeFilter) {
  return infiniteQueryOptions({
    queryKey: ["backtests", "trades", id, strategy, pair],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        id,
        limit: TRADES_PAGE,
        ...(strategy !== null && { strategy }),
        ...(pair !== null && { pair }),
        ...(pageParam !== null && { before: pageParam }),
      };
      return body(client.GET("/v1/backtest/trades", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

/** The same key starts the same backtest, however often it is sent. */
export function startBacktest(wanted: BacktestWanted, key: string) {
  return body(client.POST("/v1/backtests", { params: { header: { "idempotency-key": key } }, body: wanted }));
}

export function endBacktest(id: string, act: "stop" | "remove") {
  return body(client.DELETE("/v1/backtests/{backtest_id}", { params: { path: { backtest_id: id }, query: { act } } }));
}

export function eventsPath(id: string): string {
  return `/v1/backtests/${id}/events`;
}

export function reportPath(id: string, { download = false } = {}): string {
  return `/v1/backtests/${id}/report${download ? "?download=true" : ""}`;
}
