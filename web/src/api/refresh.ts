import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** However fast events come, an answer is not asked for again before it is this old. */
const REFRESH_AFTER_MS = 1_500;

/** Asks again for something that an event has made old. */
export function refreshOld(cache: QueryClient, queryKey: QueryKey): void {
  const state = cache.getQueryState(queryKey);
  if (state?.fetchStatus !== "idle" || Date.now() - state.dataUpdatedAt < REFRESH_AFTER_MS) return;
  void cache.invalidateQueries({ queryKey });
}
