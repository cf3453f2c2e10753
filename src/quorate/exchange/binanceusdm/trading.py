"""Placing, changing, cancelling and finding orders and conditional orders of an account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import cast
from urllib.parse import quote

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Security
from quorate.exchange.binance.errors import UNKNOWN_ORDER, BinanceError, missing, no_such_order
from quorate.exchange.binance.parameters import Parameters, parse
from quorate.exchange.binance.public import rows
from quorate.exchange.binanceusdm import errors
from quorate.exchange.binanceusdm.answers import (
    ALGO_IDS,
    ALGO_TAG,
    algo_id_of,
    client_algo_id_of,
    client_id_of,
    is_order,
    told_conditional,
    told_order,
    told_trades,
)
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.ordering import figure, read_conditional, read_order, read_response_type
from quorate.exchange.binanceusdm.public import Table
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Order
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.words import TimeInForce, Why

ALL_CANCELLED = {"code": 200, "msg": "The operation of cancel all open order is done."}
BATCH_MAX = 5
WEEK_MS = 7 * 86_400_000


def new_order(contracts: Contracts, call: Call) -> Told:
    """Take an order; ACK tells it as it was taken, RESULT what it came to."""
    listing = call.listing()
    asked = read_order(call.parameters, listing, call.account, call.at_ms)
    wanted = read_response_type(call.parameters)
    if asked.time_in_force is TimeInForce.FOK:
        found, _ = listing.sweep(asked.side, asked.lots, asked.ticks)
        if found < asked.lots:
            contracts.engine.check(asked, at_ms=call.at_ms)
            raise BinanceError(*errors.NO_WHOLE_FILL)
    order = contracts.engine.submit(asked, at_ms=call.at_ms)
    told = _without_time(listing, order)
    if wanted == "ACK":
        nothing = dict.fromkeys(("avgPrice", "executedQty", "cumQty", "cumQuote"), "0.00000000")
        told |= {"status": "NEW", **nothing}
    return told


def test_order(contracts: Contracts, call: Call) -> Told:
    """Say whether an order would be taken, money apart, and do nothing."""
    asked = read_order(call.parameters, call.listing(), call.account, call.at_ms)
    read_response_type(call.parameters)
    contracts.engine.check(asked, at_ms=call.at_ms)
    return {}


def modify_order(contracts: Contracts, call: Call) -> Told:
    """Give an open order another price and quantity."""
    listing, found = call.listing(), _find(contracts, call)
    lots = figure(call.parameters, "quantity", listing, required=True)
    ticks = figure(call.parameters, "price", listing, required=True)
    if found is None or not found.open:
        raise no_such_order()
    if (lots, ticks) == (found.lots, found.ticks):
        raise BinanceError(*errors.NO_CHANGE)
    contracts.engine.amend(found, lots=lots, ticks=ticks, at_ms=call.at_ms)
    return _without_time(listing, found)


def query_order(contracts: Contracts, call: Call) -> Told:
    """One order."""
    listing, found = call.listing(), _find(contracts, call)
    if found is None:
        raise no_such_order()
    return told_order(listing, found)


def query_open_order(contracts: Contracts, call: Call) -> Told:
    """One order, as long as it is open."""
    listing, found = call.listing(), _find(contracts, call)
    if found is None or not found.open:
        raise no_such_order()
    return told_order(listing, found)


def cancel_order(contracts: Contracts, call: Call) -> Told:
    """End one order."""
    listing, found = call.listing(), _find(contracts, call)
    if found is None or not found.open:
        raise BinanceError(*UNKNOWN_ORDER)
    contracts.engine.cancel(found, at_ms=call.at_ms)
    return _without_time(listing, found)


def cancel_all_orders(contracts: Contracts, call: Call) -> Told:
    """End every order in a market; conditional ones stay."""
    _end_all(contracts, call, call.listing().spec.symbol, wanted=is_order)
    return dict(ALL_CANCELLED)


def cancel_all_conditional(contracts: Contracts, call: Call) -> Told:
    """End every conditional order in a market that has not fired."""
    _end_all(contracts, call, call.listing().spec.symbol, wanted=lambda order: not is_order(order))
    return dict(ALL_CANCELLED)


def open_orders(contracts: Contracts, call: Call) -> list[Told]:
    """Open orders, oldest first, of one market or of all."""
    return [told_order(*pair) for pair in _standing(contracts, call) if is_order(pair[1])]


def open_conditional(contracts: Contracts, call: Call) -> list[Told]:
    """Conditional orders that have not fired, oldest first."""
    call.parameters.optional("algoType")
    return [told_conditional(*pair) for pair in _standing(contracts, call) if not is_order(pair[1])]


def all_orders(contracts: Contracts, call: Call) -> list[Told]:
    """Orders of a market, open and ended, oldest first; without a number, of a week."""
    listing = call.listing()
    found = (order for order in _owned(contracts, call, listing) if is_order(order))
    return [told_order(listing, order) for order in _page(call, found, "orderId", lambda order: order.id)]


def all_conditional(contracts: Contracts, call: Call) -> list[Told]:
    """Conditional orders of a market, waiting, fired and ended, oldest first."""
    listing = call.listing()
    found = (order for order in _owned(contracts, call, listing) if order.has_trigger)
    return [told_conditional(listing, order) for order in _page(call, found, "algoId", algo_id_of)]


def user_trades(contracts: Contracts, call: Call) -> list[Told]:
    """Trades of the account in a market, oldest first; without a number, of a week."""
    symbol, limit, first = call.listing().spec.symbol, rows(call.parameters), call.parameters.integer("fromId", 0)
    begin_ms, end_ms = _span(call, numbered=bool(first))
    order_id = call.parameters.integer("orderId", 0)
    found = [
        trade
        for trade in contracts.account(call.account).trades
        if trade.symbol == symbol
        and trade.id >= first
        and begin_ms <= trade.at_ms <= end_ms
        and order_id in (0, trade.maker_order, trade.taker_order)
    ]
    told = told_trades(found, call.account)
    forward = first or call.parameters.has("startTime")
    return told[:limit] if forward else told[-limit:]


def new_conditional(contracts: Contracts, call: Call) -> Told:
    """Take a conditional order."""
    listing = call.listing()
    asked = read_conditional(call.parameters, listing, call.account, call.at_ms)
    return told_conditional(listing, contracts.engine.submit(asked, at_ms=call.at_ms))


def query_conditional(contracts: Contracts, call: Call) -> Told:
    """One conditional order, whatever became of it."""
    found = _find_conditional(contracts, call)
    if found is None:
        raise no_such_order()
    return told_conditional(contracts.engine.listings[found.symbol], found)


def cancel_conditional(contracts: Contracts, call: Call) -> Told:
    """End a conditional order that has not fired."""
    found = _find_conditional(contracts, call)
    if found is None or not found.waiting:
        raise BinanceError(*UNKNOWN_ORDER)
    contracts.engine.cancel(found, at_ms=call.at_ms)
    return {"algoId": algo_id_of(found), "clientAlgoId": client_algo_id_of(found), "code": "200", "msg": "success"}


def new_orders(contracts: Contracts, call: Call) -> list[Told]:
    """Take up to five orders, each by itself: its answer, or its refusal."""
    told = call.parameters.text("batchOrders")
    read = _json_list(told)
    if not 0 < len(read) <= BATCH_MAX:
        raise BinanceError(-4082, "Invalid number of batch place orders.")
    return [_each(contracts, call, words, new_order) for words in read]


def cancel_orders(contracts: Contracts, call: Call) -> list[Told]:
    """End up to ten orders of a market, each by itself."""
    symbol = call.listing().spec.symbol
    by_id, by_client = call.parameters.optional("orderIdList"), call.parameters.optional("origClientOrderIdList")
    name, told = ("orderId", by_id) if by_id is not None else ("origClientOrderId", by_client)
    if told is None:
        raise missing("orderIdList")
    return [_each(contracts, call, {"symbol": symbol, name: each}, cancel_order) for each in _json_list(told)]


def count_down(contracts: Contracts, call: Call) -> Told:
    """Cancel everything in a market when this is not asked again in time: conditional orders, so stops, too."""
    symbol, wait_ms = call.listing().spec.symbol, call.parameters.integer("countdownTime")
    contracts.count_down(call.account, symbol, until_ms=call.at_ms + wait_ms if wait_ms else 0)
    return {"symbol": symbol, "countdownTime": str(wait_ms)}


def _without_time(listing: Listing, order: Order) -> Told:
    told = told_order(listing, order)
    del told["time"]
    return told


def _each(contracts: Contracts, call: Call, words: object, act: Callable[[Contracts, Call], Told]) -> Told:
    """Do one part of a batch as a request of its own."""
    table = cast("dict[str, object]", words) if isinstance(words, dict) else {}
    sent = "&".join(f"{quote(name)}={quote(_word(value))}" for name, value in table.items())
    one = Call(exchange=call.exchange, parameters=Parameters(parse(sent)), at_ms=call.at_ms, account=call.account)
    try:
        return act(contracts, one)
    except OrderRefused as error:
        return errors.refused(error).body()
    except BinanceError as error:
        return error.body()


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json_list(told: str) -> list[object]:
    try:
        read: object = json.loads(told)
    except ValueError:
        read = None
    if not isinstance(read, list):
        raise BinanceError(-1130, "Data sent for parameter is not valid.")
    return cast("list[object]", read)


def _standing(contracts: Contracts, call: Call) -> list[tuple[Listing, Order]]:
    symbol = call.listing().spec.symbol if call.parameters.has("symbol") else None
    listings = contracts.engine.listings
    return [(listings[order.symbol], order) for order in contracts.engine.open_orders(call.account, symbol)]


def _owned(contracts: Contracts, call: Call, listing: Listing) -> Iterable[Order]:
    owned = contracts.account(call.account).orders.values()
    return (order for order in owned if order.symbol == listing.spec.symbol)


def _page(call: Call, found: Iterable[Order], key: str, number: Callable[[Order], int]) -> list[Order]:
    """Those from a number on, or of a span of time: the first of them where a begin was asked for, else the last."""
    limit, first = rows(call.parameters), call.parameters.integer(key, 0)
    begin_ms, end_ms = _span(call, numbered=bool(first))
    chosen = [order for order in found if number(order) >= first and begin_ms <= order.created_ms <= end_ms]
    return chosen[:limit] if first or call.parameters.has("startTime") else chosen[-limit:]


def _span(call: Call, *, numbered: bool) -> tuple[int, int]:
    """Begin and end of what is asked for: a week at most, unless it is asked for by number. Errors: -4166."""
    begin_ms = call.parameters.integer("startTime", 0)
    end_ms = call.parameters.integer("endTime", begin_ms + WEEK_MS if begin_ms else call.at_ms)
    if begin_ms and end_ms - begin_ms > WEEK_MS:
        raise BinanceError(-4166, "Search window is restricted to recent 7 days only.")
    return begin_ms or (0 if numbered else end_ms - WEEK_MS), end_ms


def _end_all(contracts: Contracts, call: Call, symbol: str, *, wanted: Callable[[Order], bool]) -> None:
    for order in contracts.engine.open_orders(call.account, symbol):
        if order.open and wanted(order):
            contracts.engine.cancel(order, at_ms=call.at_ms, why=Why.ALL_ASKED)


def _find(contracts: Contracts, call: Call) -> Order | None:
    """The order that is meant; its id goes before the client's. Errors: -1102 where neither was sent."""
    symbol, engine = call.listing().spec.symbol, contracts.engine
    order_id, client_id = call.parameters.integer("orderId", 0), call.parameters.client_id("origClientOrderId")
    if not order_id and not client_id:
        raise missing("origClientOrderId")
    found = engine.order(call.account, order_id) if order_id else None
    if not order_id:
        found = engine.order_by_client_id(call.account, symbol, client_id) or _by_made_up_id(contracts, call, client_id)
    return found if found is not None and found.symbol == symbol and is_order(found) else None


def _by_made_up_id(contracts: Contracts, call: Call, client_id: str) -> Order | None:
    digits = client_id.removeprefix("quorate").removeprefix("fired")
    found = contracts.engine.order(call.account, int(digits)) if digits.isascii() and digits.isdigit() else None
    return found if found is not None and client_id_of(found) == client_id else None


def _find_conditional(contracts: Contracts, call: Call) -> Order | None:
    """The conditional order that is meant, in whatever market it is. Errors: -1102 where no id was sent."""
    engine = contracts.engine
    algo_id, client_id = call.parameters.integer("algoId", 0), call.parameters.client_id("clientAlgoId")
    if not algo_id and not client_id:
        raise missing("clientAlgoId")
    if algo_id:
        found = engine.order(call.account, algo_id - ALGO_IDS)
        return found if found is not None and found.has_trigger else None
    known = [engine.order_by_client_id(call.account, symbol, f"{client_id}{ALGO_TAG}") for symbol in engine.listings]
    newest = max((order for order in known if order is not None), key=lambda order: order.id, default=None)
    if newest is None:
        digits = client_id.removeprefix("quorate")
        made_up = engine.order(call.account, int(digits)) if digits.isascii() and digits.isdigit() else None
        newest = made_up if made_up is not None and client_algo_id_of(made_up) == client_id else None
    return newest if newest is not None and newest.has_trigger else None


def _open_weight(parameters: Parameters) -> int:
    return 1 if parameters.has("symbol") else 40


SIGNED, TRADE = Security.SIGNED, Security.TRADE
TRADING: Table = {
    ("POST", "/fapi/v1/order"): (new_order, TRADE, 0),
    ("POST", "/fapi/v1/order/test"): (test_order, TRADE, 0),
    ("PUT", "/fapi/v1/order"): (modify_order, TRADE, 1),
    ("GET", "/fapi/v1/order"): (query_order, SIGNED, 1),
    ("GET", "/fapi/v1/openOrder"): (query_open_order, SIGNED, 1),
    ("DELETE", "/fapi/v1/order"): (cancel_order, TRADE, 1),
    ("POST", "/fapi/v1/batchOrders"): (new_orders, TRADE, 5),
    ("DELETE", "/fapi/v1/batchOrders"): (cancel_orders, TRADE, 1),
    ("DELETE", "/fapi/v1/allOpenOrders"): (cancel_all_orders, TRADE, 1),
    ("GET", "/fapi/v1/openOrders"): (open_orders, SIGNED, _open_weight),
    ("GET", "/fapi/v1/allOrders"): (all_orders, SIGNED, 5),
    ("GET", "/fapi/v1/userTrades"): (user_trades, SIGNED, 5),
    ("POST", "/fapi/v1/algoOrder"): (new_conditional, TRADE, 0),
    ("GET", "/fapi/v1/algoOrder"): (query_conditional, SIGNED, 1),
    ("DELETE", "/fapi/v1/algoOrder"): (cancel_conditional, TRADE, 1),
    ("DELETE", "/fapi/v1/algoOpenOrders"): (cancel_all_conditional, TRADE, 1),
    ("GET", "/fapi/v1/openAlgoOrders"): (open_conditional, SIGNED, _open_weight),
    ("GET", "/fapi/v1/allAlgoOrders"): (all_conditional, SIGNED, 5),
    ("POST", "/fapi/v1/countdownCancelAll"): (count_down, TRADE, 10),
}
ORDERS = (("POST", "/fapi/v1/order"), ("POST", "/fapi/v1/algoOrder"), ("PUT", "/fapi/v1/order"))
"""What counts against the limits of orders."""
