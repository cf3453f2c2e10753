"""An analyst's record: kept up one trade at a time, and the same as when it is added up at once."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.council.records import RECENT_MAX, AnalystRecord, Outcome, history
from tests.council.ballots import D

OUTCOMES = st.lists(
    st.builds(
        Outcome, closed_ms=st.integers(0, 99), r=st.decimals(-3, 5, places=4), confidence=st.decimals(0, 1, places=3)
    ),
    max_size=40,
)


def record_of(outcomes: list[Outcome]) -> AnalystRecord:
    """The record after these trades."""
    record = AnalystRecord()
    for outcome in outcomes:
        record = record.after(outcome)
    return record


def test_an_empty_record_claims_nothing() -> None:
    record = AnalystRecord()
    assert (record.closed, record.win_rate, record.average_r, record.profit_factor, record.brier) == (0, *[None] * 4)


def test_a_record_adds_up() -> None:
    record = record_of([Outcome(1, D(2), D("0.8")), Outcome(2, D(-1), D("0.6")), Outcome(3, D("-0.5"), D("0.5"))])
    assert (record.wins, record.losses, record.streak) == (1, 2, -2)
    assert record.win_rate == Decimal(1) / 3
    assert record.average_r == D("0.5") / 3
    assert record.profit_factor == D(2) / D("1.5")
    assert record.brier == (D("0.04") + D("0.36") + D("0.25")) / 3


def test_without_a_loss_there_is_no_profit_factor() -> None:
    record = record_of([Outcome(1, D(2), D(1)), Outcome(2, D(1), D(1))])
    assert (record.profit_factor, record.streak, record.brier) == (None, 2, 0)


def test_an_entry_that_was_never_reached_decides_nothing() -> None:
    record = AnalystRecord().after_unfilled()
    assert (record.unfilled, record.closed, record.streak) == (1, 0, 0)


@given(outcomes=OUTCOMES)
def test_a_record_kept_up_is_the_record_added_up(outcomes: list[Outcome]) -> None:
    record = record_of(outcomes)
    assert record.closed == len(outcomes)
    assert record.won_r - record.lost_r == sum((outcome.r for outcome in outcomes), D(0))
    assert record.recent == tuple(outcomes)
    if record.average_r is not None and record.win_rate is not None:
        # The mean is the expectancy: win rate times mean win less loss rate times mean loss.
        mean_win = record.won_r / record.wins if record.wins else D(0)
        mean_loss = record.lost_r / record.losses if record.losses else D(0)
        expectancy = record.win_rate * mean_win - (1 - record.win_rate) * mean_loss
        assert abs(expectancy - record.average_r) < D("1e-20")
        assert 0 <= (record.brier or 0) <= 1


def test_only_the_newest_trades_are_kept_one_by_one() -> None:
    record = record_of([Outcome(at, D(at), D("0.5")) for at in range(RECENT_MAX + 5)])
    assert len(record.recent) == RECENT_MAX
    assert record.recent[0].closed_ms == 5
    assert record.closed == RECENT_MAX + 5


def test_the_history_of_several_analysts_is_one_in_the_order_of_time() -> None:
    records = {
        "a": record_of([Outcome(1, D(1), D(1)), Outcome(4, D(4), D(1))]),
        "b": record_of([Outcome(2, D(2), D(1)), Outcome(3, D(3), D(1))]),
        "c": record_of([Outcome(9, D(9), D(1))]),
    }
    assert history(records, ("b", "a", "unknown"), count=200) == (1, 2, 3, 4)
    assert history(records, ("a", "b"), count=2) == (3, 4)
    assert history(records, (), count=2) == ()
