import { Link } from "react-router";

/** The head of a page about some backtests, with the way back to all of them. */
export function AllBacktests({ title }: { title: string }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 pt-2">
      <h1 className="text-lg font-semibold">{title}</h1>
      <Link to="/backtests" className="text-accent underline underline-offset-4">
        All backtests
      </Link>
    </div>
  );
}
