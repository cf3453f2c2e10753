"""What closed trades taught, as texts for a prompt: the council's own first, none twice."""

from collections.abc import Iterable, Sequence

from quorate.analysts.prompt_inputs import Quote, TextKind
from quorate.domain.lessons import Lesson
from quorate.domain.signals import COUNCIL

OF_COUNCIL_MAX, OF_OTHERS_MAX = 15, 5
"""A prompt has room for twenty: the strategies' many trades leave the council's few their place."""


def lesson_quotes(lessons: Sequence[Lesson]) -> tuple[Quote, ...]:
    """The newest lessons as quoted texts, by time; the same sentence once, at its newest trade.

    They are quoted as a stranger's words: a model may have written one, and models read strangers.
    """
    own = _newest((lesson for lesson in lessons if lesson.source == COUNCIL), OF_COUNCIL_MAX)
    others = _newest((lesson for lesson in lessons if lesson.source != COUNCIL), OF_OTHERS_MAX)
    return tuple(map(_quote, sorted((*own, *others), key=lambda lesson: (lesson.at_ms, lesson.trade))))


def _newest(lessons: Iterable[Lesson], most: int) -> list[Lesson]:
    by_sentence: dict[str, Lesson] = {}
    for lesson in sorted(lessons, key=lambda lesson: (-lesson.at_ms, lesson.trade)):
        by_sentence.setdefault(lesson.lesson, lesson)
    return list(by_sentence.values())[:most]


def _quote(lesson: Lesson) -> Quote:
    """The sentence first: what does not fit is cut off at the end."""
    told = f"{lesson.lesson} ({lesson.pair} {lesson.side}: {lesson.happened} {lesson.expected})"
    return Quote(kind=TextKind.LESSON, source=lesson.source, at_ms=lesson.at_ms, text=told)
