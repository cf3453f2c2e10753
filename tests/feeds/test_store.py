"""The candle log: a step is seen whole or not at all, exactly as it was, from another process and after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from asyncpg.pool import Pool

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import Unavailable
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.logged import LoggedFeed
from quorate.feeds.quote import Quote
from quorate.feeds.replay import ReplayFeed, ReplayOptions
from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions
from quorate.feeds.store import CandleLog
from quorate.feeds.stored import StoredFeed
from quorate.kernel.bars import Bars
from quorate.store.database import Database
from quorate.store.readers import market
from quorate.store.readers.roles import RoleState
from tests.feeds.conftest import BASE_MS, T0, FakeClock, row, write_rows

FEW = ("BTC/USDT", "PEPE/USDT")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    pool = await database.pool(name="test", size_max=3)
    yield pool
    await pool.close()


async def simulated(timerange: str = "20250102-20250103") -> SimulatedFeed:
    clock = FakeClock()
    feed = SimulatedFeed(SimulatedOptions(pairs=FEW, timerange=timerange, speed="max"), clock=clock, sleep=clock.sleep)
    await feed.open()
    return feed


async def log_whole(feed: SimulatedFeed | ReplayFeed, database: Database) -> list[Step]:
    log = CandleLog(database, feed=feed.key, markets=feed.markets)
    logged = LoggedFeed(feed, log, clock=FakeClock())
    await logged.open()
    return [step async for step in logged.steps(None)]


async def stored(database: Database, pool: Pool, key: str) -> StoredFeed:
    feed = StoredFeed(database, pool, feed=key, clock=FakeClock())
    await feed.open()
    return feed


async def read(feed: StoredFeed, count: int, after_ms: int | None = None) -> list[Step]:
    found: list[Step] = []
    async with asyncio.timeout(60):
        async for step in feed.steps(after_ms):
            found.append(step)
            if len(found) == count:
                break
    return found


async def test_another_process_reads_the_very_same_steps(database: Database, pool: Pool) -> None:
    feed = await simulated()
    steps = await log_whole(feed, database)
    reader = await stored(database, pool, feed.key)
    assert await read(reader, 288) == steps
    assert await read(reader, 88, after_ms=steps[199].at_ms) == steps[200:]
    assert (reader.kind, reader.timeframe, reader.paced) == ("simulated", "5m", False)
    assert list(reader.markets) == list(feed.markets)
    await reader.close()


async def test_quarantined_candles_and_freshness_survive_the_log(database: Database, pool: Pool) -> None:
    market = Market("BTC/USDT", Decimal("0.05"), Decimal("0.001"), Decimal(5), 200, ("tick",))
    bad = Candle("BTC/USDT", "5m", T0 + 1, 0, -5, 0, 0, float("nan"))
    steps = [
        Step(T0 + BASE_MS, (Candle("BTC/USDT", "5m", T0, 7, 9, 5, 8, 0.1 + 0.2),), fresh=False),
        Step(
            T0 + 2 * BASE_MS, (Candle("BTC/USDT", "5m", T0 + BASE_MS, 7, 9, 5, 8, 1e-9),), quarantined=((bad, "why"),)
        ),
    ]
    log = CandleLog(database, feed="odd\tkey", markets=[market])
    feed = await simulated()
    await log.announce(feed)
    writer = asyncio.create_task(log.run())
    for step in steps:
        await log.add(step)
    await log.flush()
    await log.add(steps[0])
    await log.flush()
    writer.cancel()
    reader = await stored(database, pool, "odd\tkey")
    reader._markets = (market,)
    first, second = await read(reader, 2)
    assert first == steps[0]
    assert second.candles == steps[1].candles
    assert repr(second.quarantined) == repr(steps[1].quarantined)
    (kept,) = await pool.fetch("select open, close, volume from candles where open_ms = $1", T0)
    assert tuple(kept) == (Decimal("0.35"), Decimal("0.40"), 0.1 + 0.2)
    assert await log.last_step_ms() == T0 + 2 * BASE_MS
    await reader.close()


async def test_a_step_is_seen_whole_while_it_is_being_written(database: Database, pool: Pool) -> None:
    feed = await simulated()
    expected = [step async for step in feed.steps(None)]
    log = CandleLog(database, feed=feed.key, markets=feed.markets)
    await log.announce(feed)
    reader = await stored(database, pool, feed.key)
    reading = asyncio.create_task(read(reader, len(expected)))
    writer = asyncio.create_task(log.run())
    for number, step in enumerate(expected):
        await log.add(step)
        if number % 10 == 0:
            await asyncio.sleep(0.002)
    assert await reading == expected
    writer.cancel()
    await reader.close()


async def test_a_log_survives_the_loss_of_its_connection(database: Database, pool: Pool) -> None:
    feed = await simulated()
    steps = [step async for step in feed.steps(None)]
    log = CandleLog(database, feed=feed.key, markets=feed.markets)
    writer = asyncio.create_task(log.run())
    for number, step in enumerate(steps):
        await log.add(step)
        if number in {50, 150}:
            await log.flush()
            killed = (
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'quorate candles%'"
            )
            assert await pool.fetch(killed)
    async with asyncio.timeout(60):
        await log.flush()
    assert await pool.fetchval("select count(*) from feed_steps") == len(steps)
    assert await pool.fetchval("select count(*) from candles") == len(steps) * len(FEW)
    assert log.trouble is None
    writer.cancel()


async def test_what_a_stopped_writer_held_is_written_by_the_next(database: Database, pool: Pool) -> None:
    feed = await simulated()
    steps = [step async for step in feed.steps(None)]
    log = CandleLog(database, feed=feed.key, markets=feed.markets)
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("lock table candles")
        writer = asyncio.create_task(log.run())
        for step in steps:
            await log.add(step)
        waiting = "select count(*) from pg_stat_activity where application_name like $1 and wait_event_type = 'Lock'"
        async with asyncio.timeout(60):
            while True:
                if await pool.fetchval(waiting, "quorate candles%"):
                    break
                await asyncio.sleep(0.01)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    writer = asyncio.create_task(log.run())
    async with asyncio.timeout(60):
        await log.flush()
    assert await pool.fetchval("select count(*) from feed_steps") == len(steps)
    writer.cancel()


async def test_history_is_the_same_on_both_sides_of_the_log(database: Database, pool: Pool) -> None:
    feed = await simulated("20250102-20250104")
    steps = await log_whole(feed, database)
    reader = await stored(database, pool, feed.key)
    for timeframe in ("5m", "15m", "1h", "4h", "1d"):
        for before_ms in (steps[0].at_ms - BASE_MS, steps[100].at_ms, steps[-1].at_ms):
            there = await feed.history("BTC/USDT", timeframe, before_ms=before_ms, count=300)
            here = await reader.history("BTC/USDT", timeframe, before_ms=before_ms, count=300)
            assert same(here, there), (timeframe, before_ms)
    await reader.close()


def same(a: Bars, b: Bars) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("open_ms", "open", "high", "low", "close", "volume")
    )


async def charted(
    pool: Pool, feed: str, timeframe: str, *, count: int, before_ms: int | None = None
) -> list[market.CandleRow]:
    """What a chart of BTC/USDT shows."""
    wanted = market.Wanted(feed=feed, pair="BTC/USDT", timeframe=timeframe, before_ms=before_ms, count=count)
    return await (market.candles(pool, wanted) if timeframe == "5m" else market.gathered(pool, wanted, base="5m"))


async def test_charts_get_closed_bars_of_any_timeframe(database: Database, pool: Pool) -> None:
    feed = await simulated("20250102-20250104")
    steps = await log_whole(feed, database)
    for timeframe in ("1h", "4h", "5m"):
        rows = await charted(pool, feed.key, timeframe, count=100)
        bars = await feed.history("BTC/USDT", timeframe, before_ms=steps[-1].at_ms, count=100)
        assert [row.open_ms for row in rows] == bars.open_ms.tolist()
        assert [float(row.close) for row in rows] == bars.close.tolist()
        assert [float(row.high) for row in rows] == bars.high.tolist()
        assert [row.volume for row in rows] == bars.volume.tolist()
        before_ms = rows[50].open_ms
        page = await charted(pool, feed.key, timeframe, count=7, before_ms=before_ms)
        assert [row.open_ms for row in page] == [before_ms - k * TIMEFRAME_MS[timeframe] for k in range(7, 0, -1)]
    assert await charted(pool, "no", "1h", count=5) == []


async def test_a_bar_that_has_not_closed_is_left_out_of_charts(database: Database, pool: Pool, tmp_path: Path) -> None:
    write_rows(tmp_path, "binance_BTCUSDT_5m", [row(index) for index in range(12 * 30 + 7)])
    clock = FakeClock()
    feed = ReplayFeed(ReplayOptions(folder=tmp_path), costs=Costs(), clock=clock, sleep=clock.sleep)
    await feed.open()
    await log_whole(feed, database)
    assert len(await charted(pool, feed.key, "1h", count=500)) == 30
    quotes = await pool.fetch("select last, bid, ask from quotes where feed = $1", feed.key)
    assert [str(quote["last"]) for quote in quotes] == ["100.0"]


async def test_later_quotes_take_the_place_of_earlier_ones(database: Database, pool: Pool) -> None:
    feed = await simulated()
    log = CandleLog(database, feed=feed.key, markets=feed.markets)
    await log.announce(feed)
    writer = asyncio.create_task(log.run())
    for last in ("1.5", "2.5"):
        log.offer_quotes([Quote("BTC/USDT", Decimal(last), None, Decimal(3), T0)])
    (step, *_) = [step async for step in feed.steps(None)]
    await log.add(step)
    await log.flush()
    reader = await stored(database, pool, feed.key)
    assert reader.quotes(T0) == [Quote("BTC/USDT", Decimal("2.5"), None, Decimal(3), T0)]
    assert reader.now_ms() == T0
    writer.cancel()
    await reader.close()


async def test_a_feed_that_was_never_written_is_said(database: Database, pool: Pool) -> None:
    with pytest.raises(Unavailable, match="quorate feed"):
        await stored(database, pool, "nothing")


async def test_steps_of_a_real_market_read_late_are_not_fresh(database: Database, pool: Pool) -> None:
    feed = await simulated()
    await log_whole(feed, database)
    await pool.execute("update feeds set kind = 'exchange'")
    clock = FakeClock()
    reader = StoredFeed(database, pool, feed=feed.key, clock=clock)
    await reader.open()
    clock.advance(86_400_000 + 21 * BASE_MS)
    steps = await read(reader, 30)
    assert [step.fresh for step in steps] == [False] * 19 + [True] * 11
    await reader.close()


async def test_a_feed_says_what_it_refused(database: Database, tmp_path: Path) -> None:
    rows = [row(index) for index in range(20)]
    rows[5] = (*rows[5][:2], -1.0, *rows[5][3:])
    write_rows(tmp_path, "binance_BTCUSDT_5m", rows)
    clock = FakeClock()
    feed = ReplayFeed(ReplayOptions(folder=tmp_path), costs=Costs(), clock=clock, sleep=clock.sleep)
    await feed.open()
    logged = LoggedFeed(feed, CandleLog(database, feed=feed.key, markets=feed.markets), clock=clock)
    assert len([step async for step in logged.steps(None)]) == 19
    assert logged.says().detail.startswith("1 candle refused since the start, the last one BTC/USDT 2025-01-01 00:25, ")


async def test_a_feed_says_how_it_is(database: Database) -> None:
    feed = await simulated()
    clock = FakeClock()
    logged = LoggedFeed(feed, CandleLog(database, feed=feed.key, markets=feed.markets), clock=clock)
    assert logged.says().state == "starting"
    steps = [step async for step in logged.steps(None)]
    assert logged.says() == RoleState(
        feed=feed.key, kind="simulated", label=feed.label, state="ended", at_ms=steps[-1].at_ms
    )
