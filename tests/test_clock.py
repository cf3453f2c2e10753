"""The clocks: one that runs, one that a test moves."""

import asyncio

from quorate.clock import ManualClock, SystemClock


async def test_the_machines_clock_runs():
    clock = SystemClock()
    began_ms, began = clock.now_ms(), clock.monotonic()
    await clock.sleep(-1)
    assert began_ms > 1_700_000_000_000
    assert clock.monotonic() >= began


async def test_a_manual_clock_wakes_sleepers_when_their_time_has_come():
    clock = ManualClock(1_000)
    woken = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now_ms()))

    tasks = [asyncio.create_task(sleeper("late", 5)), asyncio.create_task(sleeper("early", 2))]
    await clock.sleep(0)
    clock.advance(2)
    await tasks[1]
    assert woken == [("early", 3_000)]
    clock.advance(3)
    await tasks[0]
    assert woken[1] == ("late", 6_000)
    assert clock.monotonic() == 5


async def test_a_sleeper_that_is_cancelled_is_forgotten():
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    clock.advance(2)
    assert task.cancelled()
