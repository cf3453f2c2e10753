"""How much of the best of many tries is luck: against published examples, closed forms and a plain second opinion."""

from __future__ import annotations

from itertools import combinations
from math import inf, isnan, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.research.figures import BLOCKS, Shape, ranking, shape_of
from quorate.research.luck import (
    best_of_normals,
    deflated_sharpe,
    overfitting,
    probabilistic_sharpe,
)
from tests.research.studied import day_walk

NORMAL = NormalDist()


def shape(days: int, ratio: float, *, skewness: float = 0.0, kurtosis: float = 3.0) -> Shape:
    return Shape(days=days, daily_sharpe=ratio, skewness=skewness, kurtosis=kurtosis, blocks=((0, 0.0, 0.0),) * BLOCKS)


def test_the_papers_own_example_of_a_deflated_sharpe_ratio() -> None:
    # Bailey and Lopez de Prado, The Deflated Sharpe Ratio, 2014: an annual ratio of 2.5 over five years of 250 days,
    # skewness -3, kurtosis 10, the best of 100 tries whose annual ratios vary by 1/2.
    chosen = shape(1_250, 2.5 / sqrt(250), skewness=-3, kurtosis=10)
    bar = sqrt(0.5 / 250) * best_of_normals(100)
    assert bar == pytest.approx(0.1132, abs=5e-5)
    assert probabilistic_sharpe(chosen, bar) == pytest.approx(0.9004, abs=5e-5)
    # Had there been 46 tries, it would have stood at the usual 95 %.
    assert probabilistic_sharpe(chosen, sqrt(0.5 / 250) * best_of_normals(46)) == pytest.approx(0.9505, abs=1e-4)


def test_the_bar_is_the_spread_of_the_tries_times_the_best_of_normals() -> None:
    others = [0.05, -0.02, 0.01, 0.03]
    found = deflated_sharpe(shape(400, 0.08), others, 9)
    assert found is not None
    assert found.expected_best == pytest.approx(np.std(others, ddof=1) * best_of_normals(9))
    assert found.luck == pytest.approx(
        1 - NORMAL.cdf((0.08 - found.expected_best) * sqrt(399) / sqrt(1 + 0.5 * 0.0064))
    )
    assert found.tries == 9


def test_the_same_points_tell_the_same_to_the_last_bit_in_whatever_order_they_were_done() -> None:
    dice = np.random.default_rng(5)
    others = dice.normal(0, 0.1, 75)
    told = {deflated_sharpe(shape(400, 0.08), list(dice.permutation(others)), 75) for _ in range(20)}
    assert len(told) == 1


def test_one_try_is_held_against_zero() -> None:
    found = deflated_sharpe(shape(400, 0.08), [0.08], 1)
    assert found is not None
    assert found.expected_best == 0.0
    assert found.probability == probabilistic_sharpe(shape(400, 0.08), 0.0)


@pytest.mark.parametrize("tries", [10, 100, 1_000])
def test_the_best_of_normals_is_what_it_is_drawn_to_be(tries: int) -> None:
    dice = np.random.default_rng(tries)
    drawn = dice.normal(size=(20_000_000 // tries // 10, tries)).max(axis=1).mean()
    assert best_of_normals(tries) == pytest.approx(drawn, rel=0.03)


@given(st.integers(1, 10**6))
def test_more_tries_raise_the_bar(tries: int) -> None:
    assert best_of_normals(tries + 1) >= best_of_normals(tries) >= 0


def test_too_few_days_say_nothing() -> None:
    assert deflated_sharpe(shape(29, 0.3), [0.1, 0.2], 2) is None
    assert isnan(probabilistic_sharpe(shape(100, 1.0, skewness=9.0, kurtosis=1.0), 0.0))


def test_without_skill_the_deflated_ratio_is_seldom_high() -> None:
    high = 0
    for seed in range(60):
        shapes = [shape_of(day_walk(300, seed=seed * 1_000 + place), 1_000.0) for place in range(40)]
        known = [one for one in shapes if one is not None]
        best = max(known, key=lambda one: one.daily_sharpe)
        found = deflated_sharpe(best, [one.daily_sharpe for one in known], 40)
        assert found is not None
        high += found.probability > 0.95
    # 5 % if the tries' own spread were known; a walk that is really skilled gets there.
    assert high <= 8
    skilled = shape_of(day_walk(300, seed=1, mean=0.006), 1_000.0)
    assert skilled is not None
    others = [one.daily_sharpe for place in range(39) if (one := shape_of(day_walk(300, seed=place), 1_000.0))]
    found = deflated_sharpe(skilled, [*others, skilled.daily_sharpe], 40)
    assert found is not None
    assert found.probability > 0.95


def by_hand(returns: np.ndarray) -> tuple[float, float, int]:
    """Probability of overfitting, of loss, and the number of splits: the plain way, from the days themselves."""
    parts = np.array_split(np.arange(returns.shape[1]), BLOCKS)
    below, lost, splits = 0, 0, 0
    for chosen in combinations(range(BLOCKS), BLOCKS // 2):
        inside = np.zeros(returns.shape[1], np.bool_)
        for block in chosen:
            inside[parts[block]] = True
        first, second = (returns[:, rows] for rows in (inside, ~inside))
        best = int(np.argmax(first.mean(axis=1) / first.std(axis=1)))
        ratios = second.mean(axis=1) / second.std(axis=1)
        rank = 1 + (ratios < ratios[best]).sum()
        below += rank / (len(returns) + 1) <= 0.5
        lost += ratios[best] <= 0
        splits += 1
    return below / splits, lost / splits, splits


@pytest.mark.parametrize(("seed", "skill"), [(1, 0.0), (2, 0.001)])
def test_overfitting_is_what_a_plain_count_over_the_days_says(seed: int, skill: float) -> None:
    dice = np.random.default_rng(seed)
    returns = dice.normal(0, 0.01, (12, 16 * 6)) + skill * np.arange(12)[:, None] / 12
    shapes = [shape_of(1_000 * np.cumprod(1 + row), 1_000.0) for row in returns]
    found = overfitting([one for one in shapes if one is not None])
    assert found is not None
    probability, loss, splits = by_hand(returns)
    assert (found.splits, found.points, found.blocks) == (splits, 12, BLOCKS) == (12_870, 12, 16)
    assert found.probability == pytest.approx(probability, abs=2e-4)
    assert found.loss == pytest.approx(loss, abs=2e-4)


def test_a_point_that_is_always_best_is_no_overfitting() -> None:
    dice = np.random.default_rng(3)
    noise = dice.normal(0, 0.01, (20, 320))
    noise[7] += 0.02
    found = overfitting([s for row in noise if (s := shape_of(1_000 * np.cumprod(1 + row), 1_000.0))])
    assert found is not None
    assert (found.probability, found.loss) == (0.0, 0.0)


def test_what_one_half_gains_the_other_loses_is_overfitting_alone() -> None:
    # Every point has the same sum over all days: whoever is best in one half is worst in the other.
    dice = np.random.default_rng(3)
    noise = dice.normal(0, 0.01, (20, 320))
    noise -= noise.mean(axis=1, keepdims=True)
    found = overfitting([s for row in noise if (s := shape_of(1_000 * np.cumprod(1 + row), 1_000.0))])
    assert found is not None
    assert found.probability > 0.95
    assert found.loss == 1.0


def test_overfitting_needs_points_and_days() -> None:
    walks = [shape_of(day_walk(320, seed=seed), 1_000.0) for seed in range(10)]
    known = [one for one in walks if one is not None]
    assert overfitting(known) is not None
    assert overfitting(known[:9]) is None
    short = [s for seed in range(10) if (s := shape_of(day_walk(79, seed=seed), 1_000.0))]
    assert overfitting(short) is None


def test_a_shape_is_the_moments_of_its_days() -> None:
    worth = day_walk(200, seed=11)
    returns = np.diff(np.concatenate(([1_000.0], worth))) / np.concatenate(([1_000.0], worth[:-1]))
    found = shape_of(worth, 1_000.0)
    assert found is not None
    centred = (returns - returns.mean()) / returns.std()
    assert found.daily_sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert found.skewness == pytest.approx((centred**3).mean())
    assert found.kurtosis == pytest.approx((centred**4).mean())
    assert sum(count for count, _, _ in found.blocks) == found.days == 200
    assert sum(total for _, total, _ in found.blocks) == pytest.approx(returns.sum())
    assert sum(square for _, _, square in found.blocks) == pytest.approx((returns**2).sum())


def test_what_does_not_vary_or_is_lost_has_no_shape() -> None:
    assert shape_of(np.full(40, 1_000.0), 1_000.0) is None
    assert shape_of(np.array([1_100.0]), 1_000.0) is None
    assert shape_of(np.array([500.0, -10.0, 20.0]), 1_000.0) is None


values = st.sampled_from([float("nan"), -inf, -1.0, 0.0, 2.0, 2.0, inf])


@given(st.lists(values, max_size=9), st.randoms())
def test_a_ranking_shows_no_order_of_arrival(found: list[float], dice) -> None:
    texts = [f"point {place}" for place in range(len(found))]
    order = [texts[place] for place in ranking(found, texts)]
    shuffled = list(zip(found, texts, strict=True))
    dice.shuffle(shuffled)
    again = ranking([value for value, _ in shuffled], [text for _, text in shuffled])
    assert [shuffled[place][1] for place in again] == order
    told = [found[texts.index(text)] for text in order]
    known = [value for value in told if not isnan(value)]
    assert known == sorted(known, reverse=True)
    assert all(isnan(value) for value in told[len(known) :])
