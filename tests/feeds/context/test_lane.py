"""How a service is asked: in turn, within a deadline, again after a moment, and not at all while it keeps failing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Lane
from tests.feeds.context.conftest import FakeTime

MakeLane = Callable[..., Lane]


class Host:
    """Fails as often as it is told, then answers."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.asked = 0

    async def ask(self) -> str:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


def down() -> SourceFault:
    return SourceFault("down", "It fails (503).")


async def fails(lane: Lane, host: Host) -> SourceFault:
    with pytest.raises(SourceFault) as caught:
        await lane.call(host.ask)
    return caught.value


async def test_a_passing_fault_is_asked_again_after_growing_waits(lane: MakeLane, clock: FakeTime):
    host = Host(down(), down())
    assert await lane(attempts_max=3, retry_first_s=1.0).call(host.ask) == "answer"
    assert host.asked == 3
    assert clock.slept == [1.0, 2.0]


async def test_a_wrong_key_is_not_asked_again(lane: MakeLane):
    host = Host(SourceFault("refused", "It refuses us (401)."))
    assert (await fails(lane(), host)).kind == "refused"
    assert host.asked == 1


async def test_the_deadline_counts_every_attempt_and_wait(lane: MakeLane, clock: FakeTime):
    host = Host(*(down() for _ in range(9)))
    await fails(lane(attempts_max=9, deadline_s=10.0, retry_first_s=4.0, retry_max_s=4.0), host)
    assert host.asked == 3
    assert clock.monotonic() < 10.0


async def test_a_host_that_hangs_is_given_up_at_the_deadline(lane: MakeLane):
    async def hang() -> str:
        await asyncio.Event().wait()
        return ""

    with pytest.raises(SourceFault) as caught:
        await lane(deadline_s=0.02).call(hang)
    assert caught.value.kind == "timeout"


async def test_what_a_parser_raises_on_hostile_bytes_is_a_fault_of_that_source(lane: MakeLane):
    fault = await fails(lane(), Host(ZeroDivisionError("secret inside")))
    assert fault.kind == "malformed"
    assert "secret" not in str(fault)


async def test_requests_keep_their_distance(lane: MakeLane, clock: FakeTime):
    way = lane(pause_s=2.0)
    for _ in range(3):
        await way.call(Host().ask)
    assert clock.slept == [2.0, 2.0]


async def test_retry_after_is_honoured_by_all_questions_of_the_lane(lane: MakeLane, clock: FakeTime):
    way = lane(attempts_max=1, deadline_s=10.0)
    await fails(way, Host(SourceFault("throttled", "429", retry_after_s=5.0)))
    assert await way.call(Host().ask) == "answer"
    assert clock.slept == [5.0]


async def test_a_turn_that_comes_after_the_deadline_is_not_waited_for_and_not_held_against_the_service(
    lane: MakeLane, clock: FakeTime
):
    way = lane(deadline_s=10.0, failures_max=1)
    way.hold(60.0)
    host = Host()
    assert (await fails(way, host)).kind == "resting"
    assert (host.asked, clock.slept, way.breaker) == (0, [], "closed")


async def test_the_breaker_opens_lets_one_question_probe_and_rests_longer_each_time(lane: MakeLane, clock: FakeTime):
    way = lane(attempts_max=1, failures_max=3, rest_s=60.0, rest_max_s=100.0)
    host = Host(*(down() for _ in range(5)))
    for _ in range(3):
        await fails(way, host)
    assert (way.breaker, way.rests_s) == ("open", 60.0)
    assert (await fails(way, host)).kind == "resting"
    assert host.asked == 3
    clock.advance(60.0)
    assert way.breaker == "half_open"
    await fails(way, host)
    assert (host.asked, way.rests_s) == (4, 100.0)
    clock.advance(100.0)
    await fails(way, host)
    assert way.rests_s == 100.0
    clock.advance(100.0)
    assert await way.call(host.ask) == "answer"
    assert (way.breaker, way.failures) == ("closed", 0)


async def test_only_one_question_probes_a_half_open_breaker(lane: MakeLane, clock: FakeTime):
    way = lane(attempts_max=1, failures_max=1, rest_s=10.0)
    await fails(way, Host(down()))
    clock.advance(10.0)
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "answer"

    probe = asyncio.create_task(way.call(slow))
    await asyncio.sleep(0)
    second = Host()
    assert (await fails(way, second)).kind == "resting"
    gate.set()
    assert await probe == "answer"
    assert second.asked == 0


async def test_a_probe_that_is_cancelled_leaves_the_way_free_for_the_next(lane: MakeLane, clock: FakeTime):
    way = lane(attempts_max=1, failures_max=1, rest_s=10.0)
    await fails(way, Host(down()))
    clock.advance(10.0)

    async def hang() -> str:
        await asyncio.Event().wait()
        return ""

    probe = asyncio.create_task(way.call(hang))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert await way.call(Host().ask) == "answer"
