"""A real market through ccxt: candles by stream where the exchange has one, by question where not, never both wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from loguru import logger

from quorate.desk.ports import Clock
from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import BadInput, QuorateError, Unavailable
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.backoff import Backoff
from quorate.feeds.bar_ranges import closed_before
from quorate.feeds.candle_files import check_timeframe
from quorate.feeds.exchange_client import ExchangeClient
from quorate.feeds.exchange_markets import describe
from quorate.feeds.exchange_questions import Questions
from quorate.feeds.exchange_quotes import QuoteBoard
from quorate.feeds.gate import Gate, GateCounts
from quorate.feeds.live_rows import LiveRows
from quorate.feeds.pace import Sleep
from quorate.feeds.quote import Quote
from quorate.feeds.universe import Listing, UniverseRules, choose
from quorate.kernel.bars import Bars

CLOSE_GRACE_MS = 2_000
"""A step is given out this long after its close at the latest, while the exchange answers."""
CONFIRM_MS = 1_000
"""Candles whose end the stream has not shown so long after the close are taken as it last told them, or asked for."""
FRESH_MS_MAX = 30_000
"""A step given out later than this after its close, or later than half a bar, is catching up and so not fresh."""
CATCH_UP_ROUNDS = 5
"""How often pairs that fail are asked for again while catching up, before their candles are left out."""
POLL_PATIENCE_S = 10.0
CATCH_UP_MS_MAX = 30 * 86_400_000
DEFAULT_LOOKBACK_MS = 2 * 86_400_000
DOORS = {"binance": "api.binance.com", "kraken": "api.kraken.com"}
"""Hosts of the first-class exchanges, to be tried before the library that speaks to them is loaded."""
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeOptions:
    """Which exchange, and what of it: see `ExchangeFeed`."""

    exchange: str = "binance"
    """A ccxt id."""
    pairs: Sequence[str] = ()
    """Empty: the most traded ones, `universe_size` of them, that pass `rules`."""
    universe_size: int = 80
    timeframe: str = "5m"
    urls: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over ccxt's own addresses."""
    rules: UniverseRules = field(default_factory=UniverseRules)
    pause_ms: float | None = None
    """Least time between two questions; None: what ccxt knows of the exchange's rate limit."""
    lookback_ms: int = DEFAULT_LOOKBACK_MS
    """How far back a desk without a past begins; those steps are not fresh."""


class ExchangeFeed:
    """Closed candles of a real exchange.

    A candle counts as closed when the pair's next one appears in the stream, or when the stream goes on talking after
    its end; what the stream cannot vouch for is asked for by REST. A step is given out when every pair is in, or
    CLOSE_GRACE_MS after its close with those that are: a candle that comes later is quarantined as late.
    """

    kind = "exchange"
    paced = True

    def __init__(
        self,
        options: ExchangeOptions,
        *,
        costs: Costs,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] | None = None,
    ) -> None:
        check_timeframe(options.timeframe)
        self._options = options
        self._costs = costs
        self._clock = clock
        self._sleep = sleep
        # Jitter needs no secrecy, only that two desks do not draw the same: they start at different instants.
        self._chance = chance or np.random.default_rng(clock.now_ms()).random
        self._length_ms = TIMEFRAME_MS[options.timeframe]
        self._client: ExchangeClient | None = None
        self._questions: Questions | None = None
        self._markets: tuple[Market, ...] = ()
        self._offset_ms = 0
        self._opened_ms = 0
        self._live = LiveRows(self._length_ms)
        self._news = asyncio.Event()
        self._gate: Gate | None = None
        self._board: QuoteBoard | None = None
        self._streaming: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """What is wrong with the exchange just now; None when it talks."""

    @property
    def exchange(self) -> str:
        """The exchange's ccxt id."""
        return self._options.exchange

    @property
    def key(self) -> str:
        """What its candles are kept under."""
        return f"{self._options.exchange}-{self.timeframe}"

    @property
    def label(self) -> str:
        """What to call it in front of people."""
        return f"{self._options.exchange}, live, {len(self._markets)} pairs"

    @property
    def timeframe(self) -> str:
        """The base timeframe of the steps."""
        return self._options.timeframe

    @property
    def markets(self) -> Sequence[Market]:
        """The markets, sorted by pair."""
        return self._markets

    @property
    def start_ms(self) -> int:
        """Where a desk without a past begins: on the grid, `lookback_ms` before the feed was opened."""
        begin_ms = self._opened_ms - self._options.lookback_ms
        return begin_ms - begin_ms % self._length_ms

    @property
    def end_ms(self) -> int | None:
        """A real market does not end."""
        return None

    @property
    def counts(self) -> GateCounts:
        """What the gate let in and refused so far."""
        return self._gate.counts if self._gate else GateCounts()

    def now_ms(self) -> int:
        """The exchange's clock, as far as it was measured."""
        return self._clock.now_ms() + self._offset_ms

    async def probe(self, timeout_s: float) -> str | None:
        """Why the exchange cannot be used just now, as a sentence; None when it answered within `timeout_s`."""
        if not self._options.urls and (fault := await self._knock(timeout_s)) is not None:
            return fault
        try:
            client = await self._connected()
            async with asyncio.timeout(timeout_s):
                if client.has("fetchTime"):
                    await client.server_ms()
                else:
                    await client.load_markets()
        except TimeoutError:
            return f"{self.exchange} did not answer within {timeout_s:g} s."
        except QuorateError as error:
            return error.message
        return None

    async def _knock(self, timeout_s: float) -> str | None:
        """Why a well-known exchange's door cannot even be reached; spares a desk without a network the library."""
        door = DOORS.get(self.exchange)
        if door is None:
            return None
        try:
            async with asyncio.timeout(timeout_s):
                _, writer = await asyncio.open_connection(door, HTTPS_PORT)
        except TimeoutError:
            return f"{door} did not answer within {timeout_s:g} s."
        except OSError as error:
            return f"{door} cannot be reached: {error.strerror or error}."
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return None

    async def open(self) -> None:
        """Connect, learn the markets and choose the pairs. Errors: Unavailable, Throttled, BadInput."""
        client = await self._connected()
        if self.timeframe not in client.timeframes():
            known = ", ".join(name for name in client.timeframes() if name in TIMEFRAME_MS)
            raise BadInput(f"{client.id} has no {self.timeframe} candles.", hint=f"It has {known}.")
        await client.load_markets()
        server_ms = await client.server_ms()
        self._offset_ms = 0 if server_ms is None else server_ms - self._clock.now_ms()
        self._opened_ms = self.now_ms()
        listings = {listing.pair: listing for listing in await client.listings()}
        pairs = sorted(set(self._options.pairs)) or self._universe(listings.values())
        missing = [pair for pair in pairs if client.market(pair) is None]
        if missing or not pairs:
            named = ", ".join(missing) or "a pair that passes the universe's rules"
            raise BadInput(f"{client.id} does not trade {named}.", hint=f"It trades {', '.join(client.pairs()[:8])} …")
        self._markets = tuple(describe(client, listings[pair], self._costs) for pair in pairs)
        self._questions = Questions(client, self.timeframe, sleep=self._sleep, chance=self._chance)
        self._board = QuoteBoard(client, self._markets, now_ms=self.now_ms, sleep=self._sleep, chance=self._chance)
        self._board.begin({pair: listings[pair].last for pair in pairs})

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars at or before `before_ms`, in as many questions as the exchange needs."""
        market = next(market for market in self._markets if market.pair == pair)
        length_ms = TIMEFRAME_MS[timeframe]
        stop_ms = before_ms - before_ms % length_ms
        rows = await self._asking().rows(pair, timeframe, start_ms=stop_ms - count * length_ms, stop_ms=stop_ms)
        gate = Gate((market,), timeframe, quarantine_max=0)
        for row in rows:
            gate.offer(pair, row)
        candles = [candle for step in gate.ready() for candle in step.candles]
        return closed_before(Bars.of(pair, timeframe, candles, market.tick), before_ms, count)

    def quotes(self, at_ms: int) -> list[Quote]:
        """The newest quotes at or before `at_ms`, sorted by pair."""
        return self._board.at(at_ms) if self._board else []

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """Every step later than `after_ms`: what was missed first, not fresh, then as candles close."""
        assert self._board is not None, "the feed is open"
        side_work = [asyncio.create_task(self._board.follow(), name=f"quotes of {self._options.exchange}")]
        if self._connection().has("watchOHLCV") or self._connection().has("watchOHLCVForSymbols"):
            self._streaming = asyncio.create_task(self._stream_forever(), name=f"candles of {self._options.exchange}")
        try:
            oldest_ms = self.now_ms() - CATCH_UP_MS_MAX
            begin_ms = max(self.start_ms if after_ms is None else after_ms, oldest_ms - oldest_ms % self._length_ms)
            gate = self._gate = self._new_gate(begin_ms)
            while True:
                due_ms = self._next_close(gate)
                await self._until(due_ms)
                until_ms = await self._collect(gate, due_ms)
                for step in gate.ready(until_ms):
                    yield replace(step, fresh=self._is_fresh(step.at_ms))
        finally:
            streams = [*side_work, *([self._streaming] if self._streaming else [])]
            for task in streams:
                task.cancel()
            await asyncio.gather(*streams, return_exceptions=True)

    def _new_gate(self, begin_ms: int) -> Gate:
        """A gate that compares the first candle of every pair with the last price known, not with nothing."""
        gate = Gate(self._markets, self.timeframe, after_ms=begin_ms)
        lasts = {quote.pair: quote.last for quote in self.quotes(self.now_ms())}
        for market in self._markets:
            if market.pair in lasts:
                ticks = market.ticks_nearest(lasts[market.pair])
                opened_ms = begin_ms - self._length_ms
                gate.settle(Candle(market.pair, self.timeframe, opened_ms, ticks, ticks, ticks, ticks, 0.0))
        return gate

    def _next_close(self, gate: Gate) -> int:
        passed_ms = gate.passed_ms or 0
        return passed_ms - passed_ms % self._length_ms + self._length_ms

    def _last_close(self) -> int:
        """The newest close that is at least CONFIRM_MS ago."""
        settled_ms = self.now_ms() - CONFIRM_MS
        return settled_ms - settled_ms % self._length_ms

    def _is_fresh(self, at_ms: int) -> bool:
        return self.now_ms() - at_ms <= min(FRESH_MS_MAX, self._length_ms // 2)

    async def _collect(self, gate: Gate, due_ms: int) -> int:
        """Bring in the candles that close at `due_ms`, or everything up to now when we are behind; up to where."""
        pairs = [market.pair for market in self._markets]
        if self.now_ms() < due_ms + self._length_ms:
            await self._until(due_ms + CONFIRM_MS, unless=lambda: self._all_closed(gate, due_ms))
            self._take_closed(gate, due_ms)
        until_ms = max(due_ms, self._last_close())
        missing = pairs if until_ms > due_ms else [pair for pair in pairs if not gate.has(pair, due_ms)]
        if not missing:
            return until_ms
        if self._live.is_frozen(due_ms):
            self._break_stream("it repeats old candles")
        return await self._ask_for(gate, missing, until_ms, in_part=bool(gate.waiting))

    async def _ask_for(self, gate: Gate, pairs: Sequence[str], until_ms: int, *, in_part: bool) -> int:
        """Ask for candles by REST; returns up to where steps may be given out.

        An exchange that is gone is waited for. Where some pairs are in before the first question (`in_part`), slow ones
        are left out when their time is up; when catching up, they are asked for CATCH_UP_ROUNDS times.
        """
        backoff = Backoff(self._chance)
        rounds = 0
        while True:
            rounds += 1
            behind = until_ms - (gate.passed_ms or 0) > self._length_ms
            failed = await self._ask_once(gate, pairs, until_ms, deadline_s=self._patience_s(behind, in_part))
            self.trouble = failed
            if failed is None or (gate.waiting and (not behind or rounds >= CATCH_UP_ROUNDS)):
                return until_ms
            logger.warning("candles of {} are missing: {}", self._options.exchange, failed)
            await self._sleep(backoff.next_s())
            until_ms = max(until_ms, self._last_close())

    async def _ask_once(
        self, gate: Gate, pairs: Sequence[str], until_ms: int, *, deadline_s: float | None
    ) -> str | None:
        start_ms = gate.passed_ms or 0
        try:
            async with asyncio.timeout(deadline_s):
                return await self._asking().fill(gate, pairs, start_ms=start_ms, stop_ms=until_ms, now_ms=self.now_ms)
        except TimeoutError:
            return f"{self._options.exchange} is slow to answer"

    def _patience_s(self, behind: bool, in_part: bool) -> float | None:
        """How long to wait for answers: what is left of the grace, or the time that so many questions take."""
        if behind:
            return None
        if in_part:
            return (CLOSE_GRACE_MS - CONFIRM_MS) / 1000
        return POLL_PATIENCE_S + len(self._markets) * self._connection().pause_ms * 2 / 1000

    def _all_closed(self, gate: Gate, due_ms: int) -> bool:
        opened_ms = due_ms - self._length_ms
        return all(
            gate.has(market.pair, due_ms) or self._live.surely_closed(market.pair, opened_ms)
            for market in self._markets
        )

    def _take_closed(self, gate: Gate, due_ms: int) -> None:
        """Offer what the stream said about the candles that end at `due_ms`, where it can vouch for them."""
        opened_ms = due_ms - self._length_ms
        talks = self._live.heard_since(due_ms)
        for market in self._markets:
            row = self._live.row(market.pair, opened_ms)
            if row is not None and (talks or self._live.surely_closed(market.pair, opened_ms)):
                gate.offer(market.pair, row, now_ms=self.now_ms())

    async def _until(self, at_ms: int, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Wait for an instant on the exchange's clock, or until a stream's news make `unless` true."""
        while (short_ms := at_ms - self.now_ms()) > 0 and not unless():
            self._news.clear()
            waits = [
                asyncio.ensure_future(self._sleep(max(short_ms, 1) / 1000)),
                asyncio.ensure_future(self._news.wait()),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _stream_forever(self) -> None:
        """Keep a stream of candles running; every break is followed by a longer wait until one talks again."""
        backoff = Backoff(self._chance)
        pairs = [market.pair for market in self._markets]
        while True:
            try:
                async with contextlib.aclosing(self._connection().stream_candles(pairs, self.timeframe)) as stream:
                    async for rows in stream:
                        for pair, newest in rows.items():
                            if self._live.take(pair, newest, now_ms=self.now_ms()):
                                backoff.reset()
                        self._news.set()
            except QuorateError as error:
                logger.info("the candle stream of {} broke: {}", self._options.exchange, error.message)
            self._live.broke()
            await self._sleep(backoff.next_s())

    def _break_stream(self, reason: str) -> None:
        logger.warning("the candle stream of {} is begun anew: {}", self._options.exchange, reason)
        if self._streaming is not None:
            self._streaming.cancel()
            self._live.broke()
            self._streaming = asyncio.create_task(self._stream_forever(), name=f"candles of {self._options.exchange}")

    def _universe(self, listings: Iterable[Listing]) -> list[str]:
        rules = replace(self._options.rules, size=self._options.universe_size)
        return choose(listings, rules, now_ms=self._opened_ms)

    async def _connected(self) -> ExchangeClient:
        if self._client is None:
            self._client = await ExchangeClient.connect(
                self._options.exchange, urls=self._options.urls, pause_ms=self._options.pause_ms
            )
        return self._client

    def _connection(self) -> ExchangeClient:
        if self._client is None:
            raise Unavailable(f"{self._options.exchange} is not connected.", hint="Open the feed first.")
        return self._client

    def _asking(self) -> Questions:
        assert self._questions is not None, "the feed is open"
        return self._questions
