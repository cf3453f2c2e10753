import type { Shadow, Signal } from "../../api/types";
import { formatDecimal, formatPercent, formatPrice, priceDigits } from "../../lib/decimal";
import { SideMark } from "../../ui/side";

function shadowWords(shadow: Shadow | undefined): string | null {
  if (shadow === undefined) return null;
  if (shadow.state === "open") return "On paper this vote is still open.";
  if (shadow.r === null) return "On paper its entry was never reached.";
  return `On paper this vote ended at ${formatDecimal(shadow.r, { digits: 2, signed: true })} R.`;
}

/** Every vote with its reason and its own fate on paper, dissent included. */
export function VotesTold({ signal, shadows }: { signal: Signal; shadows: readonly Shadow[] }) {
  return (
    <ul className="mt-2">
      {signal.votes.map((vote) => {
        const { entry, stop, target } = vote;
        const stand = vote.side === signal.side ? "agrees" : vote.side === "FLAT" ? "stays out" : "dissents";
        const outcome = shadowWords(shadows.find((shadow) => shadow.analyst === vote.analyst));
        return (
          <li key={vote.analyst} className="border-t border-line py-2">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="flex items-baseline gap-2">
                <span className="font-medium">{vote.analyst}</span>
                <SideMark side={vote.side} className="text-xs" />
                {vote.side !== "FLAT" && formatPercent(String(vote.confidence), { digits: 0 })}
              </span>
              <span className="text-xs text-ink-2">{vote.abstained ? "abstained" : stand}</span>
            </div>
            <p className="text-ink-2">{vote.reason}</p>
            {entry !== null && stop !== null && target !== null && (
              <p className="text-xs text-ink-3">
                entry {formatPrice(entry, priceDigits(entry, stop, target))}, stop{" "}
                {formatPrice(stop, priceDigits(entry, stop, target))}, target{" "}
                {formatPrice(target, priceDigits(entry, stop, target))}
              </p>
            )}
            {outcome !== null && <p className="text-xs text-ink-3">{outcome}</p>}
          </li>
        );
      })}
    </ul>
  );
}
