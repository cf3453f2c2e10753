/** An order in words: where it is in its life, what its price is, how it came to its end. */
import type { Order } from "../../api/types";
import { formatExact, formatPrice } from "../../lib/decimal";
import { plainWords } from "../../lib/words";

export type Standing = "doubt" | "waits" | "live" | "going" | "done" | "over" | "refused";

/** Where an order stands, for its mark; one whose end was asked for lives on until the venue says otherwise. */
export function standingOf({ state, cancel_requested_at }: Order): Standing {
  switch (state) {
    case "UNKNOWN":
      return "doubt";
    case "INTENDED":
      return "waits";
    case "SUBMITTED":
    case "ACCEPTED":
    case "PARTIALLY_FILLED":
      return cancel_requested_at === null ? "live" : "going";
    case "FILLED":
      return "done";
    case "CANCELLED":
    case "VOID":
      return "over";
    case "REJECTED":
    case "DENIED":
      return "refused";
  }
}

const WORDS: Record<Order["state"], string> = {
  INTENDED: "not sent yet",
  SUBMITTED: "sent, no answer yet",
  ACCEPTED: "open",
  PARTIALLY_FILLED: "partly filled",
  UNKNOWN: "in doubt",
  FILLED: "filled",
  CANCELLED: "cancelled",
  REJECTED: "rejected by the venue",
  VOID: "never reached the venue",
  DENIED: "refused by a control",
};

export function stateWords(order: Order): string {
  return standingOf(order) === "going" ? "cancel requested" : WORDS[order.state];
}

/** "Limit, take profit" is a trader's shorthand; here: kind and purpose, "stop market" being what rests at a venue. */
export function kindWords({ kind, purpose }: Order): string {
  return kind === purpose ? plainWords(kind) : `${plainWords(kind)}, ${plainWords(purpose)}`;
}

/** What the price of an order is; a market order has only the one it was decided on. */
export function priceWords({ kind, price }: Order): { price: string; is: string } {
  const is = { market: "reference", limit: "limit", post_only: "limit", stop: "trigger" }[kind];
  return { price: formatPrice(price), is };
}

/** "4 of 10": filled, and of how much. */
export function filledWords({ filled, quantity }: Order): string {
  return `${formatExact(filled)} of ${formatExact(quantity)}`;
}

/** In doubt first, then what was not sent; else as they came. */
export function urgentFirst(orders: readonly Order[]): Order[] {
  const rank = (order: Order) => ({ doubt: 0, waits: 1 })[standingOf(order) as string] ?? 2;
  return orders.toSorted((a, b) => rank(a) - rank(b));
}
