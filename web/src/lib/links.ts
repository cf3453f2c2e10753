/** Addresses inside the page. What is shown is kept in the address, so that it can be shared and gone back to. */
export function marketPath(pair: string): string {
  return `/market/${pair.replace("/", "-")}`;
}

export function pairOfPath(segment: string): string {
  return segment.replace("-", "/");
}

/** Opens a signal over whatever page is shown; the rest of its address stays. */
export function signalSearch(search: string, id: string): string {
  const query = new URLSearchParams(search);
  query.set("signal", id);
  return `?${query}`;
}

/** A cycle of the council; null is the newest. */
export function cyclePath(id: string | null): string {
  return id === null ? "/council" : `/council?cycle=${id}`;
}

/** What models were asked, from the cycle in which they were, beginning with one answer to it. */
export function promptPath(digest: string, from: { cycle?: string; record?: string | null } = {}): string {
  const query = new URLSearchParams();
  if (from.cycle !== undefined) query.set("cycle", from.cycle);
  if (from.record) query.set("record", from.record);
  const search = query.toString();
  return `/council/prompt/${digest}${search && `?${search}`}`;
}
