"""Whatever a venue answers, the adapter neither breaks nor guesses: any JSON in the place of any part of any answer."""

from __future__ import annotations

import asyncio
import copy
import importlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    OrderRequest,
    OutcomeUnknown,
    StreamLost,
    StreamUp,
    VenueFault,
    VenueFill,
    VenueOrder,
    VenueUnreachable,
)
from quorate.domain.votes import Action
from quorate.venues.ccxt import library
from quorate.venues.ccxt.connect import RealVenue, connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport
from tests.examples import tried
from tests.simulation.virtual import START_MS, VirtualClock, run
from tests.venues.ccxt import test_binance_words, test_kraken_words, test_perpetuals
from tests.venues.ccxt.scripted import Script, Told

WORDS = st.sampled_from(["", "0", "-1", "NaN", "1e999", "x", "BTCUSDT"])
KEYS = st.sampled_from(["code", "msg", "error", "result"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**15) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner),
    max_leaves=4,
)
FRAMES = (
    JSON.map(json.dumps)
    | st.text(max_size=20)
    | JSON.map(
        lambda told: json.dumps({"channel": "executions", "sequence": 1, "data": [{"order_id": "O", "x": told}]})
    )
    | JSON.map(lambda told: json.dumps({"event": {"e": "executionReport", "s": "BTCUSDT", "x": "TRADE", "i": told}}))
)
TAG = test_perpetuals.TAG
P, A, F = test_kraken_words.P, test_binance_words.A, test_perpetuals.F


def kraken() -> dict[str, Any]:
    order = test_kraken_words.order()
    return {
        "GET /0/public/Time": _result({"unixtime": START_MS // 1000}),
        "GET /0/public/AssetPairs": test_kraken_words.book()["GET /0/public/AssetPairs"],
        "GET /0/public/Assets": test_kraken_words.book()["GET /0/public/Assets"],
        "GET /0/public/Ticker": _result({"XXBTZUSD": {"a": ["30000.1", "1"], "b": ["30000.0", "1"]}}),
        "GET /0/public/SystemStatus": _result({"status": "online"}),
        f"{P}/AddOrder": _result({"descr": {"order": "buy"}, "txid": ["OURS-1"]}),
        f"{P}/CancelOrder": _result({"count": 1}), f"{P}/CancelAll": _result({"count": 2}),
        f"{P}/CancelAllOrdersAfter": _result({"currentTime": "now", "triggerTime": "0"}),
        f"{P}/OpenOrders": _result({"open": {"O-2": order}}), f"{P}/ClosedOrders": _result({"closed": {}, "count": 0}),
        f"{P}/QueryOrders": _result({"OTHER-1": order}),
        f"{P}/TradesHistory": _result({"trades": {"T1": test_kraken_words.trade(1)}, "count": 1}),
        f"{P}/BalanceEx": _result({"ZUSD": {"balance": "5.0", "hold_trade": "0"}}),
        f"{P}/WithdrawInfo": {"error": ["EGeneral:Permission denied"]},
    }  # fmt: skip


def _result(told: Any) -> dict[str, Any]:
    return {"error": [], "result": told}


def binance() -> dict[str, Any]:
    order = {
        "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": TAG, "price": "4.0", "origQty": "1.0", "executedQty": "0",
        "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "updateTime": 1499827319559,
    }  # fmt: skip
    return {
        f"GET {A}/time": {"serverTime": START_MS},
        f"GET {A}/exchangeInfo": {"symbols": [test_binance_words.market(orderTypes=["STOP_LOSS"])]},
        f"GET {A}/ticker/bookTicker": [{"symbol": "BTCUSDT", "bidPrice": "4.0", "askPrice": "4.1"}],
        f"POST {A}/order": order, f"GET {A}/order": order, f"DELETE {A}/order": order, f"GET {A}/openOrders": [order],
        f"DELETE {A}/openOrders": [order], f"GET {A}/allOrders": [order],
        f"GET {A}/myTrades": [test_binance_words.trade(1)],
        f"GET {A}/account": {"canTrade": True, "balances": [{"asset": "BTC", "free": "1.0", "locked": "0"}]},
        "GET /sapi/v1/account/apiRestrictions": {"enableWithdrawals": False, "enableSpotAndMarginTrading": True},
        "GET /sapi/v1/spot/delist-schedule": [{"delistTime": 1, "symbols": ["BTCUSDT"]}],
        "GET /sapi/v1/system/status": {"status": 0},
    }  # fmt: skip


def perpetuals() -> dict[str, Any]:
    order, algo = test_perpetuals.order(), test_perpetuals.algo()
    return {
        f"GET {F}/time": {"serverTime": START_MS}, f"GET {F}/exchangeInfo": {"symbols": [test_perpetuals.market()]},
        f"GET {F}/ticker/bookTicker": [{"symbol": "BTCUSDT", "bidPrice": "4.0", "askPrice": "4.1"}],
        f"POST {F}/order": order, f"GET {F}/order": order, f"DELETE {F}/order": order, f"GET {F}/openOrders": [order],
        f"DELETE {F}/allOpenOrders": {"code": 200}, f"GET {F}/allOrders": [order], f"POST {F}/algoOrder": algo,
        f"GET {F}/algoOrder": algo, f"GET {F}/openAlgoOrders": [algo], f"DELETE {F}/algoOrder": {"code": "200"},
        f"DELETE {F}/algoOpenOrders": {"code": 200}, f"GET {F}/userTrades": [test_binance_words.trade(1)],
        f"GET {F}/positionSide/dual": {"dualSidePosition": False},
        f"POST {F}/countdownCancelAll": {"symbol": "BTCUSDT"},
        "GET /fapi/v3/account": {"assets": [{"asset": "USDT", "walletBalance": "1.5", "initialMargin": "0"}]},
        "GET /fapi/v3/positionRisk": [
            {"symbol": "BTCUSDT", "positionAmt": "1", "entryPrice": "4", "liquidationPrice": "2"}
        ],
        "GET /sapi/v1/account/apiRestrictions": {"enableWithdrawals": False, "enableFutures": True},
        "GET /sapi/v1/system/status": {"status": 0},
    }  # fmt: skip


CHANGING = ("limit", "stop", "cancel", "cancel by id")
BOOKS: dict[str, tuple[Callable[[], dict[str, Any]], str, Decimal]] = {
    "kraken": (kraken, "BTC/USD", Decimal("29500.1")),
    "binance": (binance, "BTC/USDT", Decimal("50000.01")),
    "binanceusdm": (perpetuals, "BTC/USDT:USDT", Decimal("50000.1")),
}


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    importlib.import_module(library.LIBRARY)


def request(venue: RealVenue, pair: str, price: Decimal, kind: OrderKind) -> OrderRequest:
    return OrderRequest(
        tag=venue.tag(TAG), pair=pair, action=Action.SELL, kind=kind, quantity=Decimal("0.5"), price=price,
        reduce_only=True,
    )  # fmt: skip


def acts(venue: RealVenue, pair: str, price: Decimal) -> Mapping[str, Callable[[], Any]]:
    """Everything that can be asked of a venue."""
    tag = venue.tag(TAG)
    return {
        "limit": lambda: venue.place(request(venue, pair, price, OrderKind.LIMIT)),
        "stop": lambda: venue.place(request(venue, pair, price, OrderKind.STOP)),
        "cancel": lambda: venue.cancel(tag=tag, venue_id="", pair=pair),
        "cancel by id": lambda: venue.cancel(tag=tag, venue_id="algo-1" if "USDT:" in pair else "1", pair=pair),
        "cancel all": venue.cancel_all,
        "find": lambda: venue.find(tag=tag, pair=pair, since_ms=START_MS - 5_000),
        "open orders": venue.open_orders,
        "fills": lambda: venue.fills(pair, since_ms=START_MS - 5_000),
        "account": venue.account,
        "keep alive": lambda: venue.keep_alive(60),
        "rights": venue.rights,
        "markets": lambda: venue.markets([pair]),
        "listings": venue.listings,
        "condition": venue.condition,
        "time": venue.measure_time,
    }


def spoiled(told: Any, data: st.DataObject) -> Any:
    """An answer in which one part, at any depth, is something else."""
    if isinstance(told, dict) and told and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(told)))
        return {**told, key: spoiled(told[key], data)}
    if isinstance(told, list) and told and data.draw(st.booleans()):
        return [spoiled(told[0], data), *told[1:]]
    return data.draw(JSON)


ACTS = [
    "limit", "stop", "cancel", "cancel by id", "cancel all", "find", "open orders", "fills", "account", "keep alive",
    "rights", "markets", "listings", "condition", "time",
]  # fmt: skip


async def ask(name: str, answers: dict[str, Any], act: str) -> Any:
    book, pair, price = BOOKS[name]
    del book
    venue = await connect(
        VenueSettings(exchange=name, key="demo", secret="ZGVtbw==", pairs=(pair,)),  # leak-ok: nobody's key
        clock=VirtualClock(), chance=lambda: 0.0, transport=DirectTransport(Script(answers)),
    )  # fmt: skip
    try:
        return await acts(venue, pair, price)[act]()
    finally:
        await venue.close()


@pytest.mark.parametrize("name", list(BOOKS))
def test_with_sensible_answers_everything_works(name: str) -> None:
    for act in ACTS:
        run(ask(name, BOOKS[name][0](), act))


@pytest.mark.parametrize("name", list(BOOKS))
@tried(80)
@given(data=st.data())
def test_any_nonsense_in_any_answer_is_a_fault_of_the_venue_or_an_honest_answer(name: str, data: st.DataObject) -> None:
    answers = BOOKS[name][0]()
    act = data.draw(st.sampled_from(ACTS))
    where = data.draw(st.sampled_from(sorted(answers)))
    status = data.draw(st.sampled_from([200, 200, 200, 400, 404, 429, 500, 503]))
    answers[where] = Told(spoiled(copy.deepcopy(answers[where]), data), status)
    try:
        told: Any = run(ask(name, answers, act))
    except (VenueFault, BadInput) as error:
        told = error
    if act in CHANGING:
        # Of an order it is always said whether it may exist.
        assert type(told) is not VenueUnreachable
        assert not isinstance(told, BadInput)
        assert act.startswith("cancel") or isinstance(told, VenueOrder | VenueFault)
    elif act != "cancel all":
        assert not isinstance(told, OutcomeUnknown), "a question changes nothing"
    assert not isinstance(told, BadInput) or act == "markets"


@tried(80)
@given(messages=st.lists(FRAMES, max_size=8))
@pytest.mark.parametrize("name", ["kraken", "binance"])
def test_any_nonsense_on_a_stream_reports_nothing_and_breaks_nothing(name: str, messages: list[str]) -> None:
    heard = list[Any]()

    class Mouth:
        def __init__(self) -> None:
            confirmed = {
                "kraken": '{"method":"subscribe","success":true}', "binance": '{"id":"userDataStream-1","status":200}',
            }[name]  # fmt: skip
            self.texts = [confirmed, *messages]

        async def send(self, message: str) -> None:
            del message

        async def receive(self) -> str:
            return self.texts.pop(0) if self.texts else await asyncio.sleep(1e6, "")

        async def close(self) -> None:
            """Nothing is held."""

    async def dial(_address: str) -> Mouth:
        return Mouth()

    async def listen() -> None:
        answers = BOOKS[name][0]() | {f"{P}/GetWebSocketsToken": _result({"token": "t"})}
        venue = await connect(
            VenueSettings(exchange=name, key="demo", secret="ZGVtbw=="), clock=VirtualClock(),  # leak-ok: nobody's
            chance=lambda: 0.0, transport=DirectTransport(Script(answers)), dialling=dial,
        )  # fmt: skip
        stream = venue.reports()
        try:
            async with asyncio.timeout(30):
                async for report in stream:
                    heard.append(report)
        except TimeoutError:
            await stream.aclose()  # type: ignore[attr-defined]
        await venue.close()

    run(listen())
    assert not [each for each in heard if isinstance(each, VenueFill)]
    assert all(isinstance(each, StreamUp | StreamLost | VenueOrder) for each in heard)
    assert isinstance(heard[0], StreamUp)
