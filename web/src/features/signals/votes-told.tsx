import type { Shadow, Signal } from "../../api/types";
import { formatDecimal, formatPercent, formatPrice, priceDigits } from "../../lib/decimal";
import { plainWords } from "../../lib/words";
import { SideMark } from "../../ui/side";

function r(value: string): string {
  return `${formatDecimal(value, { digits: 2, signed: true })} R`;
}

/** What became of a vote that was run to its end on paper, whether or not anybody traded it. */
export function shadowWords({ state, r: result, reason, hold_r, contaminated }: Shadow, what = "this vote"): string {
  const after = contaminated ? " It counts for nothing: the model may have read about this time." : "";
  if (state === "open") return `On paper ${what} is still open.${after}`;
  if (result === null) return `On paper its entry was never reached.${after}`;
  const why = reason === null ? "" : `, ${plainWords(reason)}`;
  const held = hold_r === null ? "" : `; buying and holding meanwhile: ${r(hold_r)}`;
  return `On paper ${what} ended at ${r(result)}${why}${held}.${after}`;
}

/** Every vote with its reason and its own fate on paper, dissent included. */
export function VotesTold({ signal, shadows }: { signal: Signal; shadows: readonly Shadow[] }) {
  return (
    <ul className="mt-2">
      {signal.votes.map((vote) => {
        const { entry, stop, target } = vote;
        const stand = vote.side === signal.side ? "agrees" : vote.side === "FLAT" ? "stays out" : "dissents";
        const shadow = shadows.find(({ analyst, side }) => analyst === vote.analyst && side === vote.side);
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
            {shadow !== undefined && (
              <p className="text-xs text-ink-3" title={`Record: ${shadow.record}`}>
                {shadowWords(shadow)}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
