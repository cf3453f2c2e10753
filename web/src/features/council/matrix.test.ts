import { describe, expect, it } from "vitest";
import { aCycle, aModel, anAbstention, anOutcome, aPair, aVote } from "../../testing/council-samples";
import { byHand, fateOf, fieldOf, rowsOf, seatsOf, sidesWords, tallyOf } from "./matrix";

describe("a field of the matrix", () => {
  const pair = aPair({
    votes: [
      aVote(),
      aVote({ analyst: "breakout", side: "SHORT" }),
      anAbstention("gemini", "timeout: no answer within 90 s"),
      aVote({ analyst: "late", side: "FLAT", confidence: 0, reason: "Reward over risk is 0.9." }),
    ],
    flat: ["momentum"],
    outcome: anOutcome({ side: "LONG" }),
  });

  it("is the opinion as it was given", () => {
    expect(fieldOf(pair, "trend")).toMatchObject({ kind: "side", vote: { side: "LONG" }, dissents: false });
    expect(fieldOf(pair, "breakout")).toMatchObject({ kind: "side", vote: { side: "SHORT" }, dissents: true });
    expect(fieldOf(pair, "momentum")).toEqual({ kind: "flat", reason: "" });
    expect(fieldOf(pair, "late")).toEqual({ kind: "flat", reason: "Reward over risk is 0.9." });
    expect(fieldOf(pair, "gemini")).toEqual({ kind: "abstained", reason: "timeout: no answer within 90 s" });
    expect(fieldOf(pair, "nobody")).toEqual({ kind: "nothing" });
  });

  it("dissents from nothing where there is no quorum", () => {
    expect(fieldOf({ ...pair, outcome: null }, "breakout")).toMatchObject({ dissents: false });
  });

  it("is counted by its side", () => {
    expect(sidesWords(pair)).toBe("1 long, 1 short");
    expect(sidesWords(aPair())).toBe("1 long");
  });
});

describe("a cycle", () => {
  const published = aPair({ pair: "ZIL/USDT", outcome: anOutcome() });
  const keptBack = aPair({ pair: "XRP/USDT", outcome: anOutcome({ signal: null, kept_back: "The pair cools down." }) });
  const opposed = aPair({
    pair: "SOL/USDT",
    opposed: true,
    votes: [aVote(), aVote({ analyst: "breakout", side: "SHORT" })],
  });
  const two = aPair({ pair: "ETH/USDT", votes: [aVote(), aVote({ analyst: "breakout" })] });
  const cycle = aCycle({
    pairs: [aPair({ pair: "BCH/USDT" }), aPair({ pair: "ADA/USDT" }), two, opposed, keptBack, published],
  });

  it("shows first what came of it, then open dispute, then the most sides taken", () => {
    expect(rowsOf(cycle).map(({ pair }) => pair)).toEqual([
      "ZIL/USDT",
      "XRP/USDT",
      "SOL/USDT",
      "ETH/USDT",
      "ADA/USDT",
      "BCH/USDT",
    ]);
    expect(rowsOf(cycle).slice(0, 3).map(fateOf)).toEqual(["published", "kept back", "no quorum"]);
  });

  it("adds up", () => {
    expect(tallyOf(cycle)).toEqual({ sides: 6, published: 1, keptBack: 1, opposed: 1 });
  });

  it("says who sits on the panel as what", () => {
    expect(seatsOf(aCycle({ models: [aModel()] }))).toEqual([
      { analyst: "trend", kind: "rule" },
      { analyst: "breakout", kind: "rule" },
      { analyst: "gemini", kind: "gemini/gemini-2" },
    ]);
  });

  it("says when somebody asked it by hand", () => {
    expect(byHand(aCycle())).toBe(false);
    expect(byHand(aCycle({ slot: "manual-4f44" }))).toBe(true);
  });
});
