"""When a job is due: five-field cron expressions as instants of feed time.

A slot is an instant that an expression names, always in UTC, so that no slot is ever doubled or lost by a change of
clocks. The desk may import nothing but the standard library, and needs only "the newest slot until now" and "the next
one", which is why this is not a scheduler.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from quorate.domain.errors import BadInput

MINUTE_MS = 60_000
DAY_MS = 86_400_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SEARCH_DAYS_MAX = 366 * 8 + 1
"""29 February can be eight years away (1896 to 1904, 2096 to 2104); nothing that ever comes is rarer."""
EXPRESSION_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields: the numbers it takes, and where `*` and an open range end."""

    name: str
    low: int
    high: int
    top: int


FIELDS = (
    _Field("minute", 0, 59, 59),
    _Field("hour", 0, 23, 23),
    _Field("day of month", 1, 31, 31),
    _Field("month", 1, 12, 12),
    _Field("day of week", 0, 7, 6),  # 7 is Sunday once more
)


class CronMalformed(BadInput):
    """A text that is not a five-field cron expression."""

    code = "cron_malformed"


@dataclass(frozen=True, slots=True)
class _Plan:
    """An expression taken apart: the instants of a due day, and what makes a day due."""

    instants_ms: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """Sunday is 0."""
    either_day: bool
    """Both day fields are restricted: then either of them is enough, as in every cron."""

    def due(self, day: int) -> bool:
        """Whether the day, counted from 1970-01-01, has slots."""
        when = date.fromordinal(day + EPOCH_ORDINAL)
        if when.month not in self.months:
            return False
        by_date, by_weekday = when.day in self.days, when.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday


def check(expression: str) -> None:
    """CronMalformed, with a sentence, unless `expression` names at least one instant."""
    next_slot(expression, at_ms=0)


def latest_slot(expression: str, at_ms: int) -> int:
    """The newest slot at or before `at_ms`, both in UTC milliseconds."""
    plan = _plan(expression)
    day, instant = divmod(at_ms, DAY_MS)
    position = bisect_right(plan.instants_ms, instant)
    if position and plan.due(day):
        return day * DAY_MS + plan.instants_ms[position - 1]
    for earlier in range(day - 1, day - 1 - SEARCH_DAYS_MAX, -1):
        if plan.due(earlier):
            return earlier * DAY_MS + plan.instants_ms[-1]
    raise _never(expression)


def next_slot(expression: str, at_ms: int) -> int:
    """The first slot after `at_ms`, both in UTC milliseconds."""
    plan = _plan(expression)
    day, instant = divmod(at_ms + 1, DAY_MS)
    position = bisect_left(plan.instants_ms, instant)
    if position < len(plan.instants_ms) and plan.due(day):
        return day * DAY_MS + plan.instants_ms[position]
    for later in range(day + 1, day + 1 + SEARCH_DAYS_MAX):
        if plan.due(later):
            return later * DAY_MS + plan.instants_ms[0]
    raise _never(expression)


@lru_cache(maxsize=64)
def _plan(expression: str) -> _Plan:
    words = expression.split() if len(expression) <= EXPRESSION_CHARS_MAX else []
    if len(words) != len(FIELDS):
        raise CronMalformed(
            f"The schedule {expression[:EXPRESSION_CHARS_MAX]!r} is not a cron expression of five fields.",
            hint='They are minute, hour, day of month, month, day of week: "*/10 * * * *" is every ten minutes.',
        )
    minutes, hours, days, months, weekdays = (
        _values(word, expression, field) for word, field in zip(words, FIELDS, strict=True)
    )
    return _Plan(
        instants_ms=tuple((hour * 60 + minute) * MINUTE_MS for hour in sorted(hours) for minute in sorted(minutes)),
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day="*" not in (words[2], words[4]),
    )


def _values(word: str, expression: str, field: _Field) -> frozenset[int]:
    """The numbers a field names: `*`, `5`, `1-5`, each with `/step`, or a list of these."""
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            first, last = str(field.low), str(field.top)
        elif not dash:
            last = str(field.top) if slash else first
        numbers = (first, last, step if slash else "1")
        begin, until, stride = (int(n) if n.isascii() and n.isdigit() else -1 for n in numbers)
        if not (field.low <= begin <= until <= field.high and stride > 0):
            raise CronMalformed(
                f"The schedule {expression!r} has {part!r} for the {field.name}.",
                hint=f"Possible: a number {field.low} to {field.high}, a range 1-5, a list 1,5, a step */10, or *.",
            )
        found.update(range(begin, until + 1, stride))
    return frozenset(found)


def _never(expression: str) -> CronMalformed:
    return CronMalformed(f"The schedule {expression!r} names a day that never comes.", hint="Change its day or month.")
