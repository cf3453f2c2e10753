import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState, type FocusEvent } from "react";
import { deskQuery, signalsQuery } from "../../api/queries";
import type { SignalFilter } from "../../api/signal-filter";
import type { Signal } from "../../api/types";
import { Button } from "../../ui/button";
import { Skeleton, View } from "../../ui/states";
import { NoSignals } from "./no-signals";
import { SignalCard } from "./signal-card";

const WIDE_PX = 1024;
const STEP = 12;
/** On a narrow screen the rest of the desk lies under the list, and must not be far away. */
const STEP_NARROW = 5;

function CardSkeleton() {
  return (
    <div className="grid gap-2 border-b border-line py-3 compact:gap-1 compact:py-2">
      <Skeleton className="h-6 w-56" />
      <Skeleton className="h-5 w-40" />
      <Skeleton className="h-9 w-full" />
      <Skeleton className="h-4 w-64" />
      <Skeleton className="h-5 w-48" />
    </div>
  );
}

const LOADING = Array.from({ length: 5 }, (_, index) => <CardSkeleton key={index} />);

interface CardsProps {
  signals: readonly Signal[];
  onOpen: (id: string) => void;
  /** Fetches earlier signals; null when the journal holds no more. */
  onEarlier: (() => void) | null;
}

/** While somebody reads or points at the list, new signals wait behind a button instead of moving it away. */
function useHeldBack(signals: readonly Signal[]) {
  const [reading, setReading] = useState(false);
  const [top, setTop] = useState<string | null>(null);
  const newest = signals[0]?.id ?? null;
  const place = signals.findIndex((signal) => signal.id === top);
  if (newest !== top && (!reading || place < 0)) setTop(newest);
  const waiting = reading && place > 0 ? place : 0;
  return {
    waiting,
    show: () => setTop(newest),
    watch: {
      onPointerEnter: () => setReading(true),
      onPointerLeave: () => setReading(false),
      onFocus: () => setReading(true),
      onBlur: (event: FocusEvent<HTMLElement>) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setReading(false);
      },
    },
  };
}

function Cards({ signals, onOpen, onEarlier }: CardsProps) {
  const [count, setCount] = useState(() => (window.innerWidth < WIDE_PX ? STEP_NARROW : STEP));
  const { waiting, show, watch } = useHeldBack(signals);
  const shown = signals.slice(waiting, waiting + count);
  const hasMore = signals.length > waiting + count;
  const more = () => {
    setCount(count + STEP);
    if (signals.length < waiting + count + STEP) onEarlier?.();
  };
  return (
    <div {...watch}>
      {waiting > 0 && (
        <div className="sticky top-0 z-10 flex justify-center bg-page py-1">
          <Button onClick={show}>
            Show {waiting} new {waiting === 1 ? "signal" : "signals"}
          </Button>
        </div>
      )}
      <ol aria-label="Signals, newest first">
        {shown.map((signal) => (
          <li key={signal.id}>
            <SignalCard signal={signal} onOpen={onOpen} />
          </li>
        ))}
      </ol>
      {(hasMore || onEarlier !== null) && (
        <Button className="mt-3 w-full" onClick={more}>
          Show older signals
        </Button>
      )}
    </div>
  );
}

interface SignalListProps {
  filter: SignalFilter;
  onOpen: (id: string) => void;
}

export function SignalList({ filter, onOpen }: SignalListProps) {
  const query = useInfiniteQuery(signalsQuery(filter));
  const desk = useQuery(deskQuery);
  const filtered = filter.tier !== null || filter.pair !== null || filter.strategy !== null;
  return (
    <View what="Signals" query={query} skeleton={LOADING}>
      {(data) => {
        const signals = data.pages.flatMap((page) => page.signals);
        if (signals.length === 0) return <NoSignals filtered={filtered} desk={desk.data} />;
        return (
          <Cards
            key={JSON.stringify(filter)}
            signals={signals}
            onOpen={onOpen}
            onEarlier={query.hasNextPage ? () => void query.fetchNextPage() : null}
          />
        );
      }}
    </View>
  );
}
