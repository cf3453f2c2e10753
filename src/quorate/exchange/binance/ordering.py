"""From the parameters of a new order to what the engine is asked, with Binance's rules for which belong together."""

from __future__ import annotations

from dataclasses import dataclass

from quorate.exchange.binance.errors import BinanceError, missing
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.engine.specs import NewOrder, NewPair
from quorate.exchange.engine.words import Kind, SelfTrade, Side, TimeInForce

BAD_SIDE = (-1117, "Invalid side.")
BAD_TYPE = (-1116, "Invalid orderType.")
BAD_TIME_IN_FORCE = (-1115, "Invalid timeInForce.")
BAD_STP = (-1013, "This symbol does not allow the specified self-trade prevention mode.")
BAD_RESPONSE_TYPE = (-1127, "Invalid newOrderRespType.")
SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
TIMES_IN_FORCE = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
STP = {
    "NONE": SelfTrade.ALLOW,
    "EXPIRE_MAKER": SelfTrade.EXPIRE_MAKER,
    "EXPIRE_TAKER": SelfTrade.EXPIRE_TAKER,
    "EXPIRE_BOTH": SelfTrade.EXPIRE_BOTH,
    "DECREMENT": SelfTrade.DECREMENT,
}
RESPONSES = {"ACK": "ACK", "RESULT": "RESULT", "FULL": "FULL"}
OPTIONAL_AND_IGNORED = ("strategyId", "strategyType")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parameters an order type takes: m must be there, o may be, - must not."""

    kind: Kind
    price: str
    stop: str
    time_in_force: str
    post_only: bool = False


SHAPES = {
    "LIMIT": Shape(Kind.LIMIT, "m", "-", "m"),
    "LIMIT_MAKER": Shape(Kind.LIMIT, "m", "-", "-", post_only=True),
    "MARKET": Shape(Kind.MARKET, "-", "-", "-"),
    "STOP_LOSS": Shape(Kind.STOP_LOSS, "-", "m", "-"),
    "STOP_LOSS_LIMIT": Shape(Kind.STOP_LOSS_LIMIT, "m", "m", "m"),
    "TAKE_PROFIT": Shape(Kind.TAKE_PROFIT, "-", "m", "-"),
    "TAKE_PROFIT_LIMIT": Shape(Kind.TAKE_PROFIT_LIMIT, "m", "m", "m"),
}


def read_order(parameters: Parameters, account: str) -> NewOrder:
    """A single new order. Errors: those of `Parameters`, -1106, -1115, -1116, -1117."""
    symbol = parameters.symbol()
    side = parameters.choice("side", SIDES, BAD_SIDE)
    shape = parameters.choice("type", SHAPES, BAD_TYPE)
    quote_atoms = parameters.amount("quoteOrderQty") if shape.kind is Kind.MARKET else 0
    lots = parameters.amount("quantity", required=not quote_atoms)
    if lots and quote_atoms:
        raise BinanceError(-1128, "Combination of optional parameters invalid.")
    stop_ticks, trail_ppm = _trigger(parameters, shape, "stopPrice", "trailingDelta")
    self_trade = parameters.choice("selfTradePreventionMode", STP, BAD_STP, "EXPIRE_MAKER")
    _refuse_icebergs(parameters, "icebergQty")
    for name in OPTIONAL_AND_IGNORED:
        parameters.optional(name)
    return NewOrder(
        account=account,
        symbol=symbol,
        side=side,
        kind=shape.kind,
        lots=lots,
        quote_atoms=quote_atoms,
        ticks=_amount(parameters, shape.price, "price"),
        stop_ticks=stop_ticks,
        trail_ppm=trail_ppm,
        time_in_force=_time_in_force(parameters, shape, "timeInForce"),
        post_only=shape.post_only,
        self_trade=self_trade,
        client_id=parameters.client_id("newClientOrderId"),
    )


def read_pair(parameters: Parameters, account: str) -> NewPair:
    """A new pair as `orderList/oco` takes it: an order above the market and one below. Errors: as for one order."""
    symbol = parameters.symbol()
    side = parameters.choice("side", SIDES, BAD_SIDE)
    lots = parameters.amount("quantity", required=True)
    self_trade = parameters.choice("selfTradePreventionMode", STP, BAD_STP, "EXPIRE_MAKER")
    legs: list[NewOrder] = []
    for place in ("above", "below"):
        shape = parameters.choice(f"{place}Type", SHAPES, BAD_TYPE)
        if shape.kind is Kind.MARKET or (shape.kind is Kind.LIMIT and not shape.post_only):
            raise BinanceError(*BAD_TYPE)
        stop_ticks, trail_ppm = _trigger(parameters, shape, f"{place}StopPrice", f"{place}TrailingDelta")
        _refuse_icebergs(parameters, f"{place}IcebergQty")
        for name in ("StrategyId", "StrategyType"):
            parameters.optional(place + name)
        legs.append(
            NewOrder(
                account=account,
                symbol=symbol,
                side=side,
                kind=shape.kind,
                lots=lots,
                ticks=_amount(parameters, shape.price, f"{place}Price"),
                stop_ticks=stop_ticks,
                trail_ppm=trail_ppm,
                time_in_force=_time_in_force(parameters, shape, f"{place}TimeInForce"),
                post_only=shape.post_only,
                self_trade=self_trade,
                client_id=parameters.client_id(f"{place}ClientOrderId"),
            )
        )
    return NewPair(above=legs[0], below=legs[1], client_id=parameters.client_id("listClientOrderId"))


def read_old_pair(parameters: Parameters, account: str) -> NewPair:
    """A new pair as the older `order/oco` takes it: a limit order and a stop. Errors: as for one order."""
    symbol = parameters.symbol()
    side = parameters.choice("side", SIDES, BAD_SIDE)
    lots = parameters.amount("quantity", required=True)
    self_trade = parameters.choice("selfTradePreventionMode", STP, BAD_STP, "EXPIRE_MAKER")
    _refuse_icebergs(parameters, "limitIcebergQty", "stopIcebergQty")
    for name in ("limitStrategyId", "limitStrategyType", "stopStrategyId", "stopStrategyType"):
        parameters.optional(name)
    rests = NewOrder(
        account=account,
        symbol=symbol,
        side=side,
        kind=Kind.LIMIT,
        lots=lots,
        ticks=parameters.amount("price", required=True),
        post_only=True,
        self_trade=self_trade,
        client_id=parameters.client_id("limitClientOrderId"),
    )
    limit_ticks = parameters.amount("stopLimitPrice")
    shape = SHAPES["STOP_LOSS_LIMIT" if limit_ticks else "STOP_LOSS"]
    stop_ticks, trail_ppm = _trigger(parameters, shape, "stopPrice", "trailingDelta")
    waits = NewOrder(
        account=account,
        symbol=symbol,
        side=side,
        kind=shape.kind,
        lots=lots,
        ticks=limit_ticks,
        stop_ticks=stop_ticks,
        trail_ppm=trail_ppm,
        time_in_force=_time_in_force(parameters, shape, "stopLimitTimeInForce"),
        self_trade=self_trade,
        client_id=parameters.client_id("stopClientOrderId"),
    )
    above, below = (rests, waits) if side is Side.SELL else (waits, rests)
    return NewPair(above=above, below=below, client_id=parameters.client_id("listClientOrderId"))


def read_response_type(parameters: Parameters, asked: NewOrder | NewPair) -> str:
    """How much the answer is to tell: all for orders that may trade at once, unless something else is asked."""
    if isinstance(asked, NewPair):
        default = "RESULT"
    else:
        may_trade = asked.kind is Kind.MARKET or (asked.kind is Kind.LIMIT and not asked.post_only)
        default = "FULL" if may_trade else "ACK"
    return parameters.choice("newOrderRespType", RESPONSES, BAD_RESPONSE_TYPE, default)


def _amount(parameters: Parameters, rule: str, name: str) -> int:
    if rule == "-":
        refuse_sent(parameters, name)
        return 0
    return parameters.amount(name, required=rule == "m")


def _trigger(parameters: Parameters, shape: Shape, stop: str, trail: str) -> tuple[int, int]:
    """Trigger price and trailing distance; an order with a trigger has at least one of them."""
    if shape.stop == "-":
        refuse_sent(parameters, stop)
        refuse_sent(parameters, trail)
        return 0, 0
    ticks = parameters.amount(stop)
    points = parameters.integer(trail, 0)
    if not ticks and not points:
        raise missing(stop)
    return ticks, points * 100


def _time_in_force(parameters: Parameters, shape: Shape, name: str) -> TimeInForce:
    if shape.time_in_force == "-":
        refuse_sent(parameters, name)
        return TimeInForce.GTC
    return parameters.choice(name, TIMES_IN_FORCE, BAD_TIME_IN_FORCE)


def refuse_sent(parameters: Parameters, name: str) -> None:
    """Errors: -1106 where a parameter was sent that this order does not take."""
    if parameters.optional(name) is not None:
        raise BinanceError(-1106, f"Parameter '{name}' sent when not required.")


def _refuse_icebergs(parameters: Parameters, *names: str) -> None:
    for name in names:
        if parameters.amount(name):
            raise BinanceError(-1013, "Filter failure: ICEBERG_PARTS")
