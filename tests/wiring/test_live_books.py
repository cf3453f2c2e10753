"""A live desk and the order books of its venue, over real sockets to the loopback exchange, with faults in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from quorate.accounts.settings import LiveVenueSettings
from quorate.clock import SystemClock
from quorate.desk.desk import Desk
from quorate.desk.orders import send_out
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.orders import Purpose
from quorate.domain.votes import Action, Side
from quorate.exchange.binance import BinanceApp
from quorate.exchange.faults import Fault, FaultKind, Faults, FaultyApp
from quorate.venues.books.following import BookFollower, BookMarket
from quorate.venues.books.opening import Means, Snapshots, open_books
from quorate.venues.books.places import place_of
from quorate.venues.ccxt.connect import connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.stream import dial
from quorate.venues.ccxt.transport import HttpAnswer, HttpRequest
from quorate.wiring.live_books import LiveBooks, Told, follow_books
from tests.desk.at_a_venue import FLAT, PLAN, POLICY, SPOT, LiveBench, fill, told
from tests.desk.desks import BTC, of_kind, setup
from tests.desk.staged import Stage
from tests.exchange.binance import binances
from tests.exchange.kraken import krakens
from tests.exchange.serving import served

PATIENCE_S = 20.0
SECOND_MS = 1_000
LONG = setup(Side.LONG, "100", PLAN)


class Ahead(SystemClock):
    """This machine's clock, as a test sets it."""

    ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


@dataclass
class Scene:
    """A desk at work on a market that moves; its story, and when each part of it was written."""

    stage: Stage
    books: LiveBooks
    faults: Faults
    clock: Ahead
    move: Callable[[int], None]
    channel: str
    symbol: str
    moves: int = 0

    @property
    def bench(self) -> LiveBench:
        return self.stage.bench

    def changes(self) -> list[ev.BookStatusChanged]:
        return [event for event in of_kind(self.bench.events, ev.BookStatusChanged) if event.pair == BTC.pair]

    async def until(self, holds: Callable[[], bool]) -> int:
        """Let the market move on until something holds; gives the instant."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.moves = (self.moves + 1) % 5
                self.move(self.moves)
                await asyncio.sleep(0.02)
        return SystemClock().now_ms()

    async def until_open(self) -> None:
        await self.until(lambda: BTC.pair not in self.bench.state.books_blocked)

    async def until_closed(self) -> int:
        return await self.until(lambda: BTC.pair in self.bench.state.books_blocked)

    def break_it(self, kind: FaultKind, *, times: int = 1) -> None:
        self.faults.arm(Fault(kind=kind, channel=self.channel, holds=self.symbol, times=times))

    async def broken(self, kind: FaultKind) -> int:
        """How long after a fault the pair was closed, in milliseconds."""
        before = len(self.faults.log)
        self.break_it(kind)
        await self.until(lambda: len(self.faults.log) > before)
        return await self.until_closed() - self.faults.log[before].at_ms

    def refused(self) -> str:
        """By what the next entry on the pair is refused; by nothing where it is on its way."""
        denied = of_kind(self.bench.step(FLAT, setups=[LONG]), ev.OrderDenied)
        return "".join(f"{each.control} {each.value}" for each in denied)

    def leave(self) -> bool:
        """Whether the open position may be closed."""
        position = self.bench.state.position("live", BTC.pair)
        assert position is not None
        before = len(self.bench.events)
        self.bench.act(lambda turn: send_out(turn, position, Purpose.MANUAL))
        return bool(of_kind(self.bench.events[before:], ev.OrderSubmitted))


@asynccontextmanager
async def at_work(
    books: LiveBooks, faults: Faults, clock: Ahead, move: Callable[[int], None], channel: str, symbol: str
) -> AsyncGenerator[Scene]:
    bench = LiveBench(replace(SPOT, keeps_stops=False))
    bench.desk = Desk(replace(bench.desk.charter, depth=books.depth), bench.state)
    bench.step(FLAT)
    scene = Scene(Stage(bench=bench, blocked=books.blocked), books, faults, clock, move, channel, symbol)
    await books.close_pairs(Acts(bench), bench.state)
    assert BTC.pair in bench.state.books_blocked, "nothing is opened before the first book is there"
    dealing = asyncio.create_task(scene.stage.dealer.run(scene.stage.reconciler.run))
    try:
        yield scene
    finally:
        dealing.cancel()
        await asyncio.gather(dealing, return_exceptions=True)


class Acts:
    """Stands where a worker stands."""

    def __init__(self, bench: LiveBench) -> None:
        self.bench = bench

    async def act(self, act: Any) -> object:
        return self.bench.act(act)


@asynccontextmanager
async def binance() -> AsyncGenerator[Scene]:
    """Through everything: the venue's own listings, its snapshots, its stream."""
    faults, clock = Faults(chance=random.Random(7).random), Ahead()
    exchange = binances.small_exchange(SystemClock().now_ms)
    app = BinanceApp(exchange)
    speaking = asyncio.create_task(app.run())
    around = FaultyApp(app, faults, venue="binance", clock=SystemClock().now_ms)
    async with served(around) as address, AsyncExitStack() as stack:
        base = f"http://{address}"
        urls = {"api": {"public": f"{base}/api/v3", "private": f"{base}/api/v3", "sapi": f"{base}/sapi/v1"}}
        there = VenueSettings(exchange="binance", key="demo", secret="demo", urls=urls)
        venue = await connect(there, clock=SystemClock(), chance=lambda: 0.0)
        stack.push_async_callback(venue.close)
        settings = LiveVenueSettings(name="binance", urls=urls)
        books = await follow_books(settings, venue, [BTC.pair, "ETH/USDT", "GONE/USDT"], clock, stack)

        def move(step: int) -> None:
            binances.quote(exchange, "BTCUSDT", Decimal(60_000 + step))
            binances.quote(exchange, "ETHUSDT", Decimal(3_000 + step))

        async with at_work(books, faults, clock, move, "depthUpdate", "BTCUSDT") as scene:
            yield scene
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)


@asynccontextmanager
async def kraken() -> AsyncGenerator[Scene]:
    faults, clock = Faults(chance=random.Random(7).random), Ahead()
    async with krakens.running(faults) as (exchange, address):
        place = place_of("kraken", urls={"api": {"public": f"http://{address}"}}, testnet=False)
        market = BookMarket(pair=BTC.pair, symbol="BTC/USD", price_decimals=1, quantity_decimals=8)
        books = LiveBooks(open_books(place, [market], means(clock)), clock, missing={})
        following = asyncio.create_task(books.run())

        def move(step: int) -> None:
            krakens.quote(exchange, krakens.BTC, f"{1_000 + 3 * step / 10:.1f}")

        async with at_work(books, faults, clock, move, "book", "BTC/USD") as scene:
            yield scene
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


class Nowhere:
    """A transport that answers as a test says."""

    def __init__(self, *answers: HttpAnswer) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def send(self, request: HttpRequest, *, deadline_s: float) -> HttpAnswer:
        self.asked.append(request.url)
        return self.answers.pop(0)

    async def close(self) -> None:
        return


def means(clock: SystemClock, transport: Any = None) -> Means:
    return Means(
        dial=dial, transport=transport or Nowhere(), now_ms=clock.now_ms, sleep=clock.sleep, chance=lambda: 0.5
    )


VENUES = {"binance": binance, "kraken": kraken}


@pytest.mark.parametrize(
    ("venue", "kind", "word"),
    [
        ("binance", FaultKind.MESSAGE_LOST, "gapped"),
        ("binance", FaultKind.CROSSED_BOOK, "crossed"),
        ("kraken", FaultKind.BAD_CHECKSUM, "checksum mismatch"),
    ],
)
async def test_f22_a_broken_book_closes_its_pair_within_a_second_until_it_is_mended(
    venue: str, kind: FaultKind, word: str
):
    async with VENUES[venue]() as scene:
        await scene.until_open()
        assert await scene.broken(kind) < SECOND_MS
        assert scene.refused().startswith(f"C5 order book of BTC/USDT: {word}")
        await scene.until_open()
        scene.bench.hear(told(entry := scene.bench.enter()), fill(entry, "1"))
        assert await scene.broken(kind) < SECOND_MS
        assert scene.leave(), "an exit is never held back"
        await scene.until_open()
        assert [change.live for change in scene.changes()] == [False, True, False, True, False, True]
        assert scene.bench.rebuilt() == scene.bench.state


@pytest.mark.parametrize("venue", VENUES)
async def test_f23_a_feed_that_freezes_closes_its_pair_by_the_age_of_what_it_told(venue: str):
    async with VENUES[venue]() as scene:
        await scene.until_open()
        scene.break_it(FaultKind.FROZEN, times=0)
        await scene.until(lambda: bool(scene.faults.log))
        scene.clock.ahead_ms = 5_001
        began_ms = SystemClock().now_ms()
        assert await scene.until_closed() - began_ms < SECOND_MS
        assert scene.changes()[-1].reason.startswith("stale")
        assert scene.refused().startswith("C5 order book of BTC/USDT: stale")
        scene.faults.clear()
        scene.clock.ahead_ms = 0
        await scene.until_open()
        assert scene.refused() == ""


async def test_c05_entries_wait_for_the_first_book_and_a_pair_that_is_not_listed_stays_closed():
    async with binance() as scene:
        assert scene.refused().startswith("C5 order book of BTC/USDT: syncing")
        await scene.until_open()
        assert scene.bench.state.books_blocked == {"GONE/USDT": "binance lists no such market"}
        assert scene.refused() == ""


async def test_c15_the_depth_that_is_written_down_is_that_of_the_exchange():
    async with binance() as scene:
        await scene.until_open()
        scene.move(0)
        # Two coins at each of five prices, one dollar apart, all within 50 bps of the middle.
        asks = sum(2 * Decimal(60_000 + step) for step in range(1, 6))
        bps = POLICY.limits.slippage_bps_max
        async with asyncio.timeout(PATIENCE_S):
            while scene.books.depth(BTC.pair, Action.BUY, within_bps=bps) != asks:  # noqa: ASYNC110  a stream
                await asyncio.sleep(0.02)
        assert scene.refused() == ""
        (measured,) = of_kind(scene.bench.events, ev.DepthMeasured)
        assert (measured.depth, measured.within_bps) == (asks, bps)


@pytest.mark.parametrize(
    ("venue", "urls", "testnet", "stream", "depth"),
    [
        ("binance", {}, False, "wss://stream.binance.com:9443/stream", "https://api.binance.com/api/v3/depth"),
        ("binance", {}, True, "wss://stream.testnet.binance.vision/stream", "https://testnet.binance.vision/api/v3/depth"),
        ("binanceusdm", {}, False, "wss://fstream.binance.com/public/stream", "https://fapi.binance.com/fapi/v1/depth"),
        ("kraken", {}, False, "wss://ws.kraken.com/v2", ""),
        ("binance", {"public": "http://h:1/api/v3", "ws": {"spot": "ws://h:2/ws"}}, False, "ws://h:2/stream", "http://h:1/api/v3/depth"),
        ("binance", {"public": "http://h:1/api/v3"}, False, "ws://h:1/stream", "http://h:1/api/v3/depth"),
        ("kraken", {"public": "https://h:1"}, False, "wss://h:1/v2", ""),
        ("kraken", {"ws": {"publicV2": "ws://h:3/v2"}}, False, "ws://h:3/v2", ""),
    ],
)  # fmt: skip
def test_books_are_followed_where_orders_go(venue: str, urls: dict[str, Any], testnet: bool, stream: str, depth: str):
    place = place_of(venue, urls={"api": urls} if urls else {}, testnet=testnet)
    assert (place.stream, place.depth) == (stream, depth)


async def test_f26_no_snapshot_is_asked_for_while_the_venue_wants_to_be_left_alone():
    clock, busy = Ahead(), HttpAnswer(429, {"retry-after": "30"}, "")
    transport = Nowhere(busy, HttpAnswer(200, {}, "{}"))
    snapshots = Snapshots("http://x/depth", means(clock, transport))
    for _ in range(3):
        with pytest.raises(Unavailable):
            await snapshots.ask("BTCUSDT")
    assert transport.asked == ["http://x/depth?symbol=BTCUSDT&limit=500"]
    clock.ahead_ms = 31_000
    assert await snapshots.ask("BTCUSDT") == b"{}"


async def test_what_was_wrong_with_books_is_told_to_the_log_once_and_in_words():
    async with kraken() as scene:
        await scene.until_open()
        follower: BookFollower[Any] = scene.books._follower  # pyright: ignore[reportPrivateUsage]
        log = Told()
        assert log.news(follower) == []
        scene.break_it(FaultKind.BAD_CHECKSUM)
        await scene.until_closed()
        follower.shelf.take("no frame at all", scene.clock.now_ms())
        wrong, aside = log.news(follower)
        assert "BTC/USDT is asked for anew" in wrong
        assert "1 frames" in aside
        assert log.news(follower) == []
        await scene.until_open()
        scene.break_it(FaultKind.DISCONNECTED)
        await scene.until(lambda: follower.connected == 2)
        await scene.until_open()
        assert log.news(follower)[-1] == "Order books: connected again."
