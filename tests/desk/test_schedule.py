"""Cron expressions as slots, compared with the plainest reading of cron: look at every minute."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quorate.desk.schedule import DAY_MS, MINUTE_MS, CronMalformed, check, latest_slot, next_slot

LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
MONTH_DAYS = dict(zip(range(1, 13), (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
INSTANTS = st.integers(min_value=0, max_value=4_102_444_800_000)


def at(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()) * 1_000


@st.composite
def fields(draw, low: int, high: int) -> tuple[str, frozenset[int]]:
    """A field's text together with the numbers it stands for."""
    number = st.integers(low, high)
    shape = draw(st.sampled_from(("all", "one", "step", "range", "list")))
    if shape == "all":
        return "*", frozenset(range(low, high + 1))
    if shape == "one":
        chosen = draw(number)
        return str(chosen), frozenset({chosen})
    if shape == "step":
        step = draw(st.integers(1, high))
        return f"*/{step}", frozenset(range(low, high + 1, step))
    if shape == "range":
        first, last = sorted((draw(number), draw(number)))
        step = draw(st.integers(1, 5))
        return f"{first}-{last}/{step}", frozenset(range(first, last + 1, step))
    chosen = draw(st.sets(number, min_size=1, max_size=4))
    return ",".join(map(str, chosen)), frozenset(chosen)


@st.composite
def expressions(draw) -> tuple[str, tuple[frozenset[int], ...], bool]:
    texts, values = zip(*(draw(fields(low, high)) for low, high in LIMITS), strict=True)
    either_day = "*" not in (texts[2], texts[4])
    assume(either_day or min(values[2]) <= max(MONTH_DAYS[month] for month in values[3]))
    return " ".join(texts), values, either_day


def named(at_ms: int, values: tuple[frozenset[int], ...], either_day: bool) -> bool:
    when = datetime.fromtimestamp(at_ms / 1_000, UTC)
    minutes, hours, days, months, weekdays = values
    by_date, by_weekday = when.day in days, (when.weekday() + 1) % 7 in weekdays
    day = by_date or by_weekday if either_day else by_date and by_weekday
    return when.minute in minutes and when.hour in hours and when.month in months and day


@given(expressions(), INSTANTS)
def test_a_slot_is_named_by_its_expression_and_none_lies_between(expression, at_ms):
    text, values, either_day = expression
    latest, following = latest_slot(text, at_ms), next_slot(text, at_ms)
    assert latest <= at_ms < following
    assert named(latest, values, either_day)
    assert named(following, values, either_day)
    nearest_day_before, nearest_day_after = latest + MINUTE_MS, following - MINUTE_MS
    for minute in range(nearest_day_before, min(following, nearest_day_before + 2 * DAY_MS), MINUTE_MS):
        assert not named(minute, values, either_day)
    for minute in range(nearest_day_after, max(latest, nearest_day_after - 2 * DAY_MS), -MINUTE_MS):
        assert not named(minute, values, either_day)


@given(INSTANTS)
def test_the_next_slot_is_the_latest_one_when_it_has_come(at_ms):
    for text in ("*/10 * * * *", "0 */6 * * *", "30 3 1 * *"):
        assert latest_slot(text, next_slot(text, at_ms)) == next_slot(text, at_ms)
        assert next_slot(text, latest_slot(text, at_ms) - 1) == latest_slot(text, at_ms)


@pytest.mark.parametrize(
    ("expression", "instant", "latest", "following"),
    [
        ("*/10 * * * *", "2025-03-01 12:00", "2025-03-01 12:00", "2025-03-01 12:10"),
        ("*/10 * * * *", "2025-03-01 00:09", "2025-03-01 00:00", "2025-03-01 00:10"),
        ("0 */6 * * *", "2025-02-28 23:59", "2025-02-28 18:00", "2025-03-01 00:00"),
        ("0 0 29 2 *", "2025-03-01 00:00", "2024-02-29 00:00", "2028-02-29 00:00"),
        ("0 0 29 2 *", "2097-01-01 00:00", "2096-02-29 00:00", "2104-02-29 00:00"),
        ("0 12 * * 7", "2025-03-01 00:00", "2025-02-23 12:00", "2025-03-02 12:00"),
        ("0 12 13 * 5", "2025-06-12 00:00", "2025-06-06 12:00", "2025-06-13 12:00"),
        ("0 12 1/2 * *", "2025-01-31 13:00", "2025-01-31 12:00", "2025-02-01 12:00"),
        ("0 0 * * 1/2", "2025-03-02 00:00", "2025-02-28 00:00", "2025-03-03 00:00"),
    ],
)
def test_slots_that_can_be_checked_by_hand(expression, instant, latest, following):
    assert latest_slot(expression, at(instant)) == at(latest)
    assert next_slot(expression, at(instant)) == at(following)


@pytest.mark.parametrize(
    "expression",
    [
        *("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "@daily"),
        *("*/0 * * * *", "5-1 * * * *", "a * * * *", "-1 * * * *", "1- * * * *", "1,,2 * * * *", "* * * jan *"),
        *("٣ * * * *", "0 0 31 2 *", "0 0 30 2 *", "* " * 3_000, "*/1.5 * * * *", "1--2 * * * *"),
    ],
)
def test_what_is_no_schedule_is_refused_with_one_sentence(expression):
    with pytest.raises(CronMalformed) as caught:
        check(expression)
    assert len(str(caught.value)) < 600
