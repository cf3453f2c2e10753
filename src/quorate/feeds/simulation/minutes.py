"""The minutes of the synthetic market: each hour's path in sixty steps that keep the hour's candle exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quorate.feeds.simulation.bridges import bridge, extremes, portions, stretch
from quorate.feeds.simulation.chance import Purpose, stream
from quorate.feeds.simulation.coins import Coin
from quorate.feeds.simulation.hours import EXTREMES_SHARE, HOURS, HourGrid
from quorate.kernel.bars import FloatArray

MINUTES = 60
PER_DAY = HOURS * MINUTES
GUST_MINUTES = 10
"""Bursts of volatility within an hour last about this long."""
GUST_SIZE = 0.45
HEAVY_TAIL = 0.45
"""Width of each minute's own log volatility: it makes the tails of returns heavy."""
JUMP_WEIGHT = 30.0
"""How much of an hour's correction its jump minute takes, in an average minute's variance."""


@dataclass(frozen=True, slots=True, eq=False)
class MinuteGrid:
    """Minutes of one day: arrays are (coins, 24, 60), prices as in `HourGrid`, `weight` the minute's part of volume."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    weight: FloatArray


def minute_grid(seed: int, coins: Sequence[Coin], grid: HourGrid, day: int) -> MinuteGrid:
    """The minutes of `coins` on day number `day`, which `grid` must hold."""
    at = day - grid.first
    shape = (HOURS, MINUTES)
    factor_normal, factor_gust, _ = _draws(seed, None, day)
    factor_sigma = _shared_out(factor_gust.reshape(shape), grid.factor_sigma[at])
    ends = grid.factor_path[at]
    begins = np.concatenate(([0.0], ends[:-1]))
    factor = begins[:, None] + bridge(factor_normal.reshape(shape) * factor_sigma, factor_sigma**2, ends - begins)

    drawn = [_draws(seed, coin, day) for coin in coins]
    normal = np.stack([one[0] for one in drawn]).reshape(-1, *shape)
    gust = np.stack([one[1] for one in drawn]).reshape(-1, *shape)
    uniform = np.stack([one[2] for one in drawn]).reshape(-1, 3, *shape)
    open_h, close_h = grid.open[:, at], grid.close[:, at]
    betas = np.array([coin.beta for coin in coins])[:, None, None]
    own_sigma = _shared_out(gust, grid.own_sigma[:, at])
    weights = own_sigma**2 + _spikes(own_sigma, grid.jump[:, at], uniform[:, 2])
    own_move = close_h - open_h - betas[..., 0] * (ends - begins)
    own = bridge(normal * own_sigma, weights, own_move)
    close = open_h[..., None] + betas * (factor - begins[:, None]) + own
    close[..., -1] = close_h
    open_ = np.concatenate((open_h[..., None], close[..., :-1]), axis=-1)
    sigma = EXTREMES_SHARE * np.sqrt((betas * factor_sigma) ** 2 + own_sigma**2)
    high, low = extremes(open_, close, sigma, uniform[:, 0], uniform[:, 1])
    fitted = _fitted(open_, high, low, close, grid.high[:, at], grid.low[:, at])
    weight = own_sigma * np.exp(0.5 * np.abs(normal)) + 1e-12
    return MinuteGrid(*fitted, weight)


def _draws(seed: int, coin: Coin | None, day: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Normal steps, volatility gusts, and three rows of uniforms for every minute of a day."""
    purpose = Purpose.MARKET_MINUTES if coin is None else Purpose.COIN_MINUTES
    chance = stream(seed, purpose, place=0 if coin is None else coin.place, block=day)
    knots = chance.standard_normal(PER_DAY // GUST_MINUTES + 1)
    minutes = np.arange(PER_DAY) / GUST_MINUTES
    gusts = GUST_SIZE * np.interp(minutes, np.arange(len(knots)), knots)
    gust = np.exp(gusts + HEAVY_TAIL * chance.standard_normal(PER_DAY))
    return chance.standard_normal(PER_DAY), gust, chance.random((3, PER_DAY))


def _shared_out(weights: FloatArray, sigma: FloatArray) -> FloatArray:
    return weights * (sigma / np.sqrt(np.sum(weights**2, axis=-1)))[..., None]


def _spikes(sigma: FloatArray, jump: FloatArray, uniform: FloatArray) -> FloatArray:
    """Extra weight at the one minute in which an hour's jump happens: the first draw of the hour says which."""
    minute = jump_minute(uniform[..., 0])
    mean = np.mean(sigma**2, axis=-1)
    extra = np.where(jump != 0, JUMP_WEIGHT * mean, 0.0)
    return extra[..., None] * (np.arange(MINUTES) == minute[..., None])


def jump_minute(uniform: FloatArray) -> FloatArray:
    """The minute of the hour that a uniform draw picks."""
    return np.floor(uniform * MINUTES)


def _fitted(
    open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray, top: FloatArray, bottom: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The same minutes, bent where they leave the hour's body so that their extremes are exactly the hour's."""
    begin, end = open_[..., 0].copy(), close[..., -1].copy()
    inner_top, inner_bottom = np.maximum(begin, end), np.minimum(begin, end)
    reached_top, reached_bottom = high.max(axis=-1), low.min(axis=-1)

    def fit(values: FloatArray) -> FloatArray:
        values = stretch(values, inner_top, reached_top, top)
        return np.clip(stretch(values, inner_bottom, reached_bottom, bottom), bottom[..., None], top[..., None])

    new_high, new_low = fit(high), fit(low)
    np.put_along_axis(new_high, high.argmax(axis=-1)[..., None], top[..., None], axis=-1)
    np.put_along_axis(new_low, low.argmin(axis=-1)[..., None], bottom[..., None], axis=-1)
    return fit(open_), new_high, new_low, fit(close)


def minute_counts(hour_counts: FloatArray, weight: FloatArray) -> FloatArray:
    """Volume quanta of every minute; each hour's add up to the hour's exactly."""
    return portions(hour_counts, weight)
