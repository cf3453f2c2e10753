import { BacktestsView } from "../../features/backtests/backtests-view";

/** All backtests, and where another one is started. */
export default function BacktestsPage() {
  return (
    <>
      <title>Backtests · Quorate</title>
      <h1 className="pt-2 text-lg font-semibold">Backtests</h1>
      <BacktestsView />
    </>
  );
}
