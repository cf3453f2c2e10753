/** What the page asks the desk, how often, and under which key the answer is kept. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";
import { problemOf } from "./problem";
import type { SignalFilter } from "./signal-filter";
import { withRemembered } from "./streamed";
import type { Candles, Health, SignalPage, Timeframe } from "./types";

const SIGNALS_PAGE = 40;
const PRICES_EVERY_MS = 2_000;
const HEALTH_EVERY_MS = 5_000;
const STATE_EVERY_MS = 5_000;
const RESULTS_EVERY_MS = 30_000;

export const deskQuery = queryOptions({
  queryKey: ["desk"],
  queryFn: ({ signal }) => body(client.GET("/api/me", { signal })),
  refetchInterval: RESULTS_EVERY_MS,
});

async function health(signal: AbortSignal): Promise<Health> {
  const { data, error, response } = await client.GET("/v1/status/health", { signal });
  // 503 carries the same body: a desk that is not ready still says what is wrong.
  const report: unknown = data ?? error;
  if (typeof report === "object" && report !== null && "parts" in report) return report as Health;
  throw problemOf(response, error);
}

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => health(signal),
  refetchInterval: HEALTH_EVERY_MS,
});

export function signalsQuery(filter: SignalFilter) {
  return infiniteQueryOptions({
    queryKey: ["signals", filter],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: SIGNALS_PAGE,
        ...(filter.tier && { tier: filter.tier }),
        ...(filter.pair && { pair: filter.pair }),
        ...(filter.strategy && { strategy: filter.strategy }),
        ...(pageParam && { cursor: pageParam }),
      };
      const page: SignalPage = await body(client.GET("/v1/signals", { params: { query }, signal }));
      return pageParam === null ? withRemembered(page, filter) : page;
    },
    getNextPageParam: (page) => page.next,
    staleTime: RESULTS_EVERY_MS,
  });
}

export function signalQuery(id: string) {
  return queryOptions({
    queryKey: ["signal", id],
    queryFn: ({ signal }) =>
      body(client.GET("/v1/signals/{signal_id}", { params: { path: { signal_id: id } }, signal })),
    refetchInterval: STATE_EVERY_MS,
  });
}

export const EQUITY_POINTS = 1_500;

export const equityQuery = queryOptions({
  queryKey: ["equity"],
  queryFn: ({ signal }) => body(client.GET("/v1/pnl", { params: { query: { n: EQUITY_POINTS } }, signal })),
  staleTime: Infinity,
});

export const performanceQuery = queryOptions({
  queryKey: ["performance"],
  queryFn: ({ signal }) => body(client.GET("/v1/performance", { signal })),
  refetchInterval: RESULTS_EVERY_MS,
});

export const portfoliosQuery = queryOptions({
  queryKey: ["portfolios"],
  queryFn: ({ signal }) => body(client.GET("/v1/portfolios", { signal })),
  refetchInterval: STATE_EVERY_MS,
});

export const riskQuery = queryOptions({
  queryKey: ["risk"],
  queryFn: ({ signal }) => body(client.GET("/api/risk", { signal })),
  refetchInterval: STATE_EVERY_MS,
});

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: ({ signal }) => body(client.GET("/api/jobs", { params: { query: { limit: 1 } }, signal })),
  refetchInterval: RESULTS_EVERY_MS,
});

export const pricesQuery = queryOptions({
  queryKey: ["prices"],
  queryFn: ({ signal }) => body(client.GET("/api/prices", { signal })),
  refetchInterval: PRICES_EVERY_MS,
});

export const CANDLES = 1_500;

export function candlesQuery(pair: string, timeframe: Timeframe) {
  return queryOptions({
    queryKey: ["candles", pair, timeframe],
    // The client's types take a candle for a list of any length; the schema says what stands where.
    queryFn: ({ signal }) =>
      body(
        client.GET("/api/candles", { params: { query: { pair, timeframe, limit: CANDLES } }, signal }),
      ) as Promise<Candles>,
    placeholderData: keepPreviousData,
  });
}

export function indicatorsQuery(pair: string, timeframe: Timeframe, names: readonly string[]) {
  return queryOptions({
    queryKey: ["indicators", pair, timeframe, names],
    enabled: names.length > 0,
    queryFn: ({ signal }) =>
      body(
        client.GET("/api/candles/indicators", {
          params: { query: { pair, timeframe, limit: CANDLES, names: names.join(",") } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
