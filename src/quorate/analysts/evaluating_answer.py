"""What a model advised, read as strictly as a vote: in full, in bounds, or not at all.

What can be read is still only advice: `quorate.desk.evaluator` carries out what takes risk away and nothing else.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from quorate.analysts.answer import FAULTS_TOLD_MAX, REASON_CHARS_MAX, Fault, read_object
from quorate.analysts.evaluating_prompt import CLOSED_MAX, LESSON_CHARS_MAX, TRADES_MAX, OpenTrade
from quorate.analysts.prompt_text import quoted
from quorate.domain.evaluation import Advice, Sentence, TradeAdvice
from quorate.domain.lessons import Lesson
from quorate.domain.money import plain

_ADVICES = frozenset(advice.value for advice in Advice)
_ADVICE_FIELDS = frozenset({"trade", "advice", "stop", "reason"})
_LESSON_FIELDS = frozenset({"trade", "lesson"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """An answer that could be read. `objections` tell what of it cannot be carried out, so that it can be mended."""

    advices: tuple[TradeAdvice, ...]
    """By portfolio, then pair."""
    lessons: tuple[Sentence, ...]
    objections: tuple[str, ...]


class _Illegible(Exception):
    """Carries the fault from where it is found to where it is told."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(code=code, reason=reason)


def read_advice(
    text: str, *, as_of: str, trades: Mapping[str, OpenTrade], closed: Mapping[str, Lesson]
) -> Advised | Fault:
    """The advice of an answer, or what is wrong with it.

    `as_of` is the instant that the prompt named; `trades` and `closed` are what its numbers stand for. Faults of form
    are those of `quorate.analysts.answer`, with unknown_trade and duplicate_trade of its own.
    """
    answer = read_object(text)
    if isinstance(answer, Fault):
        return answer
    try:
        if set(answer) != {"as_of", "trades", "lessons"}:
            raise _Illegible("bad_shape", "The answer is an object of exactly as_of, trades and lessons.")
        if answer["as_of"] != as_of:
            shown = quoted(str(answer["as_of"]), chars_max=40)
            raise _Illegible("stale", f"as_of is {shown}, the prompt is of {as_of}.")
        advices, objections = _advices(_entries(answer, "trades", _ADVICE_FIELDS, TRADES_MAX, trades), trades)
        sentences = _sentences(_entries(answer, "lessons", _LESSON_FIELDS, CLOSED_MAX, closed), closed)
    except _Illegible as illegible:
        return illegible.fault
    return Advised(advices=advices, lessons=sentences, objections=objections)


def told(objections: Sequence[str]) -> str:
    """The first objections in one text, for the model that shall mend them."""
    more = len(objections) - FAULTS_TOLD_MAX
    return " ".join(objections[:FAULTS_TOLD_MAX]) + (f" And {more} more." if more > 0 else "")


def _entries(
    answer: Mapping[str, object], field: str, fields: frozenset[str], most: int, known: Mapping[str, object]
) -> list[Mapping[str, object]]:
    """The objects of a list: not too many, of exactly these fields, each about another one of those that are known."""
    entries = answer[field]
    if not isinstance(entries, list):
        raise _Illegible("bad_shape", f"{field} is not a list.")
    entries = cast("list[object]", entries)
    if len(entries) > most:
        raise _Illegible("too_many", f"{len(entries)} {field}; at most {most} are allowed.")
    for place, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or frozenset(cast("dict[str, object]", entry)) != fields:
            wanted = ", ".join(sorted(fields))
            raise _Illegible("bad_shape", f"Entry {place} of {field} is not an object of exactly {wanted}.")
    made = cast("list[Mapping[str, object]]", entries)
    named = [entry["trade"] for entry in made]
    for place, number in enumerate(named, 1):
        if not isinstance(number, str) or number not in known:
            shown = quoted(str(number), chars_max=40)
            raise _Illegible("unknown_trade", f"Entry {place} of {field} is about {shown}, which the prompt lacks.")
    repeated = sorted(str(number) for number, count in Counter(named).items() if count > 1)
    if repeated:
        raise _Illegible("duplicate_trade", f"Named more than once: {', '.join(repeated[:FAULTS_TOLD_MAX])}.")
    return made


def _advices(
    entries: Sequence[Mapping[str, object]], trades: Mapping[str, OpenTrade]
) -> tuple[tuple[TradeAdvice, ...], tuple[str, ...]]:
    advices: list[TradeAdvice] = []
    objections: list[str] = []
    for entry in entries:
        number = cast("str", entry["trade"])
        advice, stop, reason = entry["advice"], entry["stop"], entry["reason"]
        if not isinstance(advice, str) or advice not in _ADVICES:
            raise _Illegible("bad_shape", f"{number}: advice is HOLD, TIGHTEN or EXIT.")
        if not isinstance(reason, str):
            raise _Illegible("bad_shape", f"{number}: reason is a text.")
        if not (stop is None or isinstance(stop, Decimal)) or (advice != Advice.TIGHTEN and stop is not None):
            raise _Illegible("bad_shape", f"{number}: stop is a number with TIGHTEN, and null otherwise.")
        objection = _objection(trades[number], stop) if advice == Advice.TIGHTEN else None
        if objection is not None:
            objections.append(f"{number}: {objection}")
        position = trades[number].position
        said = quoted(reason, chars_max=REASON_CHARS_MAX) or "No reason given."
        advices.append(TradeAdvice(position.portfolio, position.pair, position.signal_id, Advice(advice), stop, said))
    advices.sort(key=lambda advice: (advice.portfolio, advice.pair))
    return tuple(advices), tuple(objections)


def _objection(trade: OpenTrade, stop: Decimal | None) -> str | None:
    """Why a stop cannot be set, or None; what is objectionable is kept, for the desk to ignore with its own reason."""
    position = trade.position
    low, high = sorted((position.stop, trade.price))
    if stop is not None and low < stop < high and (trade.price - position.stop) * position.side.sign > 0:
        return None
    side = position.side
    return f"TIGHTEN needs a stop strictly between {plain(position.stop)} and {plain(trade.price)} for this {side}."


def _sentences(entries: Sequence[Mapping[str, object]], closed: Mapping[str, Lesson]) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    for entry in entries:
        number, said = cast("str", entry["trade"]), entry["lesson"]
        if not isinstance(said, str):
            raise _Illegible("bad_shape", f"{number}: lesson is a text.")
        lesson = quoted(said, chars_max=LESSON_CHARS_MAX)
        if lesson:
            sentences.append(Sentence(closed[number].trade, lesson))
    return tuple(sentences)
