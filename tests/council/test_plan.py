"""How a council's trade ends: its targets in R, its break-even, its trail, everything on the tick."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.council.consensus import Verdict
from quorate.council.plan import CouncilExits, exit_plan
from quorate.domain.signals import Tier
from quorate.domain.votes import Side, Target, Vote
from tests.council.ballots import BTC, D, flat, long, short


def verdict(side: Side = Side.LONG, *, entry: str = "100", stop: str = "98", target: str = "105") -> Verdict:
    """A verdict with R = 2 unless told otherwise."""
    return Verdict(
        pair="BTC/USDT",
        side=side,
        tier=Tier.GOLD,
        confidence=D("0.7"),
        entry=D(entry),
        stop=D(stop),
        target=D(target),
        agreeing=("a",),
        dissenting=(),
        votes=(),
    )


def test_a_third_at_1_r_half_of_the_rest_at_2_r_and_all_at_the_target() -> None:
    plan = exit_plan(verdict(), market=BTC, atr=D("1.5"))
    assert plan.targets == (Target(D(102), D("0.33")), Target(D(104), D("0.5")), Target(D(105), D(1)))
    assert (plan.stop, plan.break_even_target, plan.trail_target) == (98, 1, 2)
    assert plan.trail_distance == D("2.2")
    assert (plan.break_even_r, plan.trail_r, plan.expires_ms) == (None, None, None)


@pytest.mark.parametrize("target", ["103", "104"])
def test_a_target_that_is_not_beyond_2_r_makes_way_for_3_r(target: str) -> None:
    assert exit_plan(verdict(target=target), market=BTC, atr=None).targets[-1] == Target(D(106), D(1))


def test_a_short_is_the_mirror_image() -> None:
    plan = exit_plan(verdict(Side.SHORT, stop="102", target="95"), market=BTC, atr=None)
    assert [target.price for target in plan.targets] == [98, 96, 95]
    assert plan.stop == 102


@pytest.mark.parametrize("atr", [None, D(0), D(-1), D("NaN"), D("Infinity")])
def test_without_a_sensible_atr_nothing_trails(atr: Decimal | None) -> None:
    assert exit_plan(verdict(), market=BTC, atr=atr).trail_distance is None


def test_a_trail_is_one_tick_at_least() -> None:
    assert exit_plan(verdict(), market=BTC, atr=D("0.0001")).trail_distance == D("0.1")


def test_targets_of_a_short_under_zero_are_left_out_and_the_last_takes_all() -> None:
    wide = verdict(Side.SHORT, entry="100", stop="140", target="30")
    assert exit_plan(wide, market=BTC, atr=None).targets == (Target(D(60), D("0.33")), Target(D(20), D(1)))
    wider = verdict(Side.SHORT, entry="100", stop="200", target="30")
    assert exit_plan(wider, market=BTC, atr=None).targets == (Target(D(30), D(1)),)


def test_a_single_vote_is_put_on_the_tick() -> None:
    vote = long("a", entry="100.04", stop="98.05", target="104.19")
    plan = exit_plan(vote, market=BTC, atr=None, expires_ms=7)
    assert plan.stop == D("98.0")
    assert [target.price for target in plan.targets] == [D("102.0"), D("104.0"), D("104.1")]
    assert plan.expires_ms == 7
    assert exit_plan(short("a", stop="102.01"), market=BTC, atr=None).stop == D("102.1")


def test_a_stop_is_a_tick_from_its_entry_at_least() -> None:
    plan = exit_plan(long("a", entry="100.04", stop="100.01", target="101"), market=BTC, atr=None)
    assert (plan.stop, plan.targets[0].price) == (D("99.9"), D("100.1"))


@pytest.mark.parametrize("vote", [flat("a"), long("a", stop="101"), long("a", stop=None), long("a", target=None)])
def test_a_vote_that_does_not_count_has_no_exit_plan(vote: Vote) -> None:
    with pytest.raises(AssertionError):
        exit_plan(vote, market=BTC, atr=None)


def test_the_numbers_of_the_plan_are_arguments() -> None:
    plan = exit_plan(verdict(), market=BTC, atr=D(1), exits=CouncilExits(second_r=3, last_r=4, trail_atr=D(3)))
    assert ([target.price for target in plan.targets], plan.trail_distance) == ([102, 106, 108], 3)


@given(
    side=st.sampled_from([Side.LONG, Side.SHORT]),
    entry=st.integers(500, 10**6),
    risk=st.integers(1, 400),
    reward=st.integers(1, 499),
    tick=st.sampled_from([D("0.1"), D("0.05"), D("0.3")]),
)
def test_targets_stand_in_order_on_the_tick_and_close_everything(
    side: Side, entry: int, risk: int, reward: int, tick: Decimal
) -> None:
    call = replace(
        verdict(side),
        entry=entry * tick,
        stop=(entry - side.sign * risk) * tick,
        target=(entry + side.sign * reward) * tick,
    )
    plan = exit_plan(call, market=replace(BTC, tick=tick), atr=D(1))
    ways = [(target.price - call.entry) * side.sign for target in plan.targets]
    assert ways == sorted(set(ways))
    assert min(ways) > 0
    assert all(target.price % tick == 0 and target.price > 0 for target in plan.targets)
    assert [target.fraction for target in plan.targets][-1] == 1
    assert all(0 < target.fraction < 1 for target in plan.targets[:-1])
    assert plan.stop == call.stop
