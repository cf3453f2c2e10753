import { expect, it } from "vitest";
import type { ContextText, WorldContext } from "../../api/types";
import { figureWords, safeUrl, toneWords } from "./figures";

function figure(value: string, unit: string): WorldContext["figures"][number] {
  return { part: "dominance", name: "x", pair: null, value, unit, age_ms: 0, told: true };
}

function text(url: string | null): ContextText {
  return { kind: "news", source: "wire", title: "t", text: "", url, at: "2026-11-20T07:00:00Z", age_ms: 0, tone: 0 };
}

it("tells figures with their unit, large ones shortened", () => {
  expect(figureWords(figure("57.21", "percent"))).toBe("57.21 %");
  expect(figureWords(figure("1926004112345", "USD"))).toBe("1.93 T USD");
  expect(figureWords(figure("-0.00812345", "percent"))).toBe("−0.0081 %");
  expect(figureWords(figure("61", "of 100"))).toBe("61 of 100");
  expect(figureWords(figure("-0.000053", "ratio per 8 h"))).toBe("−0.0053 % per 8 h");
});

it("makes links of web addresses only", () => {
  expect(safeUrl(text("https://example.org/a?b=c"))).toBe("https://example.org/a?b=c");
  for (const url of ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)", "//no", "nonsense", null])
    expect(safeUrl(text(url))).toBeNull();
});

it("hears a tone only where there is one", () => {
  expect([0.4, 0, -0.01, -0.4].map(toneWords)).toEqual([
    "sounds positive",
    "sounds neutral",
    "sounds neutral",
    "sounds negative",
  ]);
});
