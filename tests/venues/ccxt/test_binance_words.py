"""Binance spot through real ccxt in the shapes of its documents: what the loopback exchange has no need to say."""

from __future__ import annotations

import base64
import time
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quorate.clock import SystemClock
from quorate.domain.errors import BadInput
from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderRequest, OutcomeUnknown, VenueRefused, VenueUnreachable
from quorate.domain.votes import Action
from quorate.venues.ccxt.connect import connect
from quorate.venues.ccxt.listing import Trading
from quorate.venues.ccxt.settings import VenueSettings
from tests.venues.ccxt.scripted import Told, scripted

PAIR = "BTC/USDT"
TAG = "q" + "b" * 26
A = "/api/v3"


def market(**more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
        "isSpotTradingAllowed": True, "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT"],
        "permissions": ["SPOT"],
        "allowedSelfTradePreventionModes": ["EXPIRE_MAKER", "EXPIRE_TAKER"],
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "stepSize": "0.00001000", "minQty": "0.00001000"},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
        ],
    } | more  # fmt: skip


def book(**more: Any) -> dict[str, Any]:
    return {
        f"GET {A}/time": lambda: {"serverTime": int(time.time() * 1000)},
        f"GET {A}/exchangeInfo": {"symbols": [market(**more)]},
    }


def trade(number: int) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "id": number, "orderId": 100 + number, "price": "4.00000100", "qty": "12.00000000",
        "commission": "0.00010100", "commissionAsset": "BNB", "time": 1_499_865_549_590 + number, "isBuyer": True,
        "isMaker": False,
    }  # fmt: skip


def stop(action: Action) -> OrderRequest:
    return OrderRequest(
        tag=TAG, pair=PAIR, action=action, kind=OrderKind.STOP, quantity=Decimal("0.5"), price=Decimal("50000.01"),
        reduce_only=True,
    )  # fmt: skip


@pytest.mark.parametrize(("action", "limit"), [(Action.SELL, "48500.00"), (Action.BUY, "51500.02")])
async def test_where_only_a_stop_with_a_limit_can_rest_its_limit_lies_beyond_the_trigger(
    action: Action, limit: str
) -> None:
    answers = book() | {f"POST {A}/order": Told({"code": -2010, "msg": "Stop price would trigger immediately."}, 400)}
    async with scripted("binance", answers) as (venue, script, *_):
        with pytest.raises(VenueRefused):
            await venue.place(stop(action))
        words = script.words(f"POST {A}/order")
        assert (words["type"], words["stopPrice"], words["price"]) == ("STOP_LOSS_LIMIT", "50000.01", limit)
        assert words["selfTradePreventionMode"] == "EXPIRE_MAKER"


async def test_f10_fees_in_a_third_asset_are_told_in_it_and_no_page_of_executions_is_left_out() -> None:
    pages = [Told([trade(number) for number in range(1_000)]), Told([trade(1_000), trade(1_001)])]
    async with scripted("binance", book() | {f"GET {A}/myTrades": pages}) as (venue, script, *_):
        fills = await venue.fills(PAIR, since_ms=1_499_865_549_590)
        assert [fill.trade_id for fill in fills] == [str(number) for number in range(1_002)]
        assert (fills[0].fee, fills[0].fee_asset) == (Decimal("0.000101"), "BNB")
        assert script.words(f"GET {A}/myTrades") == {"symbol": "BTCUSDT", "fromId": "1000", "limit": "1000"}


@pytest.mark.parametrize(
    "row",
    [
        {"qty": "0"}, {"price": "-1"}, {"price": "NaN"}, {"qty": None}, {"commissionAsset": ""}, {"isBuyer": "yes"},
        {"id": None}, {"time": "soon"},
    ],
)  # fmt: skip
async def test_an_execution_that_makes_no_sense_is_no_answer(row: dict[str, Any]) -> None:
    async with scripted("binance", book() | {f"GET {A}/myTrades": [trade(1) | row]}) as (venue, *_):
        with pytest.raises(VenueUnreachable):
            await venue.fills(PAIR, since_ms=0)


@pytest.mark.parametrize(
    "told", [{}, [], {"orderId": 1}, {"symbol": "BTCUSDT", "orderId": 1, "status": "MAYBE"}, "x", 7]
)
async def test_f02_an_answer_to_an_order_that_makes_no_sense_proves_nothing(told: Any) -> None:
    async with scripted("binance", book(orderTypes=["STOP_LOSS"]) | {f"POST {A}/order": Told(told)}) as (venue, *_):
        with pytest.raises(OutcomeUnknown):
            await venue.place(stop(Action.SELL))


async def test_a_keys_rights_are_those_of_the_venues_list() -> None:
    told = {
        "ipRestrict": True, "createTime": 1698645219000, "enableReading": True, "enableWithdrawals": False,
        "enableSpotAndMarginTrading": True, "enableFutures": False, "permitsUniversalTransfer": False,
    }  # fmt: skip
    answers = book() | {"GET /sapi/v1/account/apiRestrictions": told, "GET /sapi/v1/system/status": {"status": 1}}
    async with scripted("binance", answers) as (venue, script, *_):
        rights = await venue.rights()
        assert (rights.trade, rights.withdraw, rights.ip_bound) == (True, False, True)
        script.answers["GET /sapi/v1/account/apiRestrictions"] = told | {"enableWithdrawals": True}
        assert (await venue.rights()).withdraw is True
        assert await venue.condition() is Trading.CLOSED
    answers["GET /fapi/v1/time"] = answers[f"GET {A}/time"]
    async with scripted("binanceusdm", answers) as (venue, *_):
        assert (await venue.rights()).trade is False, "the same key, at the perpetuals"


async def test_f28_a_market_that_cannot_be_read_is_put_aside_and_keeps_no_other_from_being_read() -> None:
    answers = book()
    answers[f"GET {A}/exchangeInfo"] = {"symbols": [market(), market(symbol="ODDUSDT", baseAsset="ODD", filters=[])]}
    answers[f"GET {A}/ticker/bookTicker"] = [{"symbol": "BTCUSDT", "bidPrice": "0", "askPrice": "0"}]
    async with scripted("binance", answers) as (venue, *_):
        assert [each.pair for each in await venue.listings()] == [PAIR]
        assert venue.quarantine.total >= 1
        with pytest.raises(BadInput, match="no bid"):
            await venue.markets([PAIR])


@pytest.mark.parametrize("told", [[], {"symbols": 7}, {"symbols": [7]}, "x"])
async def test_a_list_of_markets_that_is_nonsense_lets_nothing_be_sent(told: Any) -> None:
    answers = book() | {f"GET {A}/exchangeInfo": Told(told)}
    async with scripted("binance", answers) as (venue, script, *_):
        with pytest.raises(VenueRefused if told in ([], "x") else Exception):
            await venue.place(stop(Action.SELL))
        assert script.count(f"POST {A}/order") == 0


async def test_a_private_key_signs_as_the_venue_checks_it() -> None:
    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    venue = await connect(
        VenueSettings(exchange="binance", key="demo", secret=secret), clock=SystemClock(), chance=lambda: 0.0
    )
    signed = dict(venue._client.signed({"timestamp": 1, "a": 2}))  # type: ignore[union-attr]
    signature = base64.b64decode(str(signed.pop("signature")))
    private.public_key().verify(signature, b"a=2&apiKey=demo&timestamp=1")
    await venue.close()


async def test_f28_a_spot_market_whose_end_is_announced_is_flagged_before_it() -> None:
    told = [
        {"delistTime": 1686161202000, "symbols": ["BTCUSDT", "BNBUSDT"]},
        {"delistTime": 1686161201000, "symbols": ["BTCUSDT"]},
    ]
    async with scripted("binance", book() | {"GET /sapi/v1/spot/delist-schedule": told}) as (venue, script, *_):
        assert [each.ends_ms for each in await venue.listings()] == [1686161201000]
        script.answers["GET /sapi/v1/spot/delist-schedule"] = Told({"code": -1, "msg": "not here"}, 404)
        assert [each.ends_ms for each in await venue.listings()] == [None]
