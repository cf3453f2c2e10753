"""Faults: what they decide, and what a client sees of them over real sockets."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st

from quorate.clock import SystemClock
from quorate.exchange.binance import BinanceApp, BinanceExchange
from quorate.exchange.faults import (
    ConnectionGone,
    Delivery,
    Fate,
    Fault,
    FaultKind,
    Faults,
    FaultyApp,
    RequestFacts,
    StreamFaults,
)
from quorate.exchange.faults.knobs import MESSAGE_KINDS, REQUEST_KINDS
from quorate.exchange.faults.spoiling import crossed, wrong_checksum, wrong_prices
from tests.exchange.binance.binances import ORDER_PATH, quote, signed_query, small_exchange
from tests.exchange.serving import at_work

PLACE = RequestFacts(venue="binance", method="POST", path=ORDER_PATH, text="symbol=BTCUSDT&newClientOrderId=q1")


def armed(*faults: Fault, seed: int = 7) -> Faults:
    made = Faults(chance=random.Random(seed).random)
    for fault in faults:
        made.arm(fault)
    return made


def test_a_fault_strikes_as_often_as_it_was_armed_for_and_where_it_fits():
    faults = armed(Fault(kind=FaultKind.ANSWER_LOST, method="POST", path="/api/v3/order", holds="q1", times=2))
    other = RequestFacts(venue="binance", method="GET", path=ORDER_PATH, text="q1")
    fates = [faults.for_request(facts, at_ms=0) for facts in (PLACE, other, PLACE, PLACE)]
    assert [fate.answer_lost for fate in fates] == [True, False, True, False]
    assert [struck.what for struck in faults.log] == [f"POST {ORDER_PATH}"] * 2
    assert faults.armed == ()


def test_a_fault_lets_the_first_ones_pass_and_holds_only_in_its_time():
    faults = armed(Fault(kind=FaultKind.REQUEST_LOST, after=1, times=0, from_ms=100, until_ms=200))
    lost = [faults.for_request(PLACE, at_ms=at_ms).request_lost for at_ms in (50, 110, 120, 199, 200)]
    assert lost == [False, False, True, True, False]


def test_several_faults_strike_the_same_request():
    faults = armed(
        Fault(kind=FaultKind.DELAY_BEFORE, delay_ms=10),
        Fault(kind=FaultKind.DUPLICATE_REQUEST),
        Fault(kind=FaultKind.ERROR_AFTER, status=502),
    )
    assert faults.for_request(PLACE, at_ms=0) == Fate(delay_before_ms=10, runs=2, answered_status=502)


@given(st.integers(0, 2**31), st.integers(0, 1_000_000))
def test_the_same_seed_gives_the_same_strikes(seed, chance_ppm):
    told = [
        [
            faults.for_request(PLACE, at_ms=at_ms).request_lost
            for faults in [armed(Fault(kind=FaultKind.REQUEST_LOST, times=0, chance_ppm=chance_ppm), seed=seed)]
            for at_ms in range(50)
        ]
        for _ in range(2)
    ]
    assert told[0] == told[1]


def test_the_clock_is_wrong_by_what_is_armed():
    faults = armed(Fault(kind=FaultKind.SKEWED_CLOCK, venue="binance", skew_ms=5_000, until_ms=100))
    assert [faults.skew_ms(venue, at_ms) for venue, at_ms in (("binance", 0), ("kraken", 0), ("binance", 100))] == [
        5_000,
        0,
        0,
    ]


DEPTH = '{"e":"depthUpdate","U":1,"u":2,"b":[["100.00","1.0"]],"a":[["101.00","2.0"]]}'
REPORT = '{"subscriptionId":0,"event":{"e":"executionReport","x":"TRADE","p":"100.00"}}'


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (Fault(kind=FaultKind.MESSAGE_LOST, channel="depthUpdate"), [[], [Delivery(REPORT)], [Delivery(DEPTH)]]),
        (
            Fault(kind=FaultKind.MESSAGE_TWICE, channel="executionReport"),
            [[Delivery(DEPTH)], [Delivery(REPORT)] * 2, [Delivery(DEPTH)]],
        ),
        (
            Fault(kind=FaultKind.MESSAGE_LATE, channel="executionReport", delay_ms=500),
            [[Delivery(DEPTH)], [Delivery(REPORT, 500)], [Delivery(DEPTH)]],
        ),
        (Fault(kind=FaultKind.MESSAGES_SWAPPED), [[], [Delivery(REPORT), Delivery(DEPTH)], [Delivery(DEPTH)]]),
        (Fault(kind=FaultKind.DISCONNECTED, holds="TRADE"), [[Delivery(DEPTH)], None, [Delivery(DEPTH)]]),
        (Fault(kind=FaultKind.FROZEN, times=0), [[], [], []]),
    ],
)
def test_messages_are_lost_doubled_late_swapped_or_cut_off(fault, sent):
    stream = StreamFaults(armed(fault), venue="binance")
    assert [stream.deliveries(text, at_ms=0) for text in (DEPTH, REPORT, DEPTH)] == sent


def test_a_frozen_stream_still_answers_and_beats():
    stream = StreamFaults(armed(Fault(kind=FaultKind.FROZEN, times=0)), venue="kraken")
    for text in ('{"result":null,"id":1}', '{"channel":"heartbeat"}'):
        assert stream.deliveries(text, at_ms=0) == [Delivery(text)]
    assert stream.deliveries('{"channel":"book","data":[]}', at_ms=0) == []


def test_spoiled_messages_are_wrong_in_one_thing_only():
    levels = '"bids":[{"price":100.0,"qty":1.0}],"asks":[{"price":101.0,"qty":1.0}]'
    book = f'{{"channel":"book","data":[{{{levels},"checksum":7}}]}}'
    plain, spoiled = json.loads(book), json.loads(wrong_checksum(book))
    assert spoiled["data"][0].pop("checksum") != plain["data"][0].pop("checksum")
    assert spoiled == plain
    assert json.loads(wrong_prices(DEPTH, "10"))["b"] == [["1000.00", "1.0"]]
    assert json.loads(wrong_prices(book, "10"))["data"][0]["asks"][0] == {"price": 1010.0, "qty": 1.0}
    assert json.loads(wrong_prices('{"symbol":"BTCUSDT","price":"5.0"}', "0"))["price"] == "0.0"
    assert json.loads(wrong_prices('{"p":"5.0"}', "NaN"))["p"] == "NaN"
    rows = json.loads(wrong_prices('[[1,"1.0","2.0","0.5","1.5","7.0",2,"9.0"]]', "2"))
    assert rows == [[1, "2.0", "4.0", "1.0", "3.0", "7.0", 2, "9.0"]]
    for text in (DEPTH, book):
        data = json.loads(crossed(text))
        data = data.get("data", [data])[0]
        bid = (data.get("b") or data["bids"])[0]
        ask = (data.get("a") or data["asks"])[0]
        best = [float(level["price"] if isinstance(level, dict) else level[0]) for level in (bid, ask)]
        assert best[0] > best[1]
    assert crossed("no json") == "no json"


@dataclass
class Client:
    """A client over sockets, and the exchange behind the faults."""

    exchange: BinanceExchange
    faults: Faults
    address: str
    http: httpx.AsyncClient

    async def place(self, client_id: str) -> httpx.Response:
        """Place a resting order."""
        query = signed_query(
            self.exchange.clock(),
            symbol="BTCUSDT",
            side="BUY",
            type="LIMIT",
            timeInForce="GTC",
            quantity="0.1",
            price="50000",
            newClientOrderId=client_id,
        )
        url = f"http://{self.address}{ORDER_PATH}?{query}"
        return await self.http.post(url, headers={"X-MBX-APIKEY": "demo"})

    def placed(self) -> list[str]:
        """Client ids of the orders that the exchange has."""
        return [order.asked.client_id for order in self.exchange.engine.open_orders("demo")]


@asynccontextmanager
async def behind_faults(*faults: Fault) -> AsyncGenerator[Client]:
    clock = SystemClock()
    exchange, made = small_exchange(clock.now_ms), armed(*faults)
    inner = BinanceApp(exchange)
    app = FaultyApp(inner, made, venue="binance", clock=clock.now_ms)
    async with at_work(inner, app) as address, httpx.AsyncClient(timeout=1.0) as http:
        yield Client(exchange, made, address, http)


@pytest.mark.parametrize(
    ("fault", "error", "is_there"),
    [
        (Fault(kind=FaultKind.ANSWER_LOST, method="POST"), httpx.ReadTimeout, True),
        (Fault(kind=FaultKind.REQUEST_LOST, method="POST"), httpx.ReadTimeout, False),
        (Fault(kind=FaultKind.RESET_AFTER, method="POST"), httpx.ReadError, True),
        (Fault(kind=FaultKind.RESET_BEFORE, method="POST"), httpx.ReadError, False),
    ],
)
async def test_an_order_may_be_there_although_no_answer_came(fault, error, is_there):
    async with behind_faults(fault) as client:
        with pytest.raises(error):
            await client.place("q1")
        assert client.placed() == (["q1"] if is_there else [])
        assert (await client.place("q2")).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "is_there"),
    [
        (Fault(kind=FaultKind.ERROR_AFTER, status=504), 504, True),
        (Fault(kind=FaultKind.ERROR_BEFORE, status=502), 502, False),
        (Fault(kind=FaultKind.MAINTENANCE), 503, False),
        (Fault(kind=FaultKind.BAN, status=418, retry_after_s=90), 418, False),
        (Fault(kind=FaultKind.DUPLICATE_REQUEST), 400, True),
    ],
)
async def test_an_answer_may_lie_about_what_became_of_the_order(fault, status, is_there):
    async with behind_faults(fault) as client:
        answer = await client.place("q1")
        assert answer.status_code == status
        assert client.placed() == (["q1"] if is_there else [])
        if fault.kind is FaultKind.ERROR_AFTER:
            assert answer.json()["code"] == -1007
        if status == 418:
            assert answer.headers["Retry-After"] == "90"
        if fault.kind is FaultKind.DUPLICATE_REQUEST:
            assert answer.json() == {"code": -2010, "msg": "Duplicate order sent."}


async def test_answers_come_late_or_with_wrong_prices():
    late = Fault(kind=FaultKind.DELAY_AFTER, delay_ms=300, path="/api/v3/ping")
    wrong = Fault(kind=FaultKind.BAD_TICK, factor="10", path="/api/v3/ticker/price")
    async with behind_faults(late, wrong) as client:
        begun = asyncio.get_running_loop().time()
        await client.http.get(f"http://{client.address}/api/v3/ping")
        assert asyncio.get_running_loop().time() - begun >= 0.3
        url = f"http://{client.address}/api/v3/ticker/price?symbol=BTCUSDT"
        told = [(await client.http.get(url)).json()["price"] for _ in range(2)]
        assert told == ["600000.00000000", "60000.00000000"]


async def test_a_stream_loses_a_message_and_a_client_sees_the_gap():
    async with behind_faults(Fault(kind=FaultKind.MESSAGE_LOST, channel="depthUpdate", after=1)) as client:
        async with asyncio.timeout(10), websockets.connect(f"ws://{client.address}/ws/btcusdt@depth@100ms") as socket:
            seen = [await _next_depth(client, socket, price) for price in (60_010, 60_020, 60_030)]
        gaps = [later["U"] - earlier["u"] for earlier, later in itertools.pairwise(seen)]
        assert gaps[0] > 1
        assert gaps[1:] == [1]


async def _next_depth(client: Client, socket: Any, price: int) -> dict[str, int]:
    while True:
        quote(client.exchange, "BTCUSDT", Decimal(price))
        try:
            async with asyncio.timeout(0.5):
                return json.loads(await socket.recv())
        except TimeoutError:
            price += 1


async def test_in_process_a_lost_answer_is_an_error_and_nothing_else():
    exchange = small_exchange(lambda: 1_000)
    faulty = FaultyApp(
        BinanceApp(exchange), armed(Fault(kind=FaultKind.ANSWER_LOST)), venue="binance", clock=lambda: 1_000
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(faulty), base_url="http://exchange") as http:
        with pytest.raises(ConnectionGone):
            await http.get("/api/v3/time")
        assert (await http.get("/api/v3/time")).json() == {"serverTime": 1_000}


def test_every_kind_of_fault_is_for_requests_for_messages_or_for_the_clock():
    assert REQUEST_KINDS | MESSAGE_KINDS | {FaultKind.SKEWED_CLOCK} == frozenset(FaultKind)
