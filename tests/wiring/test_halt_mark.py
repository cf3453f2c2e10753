"""The mark of an offline panic halts the desk of its data directory: at the start, and while it runs."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from quorate.accounts.halt_marker import HaltMark, lift_halt, write_halt
from quorate.domain.errors import Unavailable
from quorate.settings import FeedSettings, Settings
from quorate.wiring.at_venue import stay_halted

MARK = HaltMark(at_ms=7, by="quorate panic --offline", reason="panic")


class Halting:
    """Stands where a worker stands: notes how often it was halted. `failing`: the first so many fail."""

    def __init__(self, *, failing: int = 0) -> None:
        self.halted = 0
        self.failing = failing
        self.told = asyncio.Event()

    async def act(self, act: object) -> None:
        assert callable(act)
        if self.failing:
            self.failing -= 1
            raise Unavailable("The journal is away.")
        self.halted += 1
        self.told.set()


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


async def test_a_desk_that_starts_where_the_mark_lies_is_halted_before_anything_else(tmp_path, stack):
    write_halt(tmp_path, MARK)
    worker = Halting()
    await stay_halted(Settings(data_dir=tmp_path), worker, stack)
    assert worker.halted == 1


async def test_a_desk_that_runs_is_halted_when_the_mark_is_left_once_for_each(tmp_path, stack):
    worker = Halting()
    await stay_halted(Settings(data_dir=tmp_path), worker, stack)
    assert worker.halted == 0
    for place in (7, 8):
        worker.told.clear()
        write_halt(tmp_path, HaltMark(at_ms=place, by="somebody", reason="panic"))
        await asyncio.wait_for(worker.told.wait(), 20)
    assert worker.halted == 2
    lift_halt(tmp_path)


async def test_a_desk_that_could_not_halt_tries_again(tmp_path, stack):
    worker = Halting(failing=1)
    await stay_halted(Settings(data_dir=tmp_path), worker, stack)
    write_halt(tmp_path, MARK)
    await asyncio.wait_for(worker.told.wait(), 20)


async def test_a_replay_takes_no_notice(tmp_path, stack):
    write_halt(tmp_path, MARK)
    worker = Halting()
    replay = FeedSettings(kind="simulated", timerange="20250101-20250102")
    await stay_halted(Settings(data_dir=tmp_path, feed=replay), worker, stack)
    assert worker.halted == 0
