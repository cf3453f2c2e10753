/** A key that names one act of one person: sent again, the desk answers again and does nothing twice. */
const BYTES = 16;

export function newKey(): string {
  // Not randomUUID: browsers give that to pages on https and on this machine only.
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
