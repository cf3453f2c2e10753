"""Books kept over real sockets: they come up, break with a reason, and come back, on both doors of the exchange."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest

from quorate.clock import SystemClock
from quorate.exchange.binance import BinanceApp
from quorate.exchange.faults import Fault, FaultKind, Faults, FaultyApp
from quorate.venues.books.binance import Numbering
from quorate.venues.books.following import (
    SYNC_MS_MAX,
    BookFollower,
    BookMarket,
    binance_books,
    kraken_books,
    kraken_dialect,
)
from quorate.venues.books.order_book import BookReading
from quorate.venues.books.status import BookState
from quorate.venues.ccxt.stream import dial
from tests.exchange.binance import binances
from tests.exchange.kraken import krakens
from tests.exchange.serving import served

PATIENCE_S = 20.0
BTC_USD = BookMarket(pair="BTC/USD", symbol="BTC/USD", price_decimals=1, quantity_decimals=8)
ETH_USD = BookMarket(pair="ETH/USD", symbol="ETH/USD", price_decimals=2, quantity_decimals=8)
BTC_USDT = BookMarket(pair="BTC/USDT", symbol="BTCUSDT", price_decimals=8, quantity_decimals=8)


class Scene:
    """A follower at work, the market it follows, and faults between them."""

    def __init__(
        self, follower: BookFollower[Any], faults: Faults, quote: Callable[[int], None], *, venue: str
    ) -> None:
        self.follower = follower
        self.faults = faults
        self.quote = quote
        self.venue = venue
        self._step = 0

    def arm(self, kind: FaultKind, **more: Any) -> None:
        channel = "book" if self.venue == "kraken" else "depthUpdate"
        self.faults.arm(Fault(kind=kind, venue=self.venue, channel=channel, **more))

    def reading(self) -> BookReading:
        """The first book, now."""
        return next(iter(self.follower.shelf.readings(SystemClock().now_ms()).values()))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the market move on until something holds; never straight back, which would undo a lost message."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._step = (self._step + 1) % 5
                self.quote(self._step)
                await asyncio.sleep(0.02)

    async def until_live(self) -> None:
        await self.until(lambda: self.reading().status.state is BookState.LIVE)


@asynccontextmanager
async def at_work(follower: BookFollower[Any]) -> AsyncGenerator[None]:
    task = asyncio.create_task(follower.follow())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task  # what it died of, if it did


def made(shelf: Any, dialect: Any) -> BookFollower[Any]:
    chance = random.Random(7).random
    return BookFollower(
        shelf, dialect, dial=dial, now_ms=SystemClock().now_ms, sleep=lambda s: asyncio.sleep(s / 10), chance=chance
    )


@asynccontextmanager
async def kraken() -> AsyncGenerator[Scene]:
    faults = Faults(chance=random.Random(7).random)
    async with krakens.running(faults) as (exchange, address):
        krakens.quote(exchange, krakens.PAIRS[1], "50")
        shelf = kraken_books([BTC_USD, ETH_USD], depth=10, at_ms=SystemClock().now_ms())
        follower = made(shelf, kraken_dialect(f"ws://{address}/v2", depth=10))

        def quote(step: int) -> None:
            # Small moves: after a large one all levels are new, and a book that missed one is right again by itself.
            krakens.quote(exchange, krakens.BTC, f"{100 + 3 * step / 10:.1f}")

        async with at_work(follower):
            yield Scene(follower, faults, quote, venue="kraken")


@asynccontextmanager
async def binance() -> AsyncGenerator[Scene]:
    faults = Faults(chance=random.Random(7).random)
    clock = SystemClock()
    exchange = binances.small_exchange(clock.now_ms)
    app = BinanceApp(exchange)
    speaking = asyncio.create_task(app.run())
    around = FaultyApp(app, faults, venue="binance", clock=clock.now_ms)
    async with served(around) as address, httpx.AsyncClient(base_url=f"http://{address}") as http:

        async def ask(symbol: str) -> bytes:
            try:
                answer = await http.get("/api/v3/depth", params={"symbol": symbol, "limit": 1000})
            except httpx.HTTPError as error:
                raise ConnectionError(str(error)) from error
            return answer.content

        shelf, dialect = binance_books(
            [BTC_USDT], numbering=Numbering.SPOT, address=f"ws://{address}/stream", ask=ask, now_ms=clock.now_ms
        )
        follower = made(shelf, dialect)

        def quote(step: int) -> None:
            binances.quote(exchange, "BTCUSDT", Decimal(60_000 + step))

        async with at_work(follower):
            yield Scene(follower, faults, quote, venue="binance")
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)


VENUES = {"kraken": kraken, "binance": binance}


@pytest.mark.parametrize("venue", VENUES)
async def test_books_come_up_and_follow_the_market(venue: str):
    async with VENUES[venue]() as scene:
        assert scene.reading().status.state is BookState.SYNCING
        await scene.until_live()
        first = scene.reading().bid
        await scene.until(lambda: scene.reading().bid != first)
        assert scene.follower.trouble is None
        assert scene.follower.shelf.refused == 0


@pytest.mark.parametrize(
    ("venue", "kind", "state"),
    [
        ("kraken", FaultKind.BAD_CHECKSUM, BookState.CHECKSUM_MISMATCH),
        ("kraken", FaultKind.MESSAGE_LOST, BookState.CHECKSUM_MISMATCH),
        ("binance", FaultKind.MESSAGE_LOST, BookState.GAPPED),
        ("binance", FaultKind.CROSSED_BOOK, BookState.CROSSED),
    ],
)
async def test_f22_what_is_wrong_blocks_with_its_reason_and_is_mended(venue: str, kind: FaultKind, state: BookState):
    async with VENUES[venue]() as scene:
        await scene.until_live()
        shelf = scene.follower.shelf
        scene.arm(kind)
        await scene.until(lambda: bool(shelf.last_faults()))
        await scene.until_live()
        (fault,) = shelf.last_faults().values()  # the other book of the connection was left alone
        assert (fault.state, bool(fault.reason)) == (state, True)
        assert scene.follower.connected == 1  # mended on the same connection


@pytest.mark.parametrize("venue", VENUES)
async def test_f16_a_connection_that_is_cut_is_made_again(venue: str):
    async with VENUES[venue]() as scene:
        await scene.until_live()
        scene.arm(FaultKind.DISCONNECTED)
        await scene.until(lambda: scene.follower.connected == 2)
        await scene.until_live()
        assert scene.follower.trouble is None


async def test_f26_a_snapshot_that_is_refused_is_asked_for_again():
    async with binance() as scene:
        scene.faults.arm(Fault(kind=FaultKind.BAN, venue="binance", path="/api/v3/depth", status=429, times=2))
        await scene.until_live()
        assert len(scene.faults.log) == 2


async def test_a_venue_that_cannot_be_reached_is_said_and_tried_again():
    async def nobody(address: str) -> Any:
        raise ConnectionRefusedError("nobody is there")

    waits: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= 5:
            enough.set()
            await asyncio.Event().wait()

    shelf = kraken_books([BTC_USD], depth=10, at_ms=0)
    follower = BookFollower(
        shelf, kraken_dialect("ws://x", depth=10), dial=nobody, now_ms=lambda: 0, sleep=sleep, chance=lambda: 1.0
    )
    async with at_work(follower):
        await enough.wait()
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert follower.trouble == "nobody is there"
    assert "nobody is there" in shelf.blocked(0)["BTC/USD"].reason


class Scripted:
    """A socket that says what it is told to, on a clock that a test moves."""

    def __init__(self, *frames: tuple[int, str]) -> None:
        self.frames = list(frames)
        self.sent: list[str] = []
        self.now_ms = 0
        self.done = asyncio.Event()

    async def send(self, message: str) -> None:
        self.sent.append(message)

    async def receive(self) -> str:
        if not self.frames:
            self.done.set()
            await asyncio.Event().wait()
        self.now_ms, frame = self.frames.pop(0)
        return frame

    async def close(self) -> None:
        self.sent.append("closed")


async def after(script: Scripted) -> list[str]:
    """What a follower of one book sends while a script runs."""

    async def dialled(address: str) -> Scripted:
        return script

    shelf = kraken_books([BTC_USD], depth=10, at_ms=0)

    async def never(_: float) -> None:
        await asyncio.Event().wait()

    follower = BookFollower(
        shelf,
        kraken_dialect("ws://x", depth=10),
        dial=dialled,
        now_ms=lambda: script.now_ms,
        sleep=never,
        chance=lambda: 1.0,
    )
    async with at_work(follower):
        await script.done.wait()
    return script.sent


async def test_a_snapshot_that_never_comes_is_asked_for_again():
    beats = [(at_ms, '{"channel":"heartbeat"}') for at_ms in range(0, 2 * SYNC_MS_MAX + 3_000, 1_000)]
    sent = await after(Scripted(*beats))
    said = [text.split('"')[3] if text != "closed" else text for text in sent]
    assert said == ["subscribe", "unsubscribe", "subscribe", "unsubscribe", "subscribe", "closed"]


async def test_a_book_that_stays_wrong_is_mended_ever_more_slowly():
    spoilt = '{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[],"asks":[],"checksum":1}]}'
    sent = await after(Scripted(*((at_ms, spoilt) for at_ms in range(0, 16_000, 500))))
    assert sum('"unsubscribe"' in text for text in sent) == 5  # after 0, 1, 3, 7 and 15 seconds
