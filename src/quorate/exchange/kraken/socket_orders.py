"""Trading over WebSocket v2: the same acts as REST's, in the socket's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from quorate.exchange import Order, OrderRefused, Trading
from quorate.exchange.kraken import asking, ordering
from quorate.exchange.kraken.errors import UNKNOWN_ORDER, KrakenRefusal, invalid, words_for
from quorate.exchange.kraken.exchange import SWITCH_S_MAX, KrakenExchange
from quorate.exchange.kraken.figures import flag, rfc3339, whole
from quorate.exchange.kraken.frames import Body
from quorate.exchange.kraken.ids import order_number, order_text
from quorate.exchange.kraken.keys import Permission
from quorate.exchange.kraken.ordering import Change

CANCELLED_MAX = 50


@dataclass(frozen=True, slots=True)
class Request:
    """One trading request whose token is proved."""

    exchange: KrakenExchange
    account: str
    params: Mapping[str, object]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Method:
    """What a request does, and the permission it takes; each outcome is a result, or the words of an error."""

    answer: Callable[[Request], list[Body | str]]
    permissions: tuple[Permission, ...]


def add_order(request: Request) -> list[Body | str]:
    """add_order."""
    exchange = request.exchange
    wish = asking.from_socket(request.params, exchange.pairs, request.at_ms)
    if wish.validate:
        ordering.check(exchange, request.account, wish, request.at_ms)
        return [{}]
    order = ordering.place(exchange, request.account, wish, request.at_ms)
    result: Body = {"order_id": order_text(order.id), "order_userref": wish.userref}
    if wish.client_id:
        result["cl_ord_id"] = wish.client_id
    return [result]


def batch_add(request: Request) -> list[Body | str]:
    """batch_add: two to fifteen orders of one pair; those that are refused carry their error."""
    exchange, told = request.exchange, request.params.get("orders")
    if exchange.pairs.streamed(request.params.get("symbol")) is None:
        raise invalid("symbol")
    if not isinstance(told, list):
        raise invalid("orders")
    rows = cast("list[object]", told)
    shared = {name: request.params[name] for name in ("symbol", "deadline") if name in request.params}
    validate = flag(request.params.get("validate"))
    wishes = [_wish(request, row, shared) for row in rows]
    outcomes = ordering.place_batch(exchange, request.account, wishes, request.at_ms, validate=validate)
    return [{"orders": [_placed(outcome, row) for outcome, row in zip(outcomes, rows, strict=True)]}]


def _wish(request: Request, row: object, shared: dict[str, object]) -> asking.Wish | KrakenRefusal:
    if not isinstance(row, dict):
        return invalid("orders")
    try:
        wanted = {**cast("dict[str, object]", row), **shared}
        return asking.from_socket(wanted, request.exchange.pairs, request.at_ms)
    except KrakenRefusal as refusal:
        return refusal


def _placed(outcome: Order | str, row: object) -> Body:
    named = cast("dict[str, object]", row).get("cl_ord_id") if isinstance(row, dict) else None
    own: Body = {} if named is None else {"cl_ord_id": str(named)}
    if isinstance(outcome, Order):
        return {"order_id": order_text(outcome.id), **own, "success": True}
    if outcome.startswith("!"):
        return {**own, "success": False, "error": outcome[1:]}
    return {**own, "success": True}


def batch_cancel(request: Request) -> list[Body | str]:
    """batch_cancel: those that are not open are passed over."""
    orders = _listed(request.params.get("orders"), "orders") + _listed(request.params.get("cl_ord_id"), "cl_ord_id")
    if not 0 < len(orders) <= CANCELLED_MAX:
        raise invalid("orders")
    ended = 0
    for kind in ("orders", "cl_ord_id"):
        for value in _listed(request.params.get(kind), kind):
            try:
                order = _order(request, value, None) if kind == "orders" else _order(request, None, value)
            except KrakenRefusal:
                continue
            ended += request.exchange.cancel(request.account, [order], request.at_ms)
    return [{"orders_cancelled": ended}]


def amend_order(request: Request) -> list[Body | str]:
    """amend_order."""
    params = request.params
    order = _order(request, params.get("order_id"), params.get("cl_ord_id"))
    trigger, limit = params.get("trigger_price"), params.get("limit_price")
    change = Change(order, params.get("order_qty"), limit, trigger, flag(params.get("post_only")))
    amend_id = ordering.amend(request.exchange, change, request.at_ms)
    result: Body = {"amend_id": amend_id, "order_id": order_text(order.id)}
    if order.asked.client_id:
        result["cl_ord_id"] = order.asked.client_id
    return [result]


def cancel_order(request: Request) -> list[Body | str]:
    """cancel_order: one outcome for each order that is named, by its id, the client's, or a userref."""
    named = [
        (kind, value)
        for kind in ("order_id", "cl_ord_id", "order_userref")
        for value in _listed(request.params.get(kind), kind)
    ]
    if not 0 < len(named) <= CANCELLED_MAX:
        raise invalid("order_id")
    outcomes: list[Body | str] = []
    for kind, value in named:
        try:
            if kind == "order_userref":
                orders = request.exchange.orders_meant(request.account, str(value))
            elif kind == "order_id":
                orders = [_order(request, value, None)]
            else:
                orders = [_order(request, None, value)]
            request.exchange.cancel(request.account, orders, request.at_ms)
        except KrakenRefusal as refusal:
            outcomes.append(refusal.words)
        except OrderRefused as refusal:
            outcomes.append(words_for(refusal))
        else:
            outcomes += [_cancelled(order) for order in orders]
    return outcomes


def cancel_all(request: Request) -> list[Body | str]:
    """cancel_all."""
    exchange = request.exchange
    orders = [
        order
        for order in exchange.engine.open_orders(request.account)
        if exchange.engine.listings[order.symbol].trading is not Trading.HALTED
    ]
    return [{"count": exchange.cancel(request.account, orders, request.at_ms)}]


def cancel_all_orders_after(request: Request) -> list[Body | str]:
    """cancel_all_orders_after: the dead-man switch, the same one as REST's."""
    timeout_s = whole(request.params.get("timeout", ""), "timeout", low=0, high=SWITCH_S_MAX)
    due_ms = request.exchange.wind(request.account, timeout_s, request.at_ms)
    return [{"currentTime": rfc3339(request.at_ms), "triggerTime": rfc3339(due_ms) if due_ms else "0"}]


def _cancelled(order: Order) -> Body:
    result: Body = {"order_id": order_text(order.id)}
    if order.asked.client_id:
        result["cl_ord_id"] = order.asked.client_id
    return result


def _order(request: Request, order_id: object, client_id: object) -> Order:
    """The open order that is meant. Errors: EOrder:Unknown order, EGeneral:Invalid arguments."""
    if order_id is None and client_id is None:
        raise invalid("order_id")
    if order_id is None:
        return request.exchange.order_of_client(request.account, str(client_id))
    if order_number(str(order_id)) is None:
        raise KrakenRefusal(UNKNOWN_ORDER)
    return request.exchange.orders_meant(request.account, str(order_id))[0]


def _listed(told: object, name: str) -> list[object]:
    if told is None:
        return []
    if not isinstance(told, list):
        raise invalid(name)
    return cast("list[object]", told)


_CANCEL = (Permission.CANCEL, Permission.MODIFY)
METHODS: dict[str, Method] = {
    "add_order": Method(add_order, (Permission.MODIFY,)),
    "batch_add": Method(batch_add, (Permission.MODIFY,)),
    "batch_cancel": Method(batch_cancel, _CANCEL),
    "amend_order": Method(amend_order, (Permission.MODIFY,)),
    "cancel_order": Method(cancel_order, _CANCEL),
    "cancel_all": Method(cancel_all, _CANCEL),
    "cancel_all_orders_after": Method(cancel_all_orders_after, _CANCEL),
}
