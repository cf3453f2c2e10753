/** Times and ages in words. Everything the desk sends is UTC, and so is everything shown. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function parseTime(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new RangeError(`not a time: ${text}`);
  return at;
}

/** "now", "12 s", "4 min", "3 h 20 min", "5 d": the age of something, never negative. */
export function formatAge(ms: number): string {
  if (ms < SECOND) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE);
    return `${Math.floor(ms / HOUR)} h` + (minutes > 0 ? ` ${minutes} min` : "");
  }
  return `${Math.floor(ms / DAY)} d`;
}

/** "just now", "4 min ago", "3 h old": an age inside a sentence. */
export function formatSince(ms: number, word: "ago" | "old"): string {
  return ms < SECOND ? "just now" : `${formatAge(ms)} ${word}`;
}

/** "2:31" or "1:02:31" until something happens. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** "2026-11-20 07:35" or with seconds, UTC. */
export function formatUtc(at: number, { seconds = false } = {}): string {
  return new Date(at)
    .toISOString()
    .slice(0, seconds ? 19 : 16)
    .replace("T", " ");
}

const TIMEFRAME = /^(\d+)([mhd])$/;
const UNIT_MS: Record<string, number> = { m: MINUTE, h: HOUR, d: DAY };

/** Length of "5m", "4h", "1d" in milliseconds. */
export function timeframeMs(timeframe: string): number {
  const match = TIMEFRAME.exec(timeframe);
  const unit = UNIT_MS[match?.[2] ?? ""];
  if (match === null || unit === undefined) throw new RangeError(`not a timeframe: ${timeframe}`);
  return Number(match[1]) * unit;
}

/** Milliseconds until the bar that holds `at` closes. */
export function untilClose(timeframe: string, at: number): number {
  const length = timeframeMs(timeframe);
  return length - (at % length);
}
