import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { DeskProblem } from "../api/problem";
import { View } from "./states";

const problem = new DeskProblem("Database unreachable", "Postgres does not answer.", {
  status: 503,
  code: "database_unreachable",
  requestId: "q-1",
});

function show(query: { data?: string; error?: Error }, refetch = vi.fn()) {
  const full = { data: query.data, error: query.error ?? null, isPending: query.data === undefined, refetch };
  render(
    <View what="Signals" query={full} skeleton={<i>bones</i>}>
      {(data) => <p>{data}</p>}
    </View>,
  );
  return refetch;
}

describe("a view", () => {
  it("loads with its skeleton and says so once", () => {
    show({});
    expect(screen.getByRole("status").textContent).toBe("Loading signals");
    expect(screen.getByText("bones")).toBeTruthy();
  });

  it("says what failed in the desk's own words, and tries again when asked", async () => {
    const refetch = show({ error: problem });
    expect(screen.getByRole("alert").textContent).toContain("Postgres does not answer.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  it("keeps what it has when it cannot be brought up to date, and says so", () => {
    show({ data: "here", error: problem });
    expect(screen.getByText("here")).toBeTruthy();
    expect(screen.getByRole("status").textContent).toContain("Signals cannot be brought up to date");
  });

  it("speaks of silence where nothing answered at all", () => {
    show({ error: new TypeError("Failed to fetch") });
    expect(screen.getByRole("alert").textContent).toContain("The desk does not answer");
  });
});
