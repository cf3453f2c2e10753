import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { deskQuery } from "../../api/queries";
import type { Desk } from "../../api/types";
import { marketPath } from "../../lib/links";
import { Button } from "../../ui/button";
import { Drawer } from "../../ui/drawer";
import { ChevronIcon } from "../../ui/icons";
import { Empty, Skeleton, View } from "../../ui/states";
import { useMarketAddress } from "./address";
import { ChartPanel } from "./chart-panel";
import { PairPicker } from "./pair-picker";

interface MarketProps {
  /** What stands beside the chart of a pair. */
  beside: (pair: string) => ReactNode;
}

function Market({ desk, beside }: MarketProps & { desk: Desk }) {
  const navigate = useNavigate();
  const [picking, setPicking] = useState(false);
  const { pair, known, timeframe, indicators, search, setTimeframe, setIndicators } = useMarketAddress(desk);
  if (pair === undefined || timeframe === undefined) {
    return <Empty title="The feed carries no market yet">Markets are listed when the feed opens.</Empty>;
  }
  const choose = (next: string) => {
    setPicking(false);
    void navigate({ pathname: marketPath(next), search }, { preventScrollReset: true });
  };
  return (
    <>
      <title>{`${pair} · Quorate`}</title>
      <div className="grid gap-x-6 gap-y-8 lg:grid-cols-[15rem_minmax(0,1fr)] xl:grid-cols-[15rem_minmax(0,1fr)_24rem]">
        <div className="hidden h-[calc(100dvh-5rem)] pt-3 lg:sticky lg:top-2 lg:block">
          <PairPicker chosen={pair} onChoose={choose} />
        </div>
        <div className="min-w-0">
          <Button className="mt-3 w-full justify-between lg:hidden" onClick={() => setPicking(true)}>
            Choose another pair <ChevronIcon />
          </Button>
          {known ? (
            <ChartPanel
              desk={desk}
              pair={pair}
              timeframe={timeframe}
              indicators={indicators}
              onTimeframe={setTimeframe}
              onIndicators={setIndicators}
            />
          ) : (
            <Empty title={`The feed does not carry ${pair}`}>Choose one of its {desk.pairs.length} pairs.</Empty>
          )}
        </div>
        {known && <div className="min-w-0 lg:col-start-2 xl:col-start-3 xl:pt-3">{beside(pair)}</div>}
      </div>
      {picking && (
        <Drawer title="Choose a pair" side="left" onClose={() => setPicking(false)}>
          <PairPicker chosen={pair} onChoose={choose} />
        </Drawer>
      )}
    </>
  );
}

const LOADING = (
  <div className="grid gap-4 pt-3 lg:grid-cols-[15rem_minmax(0,1fr)]">
    <Skeleton className="h-96 w-full max-lg:hidden" />
    <div className="grid content-start gap-4">
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-8 w-72" />
      <Skeleton className="h-[30rem] w-full" />
    </div>
  </div>
);

export function MarketView({ beside }: MarketProps) {
  const query = useQuery(deskQuery);
  return (
    <View what="Markets" query={query} skeleton={LOADING}>
      {(desk) => <Market desk={desk} beside={beside} />}
    </View>
  );
}
