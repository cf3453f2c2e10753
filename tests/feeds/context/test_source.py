"""The last good answer is kept while nobody answers, and its age is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Lane
from quorate.feeds.context.source import Source
from tests.feeds.context.conftest import NOW_MS, FakeTime

MakeLane = Callable[..., Lane]
DAY_S = 86_400.0


class Numbers:
    """Answers 1, 2, 3 ... unless it is down."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_down = False

    async def next(self) -> int:
        self.asked += 1
        if self.is_down:
            raise SourceFault("down", "It fails (503).", hint="")
        return self.asked


def source_of(numbers: Numbers, lane: Lane, clock: FakeTime, **options: Callable[[int, int], None]) -> Source[int]:
    return Source("numbers", numbers.next, lane=lane, fresh_s=60.0, stale_s=3_600.0, clock=clock, **options)


async def test_a_fresh_answer_is_not_asked_for_again(lane: MakeLane, clock: FakeTime):
    numbers = Numbers()
    source = source_of(numbers, lane(), clock)
    assert source.health().state == "waiting"
    first = await source.read()
    clock.advance(59.0)
    again = await source.read()
    assert first is not None
    assert again is not None
    assert (first.value, again.value, again.age_ms, numbers.asked) == (1, 1, 59_000, 1)
    clock.advance(1.0)
    newer = await source.read()
    assert newer is not None
    assert newer.value == 2


async def test_while_nobody_answers_the_last_answer_stays_and_grows_old_until_it_is_too_old(
    lane: MakeLane, clock: FakeTime
):
    numbers = Numbers()
    source = source_of(numbers, lane(attempts_max=1), clock)
    await source.refresh()
    numbers.is_down = True
    clock.advance(600.0)
    stale = await source.read()
    health = source.health()
    assert stale is not None
    assert (stale.value, stale.age_ms) == (1, 600_000)
    assert (health.state, health.fault, health.age_ms, health.why) == ("stale", "down", 600_000, "It fails (503).")
    clock.advance(3_000.0)
    assert await source.read() is None
    assert source.health().state == "down"


async def test_a_source_dead_for_a_day_is_asked_seldom_and_recovers_at_once(lane: MakeLane, clock: FakeTime):
    numbers = Numbers()
    source = source_of(numbers, lane(attempts_max=1, failures_max=3, rest_s=60.0, rest_max_s=1_800.0), clock)
    numbers.is_down = True
    for _ in range(int(DAY_S / 15)):
        clock.advance(15.0)
        await source.refresh()
    assert numbers.asked < 70
    health = source.health()
    assert (health.state, health.breaker, health.age_ms, health.answered_ms) == ("down", "open", None, None)
    assert 0 < health.rests_s <= 1_800
    numbers.is_down = False
    clock.advance(health.rests_s)
    reading = await source.read()
    assert reading is not None
    health = source.health()
    assert (health.state, health.breaker, health.failures) == ("ok", "closed", 0)


async def test_ages_do_not_follow_a_wall_clock_that_is_set(lane: MakeLane, clock: FakeTime):
    source = source_of(Numbers(), lane(), clock)
    await source.refresh()
    for ms in (86_400_000, -172_800_000):
        clock.set_ahead(ms)
        clock.advance(1.0)
    assert source.health().age_ms == 2_000
    assert source.health().answered_ms == NOW_MS


async def test_an_answer_nobody_renewed_is_stale_even_without_a_fault(lane: MakeLane, clock: FakeTime):
    source = source_of(Numbers(), lane(), clock)
    await source.refresh()
    clock.advance(121.0)
    assert source.health().state == "stale"


async def test_many_who_ask_at_once_make_one_question(lane: MakeLane, clock: FakeTime):
    numbers = Numbers()
    source = source_of(numbers, lane(), clock)
    readings = await asyncio.gather(*(source.read() for _ in range(20)))
    assert numbers.asked == 1
    assert {reading.value for reading in readings if reading} == {1}


async def test_an_answer_that_cannot_be_kept_is_a_fault_and_not_an_answer(lane: MakeLane, clock: FakeTime):
    def refuse(_answer: int, _now_ms: int) -> None:
        raise KeyError("btc")

    source = source_of(Numbers(), lane(attempts_max=1), clock, take=refuse)
    assert await source.read() is None
    assert source.health().fault == "malformed"
