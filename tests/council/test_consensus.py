"""When a quorum agrees, what it asks for, and when its verdict is refused."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.council.consensus import Verdict, consensus, quorum, weighted_confidence
from quorate.domain.signals import Tier
from quorate.domain.votes import Side, Vote
from tests.council.ballots import BTC, POLICY, WORLD, D, ballot, flat, long, short


def verdicts(*votes: Vote, panel: tuple[str, ...] = ("a", "b", "c"), **changes: Any) -> tuple[Verdict, ...]:
    """The verdicts on these votes."""
    world: dict[str, Any] = {"weights": {}, **WORLD, **changes}
    return consensus(ballot(*votes, panel=panel), **world)


def only(*votes: Vote, **changes: Any) -> Verdict:
    """The one verdict on these votes."""
    (verdict,) = verdicts(*votes, **changes)
    return verdict


def test_all_of_the_panel_is_gold() -> None:
    verdict = only(long("a"), long("b"), long("c"))
    assert (verdict.tier, verdict.side, verdict.refused) == (Tier.GOLD, Side.LONG, None)
    assert (verdict.agreeing, verdict.dissenting) == (("a", "b", "c"), ())


@pytest.mark.parametrize("third", [flat("c"), flat("c", abstained=True), short("c"), long("c", stop="101")])
def test_two_of_three_are_silver_whatever_the_third_says(third: Vote) -> None:
    verdict = only(long("a"), long("b"), third)
    assert verdict.tier is Tier.SILVER
    assert verdict.agreeing == ("a", "b")
    assert verdict.dissenting == (("c",) if third.side is Side.SHORT else ())
    assert len(verdict.votes) == 3
    assert verdict.refused is None


def test_an_analyst_that_did_not_answer_counts_in_the_panel() -> None:
    assert only(long("a"), long("b")).tier is Tier.SILVER
    assert verdicts(long("a")) == ()


@pytest.mark.parametrize(
    "votes",
    [
        (long("a"), short("b"), flat("c")),
        (flat("a"), flat("b"), flat("c")),
        (flat("a", abstained=True), flat("b", abstained=True), flat("c", abstained=True)),
        (long("a"), long("b", stop="101"), flat("c")),
        (long("a"), long("a"), long("b")),
        (long("a"), long("x"), long("y")),
    ],
)
def test_c30_without_a_quorum_there_is_no_verdict(votes: tuple[Vote, ...]) -> None:
    assert verdicts(*votes) == ()


def test_an_empty_panel_decides_nothing() -> None:
    assert verdicts(panel=()) == ()
    assert verdicts(flat("a"), panel=()) == ()


def test_an_opposite_vote_vetoes_only_where_the_policy_says_so() -> None:
    strict = replace(POLICY, veto_opposite=True)
    assert only(long("a"), long("b"), short("c"), policy=strict).refused == "Vetoed by c."
    assert only(long("a"), long("b"), flat("c"), policy=strict).refused is None


def test_prices_are_plain_means_and_confidence_is_weighted() -> None:
    votes = (
        long("a", entry="100.1", stop="98", target="104", confidence=D("0.9")),
        long("b", entry="100.2", stop="98.5", target="105.1", confidence=D("0.6")),
    )
    verdict = only(*votes, weights={"a": D(2), "b": D("0.25")})
    assert (verdict.entry, verdict.stop, verdict.target) == (D("100.2"), D("98.2"), D("104.5"))
    assert verdict.confidence == D("0.866667")
    assert verdict.reward_risk == D("4.3") / D("2.0")


def test_a_short_rounds_the_other_way() -> None:
    verdict = only(short("a", stop="102.11", target="96.11"), short("b", stop="102.12", target="96.12"))
    assert (verdict.stop, verdict.target) == (D("102.2"), D("96.2"))


def test_means_that_make_no_trade_are_refused_with_the_reason() -> None:
    # Each vote pays 1.2 times its risk; rounded to a coarse tick their means do not.
    coarse = replace(BTC, tick=D(1))
    votes = (long("a", stop="98.5", target="101.8"), long("b", stop="98.5", target="101.8"))
    verdict = only(*votes, markets={"BTC/USDT": coarse})
    assert verdict.refused is not None
    assert verdict.refused.startswith("The means of the votes make no trade: Reward/risk 0.5")


def test_means_whose_risk_vanishes_on_the_tick_are_refused() -> None:
    coarse = replace(BTC, tick=D(100))
    verdict = only(long("a"), long("b"), markets={"BTC/USDT": coarse})
    assert verdict.refused is not None
    coarse = replace(BTC, tick=D(50))
    assert only(long("a", stop="99"), long("b", stop="99"), markets={"BTC/USDT": coarse}).refused is not None
    assert replace(verdict, stop=verdict.entry).reward_risk == 0


def test_verdicts_are_sorted_by_pair_and_stand_for_themselves() -> None:
    ether: dict[str, Any] = {"pair": "ETH/USDT", "entry": "10", "stop": "10.2", "target": "9.6"}
    found = verdicts(short("b", **ether), long("a"), short("a", **ether), long("c"), flat("c", pair="ETH/USDT"))
    assert [(verdict.pair, verdict.side, verdict.tier) for verdict in found] == [
        ("BTC/USDT", Side.LONG, Tier.SILVER),
        ("ETH/USDT", Side.SHORT, Tier.SILVER),
    ]


def test_a_weight_that_is_not_positive_is_a_programming_error() -> None:
    with pytest.raises(AssertionError):
        verdicts(long("a"), long("b"), weights={"a": D(0)})


@given(analysts=st.integers(1, 500))
def test_a_quorum_is_two_thirds_rounded_up_and_more_than_half(analysts: int) -> None:
    needed = quorum(analysts)
    assert Fraction(2 * analysts, 3) <= needed < Fraction(2 * analysts, 3) + 1
    assert analysts < 2 * needed <= 2 * analysts


@given(
    panel=st.integers(1, 12),
    said=st.lists(st.sampled_from(["long", "short", "flat", "abstain"]), min_size=1, max_size=12),
)
def test_a_verdict_needs_a_quorum_of_the_whole_panel(panel: int, said: list[str]) -> None:
    names = tuple(f"m{i:02}" for i in range(panel))
    casts = {"long": long, "short": short, "flat": flat, "abstain": lambda name: flat(name, abstained=True)}
    votes = [casts[word](name) for name, word in zip(names, said, strict=False)]
    cast = said[:panel]
    found = verdicts(*votes, panel=names)
    most, side = max((cast.count("long"), "LONG"), (cast.count("short"), "SHORT"))
    if most * 3 < panel * 2:
        assert found == ()
    else:
        (verdict,) = found
        assert verdict.side == side
        assert len(verdict.agreeing) == most
        assert verdict.tier is (Tier.GOLD if most == panel else Tier.SILVER)


PRICES = st.decimals("98.5", "101.5", places=4)
RISKS = st.decimals("0.5", "5", places=4)
REWARDS_IN_R = st.decimals("1.2", "4", places=2)


@given(
    raw=st.lists(st.tuples(PRICES, RISKS, REWARDS_IN_R, st.decimals(0, 1, places=4)), min_size=2, max_size=3),
    side=st.sampled_from([Side.LONG, Side.SHORT]),
    tick=st.sampled_from([D("0.0001"), D("0.1"), D("0.25"), D("0.3")]),
    weights=st.lists(st.decimals("0.25", 4, places=2), min_size=3, max_size=3),
)
def test_rounding_never_understates_the_risk_nor_overstates_the_reward(
    raw: list[tuple[Decimal, Decimal, Decimal, Decimal]], side: Side, tick: Decimal, weights: list[Decimal]
) -> None:
    votes = [
        Vote(name, "BTC/USDT", side, sure, entry, entry - side.sign * risk, entry + side.sign * risk * reward, "x")
        for name, (entry, risk, reward, sure) in zip("abc", raw, strict=False)
    ]
    verdict = only(
        *votes, markets={"BTC/USDT": replace(BTC, tick=tick)}, weights=dict(zip("abc", weights, strict=True))
    )
    n = len(votes)
    mean_stop = sum(Fraction(vote.stop or 0) for vote in votes) / n
    mean_target = sum(Fraction(vote.target or 0) for vote in votes) / n
    mean_entry = sum(Fraction(vote.entry or 0) for vote in votes) / n
    assert 0 <= (mean_stop - Fraction(verdict.stop)) * side.sign < Fraction(tick)
    assert 0 <= (mean_target - Fraction(verdict.target)) * side.sign < Fraction(tick)
    assert abs(mean_entry - Fraction(verdict.entry)) <= Fraction(tick) / 2
    for price in (verdict.entry, verdict.stop, verdict.target):
        assert price % tick == 0
    sure = [vote.confidence for vote in votes]
    assert min(sure) <= verdict.confidence <= max(sure)
    if verdict.refused is None:
        assert verdict.reward_risk >= POLICY.reward_risk_min
        assert (verdict.entry - verdict.stop) * side.sign > 0


@given(sure=st.lists(st.decimals(0, 1, places=5), min_size=2, max_size=2), more=st.decimals("0.25", 4, places=2))
def test_a_surer_analyst_with_more_weight_never_lowers_the_confidence(sure: list[Decimal], more: Decimal) -> None:
    low, high = sorted(sure)
    votes = [long("a", confidence=low), long("b", confidence=high)]
    even = weighted_confidence(votes, {})
    assert even == ((low + high) / 2).quantize(D("0.000001"), ROUND_HALF_EVEN)
    assert weighted_confidence(votes, {"b": 1 + more}) >= even
