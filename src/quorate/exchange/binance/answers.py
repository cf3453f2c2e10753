"""Orders, trades and pairs of orders as Binance's answers tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from quorate.exchange.binance.figures import text
from quorate.exchange.engine.orders import Order, OrderPair, Trade
from quorate.exchange.engine.words import Kind, SelfTrade, Side, Status, TimeInForce, Why

Told = dict[str, object]

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
STATUSES = {
    Status.NEW: "NEW",
    Status.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELLED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
    Status.EXPIRED_IN_MATCH: "EXPIRED_IN_MATCH",
}
TYPES = {
    Kind.LIMIT: "LIMIT",
    Kind.MARKET: "MARKET",
    Kind.STOP_LOSS: "STOP_LOSS",
    Kind.STOP_LOSS_LIMIT: "STOP_LOSS_LIMIT",
    Kind.TAKE_PROFIT: "TAKE_PROFIT",
    Kind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
}
TIMES_IN_FORCE = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
STP = {
    SelfTrade.ALLOW: "NONE",
    SelfTrade.EXPIRE_MAKER: "EXPIRE_MAKER",
    SelfTrade.EXPIRE_TAKER: "EXPIRE_TAKER",
    SelfTrade.EXPIRE_BOTH: "EXPIRE_BOTH",
    SelfTrade.DECREMENT: "DECREMENT",
}
EXPIRY_REASONS = {
    Why.NO_LIQUIDITY: "INSUFFICIENT_LIQUIDITY",
    Why.NOT_WHOLE: "INSUFFICIENT_LIQUIDITY",
    Why.SELF_TRADE: "SELF_TRADE_PREVENTION",
    Why.NO_FUNDS: "INSUFFICIENT_BALANCE",
    Why.MARKET_CLOSED: "SYMBOL_CLOSED",
    Why.OTHER_LEG: "OTHER_LEG_TRIGGERED",
}


def type_of(order: Order) -> str:
    """The order type."""
    return "LIMIT_MAKER" if order.asked.post_only else TYPES[order.asked.kind]


def pair_id(order: Order) -> int:
    """The id of its pair, -1 where it has none."""
    return order.pair.id if order.pair else -1


def made_up_id(order: Order) -> str:
    """The id that the exchange gives an order whose client gave it none."""
    return f"quorate{order.id:09d}"


def client_id_of(order: Order) -> str:
    """The client's own id, or the one that the exchange made up for an order without one."""
    return order.asked.client_id or made_up_id(order)


def told_sums(order: Order) -> Told:
    """What every answer about an order has in common."""
    asked = order.asked
    told: Told = {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": pair_id(order),
        "clientOrderId": client_id_of(order),
        "price": text(order.ticks),
        "origQty": text(order.lots),
        "executedQty": text(order.filled_lots),
        "origQuoteOrderQty": text(asked.quote_atoms),
        "cummulativeQuoteQty": text(order.filled_atoms),
        "status": STATUSES[order.status],
        "timeInForce": TIMES_IN_FORCE[asked.time_in_force],
        "type": type_of(order),
        "side": SIDES[order.side],
    }
    if order.has_trigger:
        told["stopPrice"] = text(order.stop_ticks)
    if asked.trail_ppm:
        told["trailingDelta"] = asked.trail_ppm // 100
        told["trailingTime"] = order.created_ms if order.best_ticks else -1
    return told


def told_order(order: Order) -> Told:
    """An order as a query answers it."""
    told = told_sums(order)
    told.setdefault("stopPrice", text(0))
    told["icebergQty"] = text(0)
    told["time"] = order.created_ms
    told["updateTime"] = order.updated_ms
    told["isWorking"] = not order.waiting
    told["workingTime"] = working_ms(order)
    told["selfTradePreventionMode"] = STP[order.asked.self_trade]
    if order.prevented_lots:
        told["preventedQuantity"] = text(order.prevented_lots)
    return told


def working_ms(order: Order) -> int:
    """When the order came into the book, or to the market; -1 while it waits for its trigger."""
    return -1 if order.waiting else order.triggered_ms or order.created_ms


def told_ack(order: Order, at_ms: int) -> Told:
    """The shortest answer to a new order."""
    return {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderListId": pair_id(order),
        "clientOrderId": client_id_of(order),
        "transactTime": at_ms,
    }


def told_result(order: Order, at_ms: int) -> Told:
    """The answer to a new order with what it came to."""
    return {
        **told_ack(order, at_ms),
        **told_sums(order),
        "workingTime": working_ms(order),
        "selfTradePreventionMode": STP[order.asked.self_trade],
    }


def told_fills(order: Order) -> list[Told]:
    """Its fills as the answer to a new order tells them."""
    since = takewhile(lambda trade: trade.at_ms >= order.created_ms, reversed(order.account.trades))
    fills = [trade for trade in since if trade.taker_order == order.id]
    return [
        {
            "price": text(trade.ticks),
            "qty": text(trade.lots),
            "commission": text(trade.taker_fee),
            "commissionAsset": trade.taker_fee_asset,
            "tradeId": trade.id,
        }
        for trade in reversed(fills)
    ]


def told_cancelled(order: Order, at_ms: int, cancel_id: str) -> Told:
    """The answer to a cancel: the order, and the client's id of the cancel itself."""
    told = told_sums(order)
    told["origClientOrderId"] = told["clientOrderId"]
    told["clientOrderId"] = cancel_id or f"cancel{order.id:09d}"
    told["transactTime"] = at_ms
    told["selfTradePreventionMode"] = STP[order.asked.self_trade]
    return told


def told_deal(trade: Trade, *, is_maker: bool) -> Told:
    """What changed hands in a trade, and what its maker or its taker paid for that."""
    asset, fee, _ = trade.charge(is_maker=is_maker)
    return {
        "symbol": trade.symbol,
        "id": trade.id,
        "orderId": trade.maker_order if is_maker else trade.taker_order,
        "price": text(trade.ticks),
        "qty": text(trade.lots),
        "quoteQty": text(trade.atoms),
        "commission": text(fee),
        "commissionAsset": asset,
        "time": trade.at_ms,
    }


def told_trade(trade: Trade, *, is_maker: bool) -> Told:
    """A trade of an account. Where it traded with itself it is told as the maker sees it, or as the taker does."""
    return {
        **told_deal(trade, is_maker=is_maker),
        "orderListId": -1,
        "isBuyer": trade.buyer_is_maker is is_maker,
        "isMaker": is_maker,
        "isBestMatch": True,
    }


def told_trades(trades: Iterable[Trade], account: str) -> list[Told]:
    """Trades of an account; one with itself appears from both sides."""
    return [told_trade(trade, is_maker=is_maker) for trade, is_maker in sides_of(trades, account)]


def sides_of(trades: Iterable[Trade], account: str) -> Iterator[tuple[Trade, bool]]:
    """The sides of these trades that were an account's: each trade, and whether the account was its maker."""
    for trade in trades:
        if trade.maker_account == account:
            yield trade, True
        if trade.taker_account == account:
            yield trade, False


def told_pair(pair: OrderPair, at_ms: int) -> Told:
    """A pair of orders as a query answers it."""
    done = pair.done
    return {
        "orderListId": pair.id,
        "contingencyType": "OCO",
        "listStatusType": "ALL_DONE" if done else "EXEC_STARTED",
        "listOrderStatus": "ALL_DONE" if done else "EXECUTING",
        "listClientOrderId": pair.client_id or f"quoratelist{pair.id:06d}",
        "transactionTime": at_ms,
        "symbol": pair.above.symbol,
        "orders": [
            {"symbol": leg.symbol, "orderId": leg.id, "clientOrderId": client_id_of(leg)}
            for leg in sorted(pair.legs, key=lambda leg: leg.id)
        ],
    }
