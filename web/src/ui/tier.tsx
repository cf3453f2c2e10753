/** How many of a panel agreed, in a word and a count. */
import type { ReactNode } from "react";
import type { Tier } from "../api/types";

const TONE: Record<Tier, string> = {
  gold: "border-gold text-gold",
  silver: "border-silver text-silver",
  single: "border-line-strong border-dashed text-ink-2",
};

export function TierMark({ tier, children }: { tier: Tier; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap ${TONE[tier]}`}
    >
      {tier} · {children}
    </span>
  );
}
