/** Addresses inside the page. What is shown is kept in the address, so that it can be shared and gone back to. */
export function marketPath(pair: string): string {
  return `/market/${pair.replace("/", "-")}`;
}

export function pairOfPath(segment: string): string {
  return segment.replace("-", "/");
}
