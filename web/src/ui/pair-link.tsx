import { Link } from "react-router";
import { marketPath } from "../lib/links";

/** A pair that leads to its market. */
export function PairLink({ pair, className = "" }: { pair: string; className?: string }) {
  return (
    <Link to={marketPath(pair)} className={`underline-offset-4 hover:underline ${className}`}>
      {pair}
    </Link>
  );
}
