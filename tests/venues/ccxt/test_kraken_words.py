"""Kraken through real ccxt in the shapes of its documents: what the loopback exchange tells in fewer words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from quorate.domain.errors import BadInput
from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    KeyFault,
    OrderRequest,
    OutcomeUnknown,
    StreamLost,
    StreamUp,
    VenueFill,
    VenueOrder,
    VenueStatus,
    VenueUnreachable,
)
from quorate.domain.votes import Action
from quorate.venues.ccxt.listing import Trading
from tests.venues.ccxt.scripted import Told, scripted

PAIR = "BTC/USD"
TAG = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
P = "POST /0/private"
NOW_S = int(time.time())


def result(told: Any) -> dict[str, Any]:
    return {"error": [], "result": told}


def refused(*words: str) -> dict[str, Any]:
    return {"error": list(words)}


def book() -> dict[str, Any]:
    pair = {
        "altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "pair_decimals": 1,
        "lot_decimals": 8, "cost_decimals": 5, "lot_multiplier": 1, "leverage_buy": [], "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]], "ordermin": "0.00005", "costmin": "0.5", "tick_size": "0.1", "status": "online",
    }  # fmt: skip
    return {
        "GET /0/public/Time": lambda: result({"unixtime": int(time.time())}),
        "GET /0/public/AssetPairs": result({"XXBTZUSD": pair}),
        "GET /0/public/Assets": result({"XXBT": unit(10), "ZUSD": unit(4), "XXDG": unit(8)}),
    }


def unit(decimals: int) -> dict[str, Any]:
    return {"aclass": "currency", "altname": "X", "decimals": decimals, "display_decimals": 2}


def order(*, tag: str = TAG, **more: Any) -> dict[str, Any]:
    return {
        "refid": None, "userref": None, "cl_ord_id": tag, "status": "open", "opentm": 1688583840.8648, "starttm": 0,
        "expiretm": 0, "vol": "0.50000000", "vol_exec": "0.00000000", "cost": "0.00000", "fee": "0.00000",
        "price": "0.00000", "stopprice": "0.00000", "limitprice": "0.00000", "misc": "", "oflags": "fciq,post",
        "descr": {
            "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "29500.0", "price2": "0",
            "leverage": "none", "order": "buy 0.50000000 XBTUSD @ limit 29500.0", "close": "",
        },
    } | more  # fmt: skip


def trade(number: int, order_id: str = "OTHER-1") -> dict[str, Any]:
    return {
        "ordertxid": order_id, "pair": "XXBTZUSD", "time": NOW_S + number / 10_000, "type": "buy", "price": "29500.1",
        "cost": "2.95001", "fee": "0.00472", "vol": "0.00010000", "maker": True, "trade_id": number + 1,
    }  # fmt: skip


async def find(venue: Any, tag: str = TAG) -> VenueOrder | None:
    return await venue.find(tag=tag, pair=PAIR, since_ms=(NOW_S - 60) * 1000)


async def test_an_order_asks_for_its_fee_in_quote_and_for_an_end_to_its_acceptance() -> None:
    answers = book() | {f"{P}/AddOrder": result({"descr": {"order": "buy"}, "txid": ["OUF4EM-FRGI2-MQMWZD"]})}
    async with scripted("kraken", answers) as (venue, script, *_):
        asked = OrderRequest(
            tag=TAG, pair=PAIR, action=Action.BUY, kind=OrderKind.POST_ONLY, quantity=Decimal("0.5"),
            price=Decimal("29500.1"), reduce_only=False,
        )  # fmt: skip
        placed = await venue.place(asked)
        assert (placed.venue_id, placed.status, placed.filled) == ("OUF4EM-FRGI2-MQMWZD", VenueStatus.OPEN, 0)
        words = script.words(f"{P}/AddOrder")
        assert 4 <= _seconds(words.pop("deadline")) - time.time() <= 7
        assert words == {
            "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.50000000", "price": "29500.1",
            "cl_ord_id": TAG, "oflags": "fciq,post", "stptype": "cancel-newest",
        }  # fmt: skip
        for nonsense in (result({}), result({"txid": []}), result({"txid": [7]}), [], refused("EService:Timeout")):
            script.answers[f"{P}/AddOrder"] = Told(nonsense)
            with pytest.raises(OutcomeUnknown):
                await venue.place(asked)


def _seconds(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


async def test_f06_closed_orders_are_looked_through_to_the_last_page_also_where_the_venue_does_not_filter() -> None:
    others = {f"O{number:03}": order(tag=f"web-{number}", status="canceled") for number in range(50)}
    ours = {"OURS-1": order(status="closed", vol_exec="0.50000000", closetm=1688590000.5432)}
    answers = book() | {
        f"{P}/OpenOrders": result({"open": {}}),
        f"{P}/ClosedOrders": [
            Told(result({"closed": others, "count": 51})), Told(result({"closed": ours, "count": 51})),
        ],
    }  # fmt: skip
    async with scripted("kraken", answers) as (venue, script, *_):
        found = await find(venue)
        assert found is not None
        assert (found.venue_id, found.status, found.filled, found.at_ms) == (
            "OURS-1", VenueStatus.FILLED, Decimal("0.5"), 1688590000543,
        )  # fmt: skip
        assert script.words(f"{P}/ClosedOrders")["ofs"] == "50"


async def test_f06_an_order_that_only_its_executions_tell_of_is_found() -> None:
    trades = {f"T{number}": trade(number, "OURS-1" if number == 3 else f"OTHER-{number}") for number in range(5)}
    orders = {row["ordertxid"]: order(tag="web", status="closed") for row in trades.values()}
    answers = book() | {
        f"{P}/OpenOrders": result({"open": {}}), f"{P}/ClosedOrders": result({"closed": {}, "count": 0}),
        f"{P}/TradesHistory": result({"trades": trades, "count": 5}),
        f"{P}/QueryOrders": result(orders | {"OURS-1": order(status="closed", vol_exec="0.50000000")}),
    }  # fmt: skip
    async with scripted("kraken", answers) as (venue, script, *_):
        found = await find(venue)
        assert found is not None
        assert found.venue_id == "OURS-1"
        assert script.words(f"{P}/QueryOrders")["txid"].count(",") == 4
        assert await find(venue, "another") is None, "whose the others are is known by now"
    answers[f"{P}/QueryOrders"] = result({})
    async with scripted("kraken", answers) as (venue, *_):
        with pytest.raises(VenueUnreachable):
            await find(venue)


async def test_f08_executions_are_asked_for_one_by_one_and_to_the_last_page() -> None:
    pages = [{f"T{number}": trade(number) for number in range(begin, begin + 50)} for begin in (0, 50)]
    answers = book() | {
        f"{P}/TradesHistory": [
            Told(result({"trades": pages[0], "count": 101})), Told(result({"trades": pages[1], "count": 101})),
            Told(result({"trades": {"T100": trade(100)}, "count": 101})),
        ]
    }  # fmt: skip
    async with scripted("kraken", answers) as (venue, script, *_):
        fills = await venue.fills(PAIR, since_ms=NOW_S * 1000)
        assert [fill.trade_id for fill in fills] == [f"T{number}" for number in range(101)]
        assert (fills[0].fee, fills[0].fee_asset, fills[0].price) == (Decimal("0.00472"), "USD", Decimal("29500.1"))
        assert script.words(f"{P}/TradesHistory")["consolidate_taker"] == "false"


@pytest.mark.parametrize(
    ("word", "trading"),
    [("online", Trading.OPEN), ("cancel_only", Trading.CANCEL_ONLY), ("post_only", Trading.POST_ONLY),
     ("maintenance", Trading.CLOSED)],
)  # fmt: skip
async def test_f27_the_state_of_the_whole_venue_is_told(word: str, trading: Trading) -> None:
    answers = book() | {"GET /0/public/SystemStatus": result({"status": word, "timestamp": "2025-11-11T00:17:10Z"})}
    async with scripted("kraken", answers) as (venue, *_):
        assert await venue.condition() is trading


@pytest.mark.parametrize(
    ("trading", "withdrawing", "rights"),
    [
        (refused("EOrder:Cost minimum not met"), refused("EGeneral:Permission denied"), (True, False)),
        (result({"descr": {}}), refused("EFunding:Unknown withdraw key"), (True, True)),
        (refused("EGeneral:Permission denied"), result({"limit": "1"}), (False, True)),
        (refused("EAPI:Feature disabled"), refused("EGeneral:Invalid arguments"), (None, None)),
    ],
)
async def test_what_a_key_may_do_is_what_the_venue_answers(trading: Any, withdrawing: Any, rights: Any) -> None:
    answers = book() | {
        f"{P}/BalanceEx": result({}), f"{P}/AddOrder": trading, f"{P}/WithdrawInfo": withdrawing,
    }  # fmt: skip
    async with scripted("kraken", answers, pairs=(PAIR,)) as (venue, script, *_):
        told = await venue.rights()
        assert (told.trade, told.withdraw) == rights
        assert script.words(f"{P}/AddOrder")["validate"] == "true"
        script.answers[f"{P}/BalanceEx"] = refused("EAPI:Invalid key")
        with pytest.raises(KeyFault):
            await venue.rights()


async def test_balances_carry_our_names_of_assets_and_what_orders_hold() -> None:
    told = {
        "XXBT": {"balance": "1.0000000000", "hold_trade": "0.2500000000"},
        "ZUSD": {"balance": "0.0000", "hold_trade": "0"}, "XXDG": {"balance": "12.5", "hold_trade": "0"},
        "USDT": {"balance": "7.00000001", "hold_trade": "0.00000000"},
    }  # fmt: skip
    async with scripted("kraken", book() | {f"{P}/BalanceEx": result(told)}) as (venue, *_):
        account = await venue.account()
        assert [(each.asset, each.total, each.held) for each in account.balances] == [
            ("BTC", 1, Decimal("0.25")), ("DOGE", Decimal("12.5"), 0), ("USDT", Decimal("7.00000001"), 0),
        ]  # fmt: skip
        assert dict(account.units) == {"BTC": Decimal("1e-10"), "USD": Decimal("0.0001"), "DOGE": Decimal("1e-8")}


async def test_a_lot_is_no_finer_than_the_unit_in_which_the_coin_is_kept() -> None:
    """Otherwise what was bought could not be sold whole."""
    answers = book() | {"GET /0/public/Assets": result({"XXBT": unit(5), "ZUSD": unit(4)})}
    async with scripted("kraken", answers) as (venue, *_):
        (listing,) = await venue.listings()
        assert listing.lot == Decimal("0.00001")


async def test_what_cannot_be_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(BadInput, match="tier"):
        async with scripted("kraken", {}, kraken_tier="gold"):
            pass
    with pytest.raises(BadInput, match="test network"):
        async with scripted("kraken", {}, sandbox=True):
            pass
    with pytest.raises(BadInput, match="No orders go to"):
        async with scripted("bitfinex", {}):
            pass


# --- the private stream ---------------------------------------------------------------------------------------------


def executions(number: int, *rows: dict[str, Any], kind: str = "update") -> str:
    return json.dumps({"channel": "executions", "type": kind, "data": list(rows), "sequence": number})


def placed(**more: Any) -> dict[str, Any]:
    """As Kraken first tells of an order; later messages repeat less."""
    return {
        "order_id": "OK4GJX-KSTLS-7DZZO5", "cl_ord_id": TAG, "symbol": "BTC/USD", "order_qty": 0.005, "cum_cost": 0.0,
        "time_in_force": "GTC", "exec_type": "pending_new", "side": "sell", "order_type": "limit",
        "limit_price_type": "static", "limit_price": 26500.1, "stop_price": 0.0, "order_status": "pending_new",
        "fee_usd_equiv": 0.0, "fee_ccy_pref": "fciq", "timestamp": "2023-09-22T10:33:05.709950Z",
    } | more  # fmt: skip


def shortly(**more: Any) -> dict[str, Any]:
    return {"order_id": "OK4GJX-KSTLS-7DZZO5", "timestamp": "2023-09-22T10:33:06.709950Z", "order_userref": 0} | more


def traded(**more: Any) -> dict[str, Any]:
    return {
        "order_id": "OK4GJX-KSTLS-7DZZO5", "exec_id": "T5DIUI-5N4KO-Z5BPXK", "exec_type": "trade", "trade_id": 8253473,
        "symbol": "BTC/USD", "side": "sell", "last_qty": 0.001, "last_price": 26500.1, "liquidity_ind": "m",
        "cost": 26.5001, "order_userref": 0, "order_status": "partially_filled", "order_type": "limit",
        "cum_qty": 0.001, "fee_usd_equiv": 0.04, "fees": [{"asset": "USD", "qty": 0.0424}],
        "timestamp": "2023-09-22T10:33:06.1Z",
    } | more  # fmt: skip


@pytest.fixture
async def streamed() -> AsyncIterator[Any]:
    answers = book() | {
        f"{P}/GetWebSocketsToken": result({"token": "xeAQ/RCChBYNVh53sTv1yZ5H4wIbwDF20PiHtTF+4UI", "expires": 900}),
        f"{P}/QueryOrders": result({"OTHER-7": order(tag="web", status="canceled")}),
    }
    async with scripted("kraken", answers) as (venue, script, sockets, heard):
        stream = venue.reports()
        first = asyncio.ensure_future(anext(stream))
        async with asyncio.timeout(20):
            await sockets.heard.wait()
        sockets.say('{"channel":"status","type":"update","data":[{"system":"online"}]}')
        sockets.say('{"method":"subscribe","success":true,"result":{"channel":"executions"},"req_id":1}')
        assert isinstance(await first, StreamUp)
        yield stream, sockets, script, heard
        await stream.aclose()  # type: ignore[attr-defined]


async def _next(stream: Any, count: int = 1) -> list[Any]:
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


async def test_what_later_messages_leave_out_is_kept_from_the_first(streamed: Any) -> None:
    stream, sockets, _, heard = streamed
    wanted = json.loads(heard[0])["params"]
    assert (wanted["channel"], wanted["snap_orders"]) == ("executions", True)
    sockets.say(executions(1, placed(), kind="snapshot"))
    sockets.say(executions(2, shortly(exec_type="new", order_status="new")))
    sockets.say(executions(3, traded()))
    sockets.say(executions(4, shortly(exec_type="canceled", order_status="canceled", reason="User requested")))
    first, opened, fill, partly, ended = await _next(stream, 5)
    for each in (first, opened, partly, ended):
        assert isinstance(each, VenueOrder)
        assert (each.tag, each.pair, each.action, each.price) == (TAG, PAIR, Action.SELL, Decimal("26500.1"))
        assert each.quantity == Decimal("0.005")
    assert isinstance(fill, VenueFill)
    assert (fill.tag, fill.trade_id, fill.fee, fill.fee_asset) == (TAG, "T5DIUI-5N4KO-Z5BPXK", Decimal("0.0424"), "USD")
    assert (ended.status, ended.filled, ended.reason) == (VenueStatus.CANCELLED, Decimal("0.001"), "User requested")


async def test_an_order_that_was_never_described_is_asked_for(streamed: Any) -> None:
    stream, sockets, script, _ = streamed
    sockets.say(executions(1, shortly(order_id="OTHER-7", exec_type="canceled", order_status="canceled")))
    (told,) = await _next(stream)
    assert (told.venue_id, told.tag, told.status) == ("OTHER-7", "web", VenueStatus.CANCELLED)
    assert script.words(f"{P}/QueryOrders")["txid"] == "OTHER-7"
    sockets.say(executions(2, shortly(order_id="OTHER-8", exec_type="canceled", order_status="canceled")))
    assert [type(each) for each in await _next(stream, 2)] == [StreamLost, StreamUp]


async def test_a_fee_in_several_assets_is_not_made_into_one(streamed: Any) -> None:
    stream, sockets, *_ = streamed
    sockets.say(executions(1, placed()))
    fees = [{"asset": "USD", "qty": 0.01}, {"asset": "KFEE", "qty": 3}]
    sockets.say(executions(2, traded(fees=fees)))
    assert [type(each) for each in await _next(stream, 3)] == [VenueOrder, StreamLost, StreamUp]
    sockets.say(executions(3, traded(fees=[{"asset": "USD", "qty": 0.01}, {"asset": "USD", "qty": 0.02}])))
    assert (await _next(stream))[0].fee == Decimal("0.03")


@pytest.mark.parametrize(
    "message",
    [
        executions(1, traded(last_qty=0)), executions(1, traded(last_price="NaN")), executions(1, traded(side="up")),
        executions(1, placed(order_status="pondering")), executions(1, placed(timestamp="yesterday")),
        executions(1, placed(timestamp="2023-09-22T10:33:05")), executions(1, {"exec_type": "trade"}),
    ],
)  # fmt: skip
async def test_a_message_that_makes_no_sense_reports_nothing_and_is_asked_about(streamed: Any, message: str) -> None:
    stream, sockets, *_ = streamed
    sockets.say(message)
    assert [type(each) for each in await _next(stream, 2)] == [StreamLost, StreamUp]


async def test_f22_a_hole_in_the_numbers_ends_the_stream(streamed: Any) -> None:
    stream, sockets, *_ = streamed
    sockets.say(executions(1, placed()))
    sockets.say(executions(3, traded()))
    first, lost = await _next(stream, 2)
    assert isinstance(first, VenueOrder)
    assert isinstance(lost, StreamLost)
    assert lost.reason == "messages 2 to 2 are missing"


async def test_a_channel_nobody_knows_is_put_aside(streamed: Any) -> None:
    stream, sockets, *_ = streamed
    sockets.say('{"channel":"gossip","data":[]}')
    sockets.say('{"channel":"heartbeat"}')
    sockets.say('{"method":"pong","req_id":2}')
    sockets.say(executions(1, placed()))
    assert isinstance((await _next(stream))[0], VenueOrder)
