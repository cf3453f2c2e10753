import { expect, it } from "vitest";
import { cyclePath, promptPath, signalSearch } from "./links";

it("opens a signal over the page and keeps what the page shows", () => {
  expect(signalSearch("", "s-1")).toBe("?signal=s-1");
  expect(signalSearch("?cycle=1-5&signal=old", "s-1")).toBe("?cycle=1-5&signal=s-1");
});

it("names a prompt, the cycle it was asked in and the answer to begin with", () => {
  expect(promptPath("ab")).toBe("/council/prompt/ab");
  expect(promptPath("ab", { cycle: "1-5", record: null })).toBe("/council/prompt/ab?cycle=1-5");
  expect(promptPath("ab", { cycle: "1-5", record: "cd" })).toBe("/council/prompt/ab?cycle=1-5&record=cd");
});

it("leads to the newest cycle without naming it", () => {
  expect([cyclePath(null), cyclePath("1-5")]).toEqual(["/council", "/council?cycle=1-5"]);
});
