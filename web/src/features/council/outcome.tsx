import { Link, useLocation } from "react-router";
import type { PairVotes } from "../../api/types";
import { formatPercent } from "../../lib/decimal";
import { signalSearch } from "../../lib/links";
import { SideMark } from "../../ui/side";
import { TierMark } from "../../ui/tier";

/** What the quorum made of a pair: the signal, or why there is none. */
export function Outcome({ pair, panel }: { pair: PairVotes; panel: number }) {
  const { search } = useLocation();
  const { outcome } = pair;
  if (outcome === null) return <span className="text-ink-3">no quorum</span>;
  const { side, tier, confidence, agreeing, dissenting, signal, kept_back } = outcome;
  return (
    <span className="block whitespace-normal">
      <span className="flex flex-wrap items-center gap-x-2">
        <SideMark side={side} className="text-xs" />
        <TierMark tier={tier}>
          {agreeing.length} of {panel}
        </TierMark>
        <span>{formatPercent(String(confidence), { digits: 0 })} sure</span>
        {signal !== null && (
          <Link
            to={{ search: signalSearch(search, signal) }}
            preventScrollReset
            className="text-accent underline underline-offset-4"
            aria-label={`Published: the signal of ${pair.pair}`}
          >
            published
          </Link>
        )}
      </span>
      {kept_back !== null && <span className="block text-xs text-ink-2">Kept back: {kept_back}</span>}
      {dissenting.length > 0 && <span className="block text-xs text-ink-2">Against it: {dissenting.join(", ")}</span>}
    </span>
  );
}
