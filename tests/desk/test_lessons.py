"""Lessons: every trade that closes leaves one, told by rule; a signal leaves one, however many portfolios traded it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.desk import evolve
from quorate.desk.lessons import CASES, learn
from quorate.desk.state import LESSONS_KEPT, DeskState
from quorate.desk.turn import Turn
from quorate.desk.walk import Plans
from quorate.domain import events as ev
from quorate.domain.ids import trade_id
from quorate.domain.lessons import Lesson
from quorate.domain.policy import DeskPolicy
from quorate.domain.portfolio import Position, Trade
from quorate.domain.votes import Regime, Side
from tests.desk.desks import BTC, FREE, PANEL, Bench, bar, of_kind, open_desk, plan, setup, vote

D = Decimal
FLAT = "100 100 100 100"
HOUR_MS = 3_600_000


def traded(*bars: str, votes: bool = False) -> tuple[Bench, list[ev.Event]]:
    """A desk that went long on BTC at 100, stop 90, target 130, and what came of the bars."""
    bench = open_desk(DeskPolicy(costs=FREE))
    bench.step(FLAT)
    if votes:
        bench.step(FLAT, votes=[vote(name, Side.LONG, "100", "90", "130") for name in PANEL])
    else:
        bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("90", ("130", "1")))])
    bench.step(FLAT)
    return bench, [event for prices in bars for event in bench.step(prices)]


def test_a_lesson_tells_what_was_expected_what_happened_and_one_sentence() -> None:
    bench, events = traded("100 131 100 130")
    (closed,), (learned,) = of_kind(events, ev.TradeClosed), of_kind(events, ev.LessonLearned)
    assert events.index(learned) > events.index(closed), "told once the trade is one"
    assert learned.lesson == Lesson(
        trade=closed.trade.id,
        portfolio="strategies",
        pair=BTC.pair,
        side=Side.LONG,
        source="bar_reaction",
        r=closed.trade.r,
        expected="bar_reaction expected LONG from 100 to 130, wrong at 90, with confidence 0.8.",
        happened="Ended by target after 5 min at 3 R; NEUTRAL then, NEUTRAL now.",
        lesson="A LONG taken in NEUTRAL ran to its last target for 3 R: such a plan is worth holding to.",
        by="rules",
        at_ms=bench.at_ms,
    )
    assert bench.state.lessons == [learned.lesson]
    assert bench.rebuilt().lessons == bench.state.lessons


def test_portfolios_that_trade_one_signal_leave_one_lesson() -> None:
    _, events = traded("100 100 80 80", votes=True)
    assert {closed.trade.portfolio for closed in of_kind(events, ev.TradeClosed)} == {"aggressive", "conservative"}
    (learned,) = of_kind(events, ev.LessonLearned)
    assert (learned.lesson.portfolio, learned.lesson.source) == ("aggressive", "council")


def test_another_signal_on_the_same_pair_leaves_a_lesson_of_its_own() -> None:
    bench, _ = traded("100 131 100 130")
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("90", ("130", "1")))])
    bench.step(FLAT)
    assert of_kind(bench.step("100 100 80 80"), ev.LessonLearned)
    assert len(bench.state.lessons) == 2


def position(**changes: object) -> Position:
    made = Position(
        portfolio="aggressive",
        pair=BTC.pair,
        side=Side.LONG,
        signal_id="signal",
        source="council",
        quantity=D(0),
        opened_quantity=D(1),
        entry=D(100),
        initial_stop=D(90),
        stop=D(90),
        plan=plan("90", ("130", "1")),
        targets_hit=0,
        trailing=False,
        realized=D(0),
        fees=D(0),
        opened_ms=0,
        regime=Regime.TRENDING_UP,
        thesis="It rises.",
    )
    return replace(made, **changes)  # pyright: ignore[reportArgumentType]


def trade(reason: str, r: str, hours: int) -> Trade:
    return Trade(
        id=trade_id(signal="signal", portfolio="aggressive"),
        portfolio="aggressive",
        signal_id="signal",
        source="council",
        pair=BTC.pair,
        side=Side.LONG,
        quantity=D(1),
        entry=D(100),
        exit=D(100),
        opened_ms=0,
        closed_ms=hours * HOUR_MS,
        fees=D(0),
        pnl=D(r) * 10,
        r=D(r),
        reason=reason,
    )


def learned(reason: str, r: str, *, hours: int = 5, now: Regime = Regime.TRENDING_UP) -> Lesson:
    bench = open_desk(DeskPolicy(costs=FREE))
    snapshot = replace(bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)]), regimes={BTC.pair: now})
    turn = Turn(bench.desk.charter, bench.state, snapshot, Plans())
    learn(turn, position(), trade(reason, r, hours))
    (event,) = of_kind(turn.events, ev.LessonLearned)
    return event.lesson


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (0, "within one bar"),
        (300_000, "after 5 min"),
        (3_599_999, "after 59 min"),
        (3_600_000, "after 1.0 h"),
        (9_359_999, "after 2.5 h"),
    ],
)
def test_a_lesson_says_how_long_a_trade_lasted_in_a_unit_that_tells_something(ms: int, told: str) -> None:
    bench = open_desk(DeskPolicy(costs=FREE))
    turn = Turn(bench.desk.charter, bench.state, bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)]), Plans())
    learn(turn, position(), replace(trade("target", "1", 0), closed_ms=ms))
    (event,) = of_kind(turn.events, ev.LessonLearned)
    assert event.lesson.happened.startswith(f"Ended by target {told} at 1 R;")


TOLD = [
    ("liquidation", "-1.1", 5, Regime.VOLATILE, "was closed by force at -1.1 R"),
    ("advice", "-0.4", 5, Regime.TRENDING_DOWN, "was given up at -0.4 R before its stop, in TRENDING_DOWN: the loss"),
    ("advice", "0.7", 5, Regime.CHOPPY, "was closed ahead of its target at 0.7 R, in CHOPPY"),
    ("stop", "-1.5", 0, Regime.TRENDING_UP, "lost -1.5 R where 1 R was meant"),
    ("stop", "-1", 1, Regime.VOLATILE, "was stopped out within the hour at -1 R"),
    ("stop", "-1", 5, Regime.VOLATILE, "was stopped out at -1 R once the market was VOLATILE"),
    ("stop", "-1", 5, Regime.TRENDING_UP, "was stopped out at -1 R although its regime still held"),
    ("break_even", "-0.02", 5, Regime.TRENDING_UP, "was ahead, gave it back and ended at -0.02 R"),
    ("tightened_stop", "-0.5", 5, Regime.TRENDING_UP, "ended at -0.5 R by a stop that advice had tightened"),
    ("trailing_stop", "1.2", 5, Regime.TRENDING_UP, "kept 1.2 R by its moved stop"),
    ("target", "2.5", 5, Regime.TRENDING_UP, "ran to its last target for 2.5 R"),
    ("expiry", "-0.3", 5, Regime.TRENDING_UP, "ran out of time at -0.3 R"),
    ("expiry", "0.3", 5, Regime.TRENDING_UP, "ran out of time with 0.3 R"),
    ("manual", "0.004", 5, Regime.RANGING, "ended by manual at 0 R, in RANGING."),
]


@pytest.mark.parametrize(("reason", "r", "hours", "now", "said"), TOLD)
def test_every_way_to_end_has_its_sentence(reason: str, r: str, hours: int, now: Regime, said: str) -> None:
    lesson = learned(reason, r, hours=hours, now=now)
    assert lesson.lesson.startswith(f"A LONG taken in TRENDING_UP {said}")
    assert lesson.lesson.endswith(".")
    assert len(lesson.lesson) <= 160
    assert lesson.happened.endswith(f"TRENDING_UP then, {now} now.")


def test_no_sentence_of_the_table_is_never_said() -> None:
    for case in CASES:
        words = case.sentence.rpartition("}")[2] or case.sentence
        assert any(words in lesson.lesson for lesson in map(_told, TOLD)), case.sentence


def _told(case: tuple[str, str, int, Regime, str]) -> Lesson:
    reason, r, hours, now, _ = case
    return learned(reason, r, hours=hours, now=now)


def lessons(source: str, count: int, *, since: int = 0) -> Sequence[Lesson]:
    first = learned("target", "1")
    return [replace(first, trade=f"{source} {n}", source=source, at_ms=n) for n in range(since, since + count)]


def test_the_strategies_many_trades_do_not_wash_the_councils_few_away() -> None:
    state = DeskState("test")
    for lesson in (*lessons("council", 3), *lessons("bar_reaction", 3 * LESSONS_KEPT)):
        evolve.evolve(state, ev.LessonLearned(lesson))
    assert len(state.lessons) == 3 + LESSONS_KEPT
    assert [lesson.trade for lesson in state.lessons if lesson.source == "council"] == [
        "council 0",
        "council 1",
        "council 2",
    ]
    assert state.lessons[-1].trade == f"bar_reaction {3 * LESSONS_KEPT - 1}"
