"""The exchange feed and small exchanges on this machine, through the real ccxt: come what may, candles are right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import numpy as np
import pytest

from quorate.clock import ManualClock
from quorate.domain.errors import BadInput, Unavailable
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.auto import choose
from quorate.feeds.exchange import ExchangeFeed, ExchangeOptions
from quorate.feeds.gate import Fault
from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions
from tests.feeds.conftest import BASE_MS, T0
from tests.feeds.loopback import LoopbackBinance, LoopbackExchange, LoopbackKraken, Row, served

NOW = T0 + 1_000 * BASE_MS
PAIRS = ("BTC/USDT", "ETH/USDT")


def row(at_ms: int, close: float = 100.0) -> Row:
    return (at_ms, close - 0.5, close + 1, close - 1, close, 12.5)


class Stage:
    """A loopback exchange, a clock that is moved by hand, and the feed between them."""

    def __init__(self, exchange: LoopbackExchange, clock: ManualClock) -> None:
        self.exchange = exchange
        self.clock = clock
        self.steps: list[Step] = []
        self._changed = asyncio.Event()

    def feed(self, **options: object) -> ExchangeFeed:
        given = {
            "exchange": self.exchange.exchange,
            "pairs": PAIRS,
            "urls": self.exchange.urls(),
            "lookback_ms": 0,
            "pause_ms": 1,
        }
        return ExchangeFeed(
            ExchangeOptions(**{**given, **options}),  # type: ignore[arg-type]
            costs=Costs(),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    async def take(self, feed: ExchangeFeed, after_ms: int | None) -> None:
        async for step in feed.steps(after_ms):
            self.steps.append(step)
            self._changed.set()

    async def until(self, ready: Callable[[], bool], *, pace_ms: int = 0) -> None:
        """Wait, in real time, for something the feed is about to do; the clock may move `pace_ms` every 5 ms."""
        async with asyncio.timeout(60):
            while not ready():
                await asyncio.sleep(0.005)
                self.clock.advance(pace_ms / 1_000)

    async def move_to(self, at_ms: int) -> None:
        """Move the clock forward second by second, letting everything run in between."""
        while (short_ms := at_ms - self.clock.now_ms()) > 0:
            self.clock.advance(min(short_ms, 1_000) / 1_000)
            for _ in range(5):
                await asyncio.sleep(0)

    async def tell(self, at_ms: int, close: float = 100.0, coins: tuple[str, ...] = ("BTC", "ETH")) -> None:
        for coin in coins:
            await self.exchange.candle(coin, row(at_ms, close))  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)


@asynccontextmanager
async def live(stage: Stage, *, after_ms: int | None = None, **options: object) -> AsyncGenerator[ExchangeFeed]:
    feed = stage.feed(**options)
    await feed.open()
    taking = asyncio.create_task(stage.take(feed, after_ms))
    try:
        async with asyncio.timeout(60):
            await stage.exchange.subscribed.wait()
        yield feed
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        await feed.close()


@pytest.fixture(params=[LoopbackBinance, LoopbackKraken])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    clock = ManualClock(NOW + 60_000)
    exchange = request.param(clock.now_ms)
    for coin in exchange.rows:
        exchange.rows[coin] = [row(NOW - k * BASE_MS, 100.0 + k % 7) for k in range(300, -1, -1)]
    async with served(exchange):
        yield Stage(exchange, clock)


@pytest.fixture
async def binance() -> AsyncIterator[Stage]:
    clock = ManualClock(NOW + 60_000)
    exchange = LoopbackBinance(clock.now_ms)
    for coin in exchange.rows:
        exchange.rows[coin] = [row(NOW - k * BASE_MS) for k in range(300, -1, -1)]
    async with served(exchange):
        yield Stage(exchange, clock)


async def test_markets_carry_the_exchanges_own_steps(stage: Stage) -> None:
    async with live(stage) as feed:
        bitcoin, ether = feed.markets
        assert (bitcoin.pair, bitcoin.tick, ether.tick) == ("BTC/USDT", Decimal("0.01"), Decimal("0.01"))
        assert bitcoin.lot in {Decimal("0.00001"), Decimal("1E-8")}
        assert bitcoin.min_notional in {Decimal(5), Decimal("0.5")}
        assert bitcoin.estimated == ("spread",)
        assert feed.paced
        assert feed.label == f"{stage.exchange.exchange}, live, 2 pairs"


async def test_a_candle_closes_when_the_next_one_appears(stage: Stage) -> None:
    async with live(stage):
        await stage.tell(NOW, 101.0)
        await stage.move_to(NOW + BASE_MS)
        assert stage.steps == []
        await stage.tell(NOW + BASE_MS, 102.0)
        await stage.until(lambda: len(stage.steps) == 1)
        (step,) = stage.steps
        assert (step.at_ms, step.fresh) == (NOW + BASE_MS, True)
        assert [(c.pair, c.close) for c in step.candles] == [("BTC/USDT", 10_100), ("ETH/USDT", 10_100)]
        assert stage.clock.now_ms() < NOW + BASE_MS + 1_000


async def test_a_quiet_pair_is_closed_by_the_clock_while_the_stream_talks(stage: Stage) -> None:
    async with live(stage):
        await stage.tell(NOW, 101.0)
        await stage.move_to(NOW + BASE_MS)
        await stage.tell(NOW + BASE_MS, 102.0, coins=("BTC",))
        await stage.move_to(NOW + BASE_MS + 1_500)
        await stage.until(lambda: len(stage.steps) == 1)
        assert [c.close for c in stage.steps[0].candles] == [10_100, 10_100]
        assert stage.steps[0].fresh


async def test_what_a_silent_stream_missed_is_asked_for(stage: Stage) -> None:
    async with live(stage):
        await stage.tell(NOW, 101.0)
        for coin in stage.exchange.rows:
            stage.exchange.rows[coin][-1] = row(NOW, 105.0)
        await stage.move_to(NOW + BASE_MS + 1_100)
        await stage.until(lambda: len(stage.steps) == 1)
        assert [c.close for c in stage.steps[0].candles] == [10_500, 10_500]


async def test_after_a_disconnect_the_gap_is_filled_and_not_fresh(stage: Stage) -> None:
    async with live(stage) as feed:
        await stage.tell(NOW, 101.0)
        stage.exchange.down = True
        await stage.exchange.hang_up()
        await stage.move_to(NOW + 3 * BASE_MS + 200_000)
        assert stage.steps == []
        await stage.until(lambda: feed.trouble is not None, pace_ms=50)
        for coin in stage.exchange.rows:
            stage.exchange.rows[coin] += [row(NOW + k * BASE_MS, 110.0 + k) for k in range(1, 4)]
        stage.exchange.down = False
        await stage.until(lambda: len(stage.steps) >= 3, pace_ms=50)
        assert [step.at_ms for step in stage.steps] == [NOW + k * BASE_MS for k in (1, 2, 3)]
        assert not any(step.fresh for step in stage.steps)
        assert all(len(step.candles) == 2 for step in stage.steps)
        assert feed.trouble is None
        await stage.until(stage.exchange.subscribed.is_set, pace_ms=50)


async def test_a_desk_that_was_away_catches_up_first_and_exactly(stage: Stage) -> None:
    async with live(stage, after_ms=NOW - 250 * BASE_MS):
        await stage.until(lambda: len(stage.steps) == 250)
        assert [step.at_ms for step in stage.steps] == [NOW - k * BASE_MS for k in range(249, -1, -1)]
        assert not any(step.fresh for step in stage.steps)
        assert [c.pair for c in stage.steps[0].candles] == list(PAIRS)


async def test_history_is_closed_bars_before_an_instant(stage: Stage) -> None:
    async with live(stage) as feed:
        bars = await feed.history("ETH/USDT", "5m", before_ms=NOW, count=100)
        assert len(bars) == 100
        assert bars.close_ms[-1] == NOW
        assert np.all(np.diff(bars.open_ms) == BASE_MS)


async def test_duplicated_late_and_malformed_messages_change_nothing(binance: Stage) -> None:
    assert isinstance(binance.exchange, LoopbackBinance)
    async with live(binance) as feed:
        await binance.tell(NOW, 101.0)
        await binance.tell(NOW, 101.0)
        await binance.exchange.say({"e": "kline", "E": 1, "s": "BTCUSDT", "k": {"t": None, "s": "BTCUSDT", "i": "5m"}})
        await binance.exchange.say({"what": ["is", None]})
        await binance.move_to(NOW + BASE_MS)
        await binance.tell(NOW + BASE_MS, 102.0)
        await binance.until(lambda: len(binance.steps) == 1)
        await binance.tell(NOW, 55.0)
        await binance.move_to(NOW + 2 * BASE_MS)
        await binance.tell(NOW + 2 * BASE_MS, 103.0)
        await binance.until(lambda: len(binance.steps) == 2)
        closes = [[c.close for c in step.candles] for step in binance.steps]
        assert closes == [[10_100, 10_100], [10_200, 10_200]]
        assert feed.counts.quarantined[Fault.JUMP] == 0


async def test_an_absurd_candle_is_quarantined_and_the_others_pass(binance: Stage) -> None:
    async with live(binance):
        await binance.tell(NOW, 100.0)
        await binance.move_to(NOW + BASE_MS)
        await binance.tell(NOW + BASE_MS, 100.0)
        await binance.until(lambda: len(binance.steps) == 1)
        await binance.tell(NOW + BASE_MS, 10_000.0, coins=("BTC",))
        await binance.move_to(NOW + 2 * BASE_MS)
        await binance.tell(NOW + 2 * BASE_MS, 100.0)
        await binance.until(lambda: len(binance.steps) == 2)
        step = binance.steps[1]
        assert [c.pair for c in step.candles] == ["ETH/USDT"]
        assert [c.pair for c, _ in step.quarantined] == ["BTC/USDT"]


async def test_f23_a_stream_that_repeats_old_candles_is_begun_anew(binance: Stage) -> None:
    async with live(binance):
        sockets = set(binance.exchange.sockets)
        await binance.tell(NOW - 3 * BASE_MS, 101.0)
        await binance.move_to(NOW + BASE_MS)
        await binance.tell(NOW - 3 * BASE_MS, 102.0)
        await binance.move_to(NOW + BASE_MS + 1_500)
        await binance.until(lambda: len(binance.steps) == 1)
        await binance.until(lambda: not sockets & set(binance.exchange.sockets) or len(binance.exchange.sockets) > 1)
        assert [c.close for c in binance.steps[0].candles] == [10_000, 10_000]


async def test_f26_a_throttled_feed_leaves_the_exchange_alone_as_long_as_it_was_told(binance: Stage) -> None:
    feed = binance.feed()
    await feed.open()
    binance.exchange.throttled = 1
    asking = asyncio.create_task(feed.history("BTC/USDT", "5m", before_ms=NOW, count=10))
    await binance.until(lambda: "/api/v3/klines" in binance.exchange.requests)
    await asyncio.sleep(0.2)
    assert binance.exchange.requests.count("/api/v3/klines") == 1
    await binance.move_to(binance.clock.now_ms() + 2_500)
    assert len(await asking) == 10
    await feed.close()


@pytest.mark.parametrize(
    "nonsense", [{"what": "is this"}, [[None]], [["x", 1]], "text", 7, [[T0, "a", None, [], {}, ""]]]
)
async def test_a_nonsense_answer_is_no_candle_and_no_crash(binance: Stage, nonsense: object) -> None:
    feed = binance.feed()
    await feed.open()
    binance.exchange.nonsense = nonsense
    asking = asyncio.create_task(feed.history("BTC/USDT", "5m", before_ms=NOW, count=10))
    await binance.until(asking.done, pace_ms=100)
    fault = asking.exception()
    assert isinstance(fault, Unavailable | BadInput) or (fault is None and len(asking.result()) == 0)
    await feed.close()


async def test_quotes_follow_the_ticker_stream(binance: Stage) -> None:
    assert isinstance(binance.exchange, LoopbackBinance)
    async with live(binance) as feed:
        assert [str(quote.last) for quote in feed.quotes(feed.now_ms())] == ["100.00", "100.00"]
        subscribed = {stream for streams in binance.exchange.sockets.values() for stream in streams}
        await binance.until(
            lambda: any("ticker" in s for streams in binance.exchange.sockets.values() for s in streams)
        )
        await binance.exchange.ticker("BTC", 123.456)
        await binance.until(lambda: feed.quotes(feed.now_ms())[0].last == Decimal("123.46"))
        assert subscribed


async def test_the_universe_is_the_most_traded_pairs(stage: Stage) -> None:
    feed = stage.feed(pairs=(), universe_size=2)
    await feed.open()
    assert len(feed.markets) == 2
    if stage.exchange.exchange == "binance":
        assert [market.pair for market in feed.markets] == ["DOGE/USDT", "ETH/USDT"]
    await feed.close()


async def test_the_probe_tells_whether_an_exchange_answers(stage: Stage) -> None:
    feed = stage.feed()
    assert await feed.probe(5.0) is None
    stage.exchange.hold = asyncio.Event()
    assert "did not answer within 0.2 s" in (await feed.probe(0.2) or "")
    stage.exchange.hold.set()
    stage.exchange.hold = None
    stage.exchange.down = True
    fault = await feed.probe(5.0)
    assert fault is not None
    assert stage.exchange.exchange in fault
    await feed.close()


@pytest.mark.parametrize("answers", [True, False])
async def test_auto_takes_the_exchange_if_it_answers_else_the_simulated_market(binance: Stage, answers: bool) -> None:
    binance.exchange.down = not answers
    simulated = SimulatedFeed(SimulatedOptions(), clock=binance.clock, sleep=binance.clock.sleep)
    choice = await choose(binance.feed(), simulated, timeout_s=5.0)
    if answers:
        assert choice.feed.kind == "exchange"
        assert choice.reason == "binance answers, so its live market is used."
    else:
        assert choice.feed is simulated
        assert "cannot be used, so the market is simulated: binance did not tell the time" in choice.reason
    await choice.feed.close()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pairs": ("FOO/USDT",)}, "does not trade FOO/USDT"),
        ({"exchange": "nosuchexchange"}, "knows no exchange"),
        ({"timeframe": "9m"}, "1m, 5m"),
    ],
)
async def test_what_an_exchange_does_not_have_is_said(
    binance: Stage, options: dict[str, object], sentence: str
) -> None:
    feed = binance.feed(**options) if "timeframe" not in options else None
    with pytest.raises(BadInput, match=sentence):
        await feed.open() if feed else binance.feed(**options)
    if feed:
        await feed.close()


async def test_a_slow_pair_does_not_hold_the_others_up(binance: Stage) -> None:
    async with live(binance) as feed:
        binance.exchange.slow = {"ETH"}
        binance.exchange.hold = asyncio.Event()
        await binance.tell(NOW, 101.0, coins=("BTC",))
        await binance.move_to(NOW + BASE_MS)
        await binance.tell(NOW + BASE_MS, 102.0, coins=("BTC",))
        await binance.move_to(NOW + BASE_MS + 1_200)
        await binance.until(lambda: len(binance.steps) == 1)
        assert [c.pair for c in binance.steps[0].candles] == ["BTC/USDT"]
        assert feed.trouble == "binance is slow to answer"
        binance.exchange.hold.set()
        await binance.tell(NOW + BASE_MS, 103.0)
        await binance.move_to(NOW + 2 * BASE_MS)
        await binance.tell(NOW + 2 * BASE_MS, 104.0)
        await binance.until(lambda: len(binance.steps) == 2)
        assert [(c.pair, c.close) for c in binance.steps[1].candles] == [("BTC/USDT", 10_300), ("ETH/USDT", 10_300)]


async def test_an_exchange_that_is_gone_is_unavailable(binance: Stage) -> None:
    binance.exchange.down = True
    feed = binance.feed()
    with pytest.raises(Unavailable, match="binance did not list its markets"):
        await feed.open()
    await feed.close()
