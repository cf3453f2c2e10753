import { afterEach, describe, expect, it } from "vitest";
import { aSignal } from "../testing/samples";
import { forget, remember, withFresh, withRemembered } from "./streamed";

const ALL = { tier: null, pair: null, strategy: null };
const page = { signals: [aSignal({ id: "old" })], next: "1-5" };

afterEach(forget);

describe("signals from the stream", () => {
  it("stand before the list, newest first, once each", () => {
    const fresh = [aSignal({ id: "a" }), aSignal({ id: "b" }), aSignal({ id: "old" })];
    expect(withFresh(page, fresh, ALL).signals.map(({ id }) => id)).toEqual(["b", "a", "old"]);
  });

  it("are kept out by the filter", () => {
    const silver = aSignal({ id: "s", tier: "silver" });
    expect(withFresh(page, [silver], { ...ALL, tier: "gold" })).toBe(page);
    expect(withFresh(page, [silver], { ...ALL, pair: "ETH/USDT" })).toBe(page);
    expect(withFresh(page, [silver], { ...ALL, strategy: "trend" })).toBe(page);
  });

  it("do not vanish when an answer asked for earlier arrives later", () => {
    remember([aSignal({ id: "a" })], 1_000);
    expect(withRemembered(page, ALL, 2_000).signals.map(({ id }) => id)).toEqual(["a", "old"]);
    expect(withRemembered(page, ALL, 60_000)).toBe(page);
  });

  it("are forgotten after a gap", () => {
    remember([aSignal({ id: "a" })], 1_000);
    forget();
    expect(withRemembered(page, ALL, 2_000)).toBe(page);
  });
});
