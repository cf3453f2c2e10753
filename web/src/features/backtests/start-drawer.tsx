import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { backtestsQuery, offerQuery, startBacktest } from "../../api/backtest-queries";
import { DeskProblem, wordsFor } from "../../api/problem";
import type { BacktestOffer, BacktestWanted, FieldFault } from "../../api/types";
import { newKey } from "../../lib/idempotency";
import { Button } from "../../ui/button";
import { Drawer } from "../../ui/drawer";
import { WarnIcon } from "../../ui/icons";
import { Skeleton, View } from "../../ui/states";
import { CandleChoice } from "./candle-choice";
import { FaultsProvider } from "./field";
import { NoCandles } from "./no-candles";
import { StrategyChoice } from "./strategy-choice";
import { TermsChoice } from "./terms-choice";
import { freshWish, wantedOf, wishOf, type Wish } from "./wish";

interface Act {
  wanted: BacktestWanted;
  /** Kept while the wish stays the same: pressed again after a fault, it is still the same act. */
  key: string;
}

function useStart(onStarted: (id: string) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ wanted, key }: Act) => startBacktest(wanted, key),
    onSuccess: async (started) => {
      await cache.invalidateQueries({ queryKey: backtestsQuery.queryKey });
      onStarted(started.id);
    },
  });
}

function Refused({ error }: { error: Error }) {
  const { title, detail } = wordsFor(error);
  const told = error instanceof DeskProblem && error.fields.length > 0;
  return (
    <p role="alert" className="flex items-start gap-2 text-warn">
      <WarnIcon className="mt-0.5 size-4" />
      <span>{told ? "Something above has to be mended first." : `${title}. ${detail}`}</span>
    </p>
  );
}

function Form({
  offer,
  again,
  onStarted,
}: {
  offer: BacktestOffer;
  again: BacktestWanted | null;
  onStarted: (id: string) => void;
}) {
  const [wish, setWish] = useState(() => (again === null ? freshWish(offer) : wishOf(again, offer)));
  const [key, setKey] = useState(newKey);
  const [faults, setFaults] = useState<readonly FieldFault[]>([]);
  const start = useStart(onStarted);
  const refused = start.error instanceof DeskProblem ? start.error.fields : [];

  const change = (next: Wish) => {
    setWish(next);
    setKey(newKey());
    setFaults([]);
    start.reset();
  };
  const submit = () => {
    const { wanted, faults: found } = wantedOf(wish, offer);
    setFaults(found);
    if (wanted !== null) start.mutate({ wanted, key });
  };
  const full = offer.running >= offer.running_max;

  return (
    <FaultsProvider faults={[...faults, ...refused]}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        className="grid gap-4"
      >
        <StrategyChoice wish={wish} offer={offer} onChange={change} />
        <CandleChoice wish={wish} offer={offer} onChange={change} />
        <TermsChoice wish={wish} offer={offer} onChange={change} />
        <div className="sticky bottom-0 -mx-5 grid gap-2 border-t border-line bg-raised px-5 py-3">
          {start.error !== null && <Refused error={start.error} />}
          {faults.length > 0 && (
            <p role="alert" className="text-xs font-medium text-short">
              {faults.map((fault) => fault.message).join(" ")}
            </p>
          )}
          {full && (
            <p className="text-xs text-warn">
              {offer.running} backtests are running, as many as may at once. Wait for one, or stop one.
            </p>
          )}
          <Button
            type="submit"
            disabled={start.isPending}
            className="h-10! border-accent! bg-accent! text-on-accent hover:opacity-90"
          >
            {start.isPending ? "Starting" : "Start the backtest"}
          </Button>
        </div>
      </form>
    </FaultsProvider>
  );
}

function Faults({ faults }: { faults: readonly string[] }) {
  if (faults.length === 0) return null;
  return (
    <details className="mb-4 bg-warn-quiet px-2 py-1.5 text-xs text-warn">
      <summary>
        {faults.length === 1 ? "One thing here cannot be used" : `${faults.length} things here cannot be used`}
      </summary>
      <ul className="mt-1 list-disc pl-4">
        {faults.map((fault) => (
          <li key={fault} className="wrap-anywhere">
            {fault}
          </li>
        ))}
      </ul>
    </details>
  );
}

const LOADING = (
  <div className="grid gap-3">
    {Array.from({ length: 10 }, (_, index) => (
      <Skeleton key={index} className="h-8 w-full" />
    ))}
  </div>
);

/** The form of a backtest, empty or as another one was. */
export function StartDrawer({ again, onClose }: { again: BacktestWanted | null; onClose: () => void }) {
  const go = useNavigate();
  const query = useQuery({ ...offerQuery, refetchOnMount: "always" });
  const started = (id: string) => {
    onClose();
    void go(`/backtests/${id}`);
  };
  return (
    <Drawer title={again === null ? "New backtest" : "Run it again"} onClose={onClose}>
      <View what="What can be backtested" query={query} skeleton={LOADING}>
        {(offer) => (
          <>
            <Faults faults={offer.faults} />
            {offer.candles.length === 0 ? <NoCandles /> : <Form offer={offer} again={again} onStarted={started} />}
          </>
        )}
      </View>
    </Drawer>
  );
}
