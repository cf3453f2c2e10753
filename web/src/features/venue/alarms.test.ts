import { describe, expect, it } from "vitest";
import { aBreak, anUnprotected, aVenue } from "../../testing/venue-samples";
import { alarmsOf, listed } from "./alarms";

const SINCE = "2026-11-20T07:00:00Z";

function said(changes: Parameters<typeof aVenue>[0]) {
  return alarmsOf(aVenue(changes)).map(({ key, tone }) => `${tone} ${key}`);
}

describe("what a venue makes every page say", () => {
  it("is nothing while all is well, and nothing on paper", () => {
    expect(said({})).toEqual([]);
    expect(said({ state: "paper", orders_in_doubt: 3 })).toEqual([]);
    expect(said({ state: "polling" })).toEqual([]);
  });

  it("begins with what is loudest", () => {
    const all = {
      state: "silent" as const,
      orders_in_doubt: 1,
      unprotected: [anUnprotected()],
      breaks: [aBreak()],
      blocked_books: [{ pair: "ETH/USDT", reason: "stale", since: SINCE }],
    };
    expect(said(all)).toEqual(["halt unprotected", "halt silent", "warn break", "warn doubt", "warn books"]);
  });

  it("says of a position without a stop since when, and what is done about it", () => {
    const [alarm] = alarmsOf(aVenue({ unprotected: [anUnprotected({ since: SINCE, doing: "A stop is placed." })] }));
    expect(alarm?.says).toBe("BTC/USDT (conservative) has no stop at Kraken, since 2026-11-20 07:00:00 UTC.");
    expect(alarm?.then).toBe("A stop is placed.");
  });

  it("does not call a stop missing of which nothing is heard", () => {
    const [alarm] = alarmsOf(aVenue({ unprotected: [anUnprotected({ since: SINCE, unheard: true })] }));
    expect(alarm?.says).toBe(
      "BTC/USDT (conservative) has no stop that is sure to rest at Kraken, since 2026-11-20 07:00:00 UTC.",
    );
  });

  it("gathers several, the oldest first", () => {
    const [alarm] = alarmsOf(
      aVenue({
        unprotected: [
          anUnprotected({ pair: "SOL/USDT", since: "2026-11-20T07:05:00Z" }),
          anUnprotected({ since: SINCE }),
        ],
      }),
    );
    expect(alarm?.says).toBe(
      "2 positions have no stop at Kraken, the first since 2026-11-20 07:00:00 UTC: BTC/USDT, SOL/USDT.",
    );
  });

  it("leaves out breaks that somebody has looked at", () => {
    expect(said({ breaks: [aBreak({ stands: false })] })).toEqual([]);
    const [alarm] = alarmsOf(aVenue({ breaks: [aBreak(), aBreak({ stands: false, subject: "ETH" })] }));
    expect(alarm?.says).toContain("differ on BTC: 10 there, 10.5 expected; no execution explains it.");
    expect(alarm?.then).toContain("Nothing is opened. Look for a withdrawal");
    const [several] = alarmsOf(aVenue({ breaks: [aBreak(), aBreak({ subject: "ETH" }), aBreak()] }));
    expect(several?.says).toBe("Kraken and the ledger differ 3 times: BTC, ETH.");
  });

  it("names a few pairs and counts the rest", () => {
    expect(listed(["A", "B", "C", "D", "E"])).toBe("A, B, C and 2 more");
    const pairs = ["A/B", "C/D", "E/F", "G/H"].map((pair) => ({ pair, reason: "gapped", since: SINCE }));
    expect(alarmsOf(aVenue({ blocked_books: pairs }))[0]?.says).toContain(
      "Nothing is opened on A/B, C/D, E/F and 1 more",
    );
  });
});
