"""Order books and the desk: a bad one closes its pair to entries at once, and to entries only."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.desk import book_faults
from quorate.desk.book_faults import HOLDS_MS, BookFaults
from quorate.desk.desk import Desk
from quorate.desk.orders import send_out
from quorate.domain import events as ev
from quorate.domain.orders import OrderKind, Purpose
from quorate.domain.votes import Action, EntryKind, Side
from tests.desk.at_a_venue import FLAT, PLAN, POLICY, SPOT, LiveBench, fill, told
from tests.desk.desks import BTC, ETH, charter, of_kind, setup
from tests.desk.staged import Stage, settled
from tests.simulation.virtual import run

GAP = "gapped: updates 7 to 9 are missing"
LONG = setup(Side.LONG, "100", PLAN)


def spoil(bench: LiveBench, reason: str = GAP) -> None:
    """The book of BTC is told to be wrong; right where there is no reason."""
    bench.act(lambda turn: book_faults.tell(turn, [(BTC.pair, reason)]))


def test_c05_nothing_is_opened_on_a_pair_whose_book_is_wrong_and_the_reason_is_kept() -> None:
    bench = LiveBench()
    bench.step(FLAT)
    spoil(bench)
    (denied,) = of_kind(bench.step(FLAT, setups=[LONG]), ev.OrderDenied)
    assert (denied.control, GAP in denied.value) == ("C5", True)
    signals = [event.signal for event in of_kind(bench.events, ev.SignalPublished)]
    assert GAP in str(signals[-1].stakes[0].blocked_by), "published all the same, and said why"
    assert bench.rebuilt() == bench.state
    spoil(bench, "")
    assert of_kind(bench.step(FLAT, setups=[LONG]), ev.OrderSubmitted)
    assert bench.rebuilt() == bench.state


def test_c05_another_pair_is_traded_on() -> None:
    bench = LiveBench()
    bench.step(FLAT, eth=FLAT)
    spoil(bench)
    ether = setup(Side.LONG, "100", PLAN, pair=ETH.pair)
    assert of_kind(bench.step(FLAT, eth=FLAT, setups=[ether]), ev.OrderSubmitted)


def test_f22_a_position_is_left_whatever_the_book_is_like() -> None:
    bench = LiveBench(replace(SPOT, keeps_stops=False))
    bench.hear(told(entry := bench.enter()), fill(entry, "1"))
    spoil(bench)
    position = bench.state.position("live", BTC.pair)
    assert position is not None
    bench.act(lambda turn: send_out(turn, position, Purpose.MANUAL))
    exits = [order for order in bench.state.orders.values() if order.intent.reduces]
    assert [order.intent.kind for order in exits] == [OrderKind.MARKET]


class Looks:
    """A dealer whose books are as a test says, on a clock that costs nothing."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}
        self.stage = Stage(blocked=lambda: self.wrong)

    def told(self) -> list[tuple[bool, str]]:
        return [(event.live, event.reason) for event in of_kind(self.stage.bench.events, ev.BookStatusChanged)]


def watched(scene: Callable[[Looks], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        looks = Looks()
        running = asyncio.create_task(looks.stage.dealer.run(looks.stage.reconciler.run))
        await settled()
        await scene(looks)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(play())


def test_f22_a_fault_is_told_within_a_second_and_its_end_when_it_has_held() -> None:
    async def scene(looks: Looks) -> None:
        looks.wrong = {BTC.pair: GAP}
        await asyncio.sleep(0.9)
        assert looks.told() == [(False, GAP)]
        looks.wrong = {}
        await asyncio.sleep(0.9)
        assert looks.told() == [(False, GAP)], "it has not held yet"
        await asyncio.sleep(0.7)
        assert looks.told() == [(False, GAP), (True, "")]
        assert [BTC.pair in note for note in looks.stage.notes] == [True, True]

    watched(scene)


def test_f22_a_book_that_comes_and_goes_is_told_once() -> None:
    async def scene(looks: Looks) -> None:
        for beat in range(40):
            looks.wrong = {BTC.pair: f"stale: {beat}"} if beat % 2 else {}
            await asyncio.sleep(0.5)
        assert [live for live, _ in looks.told()] == [False]

    watched(scene)


def test_f23_a_desk_that_comes_back_opens_what_is_right_again() -> None:
    async def scene(looks: Looks) -> None:
        spoil(looks.stage.bench, "stale: told before it was killed")
        await asyncio.sleep(1.6)
        assert looks.stage.bench.state.books_blocked == {}

    watched(scene)


@given(st.lists(st.tuples(st.integers(0, 2_000), st.booleans()), max_size=40))
def test_a_pair_is_open_only_after_its_book_was_right_at_every_look_of_a_second(looks: list[tuple[int, bool]]) -> None:
    faults, told, now_ms, wrong_ms = BookFaults(), dict[str, str](), 0, None
    for later_ms, wrong in looks:
        now_ms += later_ms
        wrong_ms = now_ms if wrong else wrong_ms
        for pair, reason in faults.changes(told, {"P": "bad"} if wrong else {}, now_ms=now_ms):
            told = {pair: reason} if reason else {}
        assert not wrong or told
        assert told or wrong_ms is None or now_ms - wrong_ms >= HOLDS_MS


def deep(depth: Decimal | None) -> LiveBench:
    """A desk that is told how deep the books are."""
    asked: list[tuple[str, Action, int]] = []

    def depth_of(pair: str, action: Action, *, within_bps: int) -> Decimal | None:
        asked.append((pair, action, within_bps))
        return depth

    bench = LiveBench()
    bench.desk = Desk(replace(charter(POLICY), real_venue=SPOT, depth=depth_of), bench.state)
    bench.step(FLAT)
    bench.step(FLAT, setups=[LONG])
    assert asked == [(BTC.pair, Action.BUY, POLICY.limits.slippage_bps_max)]
    return bench


@pytest.mark.parametrize("depth", ["100", "1000000"])
def test_c15_a_market_entry_is_weighed_against_the_live_depth_which_is_written_down_first(depth: str) -> None:
    bench = deep(Decimal(depth))
    (measured,) = of_kind(bench.events, ev.DepthMeasured)
    (intended,) = of_kind(bench.events, ev.OrderIntended)
    assert bench.events.index(measured) < bench.events.index(intended)
    assert measured.depth == Decimal(depth)
    denied = of_kind(bench.events, ev.OrderDenied)
    assert [each.control for each in denied] == (["C15"] if depth == "100" else [])
    assert bench.rebuilt() == bench.state


def test_c15_without_a_live_book_the_cost_is_modelled_and_a_resting_entry_takes_nothing() -> None:
    bench = deep(None)
    assert of_kind(bench.events, ev.OrderSubmitted)
    assert not of_kind(bench.events, ev.DepthMeasured)
    maker = LiveBench()
    maker.enter(EntryKind.MAKER)
    assert not of_kind(maker.events, ev.DepthMeasured)
