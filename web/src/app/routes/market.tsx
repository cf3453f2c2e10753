import { MarketView } from "../../features/market/market-view";
import { PairSignals } from "../../features/signals/signals-panel";

/** One market at a time: its candles, what the desk did on them, and its signals. */
export default function MarketPage() {
  return (
    <>
      <title>Market · Quorate</title>
      <MarketView beside={(pair) => <PairSignals pair={pair} />} />
    </>
  );
}
