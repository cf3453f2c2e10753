"""Who looks after open trades: rules that only take risk away, and a model that is read as strictly as a vote."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.evaluating import RuleEvaluator, prices_at
from quorate.analysts.lesson_quotes import lesson_quotes
from quorate.analysts.prompt_inputs import TextKind
from quorate.domain.candle import Candle
from quorate.domain.errors import Unavailable
from quorate.domain.evaluation import Advice, Evaluation
from quorate.domain.minds import MindSilence
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Step
from quorate.domain.votes import Regime, Side
from tests.analysts.evaluations import COSTS, Bureau, advice, answer, lesson, position
from tests.analysts.prompting import AT_MS, BTC, ETH, QUICK, answered, never, says, spec

D = Decimal
UP, DOWN = Regime.TRENDING_UP, Regime.TRENDING_DOWN
LONG, SHORT = Side.LONG, Side.SHORT


def ruled(held: Position, *, price: str, regime: Regime) -> tuple[Advice, Decimal | None, str]:
    """What the rules say of a trade at a price in a regime."""
    bureau = Bureau(says(""), prices={BTC.pair: price, ETH.pair: "100"}, regimes={BTC.pair: regime})
    (said,) = bureau.rules.judge(bureau.snapshot, slot="1", positions=[held]).advices
    assert (said.portfolio, said.pair, said.signal_id) == (held.portfolio, held.pair, held.signal_id)
    return said.advice, said.stop, said.reason


@pytest.mark.parametrize(
    ("held", "price", "regime", "wanted", "stop", "why"),
    [
        (position(), "97", DOWN, Advice.EXIT, None, "turned from NEUTRAL to TRENDING_DOWN, and it is 0.3 R under"),
        (position(SHORT, stop="110"), "103", UP, Advice.EXIT, None, "0.3 R under water"),
        (position(regime=DOWN), "97", DOWN, Advice.HOLD, None, "Nothing speaks against it at -0.3 R"),
        (position(), "97", Regime.VOLATILE, Advice.HOLD, None, "in VOLATILE"),
        (position(), "104", DOWN, Advice.TIGHTEN, "100.12", "break-even is in reach at 0.4 R"),
        (position(SHORT, stop="110"), "96", UP, Advice.TIGHTEN, "99.88", "break-even is in reach"),
        (position(), "100.05", DOWN, Advice.HOLD, None, "Nothing speaks against it at 0 R"),
        (position(), "110", UP, Advice.TIGHTEN, "100.12", "1 R ahead and its stop still behind break-even"),
        (position(SHORT, stop="110"), "89", DOWN, Advice.TIGHTEN, "99.88", "1.1 R ahead"),
        (position(), "109.9", UP, Advice.HOLD, None, "0.99 R"),
        (replace(position(), stop=D("100.12")), "115", UP, Advice.HOLD, None, "1.5 R"),
        (replace(position(), stop=D("100.12")), "115", DOWN, Advice.HOLD, None, "1.5 R"),
        (replace(position(), initial_stop=D(100)), "115", UP, Advice.HOLD, None, "0 R"),
    ],
)
def test_the_rules_exit_tighten_or_hold_each_with_its_reason(
    held: Position, price: str, regime: Regime, wanted: Advice, stop: str | None, why: str
) -> None:
    said, at, reason = ruled(held, price=price, regime=regime)
    assert (said, at) == (wanted, None if stop is None else D(stop))
    assert why in reason


@given(
    side=st.sampled_from([LONG, SHORT]),
    then=st.sampled_from(list(Regime)),
    now=st.sampled_from(list(Regime)),
    entry=st.integers(5_000, 20_000),
    risk=st.integers(1, 4_000),
    ahead=st.integers(-3_000, 6_000),
    moved=st.integers(0, 6_000),
)
def test_what_the_rules_want_can_always_be_carried_out(
    side: Side, then: Regime, now: Regime, entry: int, risk: int, ahead: int, moved: int
) -> None:
    sign = side.sign
    price, stop = BTC.price(max(1, entry + sign * ahead)), BTC.price(entry - sign * risk)
    held = replace(
        position(side, entry=str(BTC.price(entry)), stop=str(stop)), regime=then, stop=stop + sign * BTC.price(moved)
    )
    said = _RULES._judged(held, BTC, BTC.ticks_nearest(price), now)
    assert (said.stop is not None) is (said.advice is Advice.TIGHTEN)
    if said.stop is not None:
        assert (said.stop - held.stop) * sign > 0, "tighter"
        assert (price - said.stop) * sign > 0, "and not beyond the price"
        assert said.stop % BTC.tick == 0


_RULES = RuleEvaluator(Bureau(says("")).lookout, COSTS)


def test_a_pair_without_a_candle_at_this_instant_is_judged_by_its_last_bar_and_an_unknown_one_is_held() -> None:
    bureau = Bureau(says(""), markets=(BTC, ETH, replace(ETH, pair="NEW/USDT")))
    quiet = replace(bureau.snapshot, step=Step(AT_MS, ()))
    assert prices_at(bureau.lookout, quiet, [BTC.pair, "NEW/USDT", "SCAM/USDT"]) == {BTC.pair: 10_500}
    stranger = position(pair="SCAM/USDT")
    said = bureau.rules.judge(quiet, slot="1", positions=[stranger, position()]).advices
    assert [(each.pair, each.advice, each.reason[:22]) for each in said] == [
        (BTC.pair, Advice.HOLD, "Nothing speaks against"),
        ("SCAM/USDT", Advice.HOLD, "Its price is not known"),
    ]


async def test_rules_alone_are_an_evaluator_and_ask_nobody() -> None:
    bureau = Bureau(says(""))
    said = await bureau.rules.evaluate(bureau.snapshot, slot="1", positions=[position()], lessons=[lesson()])
    assert (said.by, said.slot, said.at_ms, said.asked, said.lessons) == ("rules", "1", AT_MS, None, ())
    assert not bureau.rules.asks_models


# What comes of asking it


async def test_one_call_for_all_trades_and_its_answer_counts() -> None:
    said = answer(advice("t1", "EXIT"), lessons=({"trade": "c1", "lesson": "Wait for the close."},))
    bureau = Bureau(says(said))
    held = (position(), position(portfolio="conservative"))
    made = await bureau.look(*held, lessons=(lesson(),))
    assert len(bureau.asked) == 1
    assert bureau.asked[0].cycle == "evaluator 1800000", "a budget of its own beside the council's"
    assert (made.by, made.slot, made.at_ms, made.fault) == ("gina", "1800000", AT_MS, "")
    assert [(each.portfolio, each.advice) for each in made.advices] == [("aggressive", Advice.EXIT)]
    assert [each.lesson for each in made.lessons] == ["Wait for the close."]
    assert made.asked is not None
    assert (made.asked.code, made.asked.template, made.asked.stood_in) == ("advised", "evaluate-1", "")
    assert made.asked.record == bureau.model.record_key("evaluate-1")
    (asking,) = made.asked.askings
    assert (asking.request, asking.record) == (bureau.asked[0].digest, "record-gina")


async def test_an_answer_that_is_not_sound_is_asked_for_once_more() -> None:
    bureau = Bureau(says("I would hold.", answer(advice("t1", "TIGHTEN", 101))))
    made = await bureau.look(position())
    assert len(bureau.asked) == 2
    assert "not_json" in bureau.asked[1].prompt
    assert (made.by, made.advices[0].stop) == ("gina", D(101))
    assert made.asked is not None
    assert [one.fault for one in made.asked.askings] == ["not_json", ""]


async def test_advice_that_cannot_be_mended_is_left_to_the_desk_and_the_rest_stands() -> None:
    bureau = Bureau(says(answer(advice("t1", "TIGHTEN", 80), advice("t2", "EXIT"))))
    made = await bureau.look(position(), position(portfolio="b"))
    assert len(bureau.asked) == 2
    assert made.by == "gina"
    assert [(each.advice, each.stop) for each in made.advices] == [(Advice.TIGHTEN, D(80)), (Advice.EXIT, None)]


async def test_a_second_answer_that_does_not_come_leaves_the_first_as_far_as_it_goes() -> None:
    silence = MindSilence(analyst="gina", code="timeout", reason="no answer in time")
    replies: list[Any] = [answer(advice("t1", "TIGHTEN", 80), advice("t2", "EXIT")), silence]
    made = await Bureau(lambda model, request: replies.pop(0)).look(position(), position(portfolio="b"))
    assert (made.by, len(made.advices)) == ("gina", 2)


async def test_the_last_answer_decides_also_where_the_first_could_be_read_in_part() -> None:
    bureau = Bureau(says(answer(advice("t1", "TIGHTEN", 80)), "nonsense"))
    made = await bureau.look(position())
    assert (made.by, made.fault[:9]) == ("rules", "not_json:")


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (MindSilence(analyst="gina", code="over_budget", reason="call_usd = 1"), "over_budget: call_usd = 1"),
        (MindSilence(analyst="gina", code="timeout", reason="no answer"), "timeout: no answer"),
        ("nonsense", "not_json: The answer holds no complete JSON object."),
        (answer(advice("t7")), "unknown_trade: Entry 1 of trades is about t7, which the prompt lacks."),
    ],
)
async def test_f31_where_the_model_is_not_heard_the_rules_speak_and_say_why(reply: Any, fault: str) -> None:
    bureau = Bureau(lambda model, request: reply, regimes={BTC.pair: DOWN}, prices={BTC.pair: "97", ETH.pair: "100"})
    made = await bureau.look(position())
    assert (made.by, made.fault, made.lessons) == ("rules", fault, ())
    assert [each.advice for each in made.advices] == [Advice.EXIT], "the rules' own"
    assert made.asked is not None
    assert made.asked.code == fault.partition(":")[0]


async def test_a_model_that_hangs_keeps_nobody_waiting_and_is_not_asked_again_meanwhile() -> None:
    hurried = replace(QUICK, cycle_s=0.05, call_s=0.02)

    async def stubborn(*_: object) -> str:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if free.is_set():
                    raise

    free = asyncio.Event()
    bureau = Bureau(stubborn, deadlines=hurried)
    async with asyncio.timeout(5):
        first = await bureau.look(position())
        second = await bureau.look(position())
    assert first.fault.startswith("timeout:")
    assert second.fault.startswith("busy:")
    assert len(bureau.asked) == 1
    free.set()
    late = bureau.evaluator._late
    assert late is not None
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    assert (await bureau.look(position())).fault.startswith("timeout:"), "once it has let go it is asked again"
    late = bureau.evaluator._late
    assert late is not None
    late.cancel()
    await asyncio.wait([late])


async def test_a_call_that_lasts_too_long_is_a_timeout() -> None:
    bureau = Bureau(never, deadlines=replace(QUICK, cycle_s=0.1, call_s=0.05))
    assert (await bureau.look(position())).fault.startswith("timeout:")


async def test_an_asking_that_fails_names_the_errors_kind_and_not_its_text() -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("https://user:password@example.org")

    made = await Bureau(broken).look(position())
    assert (made.by, made.fault) == ("rules", "failed: Asking it failed: RuntimeError.")


async def test_an_operating_error_of_the_mind_stops_what_cannot_go_on() -> None:
    def gone(*_: object) -> str:
        raise Unavailable("no record")

    with pytest.raises(Unavailable, match="no record"):
        await Bureau(gone).look(position())


async def test_a_fallbacks_answer_counts_and_is_told() -> None:
    def stood_in(model: Any, request: Any) -> Any:
        return answered(answer(advice("t1", "EXIT")), model, by="openrouter/other")

    made = await Bureau(stood_in).look(position())
    assert (made.by, made.fault, made.advices[0].advice) == ("openrouter/other", "", Advice.EXIT)
    assert made.asked is not None
    assert (made.asked.stood_in, made.asked.askings[0].fallback) == ("openrouter/other", True)


async def test_the_models_own_second_answer_is_its_own() -> None:
    replies = [answered("nonsense", spec("gina"), by="openrouter/other"), answered(answer(advice()), spec("gina"))]
    made = await Bureau(lambda model, request: replies.pop(0)).look(position())
    assert made.by == "gina"
    assert made.asked is not None
    assert made.asked.stood_in == ""


async def test_nobody_is_asked_about_nothing() -> None:
    bureau = Bureau(says(answer()))
    assert await bureau.look() == Evaluation("1800000", AT_MS, "rules", ())
    assert (await bureau.look(lessons=(lesson(),))).by == "gina", "a trade to learn from is something"
    assert len(bureau.asked) == 1


async def test_a_window_that_is_too_small_is_told_and_the_rules_speak() -> None:
    bureau = Bureau(says(answer()), model=spec("gina", context_tokens=2_000, output_tokens_max=900))
    made = await bureau.look(position())
    assert made.fault.startswith("prompt_too_large:")
    assert not bureau.asked


async def test_the_rules_look_at_the_market_as_it_stood_before_the_model_was_waited_for() -> None:
    bureau = Bureau(says(""))
    before = bureau.rules.judge(bureau.snapshot, slot="1800000", positions=[position(pair=ETH.pair)])

    def meanwhile(*_: object) -> str:
        candle = Candle(ETH.pair, "1h", AT_MS, 10_000, 20_000, 9_000, 20_000, 1.0)
        bureau.lookout.observe(Step(AT_MS + 3_600_000, (candle,)))
        return "nonsense"

    bureau.mind.scripts = {"gina": meanwhile}
    quiet = replace(bureau.snapshot, step=Step(AT_MS, ()))
    made = await bureau.evaluator.evaluate(quiet, slot="1800000", positions=[position(pair=ETH.pair)], lessons=[])
    assert made.advices == before.advices


# Lessons on their way back into prompts


def test_the_councils_lessons_come_first_and_no_sentence_twice() -> None:
    many = [lesson(f"s{n}", source="bar_reaction", lesson=f"Of a strategy {n}.", at_ms=AT_MS - n) for n in range(30)]
    own = [lesson(f"c{n}", lesson="The same." if n < 5 else f"Of the council {n}.", at_ms=n) for n in range(18)]
    quotes = lesson_quotes([*own, *many])
    told = [quote.text.partition(".")[0] for quote in quotes]
    assert sum("strategy" in text for text in told) == 5
    assert told.count("The same") == 1
    assert sum("council" in text for text in told) == 13
    assert {quote.kind for quote in quotes} == {TextKind.LESSON}
    assert [quote.at_ms for quote in quotes] == sorted(quote.at_ms for quote in quotes)
    assert quotes[-1].text == (
        "Of a strategy 0. (ETH/USDT SHORT: Ended by stop after 3.0 h at -1.02 R; RANGING then, NEUTRAL now. consensus "
        "expected SHORT from 50 to 40, wrong at 55, with confidence 0.6.)"
    )
