import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { describe, expect, it, vi } from "vitest";
import { aSignal, aStake } from "../../testing/samples";
import { SignalCard } from "./signal-card";
import { chainOf, SizingChain } from "./sizing-chain";
import { VotesTold } from "./votes-told";

function around(children: ReactNode) {
  const cache = new QueryClient({ defaultOptions: { queries: { enabled: false } } });
  return (
    <QueryClientProvider client={cache}>
      <MemoryRouter>{children}</MemoryRouter>
    </QueryClientProvider>
  );
}

describe("a signal's card", () => {
  const signal = aSignal({
    entry_price: 100.5,
    portfolios: [aStake(), aStake({ name: "conservative", blocked_by: "tier: silver" })],
  });

  it("tells what, which way, how sure, the levels, who voted and what each book does", () => {
    render(around(<SignalCard signal={signal} onOpen={() => undefined} />));
    const card = screen.getByRole("article", { name: "LONG BTC/USDT, gold" });
    expect(card.textContent).toContain("84 % sure");
    expect(within(card).getByText("100.50")).toBeTruthy();
    expect(within(card).getByText("Target 3, closes rest")).toBeTruthy();
    const votes = within(card).getByRole("list", { name: "Votes" });
    expect(votes.textContent).toContain("momentumSHORT70 %");
    const books = within(card).getByRole("list", { name: "What each book does" });
    expect(books.textContent).toBe("aggressive 1,236 USDconservative out: does not trade silver");
  });

  it("opens its reasons", async () => {
    const onOpen = vi.fn();
    render(around(<SignalCard signal={signal} onOpen={onOpen} />));
    await userEvent.click(screen.getByRole("button", { name: "Why LONG BTC/USDT" }));
    expect(onOpen).toHaveBeenCalledWith("signal-1");
  });
});

describe("the sizing chain", () => {
  const stake = aStake({
    factors: {
      cap: { value: "0.4", why: "under the cap" },
      confidence: { value: "1.25", why: "0.5 + 0.75" },
      base: { value: "0.10", why: "share of equity" },
      kelly: { value: "0.5", why: "half" },
    },
  });

  it("stands in the order of its rule, whatever the order of its keys", () => {
    expect(chainOf(stake).map(({ name, after }) => [name, after])).toEqual([
      ["base", 0.1],
      ["kelly", 0.05],
      ["confidence", 0.0625],
      ["cap", null],
    ]);
  });

  it("says every factor with its reason", () => {
    render(<SizingChain stake={stake} />);
    expect(screen.getByText("10.00 %")).toBeTruthy();
    expect(screen.getByText("× 1.25")).toBeTruthy();
    expect(screen.getByText("share of equity")).toBeTruthy();
  });
});

it("tells dissent and what became of each vote", () => {
  const shadow = {
    id: "s",
    analyst: "momentum",
    pair: "BTC/USDT",
    side: "SHORT" as const,
    confidence: "0.7",
    state: "closed" as const,
    opened_at: "2026-11-20T07:00:00Z",
    closed_at: "2026-11-20T09:00:00Z",
    r: "-1.03",
    reason: "stop",
    record: "momentum ab12",
    contaminated: false,
    hold_r: "0.4",
  };
  render(<VotesTold signal={aSignal()} shadows={[shadow]} />);
  expect(screen.getAllByText("agrees")).toHaveLength(2);
  expect(screen.getByText("dissents")).toBeTruthy();
  expect(
    screen.getByText("On paper this vote ended at −1.03 R, stop; buying and holding meanwhile: +0.40 R."),
  ).toBeTruthy();
});
