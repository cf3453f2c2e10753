/** Everything one chart shows, asked for and put together. */
import { useInfiniteQuery, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import {
  candlesQuery,
  indicatorsQuery,
  portfoliosQuery,
  pricesQuery,
  signalQuery,
  signalsQuery,
} from "../../api/queries";
import type { Desk, Timeframe } from "../../api/types";
import { timeframeMs } from "../../lib/time";
import { baseTimeframe } from "../../lib/timeframes";
import { priceDigits } from "../../lib/decimal";
import { barsOf, formingBar, isBehind } from "./bars";
import { levelsOf, marksOf } from "./overlays";

/** Signals whose trades are asked for, each by a request of its own. */
const TRADED_SIGNALS_MAX = 8;
const DIGITS_FROM_BARS = 200;

export function useChartData(desk: Desk, pair: string, timeframe: Timeframe, names: readonly string[]) {
  const cache = useQueryClient();
  const base = baseTimeframe(desk) ?? timeframe;
  const isCoarser = timeframeMs(timeframe) > timeframeMs(base);
  const candles = useQuery(candlesQuery(pair, timeframe));
  const finer = useQuery({ ...candlesQuery(pair, base), enabled: isCoarser });
  const indicators = useQuery(indicatorsQuery(pair, timeframe, names));
  const prices = useQuery(pricesQuery);
  const portfolios = useQuery(portfoliosQuery);
  const signals = useInfiniteQuery(signalsQuery({ tier: null, strategy: null, pair }));

  const price = prices.data?.prices.find((quote) => quote.pair === pair);
  const shown = candles.data?.pair === pair && candles.data.timeframe === timeframe ? candles.data : undefined;
  const bars = useMemo(() => (shown === undefined ? [] : barsOf(shown)), [shown]);
  const finerBars = useMemo(
    () => (finer.data?.pair === pair && isCoarser ? barsOf(finer.data) : []),
    [finer.data, pair, isCoarser],
  );
  const published = useMemo(() => signals.data?.pages.flatMap((page) => page.signals) ?? [], [signals.data]);
  const details = useQueries({
    queries: published
      .filter((signal) => signal.portfolios.some((stake) => stake.blocked_by === null))
      .slice(0, TRADED_SIGNALS_MAX)
      .map((signal) => ({ ...signalQuery(signal.id), refetchInterval: 30_000 })),
    combine: (results) => results.flatMap((result) => result.data ?? []),
  });

  const last = bars.at(-1);
  const lastFiner = finerBars.at(-1);
  const behind = last !== undefined && isBehind(last, timeframe, price);
  const finerBehind = lastFiner !== undefined && isBehind(lastFiner, base, price);
  useEffect(() => {
    if (behind) {
      void cache.invalidateQueries({ queryKey: ["candles", pair, timeframe] });
      void cache.invalidateQueries({ queryKey: ["indicators", pair, timeframe] });
    }
    if (finerBehind) void cache.invalidateQueries({ queryKey: ["candles", pair, base] });
  }, [cache, behind, finerBehind, price?.at, pair, timeframe, base]);

  const forming = useMemo(
    () => (last === undefined ? null : formingBar(last, timeframe, finerBars, price)),
    [last, timeframe, finerBars, price],
  );
  const levels = useMemo(
    () => levelsOf(pair, portfolios.data?.portfolios ?? [], published[0]),
    [pair, portfolios.data, published],
  );
  const marks = useMemo(() => marksOf(bars, published, details), [bars, published, details]);
  const digits = useMemo(
    () => priceDigits(...(shown?.candles.slice(-DIGITS_FROM_BARS).map(([, , , , close]) => close) ?? [])),
    [shown],
  );
  const columns =
    indicators.data?.pair === pair && indicators.data.timeframe === timeframe ? indicators.data : undefined;

  return {
    candles,
    bars,
    forming,
    digits,
    levels,
    marks,
    price,
    estimated: shown?.estimated ?? false,
    indicators: names.length > 0 ? columns : undefined,
    indicatorsError: indicators.error,
  };
}
