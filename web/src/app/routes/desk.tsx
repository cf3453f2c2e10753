import { useQuery } from "@tanstack/react-query";
import { portfoliosQuery } from "../../api/queries";
import { BooksStrip } from "../../features/books/books-strip";
import { EquityPanel } from "../../features/books/equity-panel";
import { PositionsPanel } from "../../features/books/positions-panel";
import { HealthStrip } from "../../features/health/health-strip";
import { BreakerBoard } from "../../features/risk/breaker-board";
import { SignalsPanel } from "../../features/signals/signals-panel";

const COLUMNS =
  "lg:grid-cols-[minmax(0,25rem)_minmax(0,1fr)] lg:grid-rows-[auto_1fr] xl:grid-cols-[minmax(0,27rem)_minmax(0,1fr)] " +
  "2xl:grid-cols-[minmax(0,28rem)_minmax(0,1fr)_minmax(0,27rem)] 2xl:grid-rows-none";

/** The desk at work: books, signals, curves, positions, breakers, health. */
export default function DeskPage() {
  const { isPending } = useQuery(portfoliosQuery);
  return (
    <>
      <title>Desk · Quorate</title>
      <h1 className="sr-only">Desk</h1>
      <BooksStrip />
      <div className={`mt-4 grid gap-x-8 gap-y-8 ${COLUMNS}`}>
        <SignalsPanel className="lg:row-span-2 2xl:row-span-1" />
        <div className="grid min-w-0 content-start gap-y-8">
          <EquityPanel />
          <PositionsPanel />
        </div>
        {/* Nobody knows how long the list of positions is before it is there: what lies below it waits for it. */}
        {!isPending && (
          <div className="grid min-w-0 content-start gap-y-8 lg:col-start-2 2xl:col-start-3 2xl:row-start-1">
            <BreakerBoard />
            <HealthStrip />
          </div>
        )}
      </div>
    </>
  );
}
