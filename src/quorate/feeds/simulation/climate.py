"""The daily chain of the synthetic market: its regime, its common factor, and where every coin stands at midnight.

Levels pull back to an anchor with a half-life of a month, so that a BTC is worth a BTC's price in any year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from quorate.feeds.simulation.chance import Purpose, stream
from quorate.feeds.simulation.coins import Coin, all_coins
from quorate.kernel.bars import FloatArray, IntArray

ORIGIN_MS = 1_577_836_800_000
"""2020-01-01 00:00 UTC: the chain begins here."""
DAY_MS = 86_400_000
BLOCK_DAYS = 64
FACTOR_VOLATILITY = 0.024
"""Daily volatility of the common factor in a quiet trend."""
REVERSION = 0.022
"""Share of a coin's distance from its anchor that is pulled back each day."""
DISTANCE_MAX = 1.1
"""Bound of a coin's distance from its anchor, as a logarithm (a factor of three)."""
VOLATILITY_MEMORY = 0.88
VOLATILITY_OF_VOLATILITY = 0.19
BURST_MEMORY_SD = 0.35
TREND_MEMORY = 0.8
TREND_SD = 0.35


class Climate(IntEnum):
    """What kind of day the whole market has."""

    TREND_UP = 0
    TREND_DOWN = 1
    RANGE = 2
    CHOP = 3
    CRASH = 4


DRIFT = np.array([0.013, -0.012, 0.0, 0.0, -0.075])
"""The factor's expected return of a day, by climate."""
AGITATION = np.array([0.9, 1.15, 0.6, 1.15, 2.6])
"""Multiplier of every volatility, by climate."""
SWING = np.array([0.06, 0.06, 0.32, 0.42, 0.05])
"""Height of the waves within a day, in that day's volatility, by climate."""
TRANSITIONS = np.array(
    [
        [0.86, 0.02, 0.06, 0.05, 0.01],
        [0.04, 0.82, 0.06, 0.06, 0.02],
        [0.06, 0.04, 0.82, 0.07, 0.01],
        [0.06, 0.06, 0.06, 0.80, 0.02],
        [0.10, 0.35, 0.10, 0.30, 0.15],
    ]
)
"""From today's climate (row) to tomorrow's (column)."""
_CUMULATED: FloatArray = np.cumsum(TRANSITIONS, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Consecutive days. Arrays have one entry for each day, then one for each coin in the order of `all_coins`."""

    first: int
    climate: IntArray
    factor: FloatArray
    """The factor's return of the day."""
    factor_volatility: FloatArray
    burst: FloatArray
    """Log of the volatility's burst at the day's beginning; one entry more than days."""
    level: FloatArray
    """Log distance from the anchor at the day's beginning; one row more than days."""
    own: FloatArray
    """The part of the day's return that is the coin's own."""
    own_volatility: FloatArray
    coin_burst: FloatArray
    """As `burst`, for each coin."""


@dataclass(slots=True)
class _State:
    climate: int
    factor_log_volatility: float
    own_log_volatility: FloatArray
    own_trend: FloatArray
    level: FloatArray


@dataclass(slots=True)
class Chain:
    """The days since the origin, computed when first asked for and kept: a few kilobytes a month."""

    seed: int
    _blocks: list[Days] = field(default_factory=list[Days])
    _state: _State | None = None

    def days(self, first: int, stop: int) -> Days:
        """The days numbered `first` up to, not including, `stop`, counted from the origin."""
        assert 0 <= first < stop, "the market begins at its origin"
        while len(self._blocks) * BLOCK_DAYS < stop:
            self._extend()
        blocks = self._blocks[first // BLOCK_DAYS : (stop - 1) // BLOCK_DAYS + 1]
        start = first % BLOCK_DAYS
        count = stop - first

        def cut(name: str, extra: int = 0) -> FloatArray:
            # Arrays of boundaries overlap by one row from block to block.
            parts = [getattr(block, name)[:BLOCK_DAYS] for block in blocks]
            parts.append(getattr(blocks[-1], name)[BLOCK_DAYS:])
            return np.concatenate(parts)[start : start + count + extra]

        return Days(
            first,
            cut("climate").astype(np.int64),
            cut("factor"),
            cut("factor_volatility"),
            cut("burst", 1),
            cut("level", 1),
            cut("own"),
            cut("own_volatility"),
            cut("coin_burst", 1),
        )

    def place_of(self, coin: Coin) -> int:
        """Which column of a day's arrays is the coin's."""
        return all_coins().index(coin)

    def _extend(self) -> None:
        number = len(self._blocks)
        coins = all_coins()
        if self._state is None:
            zeros = np.zeros(len(coins))
            self._state = _State(int(Climate.RANGE), 0.0, zeros, zeros, zeros)
        block, self._state = _block_of_days(self.seed, number, self._state)
        self._blocks.append(block)


def _block_of_days(seed: int, number: int, state: _State) -> tuple[Days, _State]:
    coins = all_coins()
    here, after = (_bursts(seed, number + ahead) for ahead in (0, 1))
    market = stream(seed, Purpose.CLIMATE, block=number)
    uniform, shocks = market.random(BLOCK_DAYS), market.standard_normal((BLOCK_DAYS, 2))
    own_shocks = np.stack(
        [stream(seed, Purpose.CLIMATE, place=c.place + 1, block=number).standard_normal((BLOCK_DAYS, 3)) for c in coins]
    )
    betas = np.array([coin.beta for coin in coins])
    sizes = np.array([coin.own_volatility for coin in coins])
    climate = np.zeros(BLOCK_DAYS, np.int64)
    factor, factor_volatility = np.zeros(BLOCK_DAYS), np.zeros(BLOCK_DAYS)
    level = np.zeros((BLOCK_DAYS + 1, len(coins)))
    own, own_volatility = np.zeros((BLOCK_DAYS, len(coins))), np.zeros((BLOCK_DAYS, len(coins)))
    level[0] = state.level
    now, f_log, o_log, trend = state.climate, state.factor_log_volatility, state.own_log_volatility, state.own_trend
    for day in range(BLOCK_DAYS):
        now = min(int(np.sum(_CUMULATED[now] <= uniform[day])), int(Climate.CRASH))
        climate[day] = now
        f_log = VOLATILITY_MEMORY * f_log + VOLATILITY_OF_VOLATILITY * shocks[day, 0]
        o_log = VOLATILITY_MEMORY * o_log + VOLATILITY_OF_VOLATILITY * own_shocks[:, day, 0]
        trend = TREND_MEMORY * trend + TREND_SD * own_shocks[:, day, 1]
        factor_volatility[day] = FACTOR_VOLATILITY * AGITATION[now] * np.exp(f_log)
        own_volatility[day] = sizes * AGITATION[now] * np.exp(o_log)
        factor[day] = DRIFT[now] + factor_volatility[day] * shocks[day, 1]
        own[day] = own_volatility[day] * (own_shocks[:, day, 2] + trend)
        pulled = level[day] * (1 - REVERSION) + betas * factor[day] + own[day]
        level[day + 1] = np.clip(pulled, -DISTANCE_MAX, DISTANCE_MAX)
    days = Days(
        number * BLOCK_DAYS,
        climate,
        factor,
        factor_volatility,
        np.append(here[:, 0], after[0, 0]),
        level,
        own,
        own_volatility,
        np.concatenate((here[:, 1:], after[:1, 1:])),
    )
    return days, _State(now, f_log, o_log, trend, level[-1])


def _bursts(seed: int, number: int) -> FloatArray:
    """Log volatility bursts at the beginnings of a block's days: the market's, then each coin's (half of it shared)."""
    market = stream(seed, Purpose.CLIMATE, place=100, block=number).standard_normal(BLOCK_DAYS)
    own = [
        stream(seed, Purpose.CLIMATE, place=101 + c.place, block=number).standard_normal(BLOCK_DAYS)
        for c in all_coins()
    ]
    coins = np.sqrt(0.5) * (market + np.stack(own))
    return BURST_MEMORY_SD * np.concatenate((market[None], coins)).T
