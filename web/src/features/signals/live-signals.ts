/** Signals as they are published: from the stream into every list that is kept, a few times a second at most. */
import { useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { SignalFilter } from "../../api/signal-filter";
import { forgetFeedTime, noteFeedTime } from "../../api/feed-clock";
import { portfoliosQuery } from "../../api/queries";
import { refreshOld } from "../../api/refresh";
import { forget, remember, withFresh } from "../../api/streamed";
import type { Signal, SignalPage } from "../../api/types";
import { venueQuery } from "../../api/venue-queries";
import { parseTime } from "../../lib/time";
import { useEventStream, type StreamState } from "../../lib/stream";

const SIGNALS_STREAM = "/v1/signals/stream";
const KINDS = ["signal"];
const FLUSH_MS = 250;
/** A list longer than this is cut at its end; older signals are fetched again when asked for. */
const FIRST_PAGE_MAX = 200;

type Kept = InfiniteData<SignalPage, string | null>;

function updated(kept: Kept, fresh: readonly Signal[], filter: SignalFilter): Kept {
  const [first, ...rest] = kept.pages;
  if (first === undefined) return kept;
  const page = withFresh(first, fresh, filter);
  if (page === first) return kept;
  const signals = rest.length > 0 ? page.signals : page.signals.slice(0, FIRST_PAGE_MAX);
  return { ...kept, pages: [{ ...page, signals }, ...rest] };
}

/** Fetches every kept list again; one that is on its way may have been asked for too early, and is asked for twice. */
async function refetch(cache: QueryClient): Promise<void> {
  const lists = { queryKey: ["signals"] };
  const onItsWay = cache.isFetching(lists) > 0;
  await cache.invalidateQueries(lists, { cancelRefetch: false });
  if (onItsWay) await cache.invalidateQueries(lists);
}

function isSignal(data: unknown): data is Signal {
  return typeof data === "object" && data !== null && "id" in data && "pair" in data && "side" in data;
}

export interface LiveSignals {
  state: StreamState;
  /** The newest signal that arrived while the page was open, and how many came with it. */
  newest: { signal: Signal; count: number } | null;
}

export function useLiveSignals(): LiveSignals {
  const cache = useQueryClient();
  const waiting = useRef<Signal[]>([]);
  const [newest, setNewest] = useState<LiveSignals["newest"]>(null);

  useEffect(() => {
    const timer = window.setInterval(() => {
      const fresh = waiting.current;
      const last = fresh.at(-1);
      if (last === undefined) return;
      waiting.current = [];
      remember(fresh);
      noteFeedTime(parseTime(last.timestamp));
      for (const query of cache.getQueryCache().findAll({ queryKey: ["signals"] })) {
        const filter = query.queryKey[1] as SignalFilter;
        cache.setQueryData<Kept>(query.queryKey, (kept) => kept && updated(kept, fresh, filter));
      }
      refreshOld(cache, portfoliosQuery.queryKey);
      refreshOld(cache, venueQuery.queryKey);
      setNewest({ signal: last, count: fresh.length });
    }, FLUSH_MS);
    return () => window.clearInterval(timer);
  }, [cache]);

  const state = useEventStream(SIGNALS_STREAM, KINDS, {
    onEvent: (_, data) => {
      if (isSignal(data)) waiting.current.push(data);
    },
    onGap: () => {
      forget();
      forgetFeedTime();
      void refetch(cache);
    },
  });

  return { state, newest };
}
