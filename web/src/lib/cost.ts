/** Money for tokens: small amounts, shown with as many digits as they need. */
import { compare, formatUsd, signOf } from "./decimal";

/** US dollars without the unit: "0.0042", "1.27", and "0" for nothing. */
export function costWords(usd: string): string {
  if (signOf(usd) === 0) return "0";
  if (compare(usd, "0.0001") < 0) return "under 0.0001";
  return formatUsd(usd, { digits: compare(usd, "1") < 0 ? 4 : 2 });
}
