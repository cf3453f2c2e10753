import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import { aCycle, aModel, anAbstention, anAsking, anOutcome, aPair, aVote } from "../../testing/council-samples";
import { AskedModels } from "./asked-models";
import { answeredWords, codeWords } from "./asking-words";
import { VoteMatrix } from "./vote-matrix";

describe("the matrix", () => {
  const cycle = aCycle({
    pairs: [
      aPair({
        votes: [
          aVote(),
          aVote({ analyst: "breakout", side: "SHORT", confidence: 0.6, reason: "<b>Under</b> the channel." }),
          anAbstention("gemini"),
        ],
        opposed: true,
        disagreement: 0.5,
        outcome: anOutcome({ signal: null, kept_back: "breakout vetoed it.", dissenting: ["breakout"] }),
      }),
    ],
  });

  it("shows every side by shape, sign and word, and dissent as dissent", () => {
    render(<VoteMatrix cycle={cycle} />, { wrapper: MemoryRouter });
    const fields = within(screen.getByRole("row", { name: /BTC/ }))
      .getAllByRole("cell")
      .map((cell) => cell.textContent);
    expect(fields.slice(0, 3)).toEqual(["LONG, sure:+71 %", "SHORT, sure:−60 %, dissents", "abstained"]);
    expect(fields[3]).toBe("50 %opposed");
    expect(fields[4]).toContain("Kept back: breakout vetoed it.");
    expect(fields[4]).toContain("Against it: breakout");
  });

  it("opens a pair to the reasons, word for word and never as markup", async () => {
    render(<VoteMatrix cycle={cycle} />, { wrapper: MemoryRouter });
    const opener = screen.getByRole("button", { name: "BTC/USDT, reasons", expanded: false });
    await userEvent.click(opener);
    expect(opener.getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByText("<b>Under</b> the channel.")).toBeTruthy();
    expect(screen.getByText("timeout: no answer")).toBeTruthy();
  });

  it("leads to the signal over the page it stands on", () => {
    const published = aCycle({ pairs: [aPair({ outcome: anOutcome({ signal: "s-9" }) })] });
    render(
      <MemoryRouter initialEntries={["/council?cycle=1-500"]}>
        <VoteMatrix cycle={published} />
      </MemoryRouter>,
    );
    const links = screen.getAllByRole("link", { name: "Published: the signal of BTC/USDT" });
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["/council?cycle=1-500&signal=s-9"]);
  });

  it("says so where nobody took a side", () => {
    render(<VoteMatrix cycle={aCycle({ pairs: [] })} />, { wrapper: MemoryRouter });
    expect(screen.getByText("Nobody took a side")).toBeTruthy();
  });
});

describe("who really answered", () => {
  it("is the model itself, a stand-in, a successor that counts for nobody, or nobody", () => {
    expect(answeredWords(aModel())).toBe("gemini/gemini-2");
    expect(answeredWords(aModel({ stood_in: "ollama/qwen" }))).toContain("ollama/qwen, asked in another's place");
    const successor = anAsking({ answered_by: "openrouter/x", fallback: true });
    expect(answeredWords(aModel({ askings: [successor] }))).toBe("openrouter/x, in its place: counts for nobody");
    expect(answeredWords(aModel({ askings: [anAsking({ answered_by: null })] }))).toBe("nobody");
    expect(answeredWords(aModel({ askings: [] }))).toBe("nobody");
  });

  it("is told for every asking, each with its own prompt and answer", () => {
    const second = anAsking({ prompt: "c".repeat(64), record: "d".repeat(64) });
    const cycle = aCycle({ models: [aModel({ askings: [anAsking({ fault: "bad_vote" }), second] })] });
    render(<AskedModels cycle={cycle} />, { wrapper: MemoryRouter });
    const link = screen.getByRole("link", { name: "prompt and answer of asking 2" });
    expect(link.getAttribute("href")).toBe(`/council/prompt/${"c".repeat(64)}?cycle=1-500&record=${"d".repeat(64)}`);
    expect(screen.getByText("bad vote")).toBeTruthy();
  });

  it("says that a panel of rules asks no model", () => {
    render(<AskedModels cycle={aCycle()} />, { wrapper: MemoryRouter });
    expect(screen.getByText(/everybody on its panel votes by rules/)).toBeTruthy();
  });

  it("has words for every code, also one that it does not know", () => {
    expect(codeWords("over_budget")).toContain("budget");
    expect(codeWords("bad_number")).toContain("fault");
  });
});
