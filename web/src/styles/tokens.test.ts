import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");
const TEXT_MIN = 4.5;
const SIGN_MIN = 3;

function block(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const body = css.slice(css.indexOf("{", start) + 1, css.indexOf("}", start));
  const found = [...body.matchAll(/--([\w-]+): (#\w{6});/g)];
  return Object.fromEntries(found.map(([, name = "", value = ""]) => [name, value]));
}

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (channels[0] ?? 0) + 0.7152 * (channels[1] ?? 0) + 0.0722 * (channels[2] ?? 0);
}

function contrast(first = "", second = ""): number {
  const [light = 0, dark = 0] = [luminance(first), luminance(second)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(["light", "dark"])("the %s theme", (theme) => {
  const colours = block(`[data-theme="${theme}"]`);
  const texts = ["ink", "ink-2", "ink-3", "accent", "long", "short", "warn", "gold", "silver", "halt-text"];

  it.each(texts.flatMap((text) => ["page", "surface", "raised"].map((ground) => [text, ground])))(
    "shows %s on %s readably",
    (text, ground) => expect(contrast(colours[text], colours[ground])).toBeGreaterThanOrEqual(TEXT_MIN),
  );

  it.each([
    ["on-accent", "accent"],
    ["on-halt", "halt"],
    ["warn", "warn-quiet"],
    ["ink", "accent-quiet"],
    ["ink-3", "accent-quiet"],
    ["long", "accent-quiet"],
    ["short", "accent-quiet"],
    ["ink-2", "accent-quiet"],
    ["long", "long-quiet"],
    ["short", "short-quiet"],
  ])("shows %s on %s readably", (text, ground) => {
    expect(contrast(colours[text], colours[ground])).toBeGreaterThanOrEqual(TEXT_MIN);
  });

  it.each(["line-strong", "series-1", "series-2", "series-3"])("lets %s stand out from the page", (sign) => {
    expect(contrast(colours[sign], colours["page"])).toBeGreaterThanOrEqual(SIGN_MIN);
  });

  it.each(["paper", "simulated", "live"])("has a readable head in the %s frame", (frame) => {
    const selector = `[data-frame="${frame}"]`;
    const head = block(theme === "dark" ? `[data-theme="dark"] ${selector}` : `\n${selector}`);
    expect(contrast(head["on-head"], head["head"])).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(head["on-head-2"], head["head"])).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(head["on-badge"], head["badge"])).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(contrast(head["frame"], colours["page"])).toBeGreaterThanOrEqual(SIGN_MIN);
  });
});
