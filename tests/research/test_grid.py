"""A sweep says of every point what a run of its own says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.analysts.classics.trend import Trend, TrendParameters
from quorate.domain.market import Market
from quorate.kernel.statistics import max_drawdown
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run
from quorate.research.grid import MEMO_MAX, Point, grid, over_grid
from tests.analysts.synthetic import wild_bars

MARKET = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)


def breakout(point: Point) -> Breakout:
    return Breakout(parameters=BreakoutParameters(timeframe="5m", **point))  # pyright: ignore[reportArgumentType]


def test_a_grid_is_every_combination() -> None:
    assert [tuple(point.values()) for point in grid(a=(1, 2), b="xy")] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_every_point_comes_to_what_its_own_run_comes_to() -> None:
    columns = Columns.of(wild_bars(4, 4_000), MARKET)
    found = over_grid(breakout, grid(channel=(10, 20), stop_atr=(1.0, 2.0)), columns, MARKET)
    for point, tally, pnl in zip(found.points, found.tallies, found.pnl, strict=True):
        alone = run(breakout(point), Columns.of(columns.bars, MARKET), MARKET)
        assert tally.trades == len(alone.trades) > 20
        assert pnl == pytest.approx(alone.pnl.sum())
        assert tally.wins == (alone.pnl > 0).sum()
        assert tally.won - tally.lost == tally.pnl
        assert tally.fees == alone.trades["fees"].sum()
        assert tally.sum_r == pytest.approx(alone.r.sum())
        assert tally.sum_r2 == pytest.approx((alone.r**2).sum())
        assert tally.drawdown == pytest.approx(max_drawdown(worth(alone)))
    assert found.mean_r == pytest.approx(found.tallies["sum_r"] / found.tallies["trades"])


def worth(result: CompiledResult) -> np.ndarray:
    return np.concatenate(([10_000.0], 10_000.0 + np.cumsum(result.pnl)))


def test_points_without_trades_have_no_mean() -> None:
    columns = Columns.of(wild_bars(4, 60), MARKET)
    assert np.isnan(over_grid(breakout, grid(channel=(20,)), columns, MARKET).mean_r).all()


def test_a_long_sweep_lets_go_of_indicators_nobody_needs_again() -> None:
    columns = Columns.of(wild_bars(4, 600), MARKET)
    seen: list[int] = []

    def make(point: Point) -> Trend:
        seen.append(len(columns.bars.memo))
        period = int(str(point["fast"]))
        parameters = replace(TrendParameters(timeframe="5m"), fast=period, slow=period + 100)
        return Trend(parameters=parameters)

    over_grid(make, grid(fast=range(2, 102)), columns, MARKET)
    assert max(seen) <= MEMO_MAX + 10
