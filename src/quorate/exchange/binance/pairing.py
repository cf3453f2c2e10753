"""Pairs of orders of which one cancels the other (OCO), in the newer words and in the older ones."""

from __future__ import annotations

from quorate.exchange.binance.answers import (
    Told,
    client_id_of,
    told_ack,
    told_cancelled,
    told_pair,
    told_result,
)
from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.errors import UNKNOWN_ORDER, BinanceError, missing
from quorate.exchange.binance.ordering import read_old_pair, read_pair, read_response_type
from quorate.exchange.binance.public import rows
from quorate.exchange.engine.orders import OrderPair
from quorate.exchange.engine.specs import NewPair


def new_pair(call: Call) -> Told:
    """Take a pair of orders, one above the market and one below."""
    return _paired(call, read_pair(call.parameters, call.account))


def new_old_pair(call: Call) -> Told:
    """Take a pair of orders in the older words."""
    return _paired(call, read_old_pair(call.parameters, call.account))


def query_pair(call: Call) -> Told:
    """One pair of orders."""
    call.parameters.optional("symbol")
    pair = _find_pair(call, "origClientOrderId")
    if pair is None:
        raise BinanceError(-2018, "Order list does not exist.")
    return told_pair(pair, pair.created_ms)


def cancel_pair(call: Call) -> Told:
    """End both orders of a pair."""
    call.parameters.optional("symbol")
    call.parameters.client_id("newClientOrderId")
    pair = _find_pair(call, "listClientOrderId")
    if pair is None or pair.done:
        raise BinanceError(*UNKNOWN_ORDER)
    call.exchange.engine.cancel(next(leg for leg in pair.legs if leg.open), at_ms=call.at_ms)
    return told_cancelled_pair(call, pair)


def open_pairs(call: Call) -> list[Told]:
    """Pairs of which an order is open."""
    return [told_pair(pair, pair.created_ms) for pair in _pairs(call) if not pair.done]


def all_pairs(call: Call) -> list[Told]:
    """Pairs, oldest first, as far as their orders are remembered."""
    limit = rows(call.parameters)
    return [told_pair(pair, pair.created_ms) for pair in _pairs(call)][-limit:]


def _paired(call: Call, asked: NewPair) -> Told:
    wanted = read_response_type(call.parameters, asked)
    call.parameters.refuse_unread()
    pair = call.exchange.engine.submit_pair(asked, at_ms=call.at_ms)
    legs = sorted(pair.legs, key=lambda leg: leg.id)
    report = told_ack if wanted == "ACK" else told_result
    return {**told_pair(pair, call.at_ms), "orderReports": [report(leg, call.at_ms) for leg in legs]}


def told_cancelled_pair(call: Call, pair: OrderPair) -> Told:
    """The answer to a cancel that ended a pair."""
    legs = sorted(pair.legs, key=lambda leg: leg.id)
    reports = [told_cancelled(leg, call.at_ms, client_id_of(leg)) for leg in legs]
    return {**told_pair(pair, call.at_ms), "orderReports": reports}


def _find_pair(call: Call, by_client: str) -> OrderPair | None:
    pair_id, client_id = call.parameters.integer("orderListId", 0), call.parameters.client_id(by_client)
    if not pair_id and not client_id:
        raise missing("orderListId")
    for pair in reversed(_pairs(call)):
        if pair.id == pair_id or (client_id and told_pair(pair, 0)["listClientOrderId"] == client_id):
            return pair
    return None


def _pairs(call: Call) -> list[OrderPair]:
    owned = call.exchange.engine.accounts[call.account].orders.values()
    found = {order.pair.id: order.pair for order in owned if order.pair is not None}
    return [found[pair_id] for pair_id in sorted(found)]


SIGNED, TRADE = Security.SIGNED, Security.TRADE
PAIRING = {
    ("POST", "/api/v3/order/oco"): Route(handler=new_old_pair, security=TRADE, orders=2),
    ("POST", "/api/v3/orderList/oco"): Route(handler=new_pair, security=TRADE, orders=2),
    ("GET", "/api/v3/orderList"): Route(handler=query_pair, security=SIGNED, weight=4),
    ("DELETE", "/api/v3/orderList"): Route(handler=cancel_pair, security=TRADE),
    ("GET", "/api/v3/openOrderList"): Route(handler=open_pairs, security=SIGNED, weight=6),
    ("GET", "/api/v3/allOrderList"): Route(handler=all_pairs, security=SIGNED, weight=20),
}
