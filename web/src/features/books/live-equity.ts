/** Equity as it is marked: from the stream into the kept curve, a few times a second at most. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { noteFeedTime } from "../../api/feed-clock";
import { EQUITY_POINTS, equityQuery, performanceQuery, portfoliosQuery } from "../../api/queries";
import { refreshOld } from "../../api/refresh";
import type { EquityPoint } from "../../api/types";
import { parseTime } from "../../lib/time";
import { useEventStream, type StreamState } from "../../lib/stream";

const FLUSH_MS = 500;
const KINDS = ["equity", "trade"];
/** A curve that has grown beyond this is fetched anew: the desk thins it. */
const POINTS_MAX = EQUITY_POINTS * 6;

function isPoint(data: unknown): data is EquityPoint {
  return typeof data === "object" && data !== null && "equity" in data && "portfolio" in data;
}

export function useLiveEquity(): StreamState {
  const cache = useQueryClient();
  const waiting = useRef<EquityPoint[]>([]);

  useEffect(() => {
    const timer = window.setInterval(() => {
      const fresh = waiting.current;
      const last = fresh.at(-1);
      if (last === undefined) return;
      waiting.current = [];
      noteFeedTime(parseTime(last.timestamp));
      const kept = cache.getQueryData(equityQuery.queryKey);
      if (kept === undefined) return;
      if (kept.points.length + fresh.length > POINTS_MAX) void cache.invalidateQueries(equityQuery);
      else cache.setQueryData(equityQuery.queryKey, { points: [...kept.points, ...fresh] });
    }, FLUSH_MS);
    return () => window.clearInterval(timer);
  }, [cache]);

  return useEventStream("/v1/pnl/stream", KINDS, {
    onEvent: (kind, data) => {
      if (kind === "equity" && isPoint(data)) waiting.current.push(data);
      if (kind === "trade") {
        refreshOld(cache, performanceQuery.queryKey);
        refreshOld(cache, portfoliosQuery.queryKey);
      }
    },
    onGap: () => void cache.invalidateQueries(equityQuery),
  });
}
