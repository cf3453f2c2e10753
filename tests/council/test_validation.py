"""What counts as a vote, and that what does not becomes an abstention with its reason."""

from decimal import ROUND_HALF_UP, Context, localcontext
from typing import Any

import pytest

from quorate.council.validation import screen, validate
from quorate.domain.votes import Side, Vote
from tests.council.ballots import WORLD, D, ballot, flat, long, short


def test_sound_votes_count() -> None:
    for vote in (long("a"), short("a"), flat("a"), flat("a", abstained=True)):
        assert validate(vote, **WORLD) is None


@pytest.mark.parametrize(
    ("vote", "reason"),
    [
        (long("a", stop="100"), "needs stop < entry < target"),
        (long("a", stop="101"), "needs stop < entry < target"),
        (long("a", target="99"), "needs stop < entry < target"),
        (short("a", stop="99"), "needs target < entry < stop"),
        (short("a", target="101"), "needs target < entry < stop"),
        (long("a", entry="102.01", stop="98", target="110"), "is 2.01 % from the price 100; 2 % is allowed"),
        (short("a", entry="97.99", stop="99", target="90"), "is 2.01 % from the price 100; 2 % is allowed"),
        (long("a", target="102.39"), "Reward/risk 1.195 is under 1.2"),
        (long("a", confidence=D("1.01")), "Confidence 1.01 is not between 0 and 1"),
        (long("a", confidence=D("-0.1")), "Confidence -0.1"),
        (long("a", confidence=D("NaN")), "Confidence NaN"),
        (long("a", target="Infinity"), "Target Infinity is not a positive price"),
        (long("a", stop="NaN"), "Stop NaN is not a positive price"),
        (long("a", stop="-1"), "Stop -1 is not a positive price"),
        (long("a", entry="0"), "Entry 0 is not a positive price"),
        (long("a", stop=None), "needs entry, stop and target"),
        (long("a", pair="DOGE/USDT"), "DOGE/USDT is not a known market"),
    ],
)
def test_f31_a_vote_that_makes_no_sense_is_rejected_with_the_reason(vote: Vote, reason: str) -> None:
    rejection = validate(vote, **WORLD)
    assert rejection is not None
    assert reason in rejection.reason


def test_a_reason_is_worded_alike_whatever_a_library_left_the_thread_s_rounding_at() -> None:
    with localcontext(Context(prec=28, rounding=ROUND_HALF_UP)):
        rejection = validate(long("a", entry="102.00025", stop="98", target="110"), **WORLD)
    assert rejection is not None
    assert "is 2.0002 % from the price 100" in rejection.reason, "half to even"


@pytest.mark.parametrize("vote", [long("a", entry="102", stop="100", target="110"), long("a", target="102.4")])
def test_the_limits_themselves_are_allowed(vote: Vote) -> None:
    assert validate(vote, **WORLD) is None


def test_a_pair_without_a_price_in_the_snapshot_is_rejected() -> None:
    world: dict[str, Any] = {**WORLD, "prices": {}}
    rejection = validate(long("a"), **world)
    assert rejection is not None
    assert "no price" in rejection.reason


def test_rejected_votes_become_abstentions_that_carry_the_reason() -> None:
    heard = screen(ballot(long("a", stop="101"), long("b"), flat("c")), **WORLD)
    first = heard.votes[0]
    assert (first.side, first.abstained, first.entry) == (Side.FLAT, True, None)
    assert first.reason.startswith("Rejected LONG vote: LONG needs stop < entry < target")
    assert heard.votes[1:] == (long("b"), flat("c"))


def test_screening_twice_changes_nothing_more() -> None:
    once = screen(ballot(long("a", stop="101"), long("b"), long("b"), flat("c"), long("x")), **WORLD)
    assert screen(once, **WORLD) == once


def test_f31_an_analyst_that_votes_twice_on_a_pair_has_no_vote_there() -> None:
    heard = screen(ballot(long("a"), long("a"), long("b")), **WORLD)
    assert [vote.abstained for vote in heard.votes] == [True, True, False]
    assert "2 times" in heard.votes[0].reason


def test_who_is_not_on_the_panel_has_no_vote() -> None:
    heard = screen(ballot(long("stranger")), **WORLD)
    assert heard.votes[0].abstained
    assert "not on the panel" in heard.votes[0].reason
