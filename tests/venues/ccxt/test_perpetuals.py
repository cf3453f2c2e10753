"""Binance's perpetuals settled in dollars, through real ccxt against the shapes of its documents."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import (
    NotSent,
    OrderGone,
    OrderRequest,
    OutcomeUnknown,
    StreamLost,
    StreamUp,
    VenueFill,
    VenueOrder,
    VenueRefused,
    VenueStatus,
)
from quorate.domain.votes import Action
from quorate.venues.ccxt.listing import Trading
from tests.venues.ccxt.scripted import Script, Told, scripted

PAIR = "BTC/USDT:USDT"
BUY, SELL = Action.BUY, Action.SELL
TAG = "q" + "a" * 26
GONE = Told({"code": -2013, "msg": "Order does not exist."}, 400)
UNKNOWN = Told({"code": -2011, "msg": "Unknown order sent."}, 400)
F = "/fapi/v1"


def market(symbol: str = "BTCUSDT", **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol, "pair": symbol, "contractType": "PERPETUAL", "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000, "status": "TRADING", "baseAsset": symbol[:3], "quoteAsset": "USDT",
        "marginAsset": "USDT", "pricePrecision": 2, "quantityPrecision": 3, "baseAssetPrecision": 8,
        "quotePrecision": 8, "underlyingType": "COIN", "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    } | more  # fmt: skip


def order(**more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "orderId": 22542179, "clientOrderId": TAG, "price": "95000.10", "origQty": "0.250",
        "executedQty": "0.000", "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY",
        "stopPrice": "0", "reduceOnly": False, "positionSide": "BOTH", "origType": "LIMIT", "updateTime": 1566818724722,
    } | more  # fmt: skip


def algo(**more: Any) -> dict[str, Any]:
    return {
        "algoId": 2146760, "clientAlgoId": TAG, "algoType": "CONDITIONAL", "orderType": "STOP_MARKET",
        "symbol": "BTCUSDT", "side": "SELL", "positionSide": "BOTH", "timeInForce": "GTC", "quantity": "0.250",
        "algoStatus": "NEW", "triggerPrice": "90000.00", "price": "0.00", "actualOrderId": "", "reduceOnly": True,
        "createTime": 1750485492076, "updateTime": 1750485492076,
    } | more  # fmt: skip


def book() -> dict[str, Any]:
    return {
        f"GET {F}/time": lambda: {"serverTime": int(time.time() * 1000)},
        f"GET {F}/exchangeInfo": {"symbols": [market(), market("ETHUSDT")]},
    }


def request(kind: OrderKind, action: Action, price: str | None, *, reduce_only: bool = False) -> OrderRequest:
    return OrderRequest(
        tag=TAG, pair=PAIR, action=action, kind=kind, quantity=Decimal("0.25"),
        price=None if price is None else Decimal(price), reduce_only=reduce_only,
    )  # fmt: skip


async def test_orders_go_out_with_perpetuals_own_words_in_exact_text() -> None:
    async with scripted("binanceusdm", {**book(), f"POST {F}/order": order()}) as (venue, script, *_):
        placed = await venue.place(request(OrderKind.POST_ONLY, BUY, "95000.1"))
        assert script.words(f"POST {F}/order") == {
            "symbol": "BTCUSDT", "side": "BUY", "quantity": "0.250", "newClientOrderId": TAG, "price": "95000.1",
            "type": "LIMIT", "timeInForce": "GTX", "newOrderRespType": "RESULT",
            "selfTradePreventionMode": "EXPIRE_TAKER",
        }  # fmt: skip
        assert (placed.venue_id, placed.pair, placed.quantity) == ("22542179", PAIR, Decimal("0.25"))
        await venue.place(request(OrderKind.MARKET, SELL, None, reduce_only=True))
        words = script.words(f"POST {F}/order")
        assert (words["type"], words["reduceOnly"]) == ("MARKET", "true")
        assert "price" not in words


async def test_f05_a_stop_is_placed_found_and_cancelled_where_conditional_orders_live() -> None:
    answers = book() | {
        f"POST {F}/algoOrder": algo(), f"GET {F}/order": GONE, f"GET {F}/algoOrder": algo(),
        f"DELETE {F}/algoOrder": {"algoId": 2146760, "clientAlgoId": TAG, "code": "200", "msg": "success"},
        f"DELETE {F}/order": UNKNOWN,
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        placed = await venue.place(request(OrderKind.STOP, SELL, "90000", reduce_only=True))
        assert script.words(f"POST {F}/algoOrder") == {
            "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET",
            "quantity": "0.250", "triggerPrice": "90000.0", "clientAlgoId": TAG, "reduceOnly": "true",
            "selfTradePreventionMode": "EXPIRE_MAKER",
        }  # fmt: skip
        assert (placed.kind, placed.price, placed.status) == (OrderKind.STOP, Decimal(90000), VenueStatus.OPEN)
        assert await venue.find(tag=TAG, pair=PAIR, since_ms=0) == placed
        await venue.cancel(tag=TAG, venue_id=placed.venue_id, pair=PAIR)
        await venue.cancel(tag=TAG, venue_id="", pair=PAIR)
        assert script.count(f"DELETE {F}/algoOrder") == 2


async def test_f05_a_stop_that_triggered_is_found_as_the_order_it_became_under_our_tag() -> None:
    became = order(orderId=77, clientOrderId="theirs", type="MARKET", side="SELL", status="FILLED", executedQty="0.250")
    answers = book() | {
        f"GET {F}/order": [GONE, Told(became)],
        f"GET {F}/algoOrder": algo(algoStatus="FINISHED", actualOrderId="77"),
        f"GET {F}/userTrades": [
            {
                "symbol": "BTCUSDT", "id": 5, "orderId": 77, "side": "SELL", "price": "89990.5", "qty": "0.250",
                "commission": "9.0", "commissionAsset": "USDT", "time": 1566818724722, "buyer": False, "maker": False,
            }
        ],
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, *_):
        found = await venue.find(tag=TAG, pair=PAIR, since_ms=0)
        assert found is not None
        assert (found.tag, found.venue_id, found.status) == (TAG, "77", VenueStatus.FILLED)
        (fill,) = await venue.fills(PAIR, since_ms=1566818724722)
        assert (fill.tag, fill.fee, fill.fee_asset, fill.action) == (TAG, Decimal(9), "USDT", SELL)


async def test_f05_an_absence_is_only_told_after_every_place_was_asked() -> None:
    answers = book() | {
        f"GET {F}/order": GONE, f"GET {F}/algoOrder": GONE, f"GET {F}/openOrders": [], f"GET {F}/openAlgoOrders": [],
        f"GET {F}/allOrders": [], f"GET {F}/userTrades": [],
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        assert await venue.find(tag=TAG, pair=PAIR, since_ms=int(time.time() * 1000)) is None
        assert {name for name, _ in script.asked} >= set(answers)


async def test_f05_an_order_that_only_its_executions_tell_of_is_found() -> None:
    trade: dict[str, Any] = {
        "symbol": "BTCUSDT", "id": 5, "orderId": 22542179, "price": "1.0", "qty": "0.250", "commission": "0",
        "commissionAsset": "USDT", "time": int(time.time() * 1000), "buyer": True, "maker": False,
    }  # fmt: skip
    answers = book() | {
        f"GET {F}/order": [GONE, Told(order(status="FILLED", executedQty="0.250"))], f"GET {F}/algoOrder": GONE,
        f"GET {F}/openOrders": [], f"GET {F}/openAlgoOrders": [], f"GET {F}/allOrders": [],
        f"GET {F}/userTrades": [Told([trade]), Told([])],
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, *_):
        found = await venue.find(tag=TAG, pair=PAIR, since_ms=trade["time"] - 1000)
        assert found is not None
        assert found.status is VenueStatus.FILLED


async def test_f07_a_cancel_that_races_with_the_trigger_reaches_the_order_it_became() -> None:
    answers = book() | {
        f"DELETE {F}/algoOrder": UNKNOWN,
        f"GET {F}/algoOrder": algo(algoStatus="TRIGGERED", actualOrderId="77"),
        f"GET {F}/order": order(orderId=77, type="MARKET", side="SELL"),
        f"DELETE {F}/order": order(orderId=77, status="CANCELED"),
    }
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        await venue.cancel(tag=TAG, venue_id="algo-2146760", pair=PAIR)
        assert script.words(f"DELETE {F}/order")["orderId"] == "77"
        script.answers[f"GET {F}/order"] = order(orderId=77, type="MARKET", side="SELL", status="FILLED")
        with pytest.raises(OrderGone):
            await venue.cancel(tag=TAG, venue_id="algo-2146760", pair=PAIR)


async def test_open_orders_hold_both_kinds_and_all_of_both_are_cancelled() -> None:
    answers = book() | {
        f"GET {F}/openOrders": [order()], f"GET {F}/openAlgoOrders": [algo(symbol="ETHUSDT")],
        f"DELETE {F}/allOpenOrders": {"code": 200, "msg": "done"}, f"DELETE {F}/algoOpenOrders": {"code": 200},
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        orders = await venue.open_orders()
        assert [(each.pair, each.kind) for each in orders] == [
            (PAIR, OrderKind.LIMIT), ("ETH/USDT:USDT", OrderKind.STOP),
        ]  # fmt: skip
        await venue.cancel_all()
        cancelled = {(name, words["symbol"]) for name, words in script.asked if name.startswith("DELETE")}
        assert len(cancelled) == 4, "both kinds, in both markets"


async def test_one_market_that_fails_keeps_no_other_from_being_cancelled() -> None:
    answers = book() | {
        f"GET {F}/openOrders": [order(), order(symbol="ETHUSDT")], f"GET {F}/openAlgoOrders": [],
        f"DELETE {F}/allOpenOrders": [Told({"code": -1007, "msg": "Timeout"}, 408), Told({"code": 200})],
        f"DELETE {F}/algoOpenOrders": UNKNOWN,
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        with pytest.raises(OutcomeUnknown):
            await venue.cancel_all()
        assert script.count(f"DELETE {F}/allOpenOrders") == 2


async def test_the_account_tells_margin_and_positions_and_refuses_to_keep_both_ways_apart() -> None:
    answers = book() | {
        f"GET {F}/positionSide/dual": {"dualSidePosition": False},
        "GET /fapi/v3/account": {
            "assets": [
                {"asset": "USDT", "walletBalance": "1023.12345678", "initialMargin": "101.5"},
                {"asset": "BNB", "walletBalance": "0.00", "initialMargin": "0"},
            ]
        },
        "GET /fapi/v3/positionRisk": [
            {"symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "-0.250", "entryPrice": "95000.1",
             "liquidationPrice": "120000.5"},
            {"symbol": "ETHUSDT", "positionSide": "BOTH", "positionAmt": "0.000", "entryPrice": "0.0",
             "liquidationPrice": "0"},
        ],
    }  # fmt: skip
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        account = await venue.account()
        (held,) = account.balances
        assert (held.total, held.held, held.free) == (
            Decimal("1023.12345678"),
            Decimal("101.5"),
            Decimal("921.62345678"),
        )
        (position,) = account.positions
        assert (position.pair, position.quantity, position.liquidation) == (PAIR, Decimal("-0.25"), Decimal("120000.5"))
    script.answers[f"GET {F}/positionSide/dual"] = {"dualSidePosition": True}
    async with scripted("binanceusdm", script.answers) as (venue, *_):
        with pytest.raises(VenueRefused, match="apart"):
            await venue.account()


async def test_c19_the_countdown_is_renewed_for_each_of_our_pairs() -> None:
    answers = book() | {f"POST {F}/countdownCancelAll": {"symbol": "BTCUSDT", "countdownTime": "60000"}}
    async with scripted("binanceusdm", answers, pairs=(PAIR, "ETH/USDT:USDT")) as (venue, script, *_):
        assert venue.has_dead_man
        await venue.keep_alive(60)
        said = {(words["symbol"], words["countdownTime"]) for name, words in script.asked if "countdown" in name}
        assert said == {("BTCUSDT", "60000"), ("ETHUSDT", "60000")}


async def test_f28_a_contract_that_ends_is_flagged_before_it_does() -> None:
    ending = 1_900_000_000_000
    answers = book()
    answers[f"GET {F}/exchangeInfo"] = {"symbols": [market(deliveryDate=ending), market("ETHUSDT", status="SETTLING")]}
    async with scripted("binanceusdm", answers) as (venue, *_):
        listings = {each.symbol: each for each in await venue.listings()}
        assert listings["BTCUSDT"].ends_ms == ending
        assert listings["BTCUSDT"].min_notional == 100
        assert listings["ETHUSDT"].trading is Trading.CLOSED


async def test_a_503_that_says_that_nothing_was_done_was_not_sent() -> None:
    answers = book() | {f"POST {F}/order": Told({"code": -1001, "msg": "Service Unavailable."}, 503)}
    async with scripted("binanceusdm", answers) as (venue, *_):
        with pytest.raises(NotSent):
            await venue.place(request(OrderKind.MARKET, BUY, None))


def update(**more: Any) -> str:
    row = {
        "s": "BTCUSDT", "c": TAG, "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "0.250", "p": "95000.1", "ap": "0",
        "sp": "0", "x": "NEW", "X": "NEW", "i": 22542179, "l": "0", "z": "0", "L": "0", "T": 1568879465650, "t": 0,
        "m": False, "ot": "LIMIT", "R": False,
    } | more  # fmt: skip
    return json.dumps({"e": "ORDER_TRADE_UPDATE", "E": 1568879465651, "T": 1568879465650, "o": row})


@pytest.fixture
async def streamed() -> AsyncIterator[Any]:
    answers = book() | {f"POST {F}/listenKey": {"listenKey": "abc"}, f"PUT {F}/listenKey": {}}
    async with scripted("binanceusdm", answers) as (venue, script, sockets, _):
        stream = venue.reports()
        assert isinstance(await _next(stream), StreamUp)
        yield stream, sockets, script
        await stream.aclose()  # type: ignore[attr-defined]


async def _next(stream: AsyncIterator[Any]) -> Any:
    async with asyncio.timeout(10):
        return await anext(stream)


async def test_the_stream_tells_of_fills_and_of_the_order_they_triggered_from(streamed: Any) -> None:
    stream, sockets, _ = streamed
    told = {
        "caid": TAG, "aid": 2148719, "at": "CONDITIONAL", "o": "STOP_MARKET", "s": "BTCUSDT", "S": "SELL", "f": "GTC",
        "q": "0.250", "X": "NEW", "ai": "", "tp": "90000", "p": "0", "R": True,
    }  # fmt: skip
    sockets.say(json.dumps({"e": "ALGO_UPDATE", "T": 1, "E": 2, "o": told}))
    waiting = await _next(stream)
    assert (waiting.tag, waiting.kind, waiting.price, waiting.status) == (
        TAG, OrderKind.STOP, Decimal(90000), VenueStatus.OPEN,
    )  # fmt: skip
    sockets.say(json.dumps({"e": "ALGO_UPDATE", "T": 3, "E": 4, "o": {**told, "X": "TRIGGERED", "ai": "77"}}))
    sockets.say(
        update(
            c="theirs",
            i=77,
            o="MARKET",
            ot="STOP_MARKET",
            x="TRADE",
            X="FILLED",
            l="0.250",
            z="0.250",
            L="89990.5",
            n="9.0",
            N="USDT",
            t=5,
        )
    )
    fill, order = await _next(stream), await _next(stream)
    assert isinstance(fill, VenueFill)
    assert isinstance(order, VenueOrder)
    assert (fill.tag, fill.venue_id, fill.trade_id, fill.fee, fill.liquidity) == (
        TAG, "77", "5", Decimal(9), Liquidity.TAKER,
    )  # fmt: skip
    assert (order.tag, order.status, order.kind) == (TAG, VenueStatus.FILLED, OrderKind.STOP)


async def test_a_liquidation_is_an_execution_like_any_other(streamed: Any) -> None:
    stream, sockets, _ = streamed
    told = {"c": "autoclose-1", "i": 78, "o": "LIQUIDATION", "ot": "LIQUIDATION", "x": "CALCULATED"}
    sockets.say(update(**told, X="NEW"))
    assert isinstance(await _next(stream), VenueOrder)
    sockets.say(update(**told, X="FILLED", l="0.250", z="0.250", L="80000", n="10", N="USDT", t=6))
    fill, order = await _next(stream), await _next(stream)
    assert (fill.trade_id, fill.quantity, fill.price, fill.fee) == ("6", Decimal("0.25"), Decimal(80000), Decimal(10))
    assert (order.kind, order.status) == (OrderKind.MARKET, VenueStatus.FILLED)


@pytest.mark.parametrize("name", ["listenKeyExpired", "eventStreamTerminated"])
async def test_a_stream_that_the_venue_ends_is_lost_and_begun_anew(streamed: Any, name: str) -> None:
    stream, sockets, script = streamed
    sockets.say(json.dumps({"e": name, "E": 1}))
    assert isinstance(await _next(stream), StreamLost)
    assert isinstance(await _next(stream), StreamUp)
    assert script.count(f"POST {F}/listenKey") == 2


async def test_an_event_nobody_knows_is_put_aside_and_a_status_nobody_knows_is_asked_about(streamed: Any) -> None:
    stream, sockets, _ = streamed
    sockets.say(json.dumps({"e": "NEW_KIND_OF_EVENT", "E": 1}))
    sockets.say(json.dumps({"e": "ACCOUNT_UPDATE", "E": 1}))
    sockets.say(update(X="PONDERING"))
    assert isinstance(await _next(stream), StreamLost)
    assert isinstance(await _next(stream), StreamUp)
    sockets.say(update())
    assert isinstance(await _next(stream), VenueOrder)


def test_the_script_answers_what_it_was_told_to() -> None:
    script = Script({"GET /x": [Told(1), Told(2)]})
    answered = [asyncio.run(script("GET", "http://a/x?b=1", {}, None))[2] for _ in range(3)]
    assert answered == ["1", "2", "2"]
    assert script.words("GET /x") == {"b": "1"}


async def test_an_id_that_binance_gives_in_two_markets_is_not_mistaken_for_one_order() -> None:
    other = order(symbol="ETHUSDT", orderId=22542179, clientOrderId="web_1")
    answers = book() | {f"GET {F}/openOrders": [order(), other], f"GET {F}/openAlgoOrders": []}
    async with scripted("binanceusdm", answers) as (venue, *_):
        assert [each.tag for each in await venue.open_orders()] == [TAG, "web_1"]
        assert [each.tag for each in await venue.open_orders()] == [TAG, "web_1"]


async def test_f22_a_fill_that_was_not_told_is_seen_by_what_the_order_adds_up_to(streamed: Any) -> None:
    stream, sockets, _ = streamed
    trade = {"x": "TRADE", "X": "PARTIALLY_FILLED", "L": "95000.1", "n": "0", "N": "USDT"}
    sockets.say(update())
    sockets.say(update(**trade, l="0.100", z="0.100", t=1))
    sockets.say(update(**trade, l="0.050", z="0.200", t=3))
    told = [await _next(stream) for _ in range(7)]
    assert [type(each) for each in told] == [
        VenueOrder, VenueFill, VenueOrder, VenueFill, VenueOrder, StreamLost, StreamUp,
    ]  # fmt: skip
    assert told[5].reason.startswith("0.05 of an order")
    sockets.say(update(**trade, l="0.050", z="0.150", t=2))
    sockets.say(update(**trade, l="0.050", z="0.250", t=4))
    assert [type(await _next(stream)) for _ in range(4)] == [VenueFill, VenueOrder, VenueFill, VenueOrder]
