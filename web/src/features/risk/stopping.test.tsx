import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PanicButton } from "./panic-button";
import { UndoPanic } from "./undo-panic";

interface Sent {
  path: string;
  key: string | null;
  body: unknown;
}

const sent: Sent[] = [];
let answer: () => Response;

beforeEach(() => {
  sent.length = 0;
  answer = () =>
    Response.json({ success: true, state: "HALTED", ordersCancelled: 0, positionsOpen: 0, closing: false });
  HTMLDialogElement.prototype.showModal = vi.fn(function (this: HTMLDialogElement) {
    this.open = true;
  });
  HTMLDialogElement.prototype.close = vi.fn(function (this: HTMLDialogElement) {
    this.open = false;
  });
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push({
      path: new URL(request.url).pathname,
      key: request.headers.get("idempotency-key"),
      body: await request.json(),
    });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

function shown(what: React.ReactNode) {
  render(<QueryClientProvider client={new QueryClient()}>{what}</QueryClientProvider>);
}

describe("stopping", () => {
  it("asks once, and does nothing until it is told to", async () => {
    shown(<PanicButton />);
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(screen.getByRole("dialog", { name: "Stop trading now?" })).toBeTruthy();
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Stop trading" }));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(sent).toMatchObject([{ path: "/api/panic", body: { flatten: false } }]);
    expect(sent[0]?.key).toBeTruthy();
  });

  it("is the same act when it is pressed again after a fault", async () => {
    answer = () =>
      Response.json({ code: "worker_absent", title: "No worker", status: 503, detail: "None." }, { status: 503 });
    shown(<PanicButton />);
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    await userEvent.click(screen.getByRole("checkbox", { name: /Close every open trade/ }));
    await userEvent.click(screen.getByRole("button", { name: "Stop trading" }));
    await screen.findByRole("alert");
    await userEvent.click(screen.getByRole("button", { name: "Stop trading" }));
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[0]?.key).toBe(sent[1]?.key);
    expect(sent[0]?.body).toEqual({ flatten: true });
  });

  it("lets the desk trade again with six digits only", async () => {
    answer = () => Response.json({ success: true, scope: "", state: "ACTIVE", before: "HALTED" });
    shown(<UndoPanic />);
    await userEvent.click(screen.getByRole("button", { name: "Let it trade again" }));
    await userEvent.type(screen.getByLabelText("Code of the second factor"), "12 34");
    await userEvent.click(screen.getByRole("button", { name: "Let it trade" }));
    expect(sent).toEqual([]);
    await userEvent.type(screen.getByLabelText("Code of the second factor"), "56");
    await userEvent.click(screen.getByRole("button", { name: "Let it trade" }));
    await vi.waitFor(() => expect(sent).toMatchObject([{ path: "/api/panic/undo", body: { code: "123456" } }]));
  });
});
