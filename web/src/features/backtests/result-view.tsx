import type { BacktestResult, BacktestWanted } from "../../api/types";
import { AssumptionsPanel } from "./assumptions-panel";
import { BreakdownPanel } from "./breakdown-panel";
import { EquityPanel } from "./equity-panel";
import { FiguresPanel, KeyFigures } from "./figures-panel";
import { LuckPanel } from "./luck-panel";
import { MoneyPanel } from "./money-panel";
import { MonthsTable } from "./months-table";
import { TradesPanel } from "./trades-panel";
import { VerdictPanel } from "./verdict-panel";

interface ResultViewProps {
  id: string;
  wanted: BacktestWanted;
  result: BacktestResult;
}

/** A result: what to think of it first, then what it is made of, and last what it assumed. */
export function ResultView({ id, wanted, result }: ResultViewProps) {
  return (
    <div className="grid gap-y-8 pt-3">
      <VerdictPanel result={result} />
      <KeyFigures figures={result.figures} />
      <EquityPanel id={id} result={result} />
      <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
        <LuckPanel result={result} />
        <div className="grid min-w-0 content-start gap-y-8">
          <MoneyPanel money={result.money} />
          <BreakdownPanel result={result} />
        </div>
      </div>
      <MonthsTable months={result.months} />
      <FiguresPanel result={result} />
      <TradesPanel id={id} wanted={wanted} result={result} />
      <AssumptionsPanel result={result} />
    </div>
  );
}
