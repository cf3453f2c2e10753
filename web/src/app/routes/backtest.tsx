import { useParams } from "react-router";
import { BacktestView } from "../../features/backtests/backtest-view";
import { AllBacktests } from "../../features/backtests/all-backtests";

/** One backtest: at work, or what it came to. */
export default function BacktestPage() {
  const id = useParams()["id"] ?? "";
  return (
    <>
      <title>Backtest · Quorate</title>
      <AllBacktests title="Backtest" />
      <BacktestView key={id} id={id} />
    </>
  );
}
