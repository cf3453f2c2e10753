"""The evaluator: advice on open trades is carried out as far as it takes risk away, and not one step further.

Advice is a request, whoever gives it (C30). It can move a stop towards less risk and it can close a trade; nothing in
here opens, enlarges or loosens anything, and nothing waits for it: stops, targets and entries go on without it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from quorate.desk.orders import exit_waiting, send_out
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.evaluation import Advice, Evaluated, Evaluation, TradeAdvice
from quorate.domain.lessons import RULES, Lesson
from quorate.domain.money import plain
from quorate.domain.orders import Purpose
from quorate.domain.portfolio import Position

JOB = "evaluator"
TEXT_CHARS_MAX = 400
"""Characters of a reason or a lesson that are kept."""
LESSONS_OFFERED_MAX = 8
"""Closed trades that are offered at once for a better sentence than the rules' own."""
PRICE_LIMIT, PRICE_DECIMALS_MAX = Decimal(10) ** 12, 18
"""No price is that high or has more decimals; another figure is not written down."""


def open_trades(state: DeskState) -> tuple[Position, ...]:
    """Every open position, by portfolio, then pair: what the evaluator looks at."""
    held = (position for of_pair in state.positions.values() for position in of_pair.values())
    return tuple(sorted(held, key=lambda position: (position.portfolio, position.pair)))


def lessons_offered(state: DeskState) -> tuple[Lesson, ...]:
    """Lessons that a model may put into better words, newest last: those by rule since the evaluator's last slot.

    Each is offered once, so that a lesson which a model has nothing to say about is not paid for again and again.
    """
    since_ms = state.slots.get(JOB, 0)
    fresh = [lesson for lesson in state.lessons if lesson.by == RULES and lesson.at_ms >= since_ms]
    return tuple(fresh[-LESSONS_OFFERED_MAX:])


def evaluate(turn: Turn, evaluation: Evaluation) -> str:
    """Carry out what can be carried out and write down all of it; returns the report as JSON text.

    `evaluated` counts the trades that are open, each of them either held, tightened or exited; `ignored` counts advice
    that was not carried out. At full speed a slot that changed nothing and cost nothing is not written down.
    """
    events_before, count = len(turn.events), len(open_trades(turn.state))
    told = tuple(_carried_out(turn, evaluation))
    _learn(turn, evaluation)
    followed = [each.advice for each in told if not each.ignored]
    tightened, exited = followed.count(Advice.TIGHTEN), followed.count(Advice.EXIT)
    report = {
        "success": True,
        "cycle": evaluation.slot,
        "evaluated": count,
        "held": count - tightened - exited,
        "tightened": tightened,
        "exited": exited,
        "ignored": len(told) - len(followed),
    }
    text = json.dumps(report, sort_keys=True, separators=(",", ":"))
    changed = len(turn.events) > events_before or evaluation.asked is not None
    if turn.charter.paced or changed or not evaluation.slot.isdigit():
        turn.emit(
            ev.PositionsEvaluated(
                evaluation.slot, turn.at_ms, evaluation.by, told, evaluation.asked, evaluation.fault[:TEXT_CHARS_MAX]
            )
        )
        turn.emit(ev.JobCompleted(JOB, evaluation.slot, turn.at_ms, text))
    return text


def _carried_out(turn: Turn, evaluation: Evaluation) -> Iterator[Evaluated]:
    """What became of each piece of advice, in the order in which it was given.

    To hold a trade that the same bar has closed is no advice.
    """
    done: set[tuple[str, str]] = set()
    for advice in evaluation.advices:
        trade = (advice.portfolio, advice.pair)
        position = turn.state.position(*trade)
        stop, ignored = None, ""
        if position is None or position.signal_id != advice.signal_id:
            if advice.advice is Advice.HOLD:
                continue  # nothing was wanted of a trade that is gone
            ignored = "the trade is not open"
        elif trade in done:
            ignored = "an earlier advice on this trade stands"
        elif exit_waiting(turn, position):
            ignored = "an exit is on its way"
        elif advice.advice is Advice.TIGHTEN:
            stop, ignored = _tighten(turn, position, advice.stop)
        elif advice.advice is Advice.EXIT:
            send_out(turn, position, Purpose.ADVICE)
        done.add(trade)
        shown = _shown(advice) if stop is None else stop
        yield Evaluated(*trade, advice.advice, shown, advice.reason[:TEXT_CHARS_MAX], ignored)


def _tighten(turn: Turn, position: Position, wanted: Decimal | None) -> tuple[Decimal | None, str]:
    """(the stop as it stands now, ""), or (None, why it was left where it is).

    The new stop lies strictly between the present one and the price, on the tick that is nearer to the price: rounding
    takes risk away and never adds any.
    """
    market, mark, long = turn.market(position.pair), turn.state.marks[position.pair], position.side.sign > 0
    low, high = (position.stop, mark) if long else (mark, position.stop)
    if wanted is None or not wanted.is_finite():
        return None, "no stop was given"
    if low < wanted < high:
        # Only now: a figure of a thousand digits has no ticks worth counting.
        wanted = market.price(market.ticks_ceil(wanted) if long else market.ticks_floor(wanted))
    if low < wanted < high:
        turn.emit(ev.PositionChanged(replace(position, stop=wanted), "tightened", turn.at_ms))
        return wanted, ""
    if (wanted <= position.stop) if long else (wanted >= position.stop):
        return None, f"no tighter than the present stop {plain(position.stop)}"
    return None, f"at or beyond the price {plain(mark)}"


def _shown(advice: TradeAdvice) -> Decimal | None:
    """The stop as it was advised, where it is a figure that can be written down."""
    stop = advice.stop
    if stop is None or not stop.is_finite() or not 0 < stop < PRICE_LIMIT:
        return None
    exponent = stop.as_tuple().exponent
    return stop if isinstance(exponent, int) and exponent >= -PRICE_DECIMALS_MAX else None


def _learn(turn: Turn, evaluation: Evaluation) -> None:
    """Put a model's sentences in the place of the rules'; what a model has said once is not said anew."""
    if evaluation.by == RULES:
        return
    open_to = {lesson.trade: lesson for lesson in turn.state.lessons if lesson.by == RULES}
    for sentence in evaluation.lessons:
        said = sentence.lesson[:TEXT_CHARS_MAX].strip()
        lesson = open_to.pop(sentence.trade, None) if said else None
        if lesson is not None:
            turn.emit(ev.LessonLearned(replace(lesson, lesson=said, by=evaluation.by)))
