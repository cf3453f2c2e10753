"""What luck would have made of it: random traders are alike in all but the moment, and seldom beat what has skill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.domain.policy import Costs
from quorate.kernel.bars import Bars
from quorate.kernel.statistics import max_drawdown
from quorate.research import backtesting
from quorate.research.backtesting import TOTAL, backtest_legs
from quorate.research.baselines import chance_baselines, held_baselines, own_r, percent_beaten
from quorate.research.chance import mirrors, random_entries, tossed_sides
from quorate.research.columns import Columns
from quorate.research.conventions import RunCosts
from quorate.research.held import HeldCosts, held_curve
from quorate.research.legs import Leg
from quorate.research.materials import Materials
from quorate.research.resampling import (
    VALUES_MIN,
    automatic_block,
    daily_returns,
    daily_worth,
    interval,
    intervals,
    other_orders,
)
from quorate.research.result import Curve
from quorate.research.spans import DAY_MS, Terms
from tests.research.made_backtests import made_backtest
from tests.research.studied import ETH, FREE, IDEAL, SOL, START_MS, materials

BREAKOUT = Breakout(parameters=BreakoutParameters(timeframe="5m"), costs=FREE)


def quiet(about: str, done: int, total: int) -> None:
    assert 0 <= done < total, about


def traded(what: Materials, costs: RunCosts = IDEAL) -> backtesting.Tested:
    return backtest_legs([BREAKOUT], what, Terms(costs=costs), monotonic=lambda: 0.0, step=quiet)


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=9_000, markets=(SOL, ETH))


@pytest.fixture(scope="module")
def run(candles: Materials) -> backtesting.Tested:
    return traded(candles)


def test_random_traders_are_as_many_as_asked_and_the_same_every_time(run: backtesting.Tested) -> None:
    first, second = (random_entries(run.legs, traders=30) for _ in range(2))
    assert len(first.mean_r) == 30
    assert (first.mean_r == second.mean_r).all()
    assert (random_entries(run.legs, traders=30, seed=1).mean_r != first.mean_r).any()
    assert (random_entries(run.legs, traders=12).mean_r == first.mean_r[:12]).all()


def test_random_traders_make_about_as_many_trades(run: backtesting.Tested) -> None:
    chance = random_entries(run.legs, traders=40)
    made = len(run.backtest.trades)
    assert made > 200
    assert (chance.trades <= made).all()
    assert np.median(chance.trades) > 0.97 * made


def driftless(count: int) -> Materials:
    """Candles of a walk that has no direction anywhere."""
    dice = np.random.default_rng(8)
    close = 150.0 * np.exp(np.cumsum(dice.normal(0, 0.002, count)))
    opened = np.concatenate(([150.0], close[:-1]))
    top, bottom = np.maximum(opened, close) * 1.0004, np.minimum(opened, close) * 0.9996
    open_ms = START_MS + np.arange(count, dtype=np.int64) * 300_000
    bars = Bars(SOL.pair, "5m", open_ms, opened, top, bottom, close, np.full(count, 1e5)).on_ticks(SOL.tick)
    end_ms = START_MS + count * 300_000
    columns = {SOL.pair: Columns.of(bars, SOL)}
    return Materials(columns=columns, markets={SOL.pair: SOL}, start_ms=START_MS, end_ms=end_ms, source="made up")


def test_random_traders_of_a_driftless_market_earn_nothing_before_costs() -> None:
    """On a walk without drift at no cost luck is centred on zero, and on minus the costs where they are paid."""
    free = traded(driftless(20_000))
    means = random_entries(free.legs, traders=200).mean_r
    assert abs(float(np.mean(means))) < 0.05
    paid = traded(free.materials, RunCosts(rates=Costs(taker_fee_ppm=2_000, slippage_ppm=0)).without("spread"))
    dear = random_entries(paid.legs, traders=200).mean_r
    assert float(np.mean(dear)) < float(np.mean(means)) - 0.1


def leg_of(what: Materials, pair: str) -> Leg:
    return next(leg for leg in traded(what.only(pair)).legs)


def test_a_mirrored_trade_mirrored_again_is_the_trade(candles: Materials) -> None:
    """With free trading and a market turned upside down, the mirror of a trade is its twin there."""
    leg = leg_of(candles, SOL.pair)
    found = mirrors(leg)
    own = leg.result.r
    assert len(found) == len(own)
    # Where the stop was hit outright, the other side did not lose as well but in the wildest candles.
    both = (own <= -0.99) & (found <= -0.99)
    assert both.mean() < 0.2
    assert found[own < -0.9].mean() > 0.3


def test_coin_tossers_lie_between_all_own_and_all_mirrored(run: backtesting.Tested) -> None:
    chance = tossed_sides(run.legs, traders=500)
    own = np.concatenate([leg.result.r for leg in run.legs])
    other = np.concatenate([mirrors(leg) for leg in run.legs])
    assert (chance.trades == len(own)).all()
    centre = (own.mean() + other.mean()) / 2
    assert float(chance.mean_r.mean()) == pytest.approx(centre, abs=4 * float(chance.mean_r.std()) / sqrt(500))


def test_nobody_trades_where_the_strategy_did_not(candles: Materials) -> None:
    silent = replace(candles, start_ms=candles.end_ms - 300_000)
    none = traded(silent)
    assert none.backtest.trades == ()
    assert np.isnan(random_entries(none.legs, traders=5).mean_r).all()
    assert np.isnan(tossed_sides(none.legs, traders=5).mean_r).all()


def test_percent_beaten_counts_equals_half_and_leaves_out_what_cannot_be_told() -> None:
    assert percent_beaten(1.0, np.array([0.0, 1.0, 2.0, np.nan])) == pytest.approx(50.0)
    assert percent_beaten(3.0, np.array([0.0, 1.0])) == 100.0
    assert np.isnan(percent_beaten(np.nan, np.array([0.0])))


def test_baselines_say_what_they_measured(run: backtesting.Tested) -> None:
    found = {each.name: each for each in chance_baselines(run, traders=50)}
    assert set(found) == {"random_entry:breakout", "tossed_sides:breakout"}
    random = found["random_entry:breakout"]
    assert random.value == pytest.approx(own_r(run.legs).mean())
    assert len(random.distribution) == 50
    assert list(random.distribution) == sorted(random.distribution)
    assert ("Beats luck" in random.sentence) == ((random.percentile or 0) >= 95.0)
    held = {each.name: each for each in held_baselines(run, IDEAL)}
    assert set(held) == {"buy_and_hold", "equal_weight_daily", "buy_and_hold_sharpe"}


def test_buying_and_holding_is_the_market_less_its_costs(candles: Materials) -> None:
    one = candles.only(SOL.pair)
    bars, first = one.columns[SOL.pair].bars, one.first_row(SOL.pair)
    change = bars.close[-1] / bars.open[first]
    free = held_curve(one, HeldCosts.of(one, IDEAL), start=1_000.0, rebalanced="never")
    assert free.equity[-1] == pytest.approx(1_000.0 * change)
    costs = RunCosts()
    rate = (costs.rates.taker_fee_ppm + costs.rates.slippage_ppm + SOL.spread_ppm // 2) / 1e6
    paid = held_curve(one, HeldCosts.of(one, costs), start=1_000.0, rebalanced="never")
    assert paid.equity[-1] == pytest.approx(1_000.0 * change * (1 - rate) ** 2)


def test_parts_made_equal_every_day_earn_the_mean_of_the_days(candles: Materials) -> None:
    free = held_curve(candles, HeldCosts.of(candles, IDEAL), start=1_000.0, rebalanced="daily")
    days = free.at_ms[1:]
    closes = []
    for pair, columns in candles.columns.items():
        rows = np.searchsorted(columns.close_ms, days, side="right") - 1
        first = columns.bars.open[candles.first_row(pair)]
        closes.append(np.concatenate(([first], columns.bars.close[rows])))
    daily = np.mean([close[1:] / close[:-1] for close in closes], axis=0)
    assert free.equity == pytest.approx(1_000.0 * np.concatenate(([1.0], np.cumprod(daily))))
    dear = held_curve(candles, HeldCosts.of(candles, RunCosts()), start=1_000.0, rebalanced="daily")
    assert dear.equity[-1] < free.equity[-1]


def test_a_pair_that_begins_later_waits_in_cash(candles: Materials) -> None:
    late = candles.columns[ETH.pair]
    count = 4_000
    cut = replace(late, bars=late.bars.between(count, len(late)), tape=late.tape[count:], first=late.first[:-count])
    both = replace(candles, columns={**candles.columns, ETH.pair: cut})
    found = held_curve(both, HeldCosts.of(both, IDEAL), start=1_000.0, rebalanced="never")
    alone = held_curve(candles.only(SOL.pair), HeldCosts.of(candles, IDEAL), start=1_000.0, rebalanced="never")
    before = found.at_ms <= cut.close_ms[0]
    assert found.equity[before] == pytest.approx((alone.equity[before] + 1_000.0) / 2)


def test_the_block_length_follows_the_memory_of_the_series() -> None:
    dice = np.random.default_rng(5)
    noise = dice.normal(size=2_000)
    slow = np.empty(2_000)
    slow[0] = noise[0]
    for place in range(1, 2_000):
        slow[place] = 0.8 * slow[place - 1] + noise[place]
    assert automatic_block(noise) < 6
    # Politis and White: for an AR(1) of 0.8 and 2,000 values about (2 * 0.8 / (1 - 0.64))^(2/3) * 2000^(1/3).
    assert automatic_block(slow) == pytest.approx((2 * 0.8 / 0.36) ** (2 / 3) * 2_000 ** (1 / 3), rel=0.5)
    assert automatic_block(np.zeros(100)) == 1.0
    assert automatic_block(noise[: VALUES_MIN - 1]) == 1.0


def test_an_interval_of_independent_values_is_the_normal_one() -> None:
    values = np.random.default_rng(6).normal(0.3, 1.0, 1_000)
    low, high = interval(values, lambda draws: draws.mean(axis=1))
    assert low == pytest.approx(values.mean() - 1.96 * values.std() / sqrt(1_000), abs=0.015)
    assert high == pytest.approx(values.mean() + 1.96 * values.std() / sqrt(1_000), abs=0.015)


def test_intervals_hold_their_figures_and_need_values(run: backtesting.Tested) -> None:
    curve = run.backtest.curves[TOTAL]
    found = {each.name: each for each in intervals(run.backtest, curve)}
    r = np.array([float(trade.r) for trade in run.backtest.trades])
    assert found["expectancy_r"].low is not None and found["expectancy_r"].high is not None  # noqa: PT018
    assert found["expectancy_r"].low < r.mean() < found["expectancy_r"].high
    few = replace(run.backtest, trades=run.backtest.trades[:10])
    short = {each.name: each for each in intervals(few, curve)}
    assert np.isnan(short["expectancy_r"].low or 0.0)
    assert "Too few" in short["expectancy_r"].method


def test_another_order_ends_where_this_one_does_and_falls_as_far_as_luck_wants() -> None:
    backtest = made_backtest(trades=120)
    found = other_orders(backtest, runs=400)
    assert found is not None
    assert found.step == "trade"
    ends = {name: band[-1] for name, band in found.bands.items()}
    assert len({round(end, 6) for end in ends.values()}) == 1
    assert found.max_drawdown["5"] <= found.max_drawdown["50"] <= found.max_drawdown["95"]
    assert other_orders(replace(backtest, trades=backtest.trades[: VALUES_MIN - 1])) is None
    many = other_orders(made_backtest(trades=1_500), runs=50)
    assert many is not None
    assert many.step == "day"


@given(st.lists(st.floats(-0.05, 0.05), min_size=2, max_size=40), st.integers(0, DAY_MS - 1))
def test_days_of_a_curve_are_cut_at_midnight_and_at_its_end(steps: list[float], begin: int) -> None:
    equity = 1_000.0 * np.cumprod(np.array([1.0, *(1 + step for step in steps)], np.float64)).astype(np.float64)
    at_ms = START_MS + begin + np.arange(len(equity), dtype=np.int64) * DAY_MS // 3
    curve = Curve(at_ms, equity)
    worth = daily_worth(curve)
    assert worth[0] == equity[0]
    assert worth[-1] == equity[-1]
    assert np.prod(1.0 + daily_returns(curve)) == pytest.approx(equity[-1] / equity[0])
    assert max_drawdown(worth) <= max_drawdown(equity) + 1e-12


def test_a_curve_that_lost_everything_has_no_returns() -> None:
    assert len(daily_returns(Curve(np.array([0, DAY_MS, 2 * DAY_MS]), np.array([10.0, -1.0, 5.0])))) == 0
    assert Decimal(1) > 0
