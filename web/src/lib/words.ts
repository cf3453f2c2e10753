/** The desk's names as people read them. The words themselves stay the desk's own. */

/** "TRENDING_UP" and "bar_reaction" become "trending up" and "bar reaction". */
export function plainWords(name: string): string {
  return name.replaceAll("_", " ").toLowerCase();
}

export function sentenceCase(name: string): string {
  const words = plainWords(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const OUTSIDE: Record<string, string> = {
  position_open: "already holds this pair",
  order_open: "an order on this pair waits",
};

/** Why a book stays out of a signal. Codes get words; the desk's own sentences pass as they are. */
export function whyOutside(blockedBy: string): string {
  const known = OUTSIDE[blockedBy];
  if (known !== undefined) return known;
  const [kind, rest] = blockedBy.split(": ");
  if (kind === "tier" && rest !== undefined) return `does not trade ${rest}`;
  if (kind === "breaker" && rest !== undefined) return `breaker ${plainWords(rest)} has tripped`;
  return /^[a-z_]+$/.test(blockedBy) ? plainWords(blockedBy) : blockedBy;
}
