"""From the parameters of a new order, or a conditional one, to what the engine is asked: Binance's futures' rules."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quorate.exchange.binance import ordering as spot
from quorate.exchange.binance.errors import BinanceError, missing
from quorate.exchange.binance.figures import PLAIN_NUMBER, count_of, decimals_written
from quorate.exchange.binance.ordering import (
    BAD_RESPONSE_TYPE,
    BAD_SIDE,
    BAD_TIME_IN_FORCE,
    BAD_TYPE,
    SIDES,
    Shape,
    refuse_sent,
)
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.binanceusdm import errors
from quorate.exchange.binanceusdm.answers import ALGO_TAG
from quorate.exchange.binanceusdm.markets import STP_MODES, TIMES_IN_FORCE, decimals_of
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.specs import NewOrder
from quorate.exchange.engine.words import Kind, TimeInForce

ENGINE_TIMES = {"IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
STP = {word: spot.STP[word] for word in STP_MODES}
BAD_STP = (-4182, "Invalid selfTradePreventionMode.")
BAD_WORKING_TYPE = (-1106, "Invalid workingType.")
WORKING_TYPES = {"CONTRACT_PRICE": False, "MARK_PRICE": True}
RESPONSES = {"ACK": "ACK", "RESULT": "RESULT"}
FLAGS = {"true": True, "TRUE": True, "false": False, "FALSE": False}
CONDITIONAL = {
    "STOP": Shape(Kind.STOP_LOSS_LIMIT, "m", "m", "o"),
    "STOP_MARKET": Shape(Kind.STOP_LOSS, "-", "m", "-"),
    "TAKE_PROFIT": Shape(Kind.TAKE_PROFIT_LIMIT, "m", "m", "o"),
    "TAKE_PROFIT_MARKET": Shape(Kind.TAKE_PROFIT, "-", "m", "-"),
    "TRAILING_STOP_MARKET": Shape(Kind.STOP_LOSS, "-", "o", "-"),
}
PLAIN = {"LIMIT": Shape(Kind.LIMIT, "m", "-", "m"), "MARKET": Shape(Kind.MARKET, "-", "-", "-")}
ID_MAX = 36
GOOD_TILL_MS_MIN = 600_000


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an order lives."""

    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    expires_ms: int = 0


def read_order(parameters: Parameters, listing: Listing, account: str, at_ms: int) -> NewOrder:
    """A new order. Errors: those of `Parameters`, and Binance's own for what does not belong together."""
    side = parameters.choice("side", SIDES, BAD_SIDE)
    told = parameters.text("type")
    if told in CONDITIONAL:
        raise BinanceError(*errors.CONDITIONAL_HERE)
    shape = parameters.choice("type", PLAIN, BAD_TYPE)
    _one_way(parameters)
    lots = figure(parameters, "quantity", listing, required=True)
    ticks = _allowed(parameters, shape.price, "price", listing)
    lasting = _lasting(parameters, at_ms, required=shape.time_in_force == "m") if ticks else _at_once(parameters)
    for name in ("stopPrice", "activationPrice", "callbackRate", "closePosition", "workingType", "priceProtect"):
        parameters.optional(name)
    _no_price_match(parameters)
    return NewOrder(
        account=account,
        symbol=listing.spec.symbol,
        side=side,
        kind=shape.kind,
        lots=lots,
        ticks=ticks,
        time_in_force=lasting.time_in_force,
        post_only=lasting.post_only,
        expires_ms=lasting.expires_ms,
        reduce_only=flag(parameters, "reduceOnly"),
        self_trade=parameters.choice("selfTradePreventionMode", STP, BAD_STP, "NONE"),
        client_id=client_id(parameters, "newClientOrderId"),
    )


def read_conditional(parameters: Parameters, listing: Listing, account: str, at_ms: int) -> NewOrder:
    """A new conditional order. Errors: as for an order."""
    if parameters.text("algoType") != "CONDITIONAL":
        raise missing("algoType")
    side = parameters.choice("side", SIDES, BAD_SIDE)
    told = parameters.text("type")
    shape = parameters.choice("type", CONDITIONAL, BAD_TYPE)
    _one_way(parameters)
    closes = flag(parameters, "closePosition")
    trails = told == "TRAILING_STOP_MARKET"
    trigger = "activatePrice" if trails else "triggerPrice"
    ticks = _allowed(parameters, shape.price, "price", listing)
    lasting = _lasting(parameters, at_ms, required=False) if ticks else _at_once(parameters)
    reduces = _closing(parameters, shape) if closes else flag(parameters, "reduceOnly")
    flag(parameters, "priceProtect")
    _no_price_match(parameters)
    parameters.optional("newOrderRespType")
    chosen = client_id(parameters, "clientAlgoId")
    return NewOrder(
        account=account,
        symbol=listing.spec.symbol,
        side=side,
        kind=shape.kind,
        lots=0 if closes else figure(parameters, "quantity", listing, required=True),
        ticks=ticks,
        stop_ticks=figure(parameters, trigger, listing, required=not trails),
        trail_ppm=_callback_ppm(parameters) if trails else 0,
        time_in_force=lasting.time_in_force,
        post_only=lasting.post_only,
        expires_ms=lasting.expires_ms,
        reduce_only=reduces,
        close_position=closes,
        by_mark=parameters.choice("workingType", WORKING_TYPES, BAD_WORKING_TYPE, "CONTRACT_PRICE"),
        self_trade=parameters.choice("selfTradePreventionMode", STP, BAD_STP, "NONE"),
        client_id=f"{chosen}{ALGO_TAG}" if chosen else "",
    )


def read_response_type(parameters: Parameters) -> str:
    """How much the answer to a new order is to tell."""
    return parameters.choice("newOrderRespType", RESPONSES, BAD_RESPONSE_TYPE, "ACK")


def figure(parameters: Parameters, name: str, listing: Listing, *, required: bool = False) -> int:
    """A price or quantity in hundred-millionths, 0 where it was not sent. Errors: -1102, -1100, -1111, -4001 …"""
    value = parameters.number(name, required=required)
    if value is None:
        return 0
    filters = listing.spec.filters
    step = filters.lot_step if name == "quantity" else filters.price_step
    if decimals_written(value) > decimals_of(step):
        raise BinanceError(*errors.TOO_PRECISE)
    count = count_of(Decimal(value))
    if count <= 0:
        raise BinanceError(*errors.NOT_POSITIVE.get(name, errors.NOT_POSITIVE["price"]))
    return count


def flag(parameters: Parameters, name: str) -> bool:
    """Whether something was asked for. Errors: -1130."""
    return parameters.choice(name, FLAGS, (-1130, f"Data sent for parameter '{name}' is not valid."), "false")


def client_id(parameters: Parameters, name: str) -> str:
    """A client order id. Errors: -4015 for one that is too long, -1100."""
    if len(parameters.optional(name) or "") > ID_MAX:
        raise BinanceError(*errors.LONG_CLIENT_ID)
    return parameters.client_id(name)


def _one_way(parameters: Parameters) -> None:
    if (parameters.optional("positionSide") or "BOTH") != "BOTH":
        raise BinanceError(*errors.HEDGED)


def _closing(parameters: Parameters, shape: Shape) -> bool:
    if parameters.optional("quantity") is not None:
        raise BinanceError(*errors.CLOSES_WITH_QUANTITY)
    if parameters.optional("reduceOnly") is not None:
        raise BinanceError(*errors.CLOSES_WITH_REDUCE_ONLY)
    if shape.price != "-":
        raise BinanceError(*BAD_TYPE)
    return True


def _allowed(parameters: Parameters, rule: str, name: str, listing: Listing) -> int:
    if rule == "-":
        refuse_sent(parameters, name)
        return 0
    return figure(parameters, name, listing, required=rule == "m")


def _lasting(parameters: Parameters, at_ms: int, *, required: bool) -> Lasting:
    told = parameters.optional("timeInForce")
    if told is None:
        if required:
            raise missing("timeInForce")
        told = "GTC"
    if told not in TIMES_IN_FORCE:
        raise BinanceError(*BAD_TIME_IN_FORCE)
    until_ms = parameters.integer("goodTillDate", 0)
    if told == "GTD":
        if until_ms < at_ms + GOOD_TILL_MS_MIN:
            raise BinanceError(-5040, "The goodTillDate must be greater than the current time plus 600 seconds.")
        return Lasting(expires_ms=until_ms)
    return Lasting(ENGINE_TIMES.get(told, TimeInForce.GTC), post_only=told == "GTX")


def _at_once(parameters: Parameters) -> Lasting:
    """Orders without a price: a time in force is no fault, and changes nothing."""
    if (parameters.optional("timeInForce") or "GTC") not in (*TIMES_IN_FORCE, "GTE_GTC"):
        raise BinanceError(*BAD_TIME_IN_FORCE)
    parameters.integer("goodTillDate", 0)
    return Lasting()


def _callback_ppm(parameters: Parameters) -> int:
    told = parameters.text("callbackRate")
    if not PLAIN_NUMBER.fullmatch(told):
        raise BinanceError(-2007, "Invalid callBack rate.")
    return int(Decimal(told) * 10_000)


def _no_price_match(parameters: Parameters) -> None:
    if (parameters.optional("priceMatch") or "NONE") != "NONE":
        raise BinanceError(-1106, "Parameter 'priceMatch' sent when not required.")
