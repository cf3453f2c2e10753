import { expect, it } from "vitest";
import { aBreaker } from "../../testing/samples";
import { boardOf } from "./board";

it("lets the worst breaker of a field speak, and keeps every tripped one", () => {
  const board = boardOf([
    aBreaker({ name: "funding", scope: "BTC/USDT LONG", tripped: true }),
    aBreaker({ name: "funding", scope: "ETH/USDT SHORT", tripped: true }),
    aBreaker({ name: "dominance", known: false }),
    aBreaker({ name: "daily_loss" }),
    aBreaker({ name: "daily_loss", portfolio: "conservative" }),
  ]);
  expect(board.books).toEqual(["aggressive", "conservative"]);
  expect(board.field("funding", "aggressive")).toMatchObject({ state: "tripped", tripped: { length: 2 } });
  expect(board.field("dominance", "aggressive")?.state).toBe("unknown");
  expect(board.field("daily_loss", "conservative")?.state).toBe("ok");
  expect(board.field("funding", "conservative")).toBeNull();
  expect(board.tripped).toHaveLength(2);
});
