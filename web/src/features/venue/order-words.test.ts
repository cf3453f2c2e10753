import { describe, expect, it } from "vitest";
import { anOrder } from "../../testing/venue-samples";
import { filledWords, kindWords, priceWords, standingOf, stateWords, urgentFirst } from "./order-words";

describe("an order in words", () => {
  it("is in doubt whatever was asked of it, and on its way out once its end was asked for", () => {
    const asked = { cancel_requested_at: "2026-11-20T07:00:00Z" };
    expect(stateWords(anOrder({ state: "UNKNOWN", ...asked }))).toBe("in doubt");
    expect(stateWords(anOrder({ state: "PARTIALLY_FILLED", ...asked }))).toBe("cancel requested");
    expect(stateWords(anOrder({ state: "CANCELLED", ...asked }))).toBe("cancelled");
    expect(standingOf(anOrder({ state: "ACCEPTED" }))).toBe("live");
  });

  it("says what its price is", () => {
    expect(priceWords(anOrder({ kind: "stop", price: "98.5" }))).toEqual({ price: "98.50", is: "trigger" });
    expect(priceWords(anOrder({ kind: "market" })).is).toBe("reference");
  });

  it("says its kind and its purpose once", () => {
    expect(kindWords(anOrder({ kind: "stop", purpose: "stop" }))).toBe("stop");
    expect(kindWords(anOrder({ kind: "post_only", purpose: "entry" }))).toBe("post only, entry");
  });

  it("keeps every digit of a quantity", () => {
    expect(filledWords(anOrder({ filled: "0.00010000", quantity: "1200" }))).toBe("0.0001 of 1,200");
  });

  it("puts what is in doubt before everything else, and leaves the rest as it came", () => {
    const orders = [
      anOrder({ client_id: "a" }),
      anOrder({ client_id: "b", state: "INTENDED" }),
      anOrder({ client_id: "c", state: "UNKNOWN" }),
      anOrder({ client_id: "d" }),
    ];
    expect(urgentFirst(orders).map(({ client_id }) => client_id)).toEqual(["c", "b", "a", "d"]);
  });
});
