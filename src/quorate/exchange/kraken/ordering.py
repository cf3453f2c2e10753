"""Placing, amending and replacing orders: what REST and the socket do alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quorate.exchange import NewOrder, Order, OrderRefused, Side
from quorate.exchange.kraken import asking
from quorate.exchange.kraken.asking import TRAILING, WITH_TRIGGER, Wish, note_of
from quorate.exchange.kraken.errors import KrakenRefusal, invalid, words_for
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import absent, flag
from quorate.exchange.kraken.ids import amend_text, order_text

BATCH_MIN, BATCH_MAX = 2, 15


@dataclass(frozen=True, slots=True)
class Change:
    """What an amendment asks for: the order, and new figures where they are not None."""

    order: Order
    quantity: object = None
    limit_price: object = None
    trigger_price: object = None
    post_only: bool = False


def prepared(exchange: KrakenExchange, account: str, wish: Wish) -> NewOrder:
    """The engine's order for a wish, after what the engine does not check. Errors: KrakenRefusal, OrderRefused."""
    listing = exchange.listing(wish.pair)
    if not exchange.client_id_is_free(account, wish.client_id):
        raise KrakenRefusal("EOrder:Invalid order:cl_ord_id is in use")
    return asking.to_order(wish, listing.spec, account, last_ticks=listing.last_ticks)


def place(exchange: KrakenExchange, account: str, wish: Wish, at_ms: int) -> Order:
    """Take an order. Errors: KrakenRefusal, OrderRefused."""
    asked = prepared(exchange, account, wish)
    exchange.rates.order(account, asked.symbol, at_ms)
    return exchange.engine.submit(asked, at_ms=at_ms)


def check(exchange: KrakenExchange, account: str, wish: Wish, at_ms: int) -> None:
    """What `validate` asks for: refuse what would be refused, and do nothing."""
    exchange.engine.check(prepared(exchange, account, wish), at_ms=at_ms)


def validated_sentence(exchange: KrakenExchange, account: str, wish: Wish, at_ms: int) -> str:
    """The sentence that an order would have."""
    asked = prepared(exchange, account, wish)
    owner = exchange.engine.accounts[account]
    lots, stop_ticks = asked.lots, asked.stop_ticks
    order = Order(0, asked, owner, asked.side, asked.ticks, lots, at_ms, at_ms, lots, stop_ticks)
    return exchange.teller.sentence(order)


def amend(exchange: KrakenExchange, change: Change, at_ms: int) -> str:
    """Change an open order under its own id; gives the amendment's id. Errors: KrakenRefusal, OrderRefused."""
    order = change.order
    listing = exchange.engine.listings[order.symbol]
    pair, note = exchange.pairs.of(order.symbol), note_of(order)
    if change.quantity is change.limit_price is change.trigger_price is None:
        raise invalid("order_qty")
    last = listing.last_ticks
    lots = 0 if change.quantity is None else asking.lots_of(change.quantity, pair, listing.spec)
    ticks = _amended_price(change.limit_price, exchange, order, last)
    stop_ticks = _amended_price(change.trigger_price, exchange, order, last)
    if (stop_ticks and note.ordertype not in WITH_TRIGGER) or note.ordertype in TRAILING:
        raise invalid("trigger_price")
    if change.post_only and ticks and listing.side(order.side.other).reached_by(ticks):
        raise KrakenRefusal("EOrder:Post only order")
    exchange.rates.amend(order.account.name, order.symbol, age_ms=at_ms - order.created_ms, at_ms=at_ms)
    exchange.engine.amend(order, at_ms=at_ms, lots=lots, ticks=ticks, stop_ticks=stop_ticks)
    return amend_text(order.id, at_ms)


def _amended_price(told: object, exchange: KrakenExchange, order: Order, last_ticks: int) -> int:
    if told is None:
        return 0
    spec = exchange.engine.listings[order.symbol].spec
    return asking.ticks_of(told, exchange.pairs.of(order.symbol), spec, last_ticks=last_ticks)


def place_batch(
    exchange: KrakenExchange, account: str, wishes: list[Wish | KrakenRefusal], at_ms: int, *, validate: bool
) -> list[Order | str]:
    """Take orders one after another; for each the order or the words of its refusal. Errors: KrakenRefusal."""
    if not BATCH_MIN <= len(wishes) <= BATCH_MAX:
        raise invalid("orders")
    outcomes: list[Order | str] = []
    for wish in wishes:
        try:
            if isinstance(wish, KrakenRefusal):
                raise wish
            if validate:
                check(exchange, account, wish, at_ms)
                outcomes.append(validated_sentence(exchange, account, wish, at_ms))
            else:
                outcomes.append(place(exchange, account, wish, at_ms))
        except KrakenRefusal as refusal:
            outcomes.append(f"!{refusal.words}")
        except OrderRefused as refusal:
            outcomes.append(f"!{words_for(refusal)}")
    return outcomes


def replacement(exchange: KrakenExchange, order: Order, arguments: Mapping[str, object]) -> dict[str, object]:
    """The AddOrder arguments of the order that EditOrder puts in an order's place."""
    pair, note = exchange.pairs.of(order.symbol), note_of(order)
    described = exchange.teller.described(order)
    left = exchange.teller.quantity(pair, order.left)
    kept: dict[str, object] = {
        "pair": pair.altname,
        "type": "buy" if order.side is Side.BUY else "sell",
        "ordertype": note.ordertype,
        "volume": left,
        "price": described["price"],
        "price2": described["price2"],
        "userref": note.userref,
        "oflags": ",".join(note.oflags),
        "timeinforce": order.asked.time_in_force.value.upper(),
        "expiretm": str(note.expires_ms // 1000),
        "trigger": note.trigger,
    }
    changed = {
        name: arguments[name]
        for name in ("volume", "price", "price2", "oflags", "userref")
        if not absent(arguments.get(name))
    }
    return {**kept, **changed, "validate": flag(arguments.get("validate"))}


def accepted(exchange: KrakenExchange, order: Order) -> dict[str, Any]:
    """What AddOrder answers."""
    return {"descr": {"order": exchange.teller.sentence(order)}, "txid": [order_text(order.id)]}
