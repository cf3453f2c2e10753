/** A live stream of the desk: native EventSource, resumed where it was left, and honest about its state. */
import { useEffect, useEffectEvent, useState } from "react";

export type StreamState = "connecting" | "open" | "lost" | "asleep";

export interface StreamEvents {
  /** An event of one of the stream's own kinds. */
  onEvent: (kind: string, data: unknown) => void;
  /** Something may have been missed: fetch the state again. */
  onGap: () => void;
}

/** A browser allows six connections to one desk, so that tabs nobody looks at must let go of theirs. */
export const SLEEP_AFTER_HIDDEN_MS = 10_000;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 30_000;

interface Handlers extends StreamEvents {
  onState: (state: StreamState) => void;
}

function parsed(event: MessageEvent<unknown>): unknown {
  return typeof event.data === "string" ? (JSON.parse(event.data) as unknown) : null;
}

function wasResumed(hello: unknown): boolean {
  return typeof hello === "object" && hello !== null && "resumed" in hello && hello.resumed === true;
}

/** Holds one stream open until `close`; returns the calls that put it to sleep and wake it. */
export function openStream(path: string, kinds: readonly string[], handlers: Handlers) {
  let source: EventSource | null = null;
  let lastId = "";
  let retry: number | undefined;
  let retryMs = RETRY_FIRST_MS;

  function take(kind: string, event: MessageEvent<unknown>): void {
    if (event.lastEventId !== "") lastId = event.lastEventId;
    const data = parsed(event);
    if (kind === "hello") {
      retryMs = RETRY_FIRST_MS;
      handlers.onState("open");
      if (!wasResumed(data)) handlers.onGap();
    } else if (kind === "reset") handlers.onGap();
    else handlers.onEvent(kind, data);
  }

  function connect(): void {
    const url = new URL(path, window.location.origin);
    if (lastId !== "") url.searchParams.set("last_event_id", lastId);
    const opened = new EventSource(url);
    source = opened;
    for (const kind of ["hello", "reset", ...kinds]) {
      opened.addEventListener(kind, (event) => take(kind, event as MessageEvent<unknown>));
    }
    opened.onerror = () => {
      handlers.onState("lost");
      // The browser itself reconnects after a broken connection, but gives up for good after an error status.
      if (opened.readyState !== EventSource.CLOSED) return;
      retry = window.setTimeout(connect, retryMs * (1 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
    };
  }

  function close(): void {
    window.clearTimeout(retry);
    source?.close();
    source = null;
  }

  handlers.onState("connecting");
  connect();
  return {
    close,
    sleep: () => {
      close();
      handlers.onState("asleep");
    },
    wake: () => {
      if (source !== null) return;
      handlers.onState("connecting");
      connect();
    },
  };
}

/** Follows the stream at `path` for as long as the component is shown. */
export function useEventStream(path: string, kinds: readonly string[], events: StreamEvents): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  const onEvent = useEffectEvent(events.onEvent);
  const onGap = useEffectEvent(events.onGap);
  const kindsKey = kinds.join(",");

  useEffect(() => {
    const stream = openStream(path, kindsKey.split(","), {
      onEvent: (kind, data) => onEvent(kind, data),
      onGap: () => onGap(),
      onState: setState,
    });
    let sleeper: number | undefined;
    const onVisibility = () => {
      window.clearTimeout(sleeper);
      if (document.hidden) sleeper = window.setTimeout(stream.sleep, SLEEP_AFTER_HIDDEN_MS);
      else stream.wake();
    };
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      window.clearTimeout(sleeper);
      stream.close();
    };
  }, [path, kindsKey]);

  return state;
}
