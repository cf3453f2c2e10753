/** What the pages of the council ask the desk: votes, records, agents, lessons, the optimizer, prompts, context. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";
import { DeskProblem } from "./problem";
import type { CouncilCycle, OptimizerConfig } from "./types";

const LATEST_EVERY_MS = 5_000;
const DECISIONS_EVERY_MS = 10_000;
const RECORDS_EVERY_MS = 30_000;
const CONTEXT_EVERY_MS = 15_000;
/** Cycles of one page: what agreement is told over, and what is fetched when somebody goes further back. */
export const CYCLES_PAGE = 12;
const LESSONS_PAGE = 20;
const DECISIONS = 20;
const VERSIONS = 20;

/** The newest cycle alone: it is small, and asked for often. */
export const latestCycleQuery = queryOptions({
  queryKey: ["council", "latest"],
  queryFn: async ({ signal }) => {
    const { cycles } = await body(client.GET("/v1/council", { params: { query: { limit: 1 } }, signal }));
    return cycles[0] ?? null;
  },
  refetchInterval: LATEST_EVERY_MS,
});

export const cyclesQuery = infiniteQueryOptions({
  queryKey: ["council", "cycles"],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: CYCLES_PAGE, ...(pageParam !== null && { before: pageParam }) };
    return body(client.GET("/v1/council", { params: { query }, signal }));
  },
  getNextPageParam: (page) => page.next,
  staleTime: Infinity,
});

/** The journal's place right after `id`: asking for what lies before it begins with `id` itself. */
export function placeAfter(id: string): string {
  const match = /^(\d{1,9})-(\d{1,18})$/.exec(id);
  if (match === null) throw new RangeError(`not a place in the journal: ${id}`);
  return `${match[1]}-${BigInt(match[2] ?? "0") + 1n}`;
}

function missing(detail: string): DeskProblem {
  return new DeskProblem("Not found", detail, { status: 404, code: "not_found", requestId: null });
}

/** One cycle. It never changes, so that it is asked for once. */
export function cycleQuery(id: string) {
  return queryOptions({
    queryKey: ["council", "cycle", id],
    queryFn: async ({ signal }): Promise<CouncilCycle> => {
      if (!/^\d{1,9}-\d{1,18}$/.test(id)) throw missing(`${id} is no place in the journal.`);
      const query = { limit: 1, before: placeAfter(id) };
      const { cycles } = await body(client.GET("/v1/council", { params: { query }, signal }));
      if (cycles[0]?.id !== id) throw missing(`There is no cycle of the council at ${id}.`);
      return cycles[0];
    },
    staleTime: Infinity,
  });
}

export function recordsQuery(earlier: boolean) {
  return queryOptions({
    queryKey: ["records", earlier],
    queryFn: ({ signal }) =>
      body(client.GET("/v1/models", { params: { query: { ...(earlier && { all_records: true }) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: RECORDS_EVERY_MS,
  });
}

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: ({ signal }) => body(client.GET("/v1/agents", { params: { query: { limit: DECISIONS } }, signal })),
  refetchInterval: DECISIONS_EVERY_MS,
});

export const lessonsQuery = infiniteQueryOptions({
  queryKey: ["lessons"],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: LESSONS_PAGE, ...(pageParam !== null && { before: pageParam }) };
    return body(client.GET("/v1/lessons", { params: { query }, signal }));
  },
  getNextPageParam: (page) => page.next,
  refetchInterval: RECORDS_EVERY_MS,
});

export const optimizerQuery = queryOptions({
  queryKey: ["optimizer"],
  // The same path runs the optimizer when it is asked to; without `run` it answers with what holds.
  queryFn: ({ signal }) =>
    body(client.GET("/api/optimize", { params: { query: { limit: VERSIONS } }, signal })) as Promise<OptimizerConfig>,
  refetchInterval: DECISIONS_EVERY_MS,
});

/** Makes the values of an earlier version hold again. The same key asks for the same act, however often it is sent. */
export function goBackTo(version: number, key: string) {
  return body(
    client.POST("/api/optimize/revert", { params: { header: { "idempotency-key": key } }, body: { version } }),
  );
}

export function promptQuery(digest: string, record: string | null) {
  return queryOptions({
    queryKey: ["prompt", digest],
    queryFn: ({ signal }) =>
      body(
        client.GET("/v1/prompts/{digest}", {
          params: { path: { digest }, query: { ...(record !== null && { record }) } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });
}

export function answerQuery(record: string) {
  return queryOptions({
    queryKey: ["answer", record],
    queryFn: ({ signal }) => body(client.GET("/v1/answers/{record}", { params: { path: { record } }, signal })),
    staleTime: Infinity,
  });
}

export const contextQuery = queryOptions({
  queryKey: ["context"],
  queryFn: ({ signal }) => body(client.GET("/api/context", { signal })),
  refetchInterval: CONTEXT_EVERY_MS,
});
