import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStream, type StreamState } from "./stream";

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 1;
  onerror: (() => void) | null = null;

  constructor(readonly url: URL) {
    super();
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  say(kind: string, data: unknown, id = ""): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId: id }));
  }

  breakOff(readyState: number): void {
    this.readyState = readyState;
    this.onerror?.();
  }
}

function latest(): FakeEventSource {
  const source = FakeEventSource.opened.at(-1);
  if (source === undefined) throw new Error("no stream was opened");
  return source;
}

function follow() {
  const seen = { events: [] as unknown[], gaps: 0, states: [] as StreamState[] };
  const stream = openStream("/v1/signals/stream", ["signal"], {
    onEvent: (kind, data) => seen.events.push([kind, data]),
    onGap: () => (seen.gaps += 1),
    onState: (state) => seen.states.push(state),
  });
  return { stream, seen };
}

beforeEach(() => {
  FakeEventSource.opened = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a stream of the desk", () => {
  it("hands on events and says when it is open", () => {
    const { seen } = follow();
    latest().say("hello", { resumed: true }, "1-10");
    latest().say("signal", { id: "a" }, "1-11");
    expect(seen).toEqual({ events: [["signal", { id: "a" }]], gaps: 0, states: ["connecting", "open"] });
  });

  it("asks for a new fetch after a reset and after a hello that did not resume", () => {
    const { seen } = follow();
    latest().say("hello", { resumed: false });
    latest().say("reset", { reason: "gap" });
    expect(seen.gaps).toBe(2);
  });

  it("leaves a broken connection to the browser, which resumes by itself", () => {
    const { seen } = follow();
    latest().breakOff(0);
    vi.advanceTimersByTime(60_000);
    expect(FakeEventSource.opened).toHaveLength(1);
    expect(seen.states.at(-1)).toBe("lost");
  });

  it("opens anew after a refusal, more and more slowly, from the last id", () => {
    const { stream } = follow();
    latest().say("signal", {}, "1-42");
    latest().breakOff(FakeEventSource.CLOSED);
    vi.advanceTimersByTime(3_001);
    expect(FakeEventSource.opened).toHaveLength(2);
    expect(latest().url.searchParams.get("last_event_id")).toBe("1-42");
    latest().breakOff(FakeEventSource.CLOSED);
    vi.advanceTimersByTime(3_001);
    expect(FakeEventSource.opened).toHaveLength(2);
    vi.advanceTimersByTime(3_000);
    expect(FakeEventSource.opened).toHaveLength(3);
    stream.close();
  });

  it("sleeps without a connection and wakes where it was", () => {
    const { stream, seen } = follow();
    latest().say("signal", {}, "1-7");
    stream.sleep();
    expect(latest().readyState).toBe(FakeEventSource.CLOSED);
    expect(seen.states.at(-1)).toBe("asleep");
    stream.wake();
    expect(latest().url.searchParams.get("last_event_id")).toBe("1-7");
    stream.wake();
    expect(FakeEventSource.opened).toHaveLength(2);
  });
});
