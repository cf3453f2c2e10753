"""Kraken's private REST answers about orders: placing, changing, cancelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from quorate.exchange import Order, Trading, Why
from quorate.exchange.kraken import asking, ordering
from quorate.exchange.kraken.errors import UNKNOWN_ORDER, KrakenRefusal, invalid
from quorate.exchange.kraken.exchange import SWITCH_S_MAX, KrakenExchange
from quorate.exchange.kraken.figures import absent, flag, rfc3339, whole
from quorate.exchange.kraken.ids import order_text
from quorate.exchange.kraken.keys import TOKEN_MS, ApiKey, Permission
from quorate.exchange.kraken.ordering import Change

CANCEL_BATCH_MAX = 50


@dataclass(frozen=True, slots=True)
class Call:
    """One private request whose key is proved."""

    exchange: KrakenExchange
    key: ApiKey
    arguments: Mapping[str, object]
    at_ms: int

    @property
    def account(self) -> str:
        """Whose account it is about."""
        return self.key.account


@dataclass(frozen=True, slots=True)
class Method:
    """A private method: what it does, which permission it takes (any of them), what a call costs."""

    answer: Callable[[Call], Any]
    permissions: tuple[Permission, ...]
    cost: float = 1.0


def add_order(call: Call) -> dict[str, Any]:
    """AddOrder."""
    exchange = call.exchange
    wish = asking.from_rest(call.arguments, exchange.pairs, call.at_ms)
    if wish.validate:
        ordering.check(exchange, call.account, wish, call.at_ms)
        return {"descr": {"order": ordering.validated_sentence(exchange, call.account, wish, call.at_ms)}}
    return ordering.accepted(exchange, ordering.place(exchange, call.account, wish, call.at_ms))


def add_order_batch(call: Call) -> dict[str, Any]:
    """AddOrderBatch: all orders are in one pair; those that are refused carry their error."""
    exchange, told = call.exchange, call.arguments.get("orders")
    if not isinstance(told, list):
        raise invalid("orders")
    shared = {name: call.arguments[name] for name in ("pair", "deadline") if name in call.arguments}
    exchange.pairs.named(str(shared.get("pair", "")))
    wishes = [_wish(call, row, shared) for row in cast("list[object]", told)]
    outcomes = ordering.place_batch(
        exchange, call.account, wishes, call.at_ms, validate=flag(call.arguments.get("validate"))
    )
    return {"orders": [_outcome(exchange, outcome) for outcome in outcomes]}


def _wish(call: Call, row: object, shared: dict[str, object]) -> asking.Wish | KrakenRefusal:
    if not isinstance(row, dict):
        return invalid("orders")
    try:
        return asking.from_rest({**cast("dict[str, object]", row), **shared}, call.exchange.pairs, call.at_ms)
    except KrakenRefusal as refusal:
        return refusal


def _outcome(exchange: KrakenExchange, outcome: Order | str) -> dict[str, Any]:
    if isinstance(outcome, Order):
        return {"descr": {"order": exchange.teller.sentence(outcome)}, "txid": order_text(outcome.id)}
    if outcome.startswith("!"):
        return {"error": outcome[1:]}
    return {"descr": {"order": outcome}}


def amend_order(call: Call) -> dict[str, Any]:
    """AmendOrder: the same order under other figures."""
    arguments = call.arguments
    change = Change(
        _one_order(call),
        arguments.get("order_qty"),
        arguments.get("limit_price"),
        arguments.get("trigger_price"),
        flag(arguments.get("post_only")),
    )
    return {"amend_id": ordering.amend(call.exchange, change, call.at_ms)}


def edit_order(call: Call) -> dict[str, Any]:
    """EditOrder: the older way, which cancels the order and places another. Only a lack of money can lose both."""
    exchange = call.exchange
    order = _one_order(call)
    if exchange.pairs.named(str(call.arguments.get("pair", ""))).symbol != order.symbol:
        raise invalid("pair")
    arguments = ordering.replacement(exchange, order, call.arguments)
    wish = asking.from_rest(arguments, exchange.pairs, call.at_ms)
    ordering.check(exchange, call.account, wish, call.at_ms)
    if wish.validate:
        return {"descr": {"order": ordering.validated_sentence(exchange, call.account, wish, call.at_ms)}}
    exchange.rates.amend(call.account, order.symbol, age_ms=call.at_ms - order.created_ms, at_ms=call.at_ms)
    exchange.engine.cancel(order, at_ms=call.at_ms, why=Why.REPLACED)
    new = exchange.engine.submit(ordering.prepared(exchange, call.account, wish), at_ms=call.at_ms)
    described = exchange.teller.described(new)
    return {
        "status": "ok",
        "txid": order_text(new.id),
        "originaltxid": order_text(order.id),
        "volume": exchange.teller.volume(new),
        "price": described["price"],
        "price2": described["price2"],
        "orders_cancelled": 1,
        "descr": {"order": described["order"]},
    }


def cancel_order(call: Call) -> dict[str, Any]:
    """CancelOrder: one order by its id or the client's, or all of a userref."""
    exchange, arguments = call.exchange, call.arguments
    if arguments.get("cl_ord_id"):
        orders = [exchange.order_of_client(call.account, str(arguments["cl_ord_id"]))]
    elif not absent(arguments.get("txid")):
        orders = exchange.orders_meant(call.account, str(arguments["txid"]))
    else:
        raise invalid("txid")
    return {"count": exchange.cancel(call.account, orders, call.at_ms)}


def cancel_order_batch(call: Call) -> dict[str, Any]:
    """CancelOrderBatch: those that are not open are passed over; none open is an error."""
    exchange, arguments = call.exchange, call.arguments
    meant, own = _names(arguments, "orders"), _names(arguments, "cl_ord_ids")
    if not 0 < len(meant) + len(own) <= CANCEL_BATCH_MAX:
        raise invalid("orders")
    found: dict[int, Order] = {}
    for name in meant:
        found |= {order.id: order for order in _meant(call, name, by_client=False)}
    for name in own:
        found |= {order.id: order for order in _meant(call, name, by_client=True)}
    if not found:
        raise KrakenRefusal(UNKNOWN_ORDER)
    return {"count": exchange.cancel(call.account, found.values(), call.at_ms)}


def _names(arguments: Mapping[str, object], argument: str) -> list[str]:
    told: object = arguments.get(argument) or list[object]()
    if not isinstance(told, list):
        raise invalid(argument)
    return [str(name) for name in cast("list[object]", told)]


def _meant(call: Call, name: str, *, by_client: bool) -> list[Order]:
    try:
        if by_client:
            return [call.exchange.order_of_client(call.account, name)]
        return call.exchange.orders_meant(call.account, name)
    except KrakenRefusal as refusal:
        if refusal.words != UNKNOWN_ORDER:
            raise
        return []


def cancel_all(call: Call) -> dict[str, Any]:
    """CancelAll."""
    exchange = call.exchange
    halted = {s for s, listing in exchange.engine.listings.items() if listing.trading is Trading.HALTED}
    orders = [order for order in exchange.engine.open_orders(call.account) if order.symbol not in halted]
    return {"count": exchange.cancel(call.account, orders, call.at_ms)}


def cancel_all_orders_after(call: Call) -> dict[str, Any]:
    """CancelAllOrdersAfter: the dead-man switch. When it runs out, everything is cancelled, protective stops too."""
    timeout_s = whole(call.arguments.get("timeout", ""), "timeout", low=0, high=SWITCH_S_MAX)
    due_ms = call.exchange.wind(call.account, timeout_s, call.at_ms)
    return {
        "currentTime": rfc3339(call.at_ms)[:19] + "Z",
        "triggerTime": rfc3339(due_ms)[:19] + "Z" if due_ms else "0",
    }


def sockets_token(call: Call) -> dict[str, Any]:
    """GetWebSocketsToken."""
    return {"token": call.exchange.keys.token(call.key, call.at_ms), "expires": TOKEN_MS // 1000}


def _one_order(call: Call) -> Order:
    """The open order that a change is about, by its id or the client's."""
    exchange, arguments = call.exchange, call.arguments
    if arguments.get("cl_ord_id"):
        return exchange.order_of_client(call.account, str(arguments["cl_ord_id"]))
    orders = exchange.orders_meant(call.account, str(arguments.get("txid") or ""))
    if len(orders) > 1:
        raise KrakenRefusal("EOrder:Invalid order")
    return orders[0]


_CANCEL = (Permission.CANCEL, Permission.MODIFY)
TRADING_METHODS: dict[str, Method] = {
    "AddOrder": Method(add_order, (Permission.MODIFY,), 0.0),
    "AddOrderBatch": Method(add_order_batch, (Permission.MODIFY,), 0.0),
    "AmendOrder": Method(amend_order, (Permission.MODIFY,), 0.0),
    "EditOrder": Method(edit_order, (Permission.MODIFY,), 0.0),
    "CancelOrder": Method(cancel_order, _CANCEL, 0.0),
    "CancelOrderBatch": Method(cancel_order_batch, _CANCEL, 0.0),
    "CancelAll": Method(cancel_all, _CANCEL, 1.0),
    "CancelAllOrdersAfter": Method(cancel_all_orders_after, _CANCEL, 1.0),
    "GetWebSocketsToken": Method(sockets_token, (Permission.SOCKETS,)),
}
