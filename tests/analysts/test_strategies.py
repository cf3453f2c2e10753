"""Promises that every strategy keeps: no look-ahead, nothing lost by asking for less, prices in order."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.bar_reaction import BarReaction, BarReactionParameters
from quorate.analysts.base import Hasty, Setups, Strategy, evaluate, last_setup, setup_at
from quorate.analysts.registry import STRATEGIES, StrategyClass
from quorate.domain.policy import Costs
from quorate.domain.votes import Side
from quorate.kernel.indicators import round10
from tests.analysts.synthetic import MARKET, wild_bars
from tests.examples import tried

ALL = [
    *(cls() for cls in STRATEGIES.values()),
    BarReaction(parameters=BarReactionParameters(mode="revert", move_from="previous_close", fade=True, fade_bps=20.0)),
]
every_strategy = pytest.mark.parametrize("strategy", ALL, ids=lambda s: f"{s.name}-{ALL.index(s)}")


def values(setups: Setups, row: int) -> list[float] | None:
    """Everything that was said about one bar, as far as decisions see it."""
    place = np.flatnonzero(setups.rows == row)
    if len(place) == 0:
        return None
    columns = [setups.confidence, setups.entry, setups.stop, *setups.targets, *setups.measures.values()]
    columns += [column for column in (setups.trail, setups.size) if column is not None]
    return [float(setups.side[place[0]]), *round10(np.array([column[place[0]] for column in columns])).tolist()]


@every_strategy
@tried(8)
@given(seed=st.integers(0, 2**32), cut=st.integers(100, 999))
def test_setups_on_a_prefix_are_those_of_the_whole(strategy: Strategy, seed: int, cut: int):
    bars = wild_bars(seed, 1_000, timeframe=strategy.timeframe)
    whole, prefix = evaluate(strategy, bars, MARKET), evaluate(strategy, bars.between(0, cut), MARKET)
    assert prefix.rows.tolist() == whole.rows[whole.rows < cut].tolist()
    for row in prefix.rows.tolist():
        assert values(prefix, row) == values(whole, row)


@every_strategy
@tried(8)
@given(seed=st.integers(0, 2**32), since=st.integers(0, 600))
def test_asking_for_the_newest_bars_only_loses_none_of_them(strategy: Strategy, seed: int, since: int):
    bars = wild_bars(seed, 600, timeframe=strategy.timeframe)
    whole, part = evaluate(strategy, bars, MARKET), evaluate(strategy, bars.tail(600), MARKET, since=since)
    assert part.rows.tolist() == whole.rows[whole.rows >= since].tolist()
    for row in part.rows.tolist():
        assert values(part, row) == values(whole, row)


@every_strategy
@tried(8)
@given(seed=st.integers(0, 2**32))
def test_every_setup_is_exact_and_stands_in_order_on_the_markets_ticks(strategy: Strategy, seed: int):
    bars = wild_bars(seed, 800, timeframe=strategy.timeframe)
    setups = evaluate(strategy, bars, MARKET)
    for place in range(len(setups)):
        setup = setup_at(strategy, bars, MARKET, setups, place)
        if setup is None:
            continue
        sign = setup.side.sign
        line = [setup.plan.stop, setup.entry, *(target.price for target in setup.plan.targets)]
        assert all(price % MARKET.tick == 0 for price in line)
        assert all((later - earlier) * sign > 0 for earlier, later in itertools.pairwise(line))
        assert 0 <= setup.confidence <= 1
        assert setup.plan.targets[-1].fraction == 1
        # Risk is never understated and reward never overstated by rounding to ticks.
        risk = abs(float(setup.entry - setup.plan.stop))
        assert risk >= abs(setups.entry[place] - setups.stop[place]) * (1 - 1e-9)
        reward = abs(float(setup.plan.targets[0].price - setup.entry))
        assert reward <= abs(setups.targets[0][place] - setups.entry[place]) * (1 + 1e-9)
        assert setup.side in {Side.LONG, Side.SHORT}
        assert "nan" not in setup.reason


@every_strategy
def test_every_strategy_speaks_both_ways_on_a_wild_market(strategy: Strategy):
    sides = {
        int(side)
        for seed in range(6)
        for side in evaluate(strategy, wild_bars(seed, 1_000, timeframe=strategy.timeframe), MARKET).side
    }
    assert sides == {1, -1}


@every_strategy
@tried(6)
@given(seed=st.integers(0, 2**32))
def test_the_cheap_check_never_loses_a_setup_and_the_last_row_is_the_live_one(strategy: Strategy, seed: int):
    bars = wild_bars(seed, 400, timeframe=strategy.timeframe)
    found = set(evaluate(strategy, bars, MARKET).rows.tolist())
    for end in range(200, 401, 3):
        window = bars.between(0, end)
        live = last_setup(strategy, window, MARKET)
        assert (live is not None) == (end - 1 in found)
        if isinstance(strategy, Hasty) and live is not None:
            assert strategy.quick(window, MARKET)


@every_strategy
@pytest.mark.parametrize("length", [0, 1, 5, 20, 21, 60])
def test_too_little_history_says_nothing(strategy: Strategy, length: int):
    bars = wild_bars(1, length, timeframe=strategy.timeframe)
    assert (evaluate(strategy, bars, MARKET).rows >= strategy.warm_up - 1).all()
    if length < strategy.warm_up:
        assert last_setup(strategy, bars, MARKET) is None


@every_strategy
def test_a_market_that_costs_more_than_the_first_target_gives_no_setup(strategy: Strategy):
    dear: StrategyClass = STRATEGIES[strategy.name]
    costly = dear(parameters=strategy.parameters, costs=Costs(taker_fee_ppm=400_000))
    assert len(evaluate(costly, wild_bars(3, 1_000, timeframe=strategy.timeframe), MARKET)) == 0


@every_strategy
@pytest.mark.parametrize("volume", [0.0, 5_000.0])
def test_a_market_that_stands_still_gives_no_setup(strategy: Strategy, volume: float):
    bars = wild_bars(1, 400, timeframe=strategy.timeframe)
    still = np.full(400, 150.0)
    flat = type(bars)(bars.pair, bars.timeframe, bars.open_ms, still, still, still, still, np.full(400, volume))
    assert len(evaluate(strategy, flat, MARKET)) == 0
