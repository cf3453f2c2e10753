"""Health is honest about every part, and nothing that is wrong keeps it from answering."""

import asyncio

import asyncpg
import pytest

from quorate.clock import ManualClock
from quorate.ops.health import HealthBoard, HealthRules
from quorate.ops.heartbeat import keep_beating
from quorate.store.readers.roles import RoleState, newest


async def pool_of(database):
    return await database.pool(name="health test", size_max=2)


async def test_a_role_beats_until_it_ends_and_then_leaves(database):
    pool = await pool_of(database)
    twice = asyncio.Event()
    asked = []

    def state():
        asked.append(1)
        if len(asked) == 2:
            twice.set()
        return RoleState(account="paper")

    beating = asyncio.create_task(keep_beating(pool, role="worker", instance="1", state=state, every_s=0.01))
    async with asyncio.timeout(60):
        await twice.wait()
    assert [row.role for row in await newest(pool)] == ["worker"]
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert await newest(pool) == []
    await pool.close()


async def test_a_database_that_is_gone_does_not_stop_a_role(database):
    pool = await pool_of(database)
    pool.terminate()
    thrice = asyncio.Event()
    asked = []

    def state():
        asked.append(1)
        if len(asked) == 3:
            thrice.set()
        return RoleState()

    beating = asyncio.create_task(keep_beating(pool, role="feed", instance="1", state=state, every_s=0.01))
    async with asyncio.timeout(60):
        await thrice.wait()
    beating.cancel()
    (outcome,) = await asyncio.gather(beating, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)


class BreakingPool:
    """Every use ends as that of a connection that the server cut off in the midst of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def execute(self, *_: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.InterfaceError("connection is closed"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_f17_whatever_a_cut_connection_says_does_not_stop_a_role(error):
    thrice, asked = asyncio.Event(), []

    def state():
        asked.append(1)
        if len(asked) == 3:
            thrice.set()
        return RoleState()

    pool = BreakingPool(error)
    beating = asyncio.create_task(
        keep_beating(pool, role="worker", instance="1", state=state, every_s=0.001)  # pyright: ignore[reportArgumentType]
    )
    async with asyncio.timeout(60):
        await thrice.wait()
    beating.cancel()
    (outcome,) = await asyncio.gather(beating, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)


async def test_redis_that_hangs_is_down_and_health_answers_all_the_same(database, monkeypatch):
    monkeypatch.setattr("quorate.ops.health.PROBE_TIMEOUT_S", 0.05)
    pool = await pool_of(database)

    async def hang():
        await asyncio.Event().wait()

    board = HealthBoard(pool, ManualClock(10_000), HealthRules(role_lost_ms=1_000, mode="paper", redis=hang))
    parts = {part.name: part for part in (await board.report("paper")).parts}
    assert (parts["redis"].state, parts["postgres"].state) == ("down", "up")
    assert "journal are not affected" in parts["redis"].detail
    await pool.close()


async def test_a_live_feed_whose_data_is_old_is_stale(database):
    pool = await pool_of(database)
    clock = ManualClock(1_000_000)
    state = '{"kind":"exchange","at_ms":900000,"stale_after_ms":30000,"label":"kraken"}'
    await pool.execute("insert into roles (role, instance, state) values ('feed', '1', $1)", state)
    board = HealthBoard(pool, clock, HealthRules(role_lost_ms=10_000, mode="paper", redis=None))
    report = await board.report(None)
    assert (report.feed.state, report.feed.age_ms, report.status, report.ready) == ("stale", 100_000, "degraded", False)
    await pool.close()


async def test_a_role_of_another_release_is_alive_and_that_is_all(database):
    pool = await pool_of(database)
    await pool.execute("insert into roles (role, instance, state) values ('worker', '1', '{\"account\": 5}')")
    (row,) = await newest(pool)
    assert "another release" in row.state.detail
    await pool.close()


async def test_what_ails_a_feed_stands_behind_its_name(database):
    pool = await pool_of(database)
    state = '{"kind":"replay","label":"replay","detail":"not written down: no room"}'
    await pool.execute("insert into roles (role, instance, state) values ('feed', '1', $1)", state)
    board = HealthBoard(pool, ManualClock(1_000_000), HealthRules(role_lost_ms=10_000, mode="paper", redis=None))
    parts = {part.name: part.detail for part in (await board.report(None)).parts}
    assert parts["feed"] == "replay; not written down: no room"
    await pool.close()
