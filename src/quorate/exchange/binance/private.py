"""What an account may ask: its money, its orders, its trades; and orders themselves."""

from __future__ import annotations

from collections.abc import Callable

from quorate.exchange.binance.answers import (
    Told,
    client_id_of,
    told_ack,
    told_cancelled,
    told_fills,
    told_order,
    told_result,
    told_trades,
)
from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.errors import CONFLICT, UNKNOWN_ORDER, BinanceError, missing, no_such_order, refused
from quorate.exchange.binance.figures import share, text
from quorate.exchange.binance.markets import told_commission
from quorate.exchange.binance.ordering import read_order, read_response_type
from quorate.exchange.binance.pairing import told_cancelled_pair
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.binance.public import rows
from quorate.exchange.engine.orders import Order, OrderPair
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.specs import Fees, NewOrder
from quorate.exchange.engine.words import Status, Why

MODES = {"STOP_ON_FAILURE": "STOP_ON_FAILURE", "ALLOW_FAILURE": "ALLOW_FAILURE"}
RESTRICTIONS = {"ONLY_NEW": Status.NEW, "ONLY_PARTIALLY_FILLED": Status.PARTIALLY_FILLED}
BAD_MODE = (-1145, "Invalid cancelReplaceMode.")
BAD_RESTRICTION = (-1145, "Invalid cancelRestrictions.")


def account(call: Call) -> Told:
    """Money, rates and rights."""
    owner = call.exchange.engine.accounts[call.account]
    empty_too = call.parameters.optional("omitZeroBalances") not in ("true", "TRUE")
    listings = call.exchange.engine.listings.values()
    fees = owner.fees or next((listing.spec.fees for listing in listings), Fees())
    return {
        "makerCommission": fees.maker_ppm // 100,
        "takerCommission": fees.taker_ppm // 100,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": told_commission(fees),
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": call.at_ms,
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": text(balance.free), "locked": text(balance.locked)}
            for asset, balance in sorted(owner.balances.items())
            if empty_too or balance.total
        ],
        "permissions": ["SPOT"],
        "uid": 1 + list(call.exchange.engine.accounts).index(call.account),
    }


def rights(call: Call) -> Told:
    """What the key may do."""
    key = call.key
    assert key is not None, "it is asked for signed"
    return {
        "ipRestrict": False,
        "createTime": 0,
        "enableReading": True,
        "enableWithdrawals": key.can_withdraw,
        "enableInternalTransfer": False,
        "permitsUniversalTransfer": False,
        "enableSpotAndMarginTrading": key.can_trade,
        "enableMargin": False,
        "enableFutures": key.can_trade,
    }


def commission(call: Call) -> Told:
    """The rates of the account in one market."""
    listing = call.listing()
    owner = call.exchange.engine.accounts[call.account]
    nothing = told_commission(Fees(maker_ppm=0, taker_ppm=0))
    discount = call.exchange.engine.rules.fee_asset_discount_ppm
    return {
        "symbol": listing.spec.symbol,
        "standardCommission": told_commission(owner.fees or listing.spec.fees),
        "specialCommission": nothing,
        "taxCommission": nothing,
        "discount": {
            "enabledForAccount": owner.fee_asset is not None,
            "enabledForSymbol": True,
            "discountAsset": owner.fee_asset or "BNB",
            "discount": share(1_000_000 - discount),
        },
    }


def new_order(call: Call) -> Told:
    """Take an order; answer with as much as is asked for."""
    asked = read_order(call.parameters, call.account)
    wanted = read_response_type(call.parameters, asked)
    call.parameters.refuse_unread()
    return _placed(call, asked, wanted)


def test_order(call: Call) -> Told:
    """Say whether an order would be taken, and do nothing."""
    asked = read_order(call.parameters, call.account)
    read_response_type(call.parameters, asked)
    rates_wanted = call.parameters.optional("computeCommissionRates") in ("true", "TRUE")
    call.parameters.refuse_unread()
    call.exchange.engine.check(asked, at_ms=call.at_ms)
    if not rates_wanted:
        return {}
    spec = call.exchange.engine.listing(asked.symbol).spec
    fees = call.exchange.engine.accounts[call.account].fees or spec.fees
    rates = {"maker": share(fees.maker_ppm), "taker": share(fees.taker_ppm)}
    return {"standardCommissionForOrder": rates}


def query_order(call: Call) -> Told:
    """One order."""
    found = _find(call, "origClientOrderId")
    if found is None:
        raise no_such_order()
    return told_order(found)


def cancel_order(call: Call) -> Told:
    """End one order; where it is one of a pair, both, and the answer is about the pair."""
    restriction = call.parameters.optional("cancelRestrictions")
    cancel_id = call.parameters.client_id("newClientOrderId")
    found = _find(call, "origClientOrderId")
    call.parameters.refuse_unread()
    return _cancelled(call, found, cancel_id, restriction)


def cancel_all_orders(call: Call) -> list[Told]:
    """End all orders of a market. Errors: -2011 where there is none."""
    listing = call.listing()
    engine = call.exchange.engine
    standing = engine.open_orders(call.account, listing.spec.symbol)
    if not standing:
        raise BinanceError(*UNKNOWN_ORDER)
    engine.cancel_all(call.account, symbol=listing.spec.symbol, at_ms=call.at_ms, why=Why.ALL_ASKED)
    told: list[Told] = []
    pairs: dict[int, OrderPair] = {}
    for order in standing:
        if order.pair is None:
            told.append(told_cancelled(order, call.at_ms, ""))
        else:
            pairs[order.pair.id] = order.pair
    told.extend(told_cancelled_pair(call, pair) for pair in pairs.values())
    return told


def open_orders(call: Call) -> list[Told]:
    """Open orders, oldest first, of one market or of all."""
    symbol = call.listing().spec.symbol if call.parameters.has("symbol") else None
    return [told_order(order) for order in call.exchange.engine.open_orders(call.account, symbol)]


def all_orders(call: Call) -> list[Told]:
    """Orders of a market, open and ended, oldest first."""
    symbol = call.listing().spec.symbol
    limit = rows(call.parameters)
    first = call.parameters.integer("orderId", 0)
    start_ms = call.parameters.integer("startTime", 0)
    end_ms = call.parameters.integer("endTime", call.at_ms)
    owned = call.exchange.engine.accounts[call.account].orders.values()
    found = [
        order
        for order in owned
        if order.symbol == symbol and order.id >= first and start_ms <= order.created_ms <= end_ms
    ]
    forward = call.parameters.has("orderId") or call.parameters.has("startTime")
    return [told_order(order) for order in (found[:limit] if forward else found[-limit:])]


def my_trades(call: Call) -> list[Told]:
    """Trades of the account in a market, oldest first."""
    symbol = call.listing().spec.symbol
    limit = rows(call.parameters)
    first = call.parameters.integer("fromId", 0)
    start_ms = call.parameters.integer("startTime", 0)
    end_ms = call.parameters.integer("endTime", call.at_ms)
    order_id = call.parameters.integer("orderId", 0)
    owned = call.exchange.engine.accounts[call.account].trades
    found = [
        trade
        for trade in owned
        if trade.symbol == symbol
        and trade.id >= first
        and start_ms <= trade.at_ms <= end_ms
        and order_id in (0, trade.maker_order, trade.taker_order)
    ]
    told = told_trades(found, call.account)
    forward = call.parameters.has("fromId") or call.parameters.has("startTime")
    return told[:limit] if forward else told[-limit:]


def cancel_replace(call: Call) -> Told:
    """End an order and place another. Errors: -2021 with 409 where one of both failed, -2022 where both did."""
    mode = call.parameters.choice("cancelReplaceMode", MODES, BAD_MODE)
    restriction = call.parameters.optional("cancelRestrictions")
    cancel_id = call.parameters.client_id("cancelNewClientOrderId")
    call.parameters.optional("orderRateLimitExceededMode")
    asked = read_order(call.parameters, call.account)
    wanted = read_response_type(call.parameters, asked)
    found = _find(call, "cancelOrigClientOrderId", "cancelOrderId")
    call.parameters.refuse_unread()
    cancelled, cancel_failed = _attempt(lambda: _cancelled(call, found, cancel_id, restriction))
    if cancel_failed and mode == "STOP_ON_FAILURE":
        data = _outcome("FAILURE", "NOT_ATTEMPTED", cancelled, None)
        raise BinanceError(-2022, "Order cancel-replace failed.", data=data)
    placed, place_failed = _attempt(lambda: _placed(call, asked, wanted))
    words = ("FAILURE" if cancel_failed else "SUCCESS", "FAILURE" if place_failed else "SUCCESS")
    data = _outcome(*words, cancelled, placed)
    if cancel_failed and place_failed:
        raise BinanceError(-2022, "Order cancel-replace failed.", data=data)
    if cancel_failed or place_failed:
        raise BinanceError(-2021, "Order cancel-replace partially failed.", status=CONFLICT, data=data)
    return data


def amend_keep_priority(call: Call) -> Told:
    """Take quantity from an open order, which keeps its place in the queue."""
    found = _find(call, "origClientOrderId")
    lots = call.parameters.amount("newQty", required=True)
    call.parameters.client_id("newClientOrderId")
    call.parameters.refuse_unread()
    if found is None or not found.open:
        raise no_such_order()
    if lots >= found.lots:
        raise BinanceError(-2038, "The requested action would change no state; rejecting.")
    call.exchange.engine.amend(found, lots=lots, at_ms=call.at_ms)
    return {
        "transactTime": call.at_ms,
        "executionId": found.id,
        "amendedOrder": {
            "symbol": found.symbol,
            "orderId": found.id,
            "orderListId": -1,
            "origClientOrderId": client_id_of(found),
            "clientOrderId": client_id_of(found),
            "price": text(found.ticks),
            "qty": text(found.lots),
            "executedQty": text(found.filled_lots),
            "preventedQty": text(found.prevented_lots),
            "quoteOrderQty": text(0),
            "cumulativeQuoteQty": text(found.filled_atoms),
            "status": told_order(found)["status"],
            "timeInForce": "GTC",
            "type": "LIMIT",
            "side": told_order(found)["side"],
        },
    }


def order_rates(call: Call) -> list[Told]:
    """Orders counted against the limits."""
    told = [row for row in call.exchange.rates.told() if row["rateLimitType"] == "ORDERS"]
    used = call.exchange.rates.orders_used(call.account, call.at_ms)
    return [{**row, "count": count} for row, count in zip(told, used, strict=True)]


def _placed(call: Call, asked: NewOrder, wanted: str) -> Told:
    order = call.exchange.engine.submit(asked, at_ms=call.at_ms)
    if wanted == "ACK":
        return told_ack(order, call.at_ms)
    told = told_result(order, call.at_ms)
    if wanted == "FULL":
        told["fills"] = told_fills(order)
    return told


def _cancelled(call: Call, found: Order | None, cancel_id: str, restriction: str | None) -> Told:
    if restriction is not None and restriction not in RESTRICTIONS:
        raise BinanceError(*BAD_RESTRICTION)
    if found is None or not found.open:
        raise BinanceError(*UNKNOWN_ORDER)
    if restriction and found.status is not RESTRICTIONS[restriction]:
        raise BinanceError(-2011, "Order was not canceled due to cancel restrictions.")
    call.exchange.engine.cancel(found, at_ms=call.at_ms)
    if found.pair is not None:
        return told_cancelled_pair(call, found.pair)
    return told_cancelled(found, call.at_ms, cancel_id)


def _find(call: Call, by_client: str, by_id: str = "orderId") -> Order | None:
    """The order that is meant; its id goes before the client's. Errors: -1102 where neither was sent."""
    symbol, engine = call.listing().spec.symbol, call.exchange.engine
    order_id, client_id = call.parameters.integer(by_id, 0), call.parameters.client_id(by_client)
    if not order_id and not client_id:
        raise missing(by_client)
    if order_id:
        found = engine.order(call.account, order_id)
        return found if found is not None and found.symbol == symbol else None
    made_up = client_id.removeprefix("quorate")
    if client_id.startswith("quorate") and made_up.isdigit():
        found = engine.order(call.account, int(made_up))
        if found is not None and found.symbol == symbol and not found.asked.client_id:
            return found
    return engine.order_by_client_id(call.account, symbol, client_id)


def _attempt(what: Callable[[], Told]) -> tuple[Told, bool]:
    """Its answer, or the body of its refusal; and whether it failed."""
    try:
        return what(), False
    except BinanceError as error:
        return error.body(), True
    except OrderRefused as error:
        return refused(error.reason).body(), True


def _outcome(cancel: str, new: str, cancelled: Told, placed: Told | None) -> Told:
    return {
        "cancelResult": cancel,
        "newOrderResult": new,
        "cancelResponse": cancelled,
        "newOrderResponse": placed,
    }


def _open_weight(parameters: Parameters) -> int:
    return 6 if parameters.has("symbol") else 80


SIGNED, TRADE = Security.SIGNED, Security.TRADE
PRIVATE = {
    ("GET", "/api/v3/account"): Route(handler=account, security=SIGNED, weight=20),
    ("GET", "/sapi/v1/account/apiRestrictions"): Route(handler=rights, security=SIGNED, weight=1),
    ("GET", "/api/v3/account/commission"): Route(handler=commission, security=SIGNED, weight=20),
    ("POST", "/api/v3/order"): Route(handler=new_order, security=TRADE, orders=1),
    ("POST", "/api/v3/order/test"): Route(handler=test_order, security=TRADE),
    ("GET", "/api/v3/order"): Route(handler=query_order, security=SIGNED, weight=4),
    ("DELETE", "/api/v3/order"): Route(handler=cancel_order, security=TRADE),
    ("POST", "/api/v3/order/cancelReplace"): Route(handler=cancel_replace, security=TRADE, orders=1),
    ("PUT", "/api/v3/order/amend/keepPriority"): Route(handler=amend_keep_priority, security=TRADE, weight=4),
    ("GET", "/api/v3/openOrders"): Route(handler=open_orders, security=SIGNED, weight=_open_weight),
    ("DELETE", "/api/v3/openOrders"): Route(handler=cancel_all_orders, security=TRADE),
    ("GET", "/api/v3/allOrders"): Route(handler=all_orders, security=SIGNED, weight=20),
    ("GET", "/api/v3/myTrades"): Route(handler=my_trades, security=SIGNED, weight=20),
    ("GET", "/api/v3/rateLimit/order"): Route(handler=order_rates, security=SIGNED, weight=40),
}
