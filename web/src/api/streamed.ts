/**
 * Signals that the stream brought a moment ago. An answer to a list asked for just before may not hold them yet, and
 * must not make them vanish again.
 */
import { matches, type SignalFilter } from "./signal-filter";
import type { Signal, SignalPage } from "./types";

const REMEMBERED_MS = 30_000;
const REMEMBERED_MAX = 200;

let remembered: { signal: Signal; at: number }[] = [];

export function remember(signals: readonly Signal[], now = Date.now()): void {
  remembered = [...remembered, ...signals.map((signal) => ({ signal, at: now }))]
    .filter(({ at }) => now - at < REMEMBERED_MS)
    .slice(-REMEMBERED_MAX);
}

/** After a gap the desk's own list is the only truth. */
export function forget(): void {
  remembered = [];
}

/** `page` with `fresh` signals (oldest first) before it, as far as they match and are not in it. */
export function withFresh(page: SignalPage, fresh: readonly Signal[], filter: SignalFilter): SignalPage {
  const known = new Set(page.signals.map((signal) => signal.id));
  const added = fresh.filter((signal) => matches(signal, filter) && !known.has(signal.id));
  return added.length === 0 ? page : { ...page, signals: [...added.reverse(), ...page.signals] };
}

export function withRemembered(page: SignalPage, filter: SignalFilter, now = Date.now()): SignalPage {
  const recent = remembered.filter(({ at }) => now - at < REMEMBERED_MS).map(({ signal }) => signal);
  return withFresh(page, recent, filter);
}
