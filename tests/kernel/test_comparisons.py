"""How sure a mean is, and what luck makes of the same trades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.kernel import comparisons
from quorate.kernel.statistics import mean_interval

RESULTS = st.lists(st.floats(-3, 3), min_size=1, max_size=60)


def days(count, per_day=1):
    return np.repeat(np.arange(count, dtype=np.int64), per_day)


def test_the_interval_holds_the_mean_and_is_always_the_same():
    values = np.random.default_rng(1).normal(0.3, 1.0, 200)
    found = comparisons.daily_mean(values, days(40, 5), seed=7)
    assert found == comparisons.daily_mean(values, days(40, 5), seed=7)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(values.mean())


def test_trades_of_one_day_count_as_one_observation():
    """Fifty trades a day that all end alike say no more than one: the interval must not shrink by their number."""
    daily = np.random.default_rng(2).normal(0.0, 1.0, 40)
    alone = comparisons.daily_mean(daily, days(40), seed=7)
    crowd = comparisons.daily_mean(np.repeat(daily, 50), days(40, 50), seed=7)
    assert (crowd.low, crowd.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
    naive = mean_interval(np.repeat(daily, 50), generator=np.random.default_rng(7))
    assert crowd.high - crowd.low > 1.3 * (naive.high - naive.low)


def test_too_few_days_have_a_mean_and_no_interval():
    found = comparisons.daily_mean(np.ones(400), days(4, 100), seed=7)
    assert found.value == 1.0
    assert np.isnan(found.low)
    assert np.isnan(comparisons.daily_mean(np.empty(0), days(0), seed=7).value)


def test_what_a_day_did_to_both_cancels_in_a_difference():
    market = np.random.default_rng(3).normal(0.0, 5.0, 60)
    found = comparisons.daily_difference(market + 0.2, days(60), market, days(60), seed=7)
    assert (found.value, found.low, found.high) == (pytest.approx(0.2), pytest.approx(0.2), pytest.approx(0.2))
    alone = comparisons.daily_mean(market + 0.2, days(60), seed=7)
    assert alone.low < 0 < alone.high


def test_the_interval_of_a_true_mean_covers_it_about_as_often_as_it_says():
    """300 worlds of 60 days with 5 trades each that share their day: 95 % is promised, 88 % is the least we bear."""
    source, covered = np.random.default_rng(4), 0
    for _ in range(300):
        values = np.repeat(source.normal(0.0, 1.0, 60), 5) + source.normal(0.0, 0.5, 300)
        found = comparisons.daily_mean(values, days(60, 5), seed=7)
        covered += found.low <= 0 <= found.high
    assert covered >= 264


@given(RESULTS, st.integers(1, 300))
def test_random_traders_lie_between_the_worst_and_the_best_choices(results, traders):
    first, second = np.array(results), -np.array(results)
    means = comparisons.random_means(first, second, traders=traders, seed=7)
    assert len(means) == traders
    assert np.all(np.diff(means) >= 0)
    assert means[0] >= np.minimum(first, second).mean() - 1e-9
    assert means[-1] <= np.maximum(first, second).mean() + 1e-9


def test_random_traders_earn_the_mean_of_both_sides():
    source = np.random.default_rng(5)
    first, second = source.normal(0.4, 1.0, 500), source.normal(-0.5, 1.0, 500)
    means = comparisons.random_means(first, second, traders=1_000, seed=7)
    assert means.mean() == pytest.approx((first.mean() + second.mean()) / 2, abs=0.005)
    assert means.std() == pytest.approx(np.sqrt(np.mean((first - second) ** 2) / 4 / 500), rel=0.1)


def test_nobody_tosses_a_coin_without_trades():
    nothing = np.empty(0)
    assert len(comparisons.random_means(nothing, nothing, traders=10, seed=7)) == 0
