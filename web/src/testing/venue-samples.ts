/** A live desk's venue and its orders, complete and well; every test says only what it is about. */
import type { Break, Order, UnprotectedPosition, Venue } from "../api/types";

export function aVenue(changes: Partial<Venue> = {}): Venue {
  return {
    account: "live",
    mode: "live",
    name: "Kraken",
    network: "real",
    market: "spot",
    state: "streaming",
    words: "Fills and orders come as they happen.",
    fault: "",
    heard_at: "2026-11-20T07:00:00Z",
    reconciled_at: "2026-11-20T07:00:00Z",
    told_age_ms: 800,
    stops_rest_there: true,
    orders_open: 0,
    orders_in_doubt: 0,
    balances: [],
    balances_at: null,
    position_differences: [],
    unprotected: [],
    blocked_books: [],
    breaks: [],
    external_orders: [],
    ...changes,
  };
}

export function anUnprotected(changes: Partial<UnprotectedPosition> = {}): UnprotectedPosition {
  return {
    portfolio: "conservative",
    pair: "BTC/USDT",
    side: "LONG",
    quantity: "0.5",
    stop: "98.5",
    since: "2026-11-20T07:00:00Z",
    unheard: false,
    reason: "no stop at the venue for 5.0 s",
    doing: "A stop at 98.5 is placed with the desk's next look.",
    ...changes,
  };
}

export function aBreak(changes: Partial<Break> = {}): Break {
  return {
    subject: "BTC",
    expected: "10.5",
    found: "10",
    reason: "no execution explains it",
    at: "2026-11-20T07:00:00Z",
    stands: true,
    reckoned: true,
    todo: "Look for a withdrawal of BTC at Kraken. When you know why, let the desk trade again.",
    ...changes,
  };
}

export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    client_id: "qAE7MVJ3XQ2N4KD5RTYU6WZBHCP",
    signal_id: "signal-1",
    portfolio: "conservative",
    pair: "BTC/USDT",
    action: "BUY",
    kind: "limit",
    purpose: "entry",
    price: "100",
    quantity: "0.5",
    filled: "0",
    state: "ACCEPTED",
    reason: null,
    at: "2026-11-20T07:00:00Z",
    changed_at: "2026-11-20T07:00:01Z",
    venue_id: "OABC12-DEF34-GHI567",
    sent_at: "2026-11-20T07:00:00Z",
    cancel_requested_at: null,
    ...changes,
  };
}
