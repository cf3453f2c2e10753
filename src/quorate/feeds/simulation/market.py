"""The synthetic market as one looks at it: candles of any timeframe, a price at any instant, books, funding, news."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.feeds.bar_ranges import closed_before, gathered
from quorate.feeds.simulation.chance import Purpose, stream
from quorate.feeds.simulation.climate import DAY_MS, ORIGIN_MS, Chain
from quorate.feeds.simulation.coins import Coin, all_coins
from quorate.feeds.simulation.hours import HOURS, HourGrid, hour_grid
from quorate.feeds.simulation.minutes import PER_DAY, MinuteGrid, minute_counts, minute_grid
from quorate.kernel.bars import Bars, FloatArray, IntArray, tick_scale, to_floats

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAYS_KEPT = 3
"""Days whose minutes are kept for all coins: today, yesterday, and the one being looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Candles of several coins in ticks: arrays are (coins, candles). Volume counts are whole quanta of each coin."""

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    counts: FloatArray

    def gathered(self, every: int) -> Grid:
        """The same with `every` candles made one; their number must be a multiple of it."""
        if every == 1:
            return self
        shape = (self.open.shape[0], -1, every)
        return Grid(
            self.open.reshape(shape)[..., 0],
            self.high.reshape(shape).max(axis=-1),
            self.low.reshape(shape).min(axis=-1),
            self.close.reshape(shape)[..., -1],
            self.counts.reshape(shape).sum(axis=-1),
        )


class SyntheticMarket:
    """Eighty coins, or some of them, that depend on the seed and the time only."""

    def __init__(self, seed: int, coins: Sequence[Coin] | None = None) -> None:
        self.seed = seed
        self.coins = tuple(all_coins() if coins is None else coins)
        self.chain = Chain(seed)
        self._places = {coin.market.pair: place for place, coin in enumerate(self.coins)}
        self._days: OrderedDict[int, Grid] = OrderedDict()

    @property
    def markets(self) -> list[Market]:
        """The markets, sorted by pair."""
        return [coin.market for coin in self.coins]

    def coin(self, pair: str) -> Coin:
        """The coin of a pair. Errors: BadInput where the market has no such pair."""
        place = self._places.get(pair)
        if place is None:
            raise BadInput(f"The simulated market does not trade {pair}.", hint="Its pairs are like BTC/USDT.")
        return self.coins[place]

    def minutes(self, day: int) -> Grid:
        """Every coin's 1,440 minutes of one day; kept, since every look at that day needs them."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self.minutes_of(self.coins, day)
            while len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
        self._days.move_to_end(day)
        return known

    def minutes_of(self, coins: Sequence[Coin], day: int) -> Grid:
        """The minutes of some coins on one day."""
        hours = hour_grid(self.chain, coins, day, day + 1)
        minutes = minute_grid(self.seed, coins, hours, day)
        return _minute_ticks(coins, hours, minutes)

    def bars(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars of a pair, oldest first; from an hour up without looking at minutes."""
        coin = self.coin(pair)
        length_ms = TIMEFRAME_MS[timeframe]
        begin_ms = max(ORIGIN_MS, before_ms - before_ms % length_ms - count * length_ms)
        first, stop = day_of(begin_ms), day_of(max(before_ms - 1, begin_ms)) + 1
        if before_ms <= ORIGIN_MS or count <= 0:
            return Bars.empty(pair, timeframe)
        if length_ms >= HOUR_MS:
            grid, step_ms = _hour_ticks((coin,), hour_grid(self.chain, (coin,), first, stop)), HOUR_MS
        else:
            days = [self._minutes_for(coin, day) for day in range(first, stop)]
            columns = (np.concatenate([getattr(d, name) for d in days], axis=1) for name in Grid.__slots__)
            grid, step_ms = Grid(*columns).gathered(length_ms // MINUTE_MS), length_ms
        named = next(name for name, ms in TIMEFRAME_MS.items() if ms == step_ms)
        open_ms = np.arange(ORIGIN_MS + first * DAY_MS, ORIGIN_MS + stop * DAY_MS, step_ms, dtype=np.int64)
        tick = coin.market.tick
        open_, high, low, close = (to_floats(c[0], tick) for c in (grid.open, grid.high, grid.low, grid.close))
        bars = Bars(pair, named, open_ms, open_, high, low, close, grid.counts[0] * coin.volume_quantum)
        return closed_before(gathered(bars, timeframe), before_ms, count)

    def _minutes_for(self, coin: Coin, day: int) -> Grid:
        known = self._days.get(day)
        if known is None:
            return self.minutes_of((coin,), day)
        place = self._places[coin.market.pair]
        return Grid(*(getattr(known, name)[place : place + 1] for name in Grid.__slots__))

    def last_ticks(self, at_ms: int) -> IntArray:
        """Every coin's price at an instant, in ticks: a path through the minute's open, extremes and close."""
        grid = self.minutes(day_of(at_ms))
        minute = (at_ms % DAY_MS) // MINUTE_MS
        open_, high, low, close = (c[:, minute].astype(float) for c in (grid.open, grid.high, grid.low, grid.close))
        chance = stream(self.seed, Purpose.QUOTE, block=(at_ms - ORIGIN_MS) // MINUTE_MS)
        early, late = 0.1 + 0.3 * chance.random(len(open_)), 0.6 + 0.3 * chance.random(len(open_))
        rising = close >= open_
        turn, other = np.where(rising, low, high), np.where(rising, high, low)
        along = (at_ms % MINUTE_MS) / MINUTE_MS
        path = np.where(
            along < early,
            open_ + (turn - open_) * (along / early),
            np.where(
                along < late,
                turn + (other - turn) * ((along - early) / (late - early)),
                other + (close - other) * ((along - late) / (1 - late)),
            ),
        )
        return np.clip(np.rint(path), low, high).astype(np.int64)


def day_of(at_ms: int) -> int:
    """Which day since the origin an instant lies in. Errors: BadInput for a time before the origin."""
    if at_ms < ORIGIN_MS:
        raise BadInput("The simulated market begins in 2020.", hint="Give a later time range, or set the clock.")
    return (at_ms - ORIGIN_MS) // DAY_MS


def _minute_ticks(coins: Sequence[Coin], hours: HourGrid, minutes: MinuteGrid) -> Grid:
    open_, high, low, close = (
        _ticks(coins, values.reshape(len(coins), PER_DAY))
        for values in (minutes.open, minutes.high, minutes.low, minutes.close)
    )
    counts = minute_counts(_hour_counts(coins, hours)[:, 0], minutes.weight)
    return Grid(open_, high, low, close, counts.reshape(len(coins), PER_DAY))


def _hour_ticks(coins: Sequence[Coin], hours: HourGrid) -> Grid:
    count = hours.open.shape[1] * HOURS
    open_, high, low, close = (
        _ticks(coins, values.reshape(len(coins), count)) for values in (hours.open, hours.high, hours.low, hours.close)
    )
    return Grid(open_, high, low, close, _hour_counts(coins, hours).reshape(len(coins), count))


def _hour_counts(coins: Sequence[Coin], hours: HourGrid) -> FloatArray:
    unit = np.array([coin.price * coin.volume_quantum for coin in coins])[:, None, None]
    return np.maximum(np.floor(hours.turnover / (np.exp(hours.close) * unit)), 1.0)


def _ticks(coins: Sequence[Coin], logs: FloatArray) -> IntArray:
    # A price in ticks is the anchor times a factor: rounding keeps the order of prices, so candles stay sound.
    scales = [tick_scale(coin.market.tick) for coin in coins]
    anchors = np.array([coin.price * d / n for coin, (n, d) in zip(coins, scales, strict=True)])
    return np.maximum(np.rint(anchors[:, None] * np.exp(logs)), 1.0).astype(np.int64)
