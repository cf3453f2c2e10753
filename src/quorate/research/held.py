"""Portfolios that decide nothing: bought at the beginning and held, at the same costs of trading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from quorate.kernel.bars import FloatArray, IntArray
from quorate.research.conventions import RunCosts
from quorate.research.materials import Materials
from quorate.research.result import Curve
from quorate.research.spans import Span

PPM = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCosts:
    """What buying and selling at market costs, as shares of the value, by pair."""

    by_pair: dict[str, float]

    @classmethod
    def of(cls, materials: Materials, costs: RunCosts) -> HeldCosts:
        """Taker fee, half the spread and constant slippage; each where it is on."""
        shared = costs.rates.taker_fee_ppm * costs.on("fees") + costs.rates.slippage_ppm * costs.on("slippage")
        half = {pair: market.spread_ppm // 2 * costs.on("spread") for pair, market in materials.markets.items()}
        return cls(by_pair={pair: (shared + spread) / PPM for pair, spread in half.items()})


def held_curve(materials: Materials, costs: HeldCosts, *, start: float, rebalanced: Literal["never", "daily"]) -> Curve:
    """Worth at the end of every UTC day of equal parts of all pairs, bought with `start` at the first open of each.

    A pair that begins later waits in cash. Everything is sold at the last close. `daily`: the parts are made equal
    again at the end of every day, and what that trades is paid for.
    """
    pairs = materials.pairs
    days = Span(materials.start_ms, materials.end_ms).days()
    worth_of_one = np.array([_worth_of_one(materials, pair, days) for pair in pairs])
    costs_of = np.array([costs.by_pair[pair] for pair in pairs])[:, None]
    if rebalanced == "daily" and len(pairs) > 1:
        total = _rebalanced(worth_of_one, costs_of[:, 0])
    else:
        begun = np.array([_begun(materials, pair, days) for pair in pairs])
        total = np.where(begun, worth_of_one * (1.0 - costs_of), 1.0).mean(axis=0)
    total[-1] *= 1.0 - float(costs_of.mean())
    return Curve(np.concatenate(([materials.start_ms], days)), np.concatenate(([start], start * total)))


def _begun(materials: Materials, pair: str, days: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    first = materials.first_row(pair)
    columns = materials.columns[pair]
    if first >= len(columns):
        return np.zeros(len(days), np.bool_)
    return days >= columns.close_ms[first]


def _worth_of_one(materials: Materials, pair: str, days: IntArray) -> FloatArray:
    """What one unit of money in a pair has become at each day's end, before costs; 1 until the pair begins."""
    columns, first = materials.columns[pair], materials.first_row(pair)
    if first >= len(columns):
        return np.ones(len(days))
    rows = np.searchsorted(columns.close_ms, days, side="right") - 1
    paid = float(columns.bars.open[first])
    return np.where(rows >= first, columns.bars.close[np.maximum(rows, 0)] / paid, 1.0)


def _rebalanced(worth_of_one: FloatArray, costs_of: FloatArray) -> FloatArray:
    """Total worth of one unit of money in equal parts that are made equal again every day."""
    count, days = worth_of_one.shape
    parts = np.full(count, 1.0 / count) * (1.0 - costs_of)
    before, total = np.ones(count), np.empty(days)
    for day in range(days):
        parts = parts * worth_of_one[:, day] / before
        before = worth_of_one[:, day]
        aim = parts.sum() / count
        # Paid from the whole: the parts stay equal.
        paid = float((np.abs(parts - aim) * costs_of).sum())
        total[day] = parts.sum()
        parts = np.full(count, aim - paid / count)
    return total
