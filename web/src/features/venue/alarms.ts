/** What of a venue has to be said on every page: the loudest first, each in a sentence and what follows from it. */
import type { Venue } from "../../api/types";
import { formatExact } from "../../lib/decimal";
import { formatUtc, parseTime } from "../../lib/time";

export interface Alarm {
  key: "unprotected" | "silent" | "break" | "doubt" | "books";
  /** halt: money is at risk now. warn: something is not done until it is well again. */
  tone: "halt" | "warn";
  says: string;
  /** What the desk does, or a person should do. */
  then: string;
}

const NAMED_MAX = 3;

/** "BTC/USDT, ETH/USDT and 4 more". */
export function listed(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX).join(", ");
  return names.length > NAMED_MAX ? `${named} and ${names.length - NAMED_MAX} more` : named;
}

/** The instant itself, and no age: what is announced to a screen reader must not change by the second. */
function since(at: string): string {
  return `since ${formatUtc(parseTime(at), { seconds: true })} UTC`;
}

function unprotected({ name, unprotected: bare }: Venue): Alarm[] {
  const [first, ...rest] = bare.toSorted((a, b) => parseTime(a.since) - parseTime(b.since));
  if (first === undefined) return [];
  const lacks = bare.every(({ unheard }) => unheard) ? "no stop that is sure to rest" : "no stop";
  const says =
    rest.length === 0
      ? `${first.pair} (${first.portfolio}) has ${lacks} at ${name}, ${since(first.since)}.`
      : `${bare.length} positions have ${lacks} at ${name}, the first ${since(first.since)}: ` +
        `${listed([first, ...rest].map(({ pair }) => pair))}.`;
  return [{ key: "unprotected", tone: "halt", says, then: rest.length === 0 ? first.doing : "" }];
}

function state({ state: how, words }: Venue): Alarm[] {
  if (how === "silent") return [{ key: "silent", tone: "halt", says: words, then: "" }];
  return how === "faulty" ? [{ key: "silent", tone: "warn", says: words, then: "" }] : [];
}

function breaks({ name, breaks: all }: Venue): Alarm[] {
  const standing = all.filter(({ stands }) => stands);
  const [newest] = standing;
  if (newest === undefined) return [];
  const { subject, expected, found, reason, todo } = newest;
  const says =
    standing.length === 1
      ? `${name} and the ledger differ on ${subject}: ${formatExact(found)} there, ${formatExact(expected)} expected; ${reason}.`
      : `${name} and the ledger differ ${standing.length} times: ${listed([...new Set(standing.map((each) => each.subject))])}.`;
  return [{ key: "break", tone: "warn", says, then: `Nothing is opened. ${standing.length === 1 ? todo : ""}`.trim() }];
}

function doubt({ name, orders_in_doubt: count }: Venue): Alarm[] {
  if (count === 0) return [];
  const says =
    count === 1
      ? "Nobody knows what became of 1 order: its risk stays reserved."
      : `Nobody knows what became of ${count} orders: their risk stays reserved.`;
  return [{ key: "doubt", tone: "warn", says, then: `${name} is asked until it tells.` }];
}

function books({ blocked_books: blocked }: Venue): Alarm[] {
  const [first] = blocked;
  if (first === undefined) return [];
  const says =
    blocked.length === 1
      ? `Nothing is opened on ${first.pair}: its order book is not to be relied on (${first.reason}), ${since(first.since)}.`
      : `Nothing is opened on ${listed(blocked.map(({ pair }) => pair))}: their order books are not to be relied on.`;
  return [{ key: "books", tone: "warn", says, then: "Exits and stops go out all the same." }];
}

/** Everything that has to be said; nothing on paper, where there is no venue. */
export function alarmsOf(venue: Venue): Alarm[] {
  if (venue.state === "paper") return [];
  return [unprotected, state, breaks, doubt, books].flatMap((look) => look(venue));
}
