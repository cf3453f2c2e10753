"""The hours of the synthetic market: each day's path for every coin, with jumps, bursts of volatility and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quorate.feeds.simulation.bridges import bridge, burst_between, extremes
from quorate.feeds.simulation.chance import Purpose, stream
from quorate.feeds.simulation.climate import REVERSION, SWING, Chain, Days
from quorate.feeds.simulation.coins import Coin
from quorate.kernel.bars import FloatArray

HOURS = 24
BLOCK_DAYS = 16
"""Days whose hours share one stream of draws."""
EXTREMES_SHARE = 0.9
"""Part of an hour's volatility that its extremes are drawn with: the rest is in where it ends."""
BURST_SIZE = 0.25
JUMP_CHANCE = 0.01
"""Probability of a jump of one coin in one hour."""
JUMP_SIZE = 0.9
"""Scale of a jump, in the coin's daily volatility."""
VOLUME_BURST = 1.1
"""How strongly turnover follows volatility."""
_CLOCK = np.arange(HOURS)
SEASON = 1 + 0.35 * np.cos((_CLOCK - 15) / HOURS * 2 * np.pi) + 0.1 * np.cos((_CLOCK - 8) / 12 * 2 * np.pi)
"""Volatility by the hour of the day (UTC): busiest in the afternoon, quiet before dawn."""


@dataclass(frozen=True, slots=True, eq=False)
class HourGrid:
    """Hours of consecutive days: arrays are (coins, days, 24), those of the factor (days, 24). Prices are logarithms
    of price over anchor."""

    first: int
    factor_sigma: FloatArray
    factor_path: FloatArray
    """The factor's running return since midnight, at each hour's end."""
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    own_sigma: FloatArray
    jump: FloatArray
    """Log size of a jump in the hour; 0 for none."""
    turnover: FloatArray
    """USDT."""


def hour_grid(chain: Chain, coins: Sequence[Coin], first: int, stop: int) -> HourGrid:
    """The hours of `coins` on the days `first` up to, not including, `stop`."""
    days = chain.days(first, stop)
    places = np.array([chain.place_of(coin) for coin in coins])
    factor_noise = _draws(chain.seed, None, first, stop)
    burst = burst_between(factor_noise[:, 1], days.burst[:-1], days.burst[1:], BURST_SIZE)
    factor_sigma = _shared_out(SEASON * np.exp(burst), days.factor_volatility)
    factor_path = bridge(factor_noise[:, 0] * factor_sigma, factor_sigma**2, days.factor)

    noise = np.stack([_draws(chain.seed, coin, first, stop) for coin in coins])
    level = days.level.T[places]
    coin_burst = days.coin_burst.T[places]
    own_burst = burst_between(noise[:, :, 1], coin_burst[:, :-1], coin_burst[:, 1:], BURST_SIZE)
    own_volatility = days.own_volatility.T[places]
    own_sigma = _shared_out(SEASON * np.exp(own_burst), own_volatility)
    jump = _jumps(noise, own_volatility)
    own_path = bridge(noise[:, :, 0] * own_sigma + jump, own_sigma**2, days.own.T[places])

    betas = np.array([coin.beta for coin in coins])[:, None, None]
    daily = np.sqrt((betas[..., 0] * days.factor_volatility) ** 2 + own_volatility**2)
    begin = level[:, :-1, None]
    fade = (_CLOCK + 1) / HOURS
    close = begin + betas * factor_path + own_path + _waves(noise, days, daily) - REVERSION * begin * fade
    close[..., -1] = level[:, 1:]
    open_ = np.concatenate((begin, close[..., :-1]), axis=-1)
    sigma = EXTREMES_SHARE * np.sqrt((betas * factor_sigma) ** 2 + own_sigma**2)
    high, low = extremes(open_, close, sigma, noise[:, :, 2], noise[:, :, 3])
    base = np.array([coin.turnover for coin in coins])[:, None, None] / HOURS
    excitement = VOLUME_BURST * (burst + own_burst) / 2 + 0.3 * noise[:, :, 4] + 6 * np.abs(close - open_)
    turnover = base * SEASON * np.exp(excitement - 0.2)
    return HourGrid(first, factor_sigma, factor_path, open_, high, low, close, own_sigma, jump, turnover)


def _draws(seed: int, coin: Coin | None, first: int, stop: int) -> FloatArray:
    """(days, 7, 24): normal path, normal burst, two uniforms, normal volume, uniform jump, uniform odds and ends."""
    purpose = Purpose.MARKET_HOURS if coin is None else Purpose.COIN_HOURS
    parts: list[FloatArray] = []
    for block in range(first // BLOCK_DAYS, (stop - 1) // BLOCK_DAYS + 1):
        chance = stream(seed, purpose, place=0 if coin is None else coin.place, block=block)
        normal = chance.standard_normal((BLOCK_DAYS, 3, HOURS))
        uniform = chance.random((BLOCK_DAYS, 4, HOURS))
        parts.append(np.concatenate((normal[:, :2], uniform[:, :2], normal[:, 2:], uniform[:, 2:]), axis=1))
    start = first % BLOCK_DAYS
    return np.concatenate(parts)[start : start + stop - first]


def _shared_out(weights: FloatArray, volatility: FloatArray) -> FloatArray:
    """Hourly standard deviations in proportion to `weights` whose squares add up to the day's variance."""
    return weights * (volatility / np.sqrt(np.sum(weights**2, axis=-1)))[..., None]


def _jumps(noise: FloatArray, volatility: FloatArray) -> FloatArray:
    chance, size = noise[:, :, 5], noise[:, :, 6]
    # A Laplace draw by inversion; half of the uniform's range goes up, half down.
    laplace = np.sign(size - 0.5) * -np.log1p(-2 * np.abs(size - 0.5))
    return np.where(chance < JUMP_CHANCE, JUMP_SIZE * volatility[..., None] * laplace, 0.0)


def _waves(noise: FloatArray, days: Days, daily: FloatArray) -> FloatArray:
    """Two to five full waves a day, strong on days of range and chop; zero at midnight."""
    pick = noise[:, :, 6, :2]
    turns = 2 + np.floor(pick[..., :1] * 4)
    side = np.where(pick[..., 1:] < 0.5, -1.0, 1.0)
    height = (SWING[days.climate] * daily)[..., None]
    return side * height * np.sin(2 * np.pi * turns * (_CLOCK + 1) / HOURS) / 2
