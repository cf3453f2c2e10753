import { formatDecimal, NOTHING, signOf } from "../lib/decimal";

/** A result in R, exact text, signed and coloured. */
export function ResultR({ value, className = "" }: { value: string | null; className?: string }) {
  if (value === null) return <span className="text-ink-3">{NOTHING}</span>;
  const tone = { "-1": "text-short", "0": "text-ink", "1": "text-long" }[String(signOf(value))] ?? "";
  return (
    <span className={`whitespace-nowrap ${tone} ${className}`}>
      {formatDecimal(value, { digits: 2, signed: true })} R
    </span>
  );
}
