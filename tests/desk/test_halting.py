"""A person stops the desk, and lets it go on: at once, and without doing anything twice."""

import pytest

from quorate.desk import halting
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.orders import Purpose
from quorate.domain.votes import EntryKind, Side
from quorate.risk.book import TradingState
from tests.desk.at_a_venue import FLAT, PLAN, LiveBench, told
from tests.desk.desks import BTC, Bench, bar, of_kind, open_desk, setup


def panic(bench: Bench, *, flatten: bool = False) -> dict[str, object]:
    """A panic between two steps of a desk on paper."""
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    report, events = bench.desk.act(
        snapshot, lambda turn: halting.panic(turn, by="Ada", flatten=flatten), at_ms=bench.at_ms
    )
    bench.events += events
    return report


def test_c17_on_paper_resting_entries_are_cancelled_and_positions_close_if_asked() -> None:
    bench = open_desk()
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN, kind=EntryKind.MAKER)])
    assert bench.state.orders, "the story must have an entry that rests"
    report = panic(bench)
    assert (report["ordersCancelled"], report["positionsOpen"]) == (1, 0)
    assert not bench.state.orders
    assert panic(bench)["ordersCancelled"] == 0


def test_c17_on_paper_a_position_is_closed_at_the_next_bar_if_asked_and_once() -> None:
    bench = open_desk()
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    bench.step(FLAT)
    assert bench.state.positions, "the story must have a position"
    assert panic(bench, flatten=True)["closing"] is True
    panic(bench, flatten=True)
    assert [order.intent.purpose for order in bench.state.orders.values()] == [Purpose.MANUAL]
    bench.step(FLAT)
    assert not bench.state.positions


def test_c17_at_a_venue_the_end_of_an_entry_is_asked_for_once_and_stops_are_left_alone() -> None:
    bench = LiveBench()
    bench.hear(told(bench.enter(EntryKind.MAKER)))
    for _ in range(2):
        report = bench.act(lambda turn: halting.panic(turn, by="Ada", flatten=False))
        assert report["ordersCancelled"] == 1
    assert len(of_kind(bench.events, ev.CancelRequested)) == 1
    assert [event.by for event in of_kind(bench.events, ev.TradingStateChanged)] == ["Ada"]


@pytest.mark.parametrize(
    ("scope", "state", "says"), [("", "SLEEPY", "no trading state"), ("DOGE/USDT", "HALTED", "knows no pair")]
)
def test_c16_what_there_is_not_is_refused_and_changes_nothing(scope: str, state: str, says: str) -> None:
    bench = LiveBench()
    with pytest.raises(BadInput, match=says):
        bench.act(lambda turn: halting.set_trading(turn, scope=scope, state=state, by="Ada", reason="looked"))
    assert not bench.state.trading


def test_c16_a_pair_is_halted_by_itself_and_the_same_state_is_told_once() -> None:
    bench = LiveBench()
    for before in (TradingState.ACTIVE, TradingState.HALTED):
        report = bench.act(
            lambda turn: halting.set_trading(turn, scope=BTC.pair, state="HALTED", by="Ada", reason="looked")
        )
        assert report["before"] == before.value
    assert len(of_kind(bench.events, ev.TradingStateChanged)) == 1
    assert bench.state.trading == {BTC.pair: TradingState.HALTED}
