import { render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import { aComparison, aRecord } from "../../testing/council-samples";
import { Calibration } from "./calibration-chart";
import { Leaderboard } from "./leaderboard";
import { Versus } from "./versus";
import { baselineWords, chosenOf, idOf, inOrder, rankOf } from "./words";

describe("a rank", () => {
  it("is shown only where the desk gave one", () => {
    expect(rankOf(aRecord({ ranked: true, rank: 2 }))).toBe(2);
    expect(rankOf(aRecord({ ranked: false, rank: null }))).toBeNull();
    expect(rankOf(aRecord({ ranked: false, rank: 1 }))).toBeNull();
  });

  it("gives way to what is missing", () => {
    const why = "12 of 100 decisions, 3 of 30 days so far.";
    const records = [aRecord({ ranked: true, rank: 1 }), aRecord({ analyst: "gemini", unranked_why: why })];
    render(
      <MemoryRouter>
        <Leaderboard records={records} chosen={null} addressOf={(id) => `?record=${id}`} />
      </MemoryRouter>,
    );
    const [first] = within(screen.getByRole("row", { name: /trend/ })).getAllByRole("cell");
    expect(first?.textContent).toBe("1");
    const second = screen.getByRole("row", { name: /gemini/ }).textContent;
    expect(second).toContain("not ranked");
    expect(second).toContain(`Not ranked: ${why}`);
  });
});

describe("a verdict", () => {
  const record = aRecord({
    comparisons: [
      aComparison({ against: "luck", verdict: "does_not_beat", sentence: "The council does not beat luck: 31 %." }),
      aComparison({
        against: "best_single",
        other: "trend",
        verdict: "cannot_be_told",
        sentence: "It cannot be told.",
      }),
      aComparison({ against: "majority", verdict: "beats", sentence: "The council beats a plain majority." }),
    ],
  });

  it("is said in plain words with the sentence and the figures it rests on", () => {
    render(<Versus record={record} caption="The council" />);
    const table = screen.getByRole("table", { name: "The council" });
    const text = table.textContent;
    expect(within(table).getByText("does not beat")).toBeTruthy();
    expect(within(table).getByText("cannot be told yet")).toBeTruthy();
    expect(within(table).getByText("beats")).toBeTruthy();
    expect(text).toContain("The council does not beat luck: 31 %.");
    expect(text).toContain("+0.05 (−0.02 to +0.12)");
    expect(text).toContain("168 / 391");
  });

  it("names whom it is about, the best analyst first", () => {
    expect(inOrder(record.comparisons).map(baselineWords)).toEqual([
      "the best single analyst (trend)",
      "an unweighted majority",
      "luck",
    ]);
  });
});

describe("the record that is shown", () => {
  const council = aRecord({ analyst: "council", kind: "council" });
  const old = aRecord({
    analyst: "council",
    kind: "council",
    record: { ...council.record, key: "old", newest: false },
  });
  const trend = aRecord();

  it("is the one that the address names", () => {
    expect(chosenOf([trend, old, council], idOf(old))).toBe(old);
  });

  it("is else the council's present one, else the first", () => {
    expect(chosenOf([trend, old, council], null)).toBe(council);
    expect(chosenOf([trend], "gone")).toBe(trend);
    expect(chosenOf([], null)).toBeUndefined();
  });
});

describe("calibration", () => {
  const bins = [
    { low: 0.5, high: 0.6, count: 12, confidence: 0.55, win_rate: 0.5 },
    { low: 0.6, high: 0.7, count: 0, confidence: 0.65, win_rate: 0 },
    { low: 0.7, high: 0.8, count: 40, confidence: 0.74, win_rate: 0.45 },
  ];

  it("stands in a table too, without the bins that hold nothing", () => {
    render(<Calibration bins={bins} error={0.087} />);
    const rows = screen.getAllByRole("row", { hidden: true }).map((row) => row.textContent);
    expect(rows).toEqual(["StatedVotesMean statedWon", "50 % to 60 %1255 %50 %", "70 % to 80 %4074 %45 %"]);
    expect(screen.getByText(/expected error 8.7 %/)).toBeTruthy();
  });

  it("says where there is nothing to draw", () => {
    render(<Calibration bins={[]} error={null} />);
    expect(screen.getByText("No vote has run to its end yet.")).toBeTruthy();
  });
});
