"""The evaluator: advice takes risk away or does nothing, whatever it says and whoever gives it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.desk import evaluator
from quorate.domain import events as ev
from quorate.domain.evaluation import Advice, Evaluation, Sentence, TradeAdvice
from quorate.domain.minds import ModelAsked
from quorate.domain.orders import Purpose
from quorate.domain.policy import DeskPolicy
from quorate.domain.portfolio import Position
from quorate.domain.votes import Ballot, ExitPlan, Side
from quorate.journal.codec import decode, encode
from tests.desk.desks import BTC, FREE, MINUTE_5, PANEL, Bench, bar, of_kind, open_desk, plan, setup, vote
from tests.examples import tried

D = Decimal
FLAT = "100 100 100 100"
UP, DOWN = plan("90", ("120", "0.5"), ("140", "1")), plan("110", ("80", "0.5"), ("60", "1"))
NAME = "strategies"
ASKED = ModelAsked(
    analyst="gina",
    provider="gemini",
    model="gina-1",
    template="evaluate-1",
    prompt="digest",
    code="advised",
    stood_in="",
    askings=(),
)


def holding(side: Side = Side.LONG, exits: ExitPlan | None = None, *, paced: bool = True, close: str = "105") -> Bench:
    """A desk whose portfolio of strategies holds BTC from 100, its price now at `close`."""
    bench = open_desk(DeskPolicy(costs=FREE), paced=paced)
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(side, "100", exits or (UP if side is Side.LONG else DOWN))])
    bench.step(FLAT)
    low, high = sorted((100, float(close)))
    bench.step(f"100 {high} {low} {close}")
    assert held(bench) is not None
    return bench


def held(bench: Bench) -> Position | None:
    return bench.state.position(NAME, BTC.pair)


def advised(bench: Bench, advice: Advice, stop: str | None = None, **changes: object) -> TradeAdvice:
    position = held(bench)
    assert position is not None
    given = None if stop is None else D(stop)
    made = TradeAdvice(NAME, BTC.pair, position.signal_id, advice, given, "a test")
    return replace(made, **changes)  # pyright: ignore[reportArgumentType]


def evaluation(bench: Bench, *advices: TradeAdvice, slot: str = "manual-1", by: str = "rules") -> Evaluation:
    return Evaluation(slot, bench.at_ms, by, advices)


def looked(bench: Bench, *advices: TradeAdvice) -> tuple[dict[str, object], list[ev.Event]]:
    """What comes of an evaluation between two steps: its report, and the events."""
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    report, events = bench.desk.evaluate(snapshot, evaluation(bench, *advices))
    bench.events += events
    return json.loads(report), events


def became(events: Sequence[ev.Event]) -> list[str]:
    """Why each piece of advice was ignored; empty where it was not."""
    (written,) = of_kind(events, ev.PositionsEvaluated)
    return [each.ignored for each in written.trades]


def test_a_tightened_stop_is_the_one_that_holds_from_the_next_bar_on() -> None:
    bench = holding()
    report, events = looked(bench, advised(bench, Advice.TIGHTEN, "101"))
    assert report == {
        "success": True,
        "cycle": "manual-1",
        "evaluated": 1,
        "held": 0,
        "tightened": 1,
        "exited": 0,
        "ignored": 0,
    }
    (moved,) = of_kind(events, ev.PositionChanged)
    assert (moved.why, moved.position.stop) == ("tightened", D("101.00"))
    assert not of_kind(events, ev.OrderIntended)
    (closed,) = of_kind(bench.step("105 105 100.5 104"), ev.TradeClosed)
    assert closed.trade.exit == D("100.98"), "the stop, less half the spread"
    assert closed.trade.reason == "break_even"


def test_a_stop_that_was_tightened_short_of_the_entry_is_told_apart_from_break_even() -> None:
    bench = holding()
    looked(bench, advised(bench, Advice.TIGHTEN, "95"))
    (closed,) = of_kind(bench.step("105 105 94 94"), ev.TradeClosed)
    assert closed.trade.reason == "tightened_stop"


@pytest.mark.parametrize(
    ("side", "close", "wanted", "stop"),
    [
        (Side.LONG, "105", "99.991", "100.00"),
        (Side.SHORT, "95", "100.009", "100.00"),
        (Side.LONG, "105", "104.989", "104.99"),
    ],
)
def test_a_stop_is_rounded_to_the_tick_with_less_risk(side: Side, close: str, wanted: str, stop: str) -> None:
    bench = holding(side, close=close)
    looked(bench, advised(bench, Advice.TIGHTEN, wanted))
    position = held(bench)
    assert position is not None
    assert position.stop == D(stop)


@pytest.mark.parametrize(
    ("side", "close", "wanted", "why"),
    [
        (Side.LONG, "105", "90", "no tighter than the present stop 90"),
        (Side.LONG, "105", "10", "no tighter than the present stop 90"),
        (Side.LONG, "105", "105", "at or beyond the price 105"),
        (Side.LONG, "105", "104.991", "at or beyond the price 105"),
        (Side.LONG, "105", "1E+999999999", "at or beyond the price 105"),
        (Side.SHORT, "95", "110", "no tighter than the present stop 110"),
        (Side.SHORT, "95", "95", "at or beyond the price 95"),
        (Side.SHORT, "95", "1E-999999999", "at or beyond the price 95"),
        (Side.SHORT, "95", "-3", "at or beyond the price 95"),
        (Side.LONG, "105", "NaN", "no stop was given"),
        (Side.LONG, "105", "sNaN", "no stop was given"),
        (Side.LONG, "105", "Infinity", "no stop was given"),
        (Side.LONG, "105", None, "no stop was given"),
    ],
)
def test_a_stop_that_would_loosen_or_lie_beyond_the_price_is_ignored_and_says_why(
    side: Side, close: str, wanted: str | None, why: str
) -> None:
    bench = holding(side, close=close)
    before = held(bench)
    report, events = looked(bench, advised(bench, Advice.TIGHTEN, wanted))
    assert became(events) == [why]
    assert (report["ignored"], report["held"], held(bench)) == (1, 1, before)
    (written,) = of_kind(events, ev.PositionsEvaluated)
    assert len(encode(written)) < 1_000, "no figure of a million digits is written down"
    assert decode("PositionsEvaluated", encode(written)) == written


def test_an_exit_goes_out_at_market_and_meets_the_next_open_as_an_expiry_does() -> None:
    bench = holding()
    report, events = looked(bench, advised(bench, Advice.EXIT))
    (intended,) = of_kind(events, ev.OrderIntended)
    assert (intended.intent.purpose, intended.intent.reduces) == (Purpose.ADVICE, True)
    assert report["exited"] == 1
    assert held(bench) is not None, "nothing fills on the bar it was decided on"
    (closed,) = of_kind(bench.step("104 106 103 105"), ev.TradeClosed)
    assert (closed.trade.reason, closed.trade.exit) == ("advice", D("103.98"))


def test_a_trade_whose_exit_is_on_its_way_is_left_alone() -> None:
    bench = holding()
    looked(bench, advised(bench, Advice.EXIT))
    for advice in (advised(bench, Advice.EXIT), advised(bench, Advice.TIGHTEN, "101"), advised(bench, Advice.HOLD)):
        _, events = looked(bench, advice)
        assert became(events) == ["an exit is on its way"]
        assert not of_kind(events, ev.OrderIntended)


def test_a_trade_that_closed_meanwhile_is_ignored_and_so_is_one_that_never_was() -> None:
    bench = holding()
    late, strange = advised(bench, Advice.EXIT), advised(bench, Advice.EXIT, portfolio="nobody")
    bench.step("105 105 80 80")
    report, events = looked(bench, late, strange)
    assert became(events) == ["the trade is not open"] * 2
    assert report["evaluated"] == 0


def test_to_hold_a_trade_that_the_same_bar_has_closed_is_no_advice_that_is_ignored() -> None:
    bench = holding()
    late = advised(bench, Advice.HOLD)
    bench.step("105 105 80 80")
    report, events = looked(bench, late)
    assert became(events) == []
    assert (report["evaluated"], report["held"], report["ignored"]) == (0, 0, 0)


def test_advice_on_one_trade_is_not_taken_for_another_on_the_same_pair() -> None:
    bench = holding()
    _, events = looked(bench, advised(bench, Advice.EXIT, signal_id="an earlier one"))
    assert became(events) == ["the trade is not open"]


def test_there_is_one_advice_a_trade() -> None:
    bench = holding()
    first, second = advised(bench, Advice.TIGHTEN, "99"), advised(bench, Advice.EXIT)
    _, events = looked(bench, first, second)
    assert became(events) == ["", "an earlier advice on this trade stands"]
    assert not of_kind(events, ev.OrderIntended)


def test_at_one_instant_the_bar_and_the_monitor_come_first_then_advice_then_the_scanner() -> None:
    bench = holding(exits=plan("90", ("103", "0.5"), ("140", "1"), break_even_target=1), close="102")
    advice = evaluation(bench, advised(bench, Advice.TIGHTEN, "99"), slot=str(bench.at_ms + MINUTE_5))
    bench.at_ms += MINUTE_5
    votes = [vote(name, Side.LONG, "104", "95", "130") for name in PANEL]
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, "102 104 102 104")])
    events = bench.desk.step(snapshot, Ballot(str(bench.at_ms), bench.at_ms, PANEL, tuple(votes), "test"), advice)
    told = [
        event.why if isinstance(event, ev.PositionChanged) else type(event).__name__
        for event in events
        if isinstance(event, ev.PositionChanged | ev.StepClosed | ev.PositionsEvaluated | ev.VotesCast)
    ]
    assert told == ["target", "StepClosed", "stop moved", "PositionsEvaluated", "VotesCast"]
    assert became(events)[0].startswith("no tighter than the present stop 100"), "the monitor had moved it already"


def test_a_step_of_the_past_carries_out_no_advice() -> None:
    bench = holding()
    advice = evaluation(bench, advised(bench, Advice.EXIT), slot=str(bench.at_ms + MINUTE_5))
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms + MINUTE_5, FLAT)], fresh=False)
    assert not of_kind(bench.desk.step(snapshot, None, advice), ev.PositionsEvaluated)


@pytest.mark.parametrize(
    ("paced", "advice", "slot", "asked", "written"),
    [
        (True, Advice.HOLD, "600000", None, True),
        (False, Advice.HOLD, "600000", None, False),
        (False, Advice.HOLD, "manual-7", None, True),
        (False, Advice.EXIT, "600000", None, True),
        (False, Advice.HOLD, "600000", ASKED, True),
    ],
)
def test_at_full_speed_a_slot_that_changed_nothing_and_cost_nothing_is_not_written_down(
    paced: bool, advice: Advice, slot: str, asked: ModelAsked | None, written: bool
) -> None:
    bench = holding(paced=paced)
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    given = replace(evaluation(bench, advised(bench, advice), slot=slot), asked=asked)
    _, events = bench.desk.evaluate(snapshot, given)
    assert bool(of_kind(events, ev.PositionsEvaluated)) is bool(of_kind(events, ev.JobCompleted)) is written


def test_a_slot_is_run_once_and_a_run_by_hand_uses_up_none() -> None:
    bench = holding()
    later_ms = bench.at_ms + 40 * 60_000
    slot = bench.desk.evaluator_slot(later_ms)
    assert slot == str(later_ms - later_ms % 1_800_000)
    looked(bench)
    assert bench.desk.evaluator_slot(later_ms) == slot
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    bench.desk.evaluate(snapshot, evaluation(bench, slot=slot or ""))
    assert bench.desk.evaluator_slot(later_ms) is None


def with_lesson() -> Bench:
    """A desk that has closed a trade of strategies at a loss and has nothing open."""
    bench = holding()
    bench.step("105 105 80 80")
    assert [lesson.by for lesson in bench.state.lessons] == ["rules"]
    return bench


def test_a_models_sentence_takes_the_place_of_the_rules_once() -> None:
    bench = with_lesson()
    (by_rule,) = evaluator.lessons_offered(bench.state)
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    said = replace(
        evaluation(bench, by="gina"), lessons=(Sentence(by_rule.trade, " Wait. "), Sentence("no such trade", "x"))
    )
    _, events = bench.desk.evaluate(snapshot, said)
    (learned,) = of_kind(events, ev.LessonLearned)
    assert learned.lesson == replace(by_rule, lesson="Wait.", by="gina")
    assert bench.state.lessons == [learned.lesson]
    _, events = bench.desk.evaluate(snapshot, replace(said, lessons=(Sentence(by_rule.trade, "Do not."),)))
    assert not of_kind(events, ev.LessonLearned), "what a model said stands"


@pytest.mark.parametrize(("by", "sentence"), [("rules", "Better."), ("gina", "  ")])
def test_rules_and_silence_change_no_lesson(by: str, sentence: str) -> None:
    bench = with_lesson()
    (lesson,) = bench.state.lessons
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    said = replace(evaluation(bench, by=by), lessons=(Sentence(lesson.trade, sentence),))
    assert not of_kind(bench.desk.evaluate(snapshot, said)[1], ev.LessonLearned)


def test_a_lesson_is_offered_to_a_model_once() -> None:
    bench = with_lesson()
    assert len(evaluator.lessons_offered(bench.state)) == 1
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    bench.desk.evaluate(snapshot, evaluation(bench, slot=str(bench.at_ms + 1)))
    assert evaluator.lessons_offered(bench.state) == ()


# The whole space of what somebody may say, well beyond what a model's answer can hold, but mostly to the point.
FIGURES = st.one_of(
    st.decimals(min_value=80, max_value=125, places=3),
    st.decimals(min_value=95, max_value=115, places=2),
    st.one_of(st.none(), st.decimals(allow_nan=True, allow_infinity=True)),
    st.sampled_from([D("1E+999999999"), D("1E-999999999"), D("-0"), D(10) ** 400]),
)
ADVICES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([True, True, True, False]),
        st.sampled_from([Advice.TIGHTEN, Advice.TIGHTEN, Advice.EXIT, Advice.HOLD]),
        FIGURES,
        st.text(max_size=20),
    ),
    max_size=8,
)
BARS = st.lists(st.tuples(st.integers(-4, 4), ADVICES), min_size=1, max_size=6)


@tried(60)
@given(side=st.sampled_from([Side.LONG, Side.SHORT]), story=BARS)
def test_whatever_is_advised_no_stop_loosens_no_position_grows_and_nothing_opens(
    side: Side, story: list[tuple[int, list[tuple[int, bool, Advice, Decimal | None, str]]]]
) -> None:
    bench = holding(side, close="100")
    bench.step(FLAT, eth=FLAT)
    bench.step(FLAT, eth=FLAT, votes=[vote(name, Side.SHORT, "100", "112", "70", "ETH/USDT") for name in PANEL])
    bench.step(FLAT, eth=FLAT)
    assert len(evaluator.open_trades(bench.state)) == 3
    price = 100
    for move, said in story:
        before = {(each.portfolio, each.pair): each for each in evaluator.open_trades(bench.state)}
        orders = set(bench.state.orders)
        trades = [*((each.portfolio, each.pair, each.signal_id) for each in before.values()), ("nobody", BTC.pair, "")]
        advices = [
            TradeAdvice(portfolio, pair, signal_id if known else "another", advice, stop, reason)
            for place, known, advice, stop, reason in said
            for portfolio, pair, signal_id in [trades[place % len(trades)]]
        ]
        report, events = looked(bench, *advices)
        assert report["evaluated"] == len(before) == sum(int(str(report[k])) for k in ("held", "tightened", "exited"))
        for each in evaluator.open_trades(bench.state):
            old = before.pop((each.portfolio, each.pair))
            assert replace(each, stop=old.stop) == old, "nothing but the stop changes"
            assert (each.stop - old.stop) * each.side.sign >= 0
            mark = bench.state.marks[each.pair]
            assert each.stop == old.stop or (mark - each.stop) * each.side.sign > 0
            assert each.stop % BTC.tick == 0
        assert not before, "nothing vanishes either"
        for client_id in set(bench.state.orders) - orders:
            assert bench.state.orders[client_id].intent.purpose is Purpose.ADVICE
        kinds = {ev.PositionChanged, ev.PositionsEvaluated, ev.JobCompleted}
        kinds |= {ev.OrderIntended, ev.OrderSubmitted, ev.OrderAccepted}
        assert {type(event) for event in events} <= kinds
        opened, price = price, price + move
        low, high = sorted((opened, price))
        bench.step(f"{opened} {high} {low} {price}", eth=FLAT)
    assert bench.rebuilt() == bench.state, "the journal tells all of it"
