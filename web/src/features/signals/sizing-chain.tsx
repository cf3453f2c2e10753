import type { Stake } from "../../api/types";
import { formatDecimal, formatPercent, formatUsd, parseDecimal, toNumber } from "../../lib/decimal";
import { plainWords, whyOutside } from "../../lib/words";

/** The links of the sizing chain in the order in which they are multiplied; others follow as they come. */
const ORDER = ["base", "kelly", "anti_martingale", "regime", "confidence", "size", "stop_distance", "cap"];
const MULTIPLIED = new Set(["base", "kelly", "anti_martingale", "regime", "confidence", "size"]);

interface Link {
  name: string;
  value: string;
  why: string;
  /** Share of equity after this link, for the bar; null where the link is no factor. */
  after: number | null;
}

export function chainOf(stake: Stake): Link[] {
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = Object.keys(stake.factors).sort((left, right) => rank(left) - rank(right));
  let running = 1;
  return names.flatMap((name) => {
    const factor = stake.factors[name];
    if (factor === undefined) return [];
    const multiplies = MULTIPLIED.has(name);
    if (multiplies) running *= toNumber(factor.value);
    return [{ name, value: factor.value, why: factor.why, after: multiplies ? running : null }];
  });
}

function valueWords(name: string, value: string): string {
  if (name === "base" || name === "cap" || name === "stop_distance") return formatPercent(value, { digits: 2 });
  return `× ${formatDecimal(value, { digits: Math.min(3, Math.max(2, parseDecimal(value).scale)) })}`;
}

/** How one book's size came about: every factor with its reason, and the share of equity after it as a bar. */
export function SizingChain({ stake }: { stake: Stake }) {
  const chain = chainOf(stake);
  const widest = Math.max(...chain.map((link) => link.after ?? 0), 1e-9);
  return (
    <section aria-label={`Size in ${stake.name}`} className="border-t border-line py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h4 className="font-semibold">{stake.name}</h4>
        {stake.blocked_by === null ? (
          <p>
            <span className="font-medium">{formatUsd(stake.size_usd)} USD</span>{" "}
            <span className="text-ink-2">= {formatPercent(stake.final_risk_pct, { digits: 2 })} of equity</span>
          </p>
        ) : (
          <p className="text-ink-2">stays out: {whyOutside(stake.blocked_by)}</p>
        )}
      </div>
      {chain.length > 0 && (
        <ol className="mt-2 grid gap-1.5">
          {chain.map((link) => (
            <li key={link.name} className="grid grid-cols-[7.5rem_4.5rem_1fr] items-center gap-x-3 text-xs">
              <span>{plainWords(link.name)}</span>
              <span className="text-right">{valueWords(link.name, link.value)}</span>
              <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" className="h-1.5 w-full">
                {link.after !== null && <rect width={(link.after / widest) * 100} height="6" className="fill-accent" />}
              </svg>
              <span className="col-span-3 text-ink-3">{link.why}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
