/** Parts of a signal that its card and its drawer share. */
import type { Signal, Stake, Vote } from "../../api/types";
import { formatPercent, formatPrice, formatUsd, percentOf, priceDigits } from "../../lib/decimal";
import { plainWords, whyOutside } from "../../lib/words";
import { SideIcon } from "../../ui/side";
import { TierMark } from "../../ui/tier";

/** How many of the panel agreed, in a word and a count. */
export function TierTag({ signal }: { signal: Signal }) {
  const agreeing = signal.votes.filter((vote) => vote.side === signal.side).length;
  const count = signal.tier === "single" ? plainWords(signal.strategy) : `${agreeing} of ${signal.votes.length}`;
  return <TierMark tier={signal.tier}>{count}</TierMark>;
}

const VOTE_TONE = { LONG: "text-long", SHORT: "text-short", FLAT: "text-ink-3" } as const;

export function VoteMark({ vote }: { vote: Vote }) {
  const said = vote.abstained ? "abstained" : vote.side;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <span className="text-ink-2">{vote.analyst}</span>
      <span className={`inline-flex items-center gap-0.5 font-medium ${VOTE_TONE[vote.side]}`}>
        <SideIcon side={vote.side} className="size-2.5" />
        {said}
      </span>
      {vote.side !== "FLAT" && (
        <span className="text-ink-3">{formatPercent(String(vote.confidence), { digits: 0 })}</span>
      )}
    </span>
  );
}

/** Entry, stop and targets of a signal as exact text, all with the same number of digits. */
export function levelsOf(signal: Signal): { entry: string; stop: string; targets: string[] } {
  const prices = [String(signal.entry_price), signal.plan.stop, ...signal.targets.map((target) => target.price)];
  const digits = priceDigits(...prices);
  return {
    entry: formatPrice(String(signal.entry_price), digits),
    stop: formatPrice(signal.plan.stop, digits),
    targets: signal.targets.map((target) => formatPrice(target.price, digits)),
  };
}

/** "33 %", and "rest" for a target that closes all that is left. */
export function fractionWords(fraction: string): string {
  const percent = percentOf(fraction);
  return percent === "100" ? "rest" : formatPercent(fraction, { digits: 0 });
}

export function StakeLine({ stake }: { stake: Stake }) {
  return (
    <>
      <span className="text-ink-2">{stake.name}</span>{" "}
      {stake.blocked_by === null ? (
        <span className="font-medium whitespace-nowrap">{formatUsd(stake.size_usd, { digits: 0 })} USD</span>
      ) : (
        <span className="text-ink-3">out: {whyOutside(stake.blocked_by)}</span>
      )}
    </>
  );
}
