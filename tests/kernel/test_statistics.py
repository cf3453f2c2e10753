"""Figures of merit by their definitions, on numbers one can check by hand."""

import numpy as np
import pytest

from quorate.kernel import statistics

NAN = float("nan")


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def test_sharpe_and_sortino_are_annualised_on_365_days():
    returns = array(0.01, -0.02, 0.03, 0.0)
    days = 365.0
    assert statistics.sharpe(returns, periods_a_year=days) == pytest.approx(
        returns.mean() / returns.std(ddof=1) * 365**0.5
    )
    assert statistics.sortino(returns, periods_a_year=days) == pytest.approx(0.005 / 0.01 * 365**0.5)


def test_what_cannot_be_told_is_nan_and_never_a_number():
    for returns in (array(), array(0.1), array(0.1, 0.1)):
        assert np.isnan(statistics.sharpe(returns, periods_a_year=365.0))
        assert np.isnan(statistics.sqn(returns))
    assert np.isnan(statistics.sortino(array(0.1, 0.2), periods_a_year=365.0))
    assert np.isnan(statistics.win_rate(array()))
    assert np.isnan(statistics.expectancy(array()))
    assert np.isnan(statistics.profit_factor(array()))
    assert np.isnan(statistics.mean_interval(array(), generator=np.random.default_rng(1)).value)


def test_drawdown_is_the_deepest_fall_from_a_peak_so_far():
    assert statistics.max_drawdown(array(100, 120, 90, 130, 117)) == pytest.approx(0.25)
    assert statistics.max_drawdown(array(1, 2, 3)) == 0.0
    assert statistics.max_drawdown(array()) == 0.0


def test_results_in_r():
    results = array(2.0, -1.0, -1.0, 3.0)
    assert statistics.profit_factor(results) == 2.5
    assert statistics.profit_factor(array(1.0)) == float("inf")
    assert statistics.win_rate(results) == 0.5
    assert statistics.expectancy(results) == 0.75
    assert statistics.sqn(results) == pytest.approx(0.75 / results.std(ddof=1) * 2)


def test_returns_are_simple():
    assert statistics.simple_returns(array(100, 110, 99)).tolist() == pytest.approx([0.1, -0.1])


def test_an_interval_is_repeatable_and_holds_the_truth():
    values = np.random.default_rng(11).normal(0.3, 1.0, 400)
    first = statistics.mean_interval(values, generator=np.random.default_rng(5))
    again = statistics.mean_interval(values, generator=np.random.default_rng(5))
    assert first == again
    assert first.low < 0.3 < first.high
    assert first.low < first.value < first.high
    assert first.high - first.low == pytest.approx(2 * 1.96 / 20, rel=0.2)


def test_blocks_keep_neighbours_together():
    rows = statistics.stationary_indices(50, 200, mean_block=5.0, generator=np.random.default_rng(1))
    assert rows.shape == (200, 50)
    assert rows.min() >= 0
    assert rows.max() < 50
    together = np.mean((np.diff(rows, axis=1) % 50) == 1)
    assert together == pytest.approx(0.8, abs=0.03)


def test_the_sharpe_difference_of_one_series_with_itself_is_nothing():
    returns = np.random.default_rng(2).normal(0.001, 0.02, 300)
    same = statistics.sharpe_difference(returns, returns, periods_a_year=365.0, generator=np.random.default_rng(1))
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    better = statistics.sharpe_difference(
        returns + 0.01, returns, periods_a_year=365.0, generator=np.random.default_rng(1)
    )
    assert 0 < better.low < better.value < better.high
    unknown = statistics.sharpe_difference(
        array(0, 0), array(0, 1), periods_a_year=365.0, generator=np.random.default_rng(1)
    )
    assert np.isnan(unknown.value)
