"""Orders, conditional orders and trades as Binance's futures tell them.

The engine has one order where Binance has two: a conditional order with an id of its own, and, once that has fired, the
order it became. Both are told from the same one here: `is_order` says whether there is an order to tell of yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from quorate.exchange.binance import answers as spot
from quorate.exchange.binance.answers import (
    SIDES,
    STATUSES,
    STP,
    TIMES_IN_FORCE,
    Told,
    made_up_id,
    sides_of,
    told_deal,
)
from quorate.exchange.binance.figures import text
from quorate.exchange.engine.clearing import LIQUIDATION
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Order, Trade
from quorate.exchange.engine.words import Kind, Side, Status, Why

ALGO_IDS = 2_000_000_000
"""Ids of conditional orders begin here: Binance counts them apart from those of orders."""
ALGO_TAG = "@algo"
"""After a conditional order's client id, which is in use independently of those of orders."""
TYPES = {
    Kind.LIMIT: "LIMIT",
    Kind.MARKET: "MARKET",
    Kind.STOP_LOSS: "STOP_MARKET",
    Kind.STOP_LOSS_LIMIT: "STOP",
    Kind.TAKE_PROFIT: "TAKE_PROFIT_MARKET",
    Kind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
}
REJECTED = {
    Why.NO_FUNDS: "Margin is insufficient.",
    Why.REDUCE_ONLY: "Reduce Only reject",
    Why.POST_ONLY: "Post Only reject",
}
"""Why a conditional order that fired never became an order."""


def type_of(order: Order) -> str:
    """The type it was asked for as."""
    asked = order.asked
    if asked.tag == LIQUIDATION:
        return "LIQUIDATION"
    return "TRAILING_STOP_MARKET" if asked.trail_ppm else TYPES[asked.kind]


def working_type_of(order: Order) -> str:
    """The type it works as: a conditional order that has fired is a limit or a market order."""
    if not order.has_trigger:
        return type_of(order)
    return "LIMIT" if order.ticks else "MARKET"


def time_in_force_of(order: Order) -> str:
    """Orders that never take have a time in force of their own here."""
    if order.asked.post_only:
        return "GTX"
    return "GTD" if order.asked.expires_ms else TIMES_IN_FORCE[order.asked.time_in_force]


def watched_price_of(order: Order) -> str:
    """Which price its trigger watches, which Binance calls its working type."""
    return "MARK_PRICE" if order.asked.by_mark else "CONTRACT_PRICE"


def client_id_of(order: Order) -> str:
    """The client's own id; for an order without one, and for one that was triggered, the exchange's."""
    return f"fired{order.id:09d}" if order.has_trigger else spot.client_id_of(order)


def was_rejected(order: Order) -> bool:
    """Whether it is a conditional order that fired and never became an order."""
    return (
        order.has_trigger
        and order.why in REJECTED
        and not order.filled_lots
        and 0 < order.triggered_ms == order.updated_ms
    )


def is_order(order: Order) -> bool:
    """Whether there is an order to tell of: conditional ones only once they have fired."""
    return not order.has_trigger or (order.triggered_ms > 0 and not was_rejected(order))


def average(listing: Listing, order: Order) -> int:
    """Mean price of its fills in ticks, 0 before the first."""
    return listing.ticks_for(order.filled_atoms, order.filled_lots) if order.filled_lots else 0


def told_order(listing: Listing, order: Order) -> Told:
    """An order as questions, placing and cancelling tell it."""
    asked = order.asked
    return {
        "orderId": order.id,
        "symbol": order.symbol,
        "status": STATUSES[order.status],
        "clientOrderId": client_id_of(order),
        "price": text(order.ticks),
        "avgPrice": text(average(listing, order)),
        "origQty": text(order.lots),
        "executedQty": text(order.filled_lots),
        "cumQty": text(order.filled_lots),
        "cumQuote": text(order.filled_atoms),
        "timeInForce": time_in_force_of(order),
        "type": working_type_of(order),
        "reduceOnly": asked.reduce_only,
        "closePosition": asked.close_position,
        "side": SIDES[order.side],
        "positionSide": "BOTH",
        "stopPrice": text(order.stop_ticks),
        "workingType": watched_price_of(order),
        "priceProtect": False,
        "origType": type_of(order),
        "priceMatch": "NONE",
        "selfTradePreventionMode": STP[asked.self_trade],
        "goodTillDate": asked.expires_ms,
        "time": order.triggered_ms or order.created_ms,
        "updateTime": order.updated_ms,
    }


def algo_id_of(order: Order) -> int:
    """The id of a conditional order."""
    return ALGO_IDS + order.id


def client_algo_id_of(order: Order) -> str:
    """The client's own id of a conditional order, or the exchange's."""
    return order.asked.client_id.removesuffix(ALGO_TAG) or made_up_id(order)


def algo_status_of(order: Order) -> str:
    """Where a conditional order stands."""
    if was_rejected(order):
        return "REJECTED"
    if order.triggered_ms:
        return "TRIGGERED" if order.open else "FINISHED"
    if order.open:
        return "NEW"
    return "CANCELED" if order.status is Status.CANCELLED else "EXPIRED"


def told_conditional(listing: Listing, order: Order) -> Told:
    """A conditional order as questions and placing tell it."""
    asked = order.asked
    fired = is_order(order)
    return {
        "algoId": algo_id_of(order),
        "clientAlgoId": client_algo_id_of(order),
        "algoType": "CONDITIONAL",
        "orderType": type_of(order),
        "symbol": order.symbol,
        "side": SIDES[order.side],
        "positionSide": "BOTH",
        "timeInForce": time_in_force_of(order),
        "quantity": text(order.lots),
        "algoStatus": algo_status_of(order),
        "actualOrderId": str(order.id) if fired else "",
        "actualPrice": text(average(listing, order)),
        "triggerPrice": text(order.stop_ticks),
        "price": text(order.ticks),
        "icebergQuantity": None,
        "selfTradePreventionMode": STP[asked.self_trade],
        "workingType": watched_price_of(order),
        "priceMatch": "NONE",
        "closePosition": asked.close_position,
        "priceProtect": False,
        "reduceOnly": asked.reduce_only,
        "activatePrice": text(asked.stop_ticks if asked.trail_ppm else 0),
        "callbackRate": f"{asked.trail_ppm / 10_000:.1f}" if asked.trail_ppm else None,
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": order.triggered_ms,
        "goodTillDate": asked.expires_ms,
    }


def told_trade(trade: Trade, *, is_maker: bool) -> Told:
    """A trade of an account, from the side of one of its orders."""
    _, _, profit = trade.charge(is_maker=is_maker)
    buys = trade.buyer_is_maker is is_maker
    return {
        **told_deal(trade, is_maker=is_maker),
        "side": SIDES[Side.BUY if buys else Side.SELL],
        "realizedPnl": text(profit),
        "positionSide": "BOTH",
        "buyer": buys,
        "maker": is_maker,
    }


def told_trades(trades: Iterable[Trade], account: str) -> list[Told]:
    """Trades of an account; one with itself appears from both sides."""
    return [told_trade(trade, is_maker=is_maker) for trade, is_maker in sides_of(trades, account)]
