/** Signals as they are published: from the stream into every list that is kept, a few times a second at most. */
import { useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { matches, type SignalFilter } from "../../api/queries";
import type { Signal, SignalPage } from "../../api/types";
import { useEventStream, type StreamState } from "../../lib/stream";

const SIGNALS_STREAM = "/v1/signals/stream";
const KINDS = ["signal"];
const FLUSH_MS = 250;
/** A list longer than this is cut at its end; older signals are fetched again when asked for. */
const FIRST_PAGE_MAX = 200;

type Kept = InfiniteData<SignalPage, string | null>;

export function withFresh(kept: Kept, fresh: readonly Signal[], filter: SignalFilter): Kept {
  const known = new Set(kept.pages.flatMap((page) => page.signals.map((signal) => signal.id)));
  const added = fresh.filter((signal) => matches(signal, filter) && !known.has(signal.id));
  const [first, ...rest] = kept.pages;
  if (added.length === 0 || first === undefined) return kept;
  const signals = [...added.reverse(), ...first.signals];
  return {
    ...kept,
    pages: [{ ...first, signals: rest.length > 0 ? signals : signals.slice(0, FIRST_PAGE_MAX) }, ...rest],
  };
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
      for (const query of cache.getQueryCache().findAll({ queryKey: ["signals"] })) {
        const filter = query.queryKey[1] as SignalFilter;
        cache.setQueryData<Kept>(query.queryKey, (kept) => kept && withFresh(kept, fresh, filter));
      }
      void cache.invalidateQueries({ queryKey: ["portfolios"] });
      setNewest({ signal: last, count: fresh.length });
    }, FLUSH_MS);
    return () => window.clearInterval(timer);
  }, [cache]);

  const state = useEventStream(SIGNALS_STREAM, KINDS, {
    onEvent: (_, data) => {
      if (isSignal(data)) waiting.current.push(data);
    },
    onGap: () => void cache.invalidateQueries({ queryKey: ["signals"] }),
  });

  return { state, newest };
}
