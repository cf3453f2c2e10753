"""Every figure against a few lines that say the same, worked by hand or from its formula."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from math import isnan, sqrt
from statistics import NormalDist, mean, pstdev, quantiles, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.research import metrics
from quorate.research.findings import Figure
from quorate.research.metrics import figures
from quorate.research.result import Backtest, ClosedTrade, Curve

DAY_MS = 86_400_000
START_MS = 20_089 * DAY_MS
"""A midnight, UTC."""


def trade(opened_h: float, closed_h: float, pnl: str, r: str, **values: object) -> ClosedTrade:
    fields: dict[str, object] = {
        "portfolio": "own",
        "strategy": "own",
        "pair": "AAA/USDT",
        "side": "LONG",
        "opened_ms": START_MS + int(opened_h * 3_600_000),
        "closed_ms": START_MS + int(closed_h * 3_600_000),
        "entry": Decimal(100),
        "exit": Decimal(110),
        "quantity": Decimal(2),
        "pnl": Decimal(pnl),
        "fees": Decimal("0.5"),
        "funding": Decimal("-0.25"),
        "spread_and_slippage": Decimal("0.125"),
        "r": Decimal(r),
        "reason": "stop",
        "bars": 3,
        "regime": "",
    }
    return ClosedTrade(**(fields | values))  # pyright: ignore[reportArgumentType]


def backtest(worth: list[float], trades: tuple[ClosedTrade, ...] = (), **values: object) -> Backtest:
    """Worth at the start and at the end of every day."""
    at_ms = START_MS + np.arange(len(worth)) * DAY_MS
    fields: dict[str, object] = {
        "title": "a test",
        "engine": "compiled",
        "strategies": ("own",),
        "parameters": {},
        "pairs": ("AAA/USDT",),
        "timeframe": "1h",
        "source": "made up",
        "start_ms": int(at_ms[0]),
        "end_ms": int(at_ms[-1]),
        "bars": 24 * len(worth),
        "start_equity": Decimal(str(worth[0])),
        "trades": trades,
        "open_trades": 0,
        "curves": {"total": Curve(at_ms, np.array(worth, np.float64))},
        "costs": {},
        "conventions": {},
        "estimated": (),
    }
    return Backtest(**(fields | values))  # pyright: ignore[reportArgumentType]


def told(found: tuple[Figure, ...]) -> dict[str, float | Decimal | None]:
    return {figure.name: figure.value for figure in found}


def test_a_run_worked_by_hand() -> None:
    trades = (
        trade(1, 4, "30", "1.5"),
        trade(3, 6, "-10", "-0.5", side="SHORT"),
        trade(24, 26, "-20", "-1", pair="BBB/USDT"),
        trade(50, 50, "40", "2"),
    )
    found = told(figures(backtest([1_000, 1_020, 969, 1_040], trades)))
    assert found["total_return"] == pytest.approx(0.04)
    assert found["net_profit"] == pytest.approx(40)
    assert found["cagr"] is None  # three days are no year
    assert found["calmar"] is None
    assert found["max_drawdown"] == pytest.approx(0.05)
    assert found["max_drawdown_days"] == 2
    assert found["longest_drawdown_days"] == 2
    assert found["ulcer_index"] == pytest.approx(sqrt(0.05**2 / 4))
    assert found["trades"] == 4
    assert found["win_rate"] == 0.5
    assert found["profit_factor"] == pytest.approx(70 / 30)
    assert found["expectancy"] == 10
    assert found["expectancy_r"] == 0.5
    assert found["payoff"] == pytest.approx(35 / 15)
    assert (found["best_r"], found["worst_r"]) == (2, -1)
    # 0 to 6 (two that overlap), 23 to 26 and 49 to 50, of 72 hours.
    assert found["exposure"] == pytest.approx(10 / 72)
    # Each trade turns over 2 × 210.
    assert found["turnover"] == pytest.approx(4 * 420 / mean([1_000, 1_020, 969, 1_040]) / (3 / 365))
    assert found["holding_days"] == pytest.approx(3 / 24)
    assert (found["fees"], found["funding"], found["spread_and_slippage"]) == (2, -1, 0.5)


walks = st.lists(st.floats(-0.08, 0.08), min_size=2, max_size=120).map(
    lambda steps: np.cumprod([1_000.0, *(1 + step for step in steps)]).tolist()
)


@given(walks)
def test_figures_of_returns_say_what_their_formulas_say(worth: list[float]) -> None:
    found = told(figures(backtest(worth)))
    returns = [now / before - 1 for before, now in pairwise(worth)]
    if stdev(returns) > 1e-12:
        assert found["sharpe"] == pytest.approx(mean(returns) / stdev(returns) * sqrt(365), rel=1e-6)
        assert found["volatility"] == pytest.approx(stdev(returns) * sqrt(365))
    losses = [min(step, 0.0) for step in returns]
    if any(losses):
        root = sqrt(sum(loss**2 for loss in losses) / len(returns))
        assert found["sortino"] == pytest.approx(mean(returns) / root * sqrt(365), rel=1e-6)
    peak, falls = worth[0], []
    for now in worth:
        peak = max(peak, now)
        falls.append(1 - now / peak)
    assert found["max_drawdown"] == pytest.approx(max(falls), abs=1e-12)
    assert found["ulcer_index"] == pytest.approx(sqrt(sum(fall**2 for fall in falls) / len(falls)), abs=1e-12)
    assert found["total_return"] == pytest.approx(worth[-1] / worth[0] - 1)
    years = len(returns) / 365
    if len(returns) >= 30:
        growth = (worth[-1] / worth[0]) ** (1 / years) - 1
        assert found["cagr"] == pytest.approx(growth)
        assert found["calmar"] == (pytest.approx(growth / max(falls)) if max(falls) > 0 else None)
    else:
        assert found["cagr"] is None


@given(walks)
def test_lengths_of_falls_are_those_of_a_plain_search(worth: list[float]) -> None:
    found = told(figures(backtest(worth)))
    longest, deepest, deepest_length = 0, 0.0, 0
    for begun, peak in enumerate(worth):
        if peak < max(worth[: begun + 1]):
            continue
        ended = next((day for day in range(begun + 1, len(worth)) if worth[day] >= peak), None)
        last = len(worth) - 1 if ended is None else ended
        inside = worth[begun + 1 : last if ended is not None else last + 1]
        if inside:
            longest = max(longest, last - begun)
            if 1 - min(inside) / peak > deepest:
                deepest, deepest_length = 1 - min(inside) / peak, last - begun
    assert found["longest_drawdown_days"] == longest
    assert found["max_drawdown_days"] == deepest_length


def test_the_tail_ratio_weighs_the_best_days_against_the_worst() -> None:
    returns = np.array([-0.05, -0.01, 0.0, 0.01, 0.02, 0.02, 0.03, 0.03, 0.04, 0.1])
    cuts = quantiles(returns.tolist(), n=20, method="inclusive")
    assert metrics.tail_ratio(returns) == pytest.approx(abs(cuts[-1]) / abs(cuts[0]))
    assert isnan(metrics.tail_ratio(np.empty(0)))
    assert isnan(metrics.tail_ratio(np.zeros(5)))


def test_the_probabilistic_sharpe_ratio_is_that_of_the_paper() -> None:
    dice = np.random.default_rng(3)
    returns = dice.normal(0.001, 0.02, 250) + 0.03 * (dice.random(250) < 0.02)
    worth = np.cumprod([1_000.0, *(1 + returns)]).tolist()
    found = told(figures(backtest(worth)))
    ratio = float(returns.mean() / returns.std(ddof=1))
    off = returns - returns.mean()
    skew, kurtosis = (off**3).mean() / pstdev(returns) ** 3, (off**4).mean() / pstdev(returns) ** 4
    error = sqrt((1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2) / 249)
    assert found["probabilistic_sharpe"] == pytest.approx(NormalDist().cdf(ratio / error))


def test_the_deflated_sharpe_ratio_asks_for_more_the_more_was_tried() -> None:
    dice = np.random.default_rng(3)
    worth = np.cumprod([1_000.0, *(1 + dice.normal(0.003, 0.02, 250))]).tolist()
    tries = [1, 2, 10, 1_000]
    deflated = [told(figures(backtest(worth, variants_tried=count)))["deflated_sharpe"] for count in tries]
    assert deflated[0] == told(figures(backtest(worth)))["probabilistic_sharpe"]
    assert deflated == sorted(deflated, reverse=True)  # pyright: ignore[reportArgumentType]
    # The expected best of a thousand without skill: 3.26 standard errors of a Sharpe ratio over 250 days.
    gamma, normal = 0.5772156649, NormalDist()
    best = (1 - gamma) * normal.inv_cdf(1 - 1 / 1_000) + gamma * normal.inv_cdf(1 - 1 / (1_000 * 2.718281828459))
    assert best == pytest.approx(3.26, abs=0.01)
    returns = np.diff(worth) / worth[:-1]
    ratio, off = float(returns.mean() / returns.std(ddof=1)), returns - returns.mean()
    skew, kurtosis = (off**3).mean() / pstdev(returns) ** 3, (off**4).mean() / pstdev(returns) ** 4
    error = sqrt((1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2) / 249)
    assert deflated[3] == pytest.approx(normal.cdf((ratio - best / sqrt(249)) / error))


def test_what_cannot_be_told_has_no_value() -> None:
    found = told(figures(backtest([1_000, 1_000])))
    assert found["total_return"] == 0
    assert found["trades"] == 0
    assert found["max_drawdown"] == 0
    assert found["exposure"] == 0
    for name in ("sharpe", "sortino", "profit_factor", "win_rate", "expectancy", "sqn", "cagr", "deflated_sharpe"):
        assert found[name] is None, name
    wins = told(figures(backtest([1_000, 1_010], (trade(1, 2, "10", "1"),))))
    assert wins["profit_factor"] == float("inf")
    assert wins["payoff"] is None


def test_a_ruined_account_has_no_ratios() -> None:
    found = told(figures(backtest([1_000.0] * 40 + [0.0, 0.0])))
    assert found["total_return"] == -1
    assert found["max_drawdown"] == 1
    assert found["sharpe"] is None
    assert found["deflated_sharpe"] is None


def test_the_curve_of_one_portfolio_is_told_with_its_own_trades() -> None:
    curves = {
        "total": Curve(np.array([START_MS, START_MS + DAY_MS]), np.array([2_000.0, 2_100.0])),
        "own": Curve(np.array([START_MS, START_MS + DAY_MS]), np.array([1_000.0, 1_150.0])),
    }
    trades = (trade(1, 2, "150", "1"), trade(1, 2, "-50", "-1", portfolio="other"))
    run = backtest([2_000, 2_100], trades, curves=curves)
    assert told(figures(run))["trades"] == 2
    assert told(figures(run, curve="own"))["trades"] == 1
    assert told(figures(run, curve="own"))["total_return"] == pytest.approx(0.15)


def test_a_whole_candle_is_the_least_a_trade_is_exposed() -> None:
    run = backtest([1_000, 1_000])
    assert metrics.exposure(run, [trade(1, 1, "1", "1")], DAY_MS) == pytest.approx(1 / 24)
    assert metrics.exposure(run, [trade(24, 24, "1", "1"), trade(24, 24, "1", "1")], DAY_MS) == pytest.approx(1 / 24)
    assert isnan(metrics.exposure(run, [], 0))


def test_every_figure_says_how_it_is_computed_and_from_what() -> None:
    found = figures(backtest([1_000, 1_010], (trade(1, 2, "10", "1"),)))
    assert len({figure.name for figure in found}) == len(found)
    for figure in found:
        assert figure.definition.endswith(".")
        assert figure.basis
        assert figure.group
        assert figure.value is None or not isnan(figure.value)
