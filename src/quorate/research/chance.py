"""What luck would have made of the same trades: traders who enter at random, and traders who toss for the side.

A random trader makes as many trades as the strategy on every pair, as often on each side, with the strategy's own exits
measured in ATRs of the bar it enters at, and pays what the strategy pays. What is left between the two is the choice of
the moment, if nothing else differs; so two things are kept alike:

- *Volatility.* In calm bars costs would eat any trade of a few ATRs, and a strategy would beat luck by waiting for
  noise. Each day of trades is moved to a day about as volatile, each trade in it to a bar about as volatile.
- *Company.* Pairs move together: trades of one day are not independent. All trades of a day go to the same other day,
  on every pair, with their sides; otherwise random traders would spread wide where strategies do not, and their means
  would lie too close together.

A tosser enters where the strategy does and tosses a coin every day: it takes the strategy's side of all trades of that
day, or the other side of all. What is left is the choice of side.

Results are compared in R, which does not depend on how large positions have grown. Everything follows from fixed seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel import readings
from quorate.kernel.bars import Bars, FloatArray, IntArray
from quorate.kernel.comparisons import random_means
from quorate.research import chance_kernel, tables
from quorate.research.jit import compiled
from quorate.research.legs import Leg
from quorate.research.spans import DAY_MS

TRADERS = 200
TRIES = 6
"""Bars a random trader may try for each of its trades: some entries do not fill, some meet another trade."""
SEED = 20_251_120
ATR_BARS = 14
NEAR_DAYS_SHARE, NEAR_DAYS_MIN = 0.2, 10
"""A day of trades is moved to one of this share of all days: those about as volatile, for all pairs together."""
NEAR_BARS_SHARE, NEAR_BARS_MIN = 0.1, 6
"""... and a trade in it to one of this share of that day's bars: those whose ATR, as a share of price, is nearest."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Chance:
    """Results of all traders; one number for each."""

    sums_r: FloatArray
    """Sum of R over all trades."""
    trades: IntArray
    """Trades that they made."""

    @property
    def mean_r(self) -> FloatArray:
        """Mean R of a trade of every trader; NaN for one who made none."""
        return np.where(self.trades > 0, self.sums_r / np.maximum(self.trades, 1), np.nan)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Shapes:
    """The strategy's trades without their place in time: how far everything lies from the entry, in ATRs."""

    side: IntArray
    behind: FloatArray
    """Entry behind the close of the bar it was decided on."""
    stop: FloatArray
    targets: FloatArray
    """One column for each target."""
    trail: FloatArray
    """Negative where nothing trails."""
    risk: FloatArray
    """Lots times ticks at risk."""


def random_entries(legs: Sequence[Leg], *, traders: int = TRADERS, seed: int = SEED) -> Chance:
    """Traders who enter at random where these legs trade, with their trades, sides, exits and costs on every pair."""
    fields = [_Field(leg) for leg in legs]
    days = _Days.of(fields)
    sums, made = np.zeros(traders), np.zeros(traders, np.int64)
    for trader in range(traders):
        dice = np.random.default_rng([seed, trader])
        moved = days.moved(dice)
        for field in fields:
            results = field.traded(moved, dice)
            sums[trader] += float(results.sum())
            made[trader] += len(results)
    return Chance(sums_r=sums, trades=made)


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """The days of a range in the order of how volatile they were."""

    ordered: IntArray
    place: IntArray
    """Of each day in that order."""
    first: int
    """Number of the first day since 1970."""

    @classmethod
    def of(cls, fields: Sequence[_Field]) -> _Days:
        every = np.concatenate([field.day for field in fields])
        if not len(every):
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), 0)
        first = int(every.min())
        ranks = np.concatenate([field.rank for field in fields])
        counts = np.bincount(every - first)
        # Days without a candle are nobody's.
        mean = np.bincount(every - first, weights=ranks) / np.maximum(counts, 1)
        ordered = np.argsort(np.where(counts > 0, mean, np.inf), kind="stable")[: int((counts > 0).sum())]
        place = np.zeros(len(counts), np.int64)
        place[ordered] = np.arange(len(ordered))
        return cls(ordered, place, first)

    def moved(self, dice: np.random.Generator) -> IntArray:
        """For every day, from the first on, the number of the day that its trades are moved to."""
        if not len(self.ordered):
            return self.ordered
        return self.first + self.ordered[_near(self.place, len(self.ordered), dice)]


def _near(places: IntArray, count: int, dice: np.random.Generator) -> IntArray:
    """Of `count` ordered places one at random near each of these."""
    width = min(count, max(NEAR_DAYS_MIN, int(count * NEAR_DAYS_SHARE)))
    begin = np.clip(places - width // 2, 0, count - width)
    return begin + dice.integers(0, width, len(places))


class _Field:
    """Where a leg could have traded: its bars by day and volatility, and the shapes of its trades."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._bars = leg.columns.signal_bars(leg.strategy.timeframe)
        self._atr = _atr_ticks(leg, self._bars)
        self._shapes = _shapes(leg)
        candidates = _candidates(leg, self._bars, self._atr)
        span = self._atr / _close_ticks(leg, self._bars)
        ascending = np.sort(span[candidates])
        rank = np.searchsorted(ascending, span) / max(len(candidates), 1)
        day = self._bars.close_ms // DAY_MS
        order = np.lexsort((rank[candidates], day[candidates]))
        self._rows = candidates[order]
        self.day, self.rank = day[self._rows], rank[self._rows]
        """Of every bar that can be entered at, by day, then by how volatile it is among all of them, 0 to 1."""
        own = _signal_rows(leg)
        self._own_day, self._own_rank = day[own], rank[own]
        self._first_day = int(self.day[0]) if len(self.day) else 0
        self._results, self._ends = np.empty(len(own)), np.empty(len(own), np.int64)
        self._taken = np.empty(len(leg.columns), np.int64)
        self._bench = _Bench(leg)

    def traded(self, moved: IntArray, dice: np.random.Generator) -> FloatArray:
        """R of a trader's trades on this leg, whose trades were moved to these days; `moved` begins with the first."""
        count = len(self._own_day)
        if count == 0 or not len(self._rows):
            return np.empty(0)
        who = np.repeat(dice.permutation(count), TRIES)
        # A trade may have been decided on a day on which no bar could be entered at: it stays there and comes to none.
        days = moved[np.clip(self._own_day[who] - self._first_day, 0, len(moved) - 1)]
        begin, end = np.searchsorted(self.day, days), np.searchsorted(self.day, days, side="right")
        place = np.searchsorted(self.day + self.rank / 2, days + self._own_rank[who] / 2)
        width = np.minimum(end - begin, np.maximum(NEAR_BARS_MIN, (end - begin) * NEAR_BARS_SHARE).astype(np.int64))
        chosen = np.clip(place - width // 2, begin, np.maximum(end - width, begin))
        chosen += (dice.random(len(who)) * width).astype(np.int64)
        rows = self._rows[np.minimum(chosen, len(self._rows) - 1)]
        orders, targets, lots = _placed(self._leg, self._bars, self._atr, self._shapes, who, rows)
        orders["state"] = np.where(width > 0, orders["state"], tables.COARSE)
        self._bench.apart(orders, targets, lots, self._taken, self._results, self._ends)
        return self._results[self._ends > 0]


def tossed_sides(legs: Sequence[Leg], *, traders: int = TRADERS, seed: int = SEED) -> Chance:
    """Traders who enter where these legs' trades were decided on and toss for the side of each day; exits are mirrored.

    A mirrored entry that does not fill is a trade that earned nothing.
    """
    count = sum(len(leg.result.trades) for leg in legs)
    if count == 0:
        return Chance(sums_r=np.zeros(traders), trades=np.zeros(traders, np.int64))
    own = np.concatenate([leg.result.r for leg in legs])
    mirrored = np.concatenate([mirrors(leg) for leg in legs])
    decided = [leg.result.book.orders["at_ms"][leg.result.trades["order"]] for leg in legs]
    _, day = np.unique(np.concatenate(decided) // DAY_MS, return_inverse=True)
    first, second = np.bincount(day, weights=own), np.bincount(day, weights=mirrored)
    means = random_means(first.astype(np.float64), second.astype(np.float64), traders=traders, seed=seed)
    return Chance(sums_r=means * len(first), trades=np.full(traders, count))


def mirrors(leg: Leg) -> FloatArray:
    """R of every trade of a leg, had it been taken on the other side; 0 where that would not have filled."""
    shapes, bars = _shapes(leg), leg.columns.signal_bars(leg.strategy.timeframe)
    atr = _atr_ticks(leg, bars)
    rows = _signal_rows(leg)
    orders, targets, lots = _placed(leg, bars, atr, shapes, np.arange(len(rows)), rows, flip=True)
    results = np.empty(len(rows))
    _Bench(leg).alone(orders, targets, lots, results)
    return np.where(results == chance_kernel.LOST, 0.0, results)


class _Bench:
    """A leg's assumptions as the kernel reads them, and room to work in."""

    def __init__(self, leg: Leg) -> None:
        result = leg.result
        costs, columns = result.costs, leg.columns
        settlements = columns.settlements(costs.settlements if costs.on("funding") else ())
        fractions = np.array([int(fraction * 1_000_000) for fraction in leg.strategy.exits.fractions], np.int64)
        path = columns.path(result.finer)
        self._given = (result.rules, fractions, columns.tape, path.fine, path.first, settlements)
        room = tables.blank(tables.PART, len(fractions) + 2 + len(settlements))
        self._room = (tables.record(tables.COUNTS), tables.blank(tables.TRADE, 1), room)

    def apart(
        self, orders: Any, targets: IntArray, lots: IntArray, taken: IntArray, results: FloatArray, ends: IntArray
    ) -> None:
        """See `chance_kernel.apart`."""
        given = (*self._given, orders, targets, lots, TRIES, *self._room, taken, results, ends)
        compiled(chance_kernel.apart)(*given)

    def alone(self, orders: Any, targets: IntArray, lots: IntArray, results: FloatArray) -> None:
        """See `chance_kernel.alone`."""
        compiled(chance_kernel.alone)(*self._given, orders, targets, lots, *self._room, results)


def _atr_ticks(leg: Leg, bars: Bars) -> FloatArray:
    return readings.atr(bars, ATR_BARS) / float(leg.market.tick)


def _close_ticks(leg: Leg, bars: Bars) -> FloatArray:
    return np.rint(bars.close / float(leg.market.tick))


def _signal_rows(leg: Leg) -> IntArray:
    """Position among the strategy's bars of the decision of each trade."""
    book = leg.result.book
    return book.setups.rows[book.places[leg.result.trades["order"]]].astype(np.int64)


def _shapes(leg: Leg) -> _Shapes:
    result = leg.result
    trades, book = result.trades, result.book
    orders, targets = book.orders[trades["order"]], book.targets[trades["order"]]
    bars, rows = leg.columns.signal_bars(leg.strategy.timeframe), _signal_rows(leg)
    atr, close = _atr_ticks(leg, bars)[rows], _close_ticks(leg, bars)[rows]
    side, entry = orders["side"], orders["entry"]
    return _Shapes(
        side=side,
        behind=(close - entry) * side / atr,
        stop=np.abs(entry - orders["stop"]) / atr,
        targets=np.abs(targets - entry[:, None]) / atr[:, None],
        trail=np.where(orders["trail"] > 0, orders["trail"] / atr, -1.0),
        risk=trades["lots"] * np.abs(entry - orders["stop"]).astype(np.float64),
    )


def _candidates(leg: Leg, bars: Bars, atr: FloatArray) -> IntArray:
    """Bars that can be entered at: they closed inside the range, a candle follows, and their range is known."""
    closed = bars.close_ms
    inside = (closed > leg.start_ms) & (closed < leg.columns.close_ms[-1])
    return np.flatnonzero(inside & np.isfinite(atr) & (atr > 0))


def _placed(
    leg: Leg, bars: Bars, atr: FloatArray, shapes: _Shapes, who: IntArray, rows: IntArray, *, flip: bool = False
) -> tuple[Any, IntArray, IntArray]:
    """Orders with the shapes of the trades `who` at the bars `rows`; their targets in ticks, and their lots."""
    unit, close = atr[rows], _close_ticks(leg, bars)[rows]
    side = -shapes.side[who] if flip else shapes.side[who]
    start = close - side * shapes.behind[who] * unit
    entry = np.where(side > 0, np.floor(start), np.ceil(start)).astype(np.int64)
    risk = np.maximum(np.ceil(shapes.stop[who] * unit), 1.0).astype(np.int64)
    goals = np.floor(shapes.targets[who] * unit[:, None]).astype(np.int64)
    targets = entry[:, None] + side[:, None] * goals
    orders = tables.blank(tables.ORDER, len(who))
    closed = bars.close_ms[rows]
    at = np.searchsorted(leg.columns.close_ms, closed)
    orders["row"], orders["at_ms"] = at, leg.columns.close_ms[at]
    orders["expires_ms"] = tables.NEVER
    if leg.strategy.exits.expires_bars is not None:
        length_ms = TIMEFRAME_MS[bars.timeframe]
        orders["expires_ms"] = bars.open_ms[rows] + (1 + leg.strategy.exits.expires_bars) * length_ms
    orders["side"], orders["entry"], orders["stop"] = side, entry, entry - side * risk
    trail = np.maximum(np.ceil(shapes.trail[who] * unit), 1.0).astype(np.int64)
    orders["trail"] = np.where(shapes.trail[who] > 0, trail, tables.NONE)
    orders["confidence"], orders["share"] = 0, 1_000_000
    ordered = (goals[:, 0] > 0) & (np.diff(goals, axis=1) > 0).all(axis=1)
    sound = ordered & (entry > 0) & (orders["stop"] > 0) & (targets > 0).all(axis=1)
    orders["state"] = np.where(sound, tables.SOUND, tables.COARSE)
    most = int(leg.result.rules.lots_max)
    lots = np.clip(np.rint(shapes.risk[who] / risk), 1, most).astype(np.int64)
    return orders, targets, lots
