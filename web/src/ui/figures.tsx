/** Numbers: tabular, signed where gain and loss matter, exact where money is. */
import type { ReactNode } from "react";
import { formatDecimal, formatUsd, NOTHING, signOf } from "../lib/decimal";

const TONE = { "-1": "text-short", "0": "text-ink", "1": "text-long" } as const;

function toneOf(value: string): string {
  return TONE[String(signOf(value)) as keyof typeof TONE];
}

/** Profit or loss in US dollars, signed and coloured. */
export function ProfitUsd({ value, className = "" }: { value: string | null; className?: string }) {
  if (value === null) return <span className="text-ink-3">{NOTHING}</span>;
  return (
    <span className={`whitespace-nowrap ${toneOf(value)} ${className}`}>{formatUsd(value, { signed: true })}</span>
  );
}

interface SignedProps {
  /** A statistic, which the desk sends as a number; null where there is too little to tell. */
  value: number | null;
  digits: number;
  unit: string;
}

export function Signed({ value, digits, unit }: SignedProps) {
  if (value === null || !Number.isFinite(value)) return <span className="text-ink-3">{NOTHING}</span>;
  const text = value.toFixed(digits + 4);
  return (
    <span className={`whitespace-nowrap ${toneOf(Number(value.toFixed(digits)) === 0 ? "0" : text)}`}>
      {formatDecimal(text, { digits, signed: true })} {unit}
    </span>
  );
}

/** A statistic without a direction, or a dash. */
export function plain(value: number | null, digits: number, unit = ""): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  return formatDecimal(value.toFixed(digits + 4), { digits }) + (unit === "" ? "" : ` ${unit}`);
}

/** A named number: a term and its value, for `<dl>` lists. */
export function Fact({ term, children, className = "" }: { term: string; children: ReactNode; className?: string }) {
  return (
    <div className={`min-w-0 ${className}`}>
      <dt className="text-xs text-ink-3">{term}</dt>
      <dd className="whitespace-nowrap">{children}</dd>
    </div>
  );
}
