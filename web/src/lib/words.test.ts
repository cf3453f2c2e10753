import { expect, it } from "vitest";
import { plainWords, sentenceCase, whyOutside } from "./words";

it("turns names into words", () => {
  expect(plainWords("TRENDING_UP")).toBe("trending up");
  expect(sentenceCase("daily_loss")).toBe("Daily loss");
});

it("says why a book stays out, and leaves the desk's own sentences alone", () => {
  expect(whyOutside("position_open")).toBe("already holds this pair");
  expect(whyOutside("tier: silver")).toBe("does not trade silver");
  expect(whyOutside("breaker: daily_loss")).toBe("breaker daily loss has tripped");
  expect(whyOutside("C8: 3.2 of equity, limit 3.0")).toBe("C8: 3.2 of equity, limit 3.0");
});
