"""The house's faults around the Kraken door, over loopback sockets: what a client is left with, and what is true."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from quorate.clock import SystemClock
from quorate.exchange.faults import Fault, FaultKind, Faults
from quorate.exchange.kraken import KrakenExchange
from quorate.venues.books.kraken import KrakenBook
from quorate.venues.books.shelf import BookShelf, kraken_shelf
from quorate.venues.books.status import BookState, Remedy
from tests.exchange.kraken.krakens import BTC, Client, quote, running

ADD = "/0/private/AddOrder"
LIMIT = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "90", "volume": "0.5", "cl_ord_id": "q-1"}
PATIENCE_S = 10.0


class Stranger:
    """A client over HTTP that signs like the one in process."""

    def __init__(self, exchange: KrakenExchange, http: httpx.AsyncClient) -> None:
        self.exchange = exchange
        self._signer = Client(exchange)
        self._http = http

    async def private(self, method: str, **arguments: object) -> httpx.Response:
        request = self._signer.signed(method, arguments)
        return await self._http.post(request.path, content=request.body, headers=dict(request.headers))

    def resting(self) -> list[str]:
        """What really rests, whatever the client was told."""
        return [order.asked.client_id for order in self.exchange.engine.open_orders("demo")]


@asynccontextmanager
async def strangers(*faults: Fault) -> AsyncGenerator[tuple[Stranger, Faults, str]]:
    board = Faults(chance=random.Random(7).random)
    for fault in faults:
        board.arm(fault)
    async with (
        running(board) as (exchange, address),
        httpx.AsyncClient(base_url=f"http://{address}", timeout=2.0) as http,
    ):
        yield Stranger(exchange, http), board, address


def on_orders(kind: FaultKind, **more: Any) -> Fault:
    return Fault(kind=kind, venue="kraken", path=ADD, **more)


@pytest.mark.parametrize(
    ("kind", "rests"),
    [
        (FaultKind.RESET_AFTER, True),
        (FaultKind.RESET_BEFORE, False),
        (FaultKind.ERROR_AFTER, True),
        (FaultKind.ERROR_BEFORE, False),
    ],
)
async def test_f04_an_order_may_rest_whatever_came_back_and_its_client_id_finds_it(kind: FaultKind, rests: bool):
    async with strangers(on_orders(kind)) as (client, _, _):
        with contextlib.suppress(httpx.TransportError):
            assert (await client.private("AddOrder", **LIMIT)).status_code >= 500
        assert client.resting() == (["q-1"] if rests else [])
        found = (await client.private("OpenOrders", cl_ord_id="q-1")).json()["result"]["open"]
        assert len(found) == int(rests)


async def test_f02_an_order_whose_answer_is_lost_rests_and_is_found():
    async with strangers(on_orders(FaultKind.ANSWER_LOST)) as (client, _, _):
        with pytest.raises(httpx.TimeoutException):
            await client.private("AddOrder", **LIMIT)
        assert client.resting() == ["q-1"]
        again = await client.private("AddOrder", **LIMIT)
        assert again.json() == {"error": ["EOrder:Invalid order:cl_ord_id is in use"]}


async def test_f13_a_request_that_arrives_twice_is_refused_the_second_time_by_its_nonce():
    async with strangers(on_orders(FaultKind.DUPLICATE_REQUEST)) as (client, _, _):
        told = await client.private("AddOrder", **LIMIT)
        assert told.json() == {"error": ["EAPI:Invalid nonce"]}
        assert client.resting() == ["q-1"]


async def test_f26_a_ban_is_told_in_krakens_words_and_ends():
    async with strangers(Fault(kind=FaultKind.BAN, venue="kraken", status=429, retry_after_s=7)) as (client, _, _):
        told = await client.private("Balance")
        assert (told.status_code, told.json(), told.headers["retry-after"]) == (
            429,
            {"error": ["EAPI:Rate limit exceeded"]},
            "7",
        )
        assert (await client.private("Balance")).json()["error"] == []


async def test_f27_maintenance_lasts_as_long_as_it_is_armed():
    async with strangers(Fault(kind=FaultKind.MAINTENANCE, venue="kraken", times=0)) as (client, faults, _):
        assert (await client.private("AddOrder", **LIMIT)).json() == {"error": ["EService:Unavailable"]}
        faults.clear()
        assert (await client.private("AddOrder", **LIMIT)).json()["error"] == []


class Follower:
    """The desk's own book at the end of a real socket; it resubscribes when it says it must."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        now_ms = SystemClock().now_ms()
        self.book = KrakenBook("BTC/USD", "BTC/USD", price_decimals=1, quantity_decimals=8, depth=10, at_ms=now_ms)
        self.shelf: BookShelf[Any] = kraken_shelf([self.book])
        self.heard: list[str] = []

    async def ask(self, method: str) -> None:
        params = {"channel": "book", "symbol": ["BTC/USD"], "depth": 10}
        await self._socket.send(msgspec.json.encode({"method": method, "params": params}).decode())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Take what comes until something holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.heard.append(str(await self._socket.recv()))
                self.shelf.take(self.heard[-1], SystemClock().now_ms())

    def stands(self, state: BookState) -> Callable[[], bool]:
        return lambda: self.book.status(SystemClock().now_ms()).state is state

    async def heal(self) -> None:
        """Do what the book says it needs."""
        assert self.shelf.needs(SystemClock().now_ms(), patience_ms=10_000) == {"BTC/USD": Remedy.RESUBSCRIBE}
        self.book.begin("subscribing anew", SystemClock().now_ms())
        await self.ask("unsubscribe")
        await self.ask("subscribe")


@asynccontextmanager
async def followed() -> AsyncGenerator[tuple[Follower, KrakenExchange, Faults]]:
    async with strangers() as (client, faults, address), connect(f"ws://{address}/v2") as socket:
        follower = Follower(socket)
        await follower.ask("subscribe")
        await follower.until(follower.stands(BookState.LIVE))
        yield follower, client.exchange, faults


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.BAD_CHECKSUM,
        FaultKind.CROSSED_BOOK,
        FaultKind.BAD_TICK,
        FaultKind.MESSAGE_LOST,
        FaultKind.MESSAGES_SWAPPED,
    ],
)
async def test_f22_a_spoiled_stream_is_noticed_at_once_and_the_book_comes_back(kind: FaultKind):
    async with followed() as (follower, exchange, faults):
        faults.arm(Fault(kind=kind, venue="kraken", channel="book"))
        for middle in ("101", "102", "103"):
            quote(exchange, BTC, middle)
        await follower.until(follower.stands(BookState.CHECKSUM_MISMATCH))
        assert "checksum" in follower.book.status(SystemClock().now_ms()).reason
        await follower.heal()
        await follower.until(follower.stands(BookState.LIVE))
        reading = follower.book.reading(SystemClock().now_ms())
        assert (str(reading.bid), str(reading.ask)) == ("102.9", "103.1")


async def test_f08_an_update_that_comes_twice_changes_nothing():
    async with followed() as (follower, exchange, faults):
        faults.arm(Fault(kind=FaultKind.MESSAGE_TWICE, venue="kraken", channel="book"))
        quote(exchange, BTC, "101")
        await follower.until(lambda: follower.book.checked == 3)
        assert follower.book.integrity.faults == 0


async def test_f23_a_frozen_stream_with_a_beating_heart_goes_stale():
    async with followed() as (follower, exchange, faults):
        faults.arm(Fault(kind=FaultKind.FROZEN, venue="kraken", channel="book", times=0))
        quote(exchange, BTC, "101")
        await follower.until(lambda: "heartbeat" in follower.heard[-1])
        assert str(follower.book.reading(0).bid) == "99.9"
        assert follower.book.status(SystemClock().now_ms() + 5_001).state is BookState.STALE


async def test_f08_a_fill_that_is_told_twice_carries_the_same_id():
    async with strangers() as (client, faults, address), connect(f"ws://{address}/v2") as socket:
        token = (await client.private("GetWebSocketsToken")).json()["result"]["token"]
        params = {"channel": "executions", "token": token}
        await socket.send(msgspec.json.encode({"method": "subscribe", "params": params}).decode())
        faults.arm(Fault(kind=FaultKind.MESSAGE_TWICE, venue="kraken", channel="executions", holds='"trade_id"'))
        await client.private("AddOrder", **{**LIMIT, "ordertype": "market"})
        fills: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(fills) < 2:
                told = msgspec.json.decode(await socket.recv())
                rows = told["data"] if told.get("channel") == "executions" else []
                fills += [row["exec_id"] for row in rows if row["exec_type"] == "trade"]
        assert fills[0] == fills[1]
        history = (await client.private("TradesHistory")).json()["result"]["trades"]
        assert list(history) == [fills[0]]


async def test_f16_a_connection_that_is_cut_takes_its_subscriptions_along_and_a_new_one_begins_with_everything():
    async with strangers() as (client, faults, address):
        async with connect(f"ws://{address}/v2") as socket:
            follower = Follower(socket)
            await follower.ask("subscribe")
            await follower.until(follower.stands(BookState.LIVE))
            faults.arm(Fault(kind=FaultKind.DISCONNECTED, venue="kraken", channel="book"))
            quote(client.exchange, BTC, "101")
            with pytest.raises(ConnectionClosed):
                await follower.until(lambda: False)
        async with connect(f"ws://{address}/v2") as socket:
            follower = Follower(socket)
            await follower.ask("subscribe")
            await follower.until(follower.stands(BookState.LIVE))
            assert str(follower.book.reading(0).bid) == "100.9"
