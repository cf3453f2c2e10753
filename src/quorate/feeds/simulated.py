"""The synthetic market as a feed: runs up to the present at once, then keeps pace with the clock."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from quorate.desk.ports import Clock
from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.feeds.candle_files import check_timeframe
from quorate.feeds.pace import Sleep, parse_speed
from quorate.feeds.quote import Quote, quote_around
from quorate.feeds.simulation.climate import DAY_MS, ORIGIN_MS
from quorate.feeds.simulation.coins import Coin, all_coins
from quorate.feeds.simulation.market import MINUTE_MS, SyntheticMarket, day_of
from quorate.feeds.simulation.surroundings import Book, Headline, book, funding, news
from quorate.feeds.timerange import parse_timerange
from quorate.kernel.bars import Bars

DEFAULT_SEED = 7
DEFAULT_LOOKBACK_MS = DAY_MS // 2
SLEEP_S_MIN = 0.001
SLEEP_S_MAX = 60.0
"""The clock is looked at again after at most this long, so that a clock that is set does not hold the feed up."""
STEPS_BETWEEN_YIELDS = 16
KEY = re.compile(r"simulated-(?P<seed>-?[0-9]+)-")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOptions:
    """Which synthetic market, and how fast: see `SimulatedFeed`."""

    seed: int = DEFAULT_SEED
    pairs: Sequence[str] = ()
    """Empty: all eighty."""
    timeframe: str = "5m"
    timerange: str | None = None
    """Empty: from `lookback_ms` before now, without an end."""
    speed: str | float = 1.0
    """Feed seconds per wall second once the present is reached; "max" never waits."""
    lookback_ms: int = DEFAULT_LOOKBACK_MS


class SimulatedFeed:
    """A market that is a pure function of seed and time: a restarted process continues the very same one.

    Steps up to the present come as fast as they are taken and are fresh, since the market says itself that it is not
    real; then each comes when the clock reaches its close.
    """

    kind = "simulated"

    def __init__(self, options: SimulatedOptions, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        check_timeframe(options.timeframe)
        self._options = options
        self._range = parse_timerange(options.timerange)
        self._speed = parse_speed(options.speed)
        self._clock = clock
        self._sleep = sleep
        self._market = SyntheticMarket(options.seed, _chosen(options.pairs))
        self._opened_ms = 0
        self._anchor = (0, 0)

    @property
    def key(self) -> str:
        """What its candles are kept under: seed, timeframe and, where only some coins are traded, which."""
        key = f"simulated-{self._options.seed}-{self.timeframe}"
        if len(self._market.coins) == len(all_coins()):
            return key
        chosen = " ".join(market.pair for market in self.markets)
        return f"{key}-{hashlib.sha256(chosen.encode()).hexdigest()[:8]}"

    @property
    def timeframe(self) -> str:
        """The base timeframe of the steps."""
        return self._options.timeframe

    @property
    def paced(self) -> bool:
        """True unless it runs as fast as steps are taken."""
        return self._speed is not None

    @property
    def label(self) -> str:
        """What to call it in front of people: always as simulated."""
        return f"simulated market, seed {self._options.seed}, {len(self._market.coins)} coins"

    @property
    def markets(self) -> Sequence[Market]:
        """The markets, sorted by pair."""
        return self._market.markets

    @property
    def start_ms(self) -> int:
        """Where the feed begins: candles that close later than this are delivered. Known once it is open."""
        length_ms = TIMEFRAME_MS[self.timeframe]
        asked = self._range.start_ms
        wanted = self._opened_ms - self._options.lookback_ms if asked is None else asked
        return max(ORIGIN_MS, -(-wanted // length_ms) * length_ms)

    @property
    def end_ms(self) -> int | None:
        """Close of the last candle that will be delivered; None without an end."""
        if self._range.stop_ms is None:
            return None
        length_ms = TIMEFRAME_MS[self.timeframe]
        return -(-self._range.stop_ms // length_ms) * length_ms

    async def open(self) -> None:
        """Compute the days so far. Errors: BadInput where the clock or the range lies before the market's origin."""
        self._opened_ms = self._clock.now_ms()
        self._anchor = (self._opened_ms, self._opened_ms)
        stop_ms = self._range.stop_ms
        day = day_of(min(value for value in (self.start_ms, self._opened_ms, stop_ms) if value is not None))
        if stop_ms is not None and stop_ms <= self.start_ms:
            raise BadInput(f"The time range {self._options.timerange!r} holds no candle.", hint="Give a later end.")
        await asyncio.to_thread(self._market.chain.days, day, day + 1)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars whose close is at or before `before_ms`; exactly those the steps add up to."""
        return self._market.bars(pair, timeframe, before_ms=before_ms, count=count)

    def now_ms(self) -> int:
        """The present of this market: the wall clock at speed 1, else what its speed has made of it."""
        feed_ms, wall_ms = self._anchor
        return feed_ms + round((self._clock.now_ms() - wall_ms) * (self._speed or 1.0))

    def quotes(self, at_ms: int) -> list[Quote]:
        """Last, bid and ask of every pair at any instant, within the candle that instant lies in."""
        ticks = self._market.last_ticks(at_ms).tolist()
        return [quote_around(market, last, at_ms) for market, last in zip(self.markets, ticks, strict=True)]

    def book(self, pair: str, at_ms: int) -> Book:
        """The order book of a pair at any instant."""
        return book(self._market, pair, at_ms)

    def funding(self, pair: str, at_ms: int) -> Decimal:
        """The funding rate per 8 h at any instant, as a ratio."""
        return funding(self._market, pair, at_ms)

    def news(self, after_ms: int, until_ms: int) -> list[Headline]:
        """Simulated headlines later than `after_ms`, up to `until_ms`."""
        return news(self._market, after_ms, until_ms)

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """Every step later than `after_ms`: those that are past at once, later ones as their time comes."""
        if after_ms is not None and after_ms > self.now_ms() and self._speed != 1.0:
            # A feed that ran faster than the clock resumes where it was, not where the clock is.
            self._anchor = (after_ms, self._clock.now_ms())
        begin_ms = self.start_ms if after_ms is None else max(self._range.start_ms or ORIGIN_MS, after_ms)
        for number, step in enumerate(self._steps(begin_ms)):
            if self._speed is not None:
                await self._until(step.at_ms, self._speed)
            if number % STEPS_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)
            yield step

    async def _until(self, at_ms: int, speed: float) -> None:
        while (short_ms := at_ms - self.now_ms()) > 0:
            await self._sleep(min(max(short_ms / speed / 1000, SLEEP_S_MIN), SLEEP_S_MAX))

    def _steps(self, after_ms: int) -> Iterator[Step]:
        length_ms = TIMEFRAME_MS[self.timeframe]
        day = day_of(after_ms)
        stop_ms = self._range.stop_ms
        while stop_ms is None or ORIGIN_MS + day * DAY_MS < stop_ms:
            opening_ms = ORIGIN_MS + day * DAY_MS
            for place, candles in enumerate(self._candles(day)):
                at_ms = opening_ms + (place + 1) * length_ms
                if at_ms <= after_ms:
                    continue
                if stop_ms is not None and at_ms - length_ms >= stop_ms:
                    return
                yield Step(at_ms, candles)
            day += 1

    def _candles(self, day: int) -> Iterator[tuple[Candle, ...]]:
        """The candles of one day, bar by bar."""
        length_ms = TIMEFRAME_MS[self.timeframe]
        timeframe = self.timeframe
        opening_ms = ORIGIN_MS + day * DAY_MS
        grid = self._market.minutes(day).gathered(length_ms // MINUTE_MS)
        quanta = [coin.volume_quantum for coin in self._market.coins]
        pairs = [market.pair for market in self.markets]
        prices = (grid.open.T, grid.high.T, grid.low.T, grid.close.T, grid.counts.T)
        for place, columns in enumerate(zip(*(column.tolist() for column in prices), strict=True)):
            open_ms = opening_ms + place * length_ms
            yield tuple(
                Candle(pair, timeframe, open_ms, open_, high, low, close, count * quantum)
                for pair, quantum, open_, high, low, close, count in zip(pairs, quanta, *columns, strict=True)
            )


def seed_of(key: str) -> int:
    """The seed of the market whose candles are kept under `key`; what is not told by candles follows from it too."""
    found = KEY.match(key)
    assert found is not None, f"{key!r} is not the key of a simulated feed"
    return int(found["seed"])


def _chosen(pairs: Sequence[str]) -> list[Coin]:
    if not pairs:
        return list(all_coins())
    by_pair = {coin.market.pair: coin for coin in all_coins()}
    wanted = {pair.strip().upper() for pair in pairs}
    unknown = sorted(wanted - by_pair.keys())
    if unknown:
        raise BadInput(
            f"The simulated market does not trade {', '.join(unknown)}.",
            hint=f"It trades {', '.join(list(by_pair)[:8])} and {len(by_pair) - 8} more, all in USDT.",
        )
    return [coin for pair, coin in by_pair.items() if pair in wanted]
