"""Redis may vanish, come back empty and be flushed while the desk runs: readers of the desk notice nothing."""

import asyncio
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import redis.asyncio as redis

from quorate.journal.bus import Bus, JournalBus
from quorate.journal.notices import Notices
from quorate.journal.published import STREAMS
from quorate.journal.redis_bus import RedisBus
from quorate.store.local_valkey import start_valkey
from quorate.store.opening import open_database
from tests.crash.made_candles import make_candles
from tests.crash.replays import Replay

PAIRS = ("BTC/USDT", "ETH/USDT")
SIGNALS, EQUITY = "signals:paper", "pnl:equity"
PATIENCE_S = 180


@pytest.mark.timeout(600)
async def test_f15_redis_gone_emptied_and_flushed_loses_nothing(tmp_path: Path, desks: Path) -> None:
    candles = tmp_path / "candles"
    candles.mkdir()
    make_candles(candles, PAIRS, days=12)
    replay = Replay(candles, PAIRS, "20250104-20250107", desks / "desk")
    server = await asyncio.to_thread(start_valkey, desks / "bus")
    command = [word for word in replay.command() if word not in ("--no-redis", "--speed", "max")]
    command += ["--redis-url", server.url, "--speed", "30000"]
    with (tmp_path / "said").open("w+") as said:
        desk = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await _grown(desk, server.url, 60)
                assert await asyncio.to_thread(server.stop)
                server = await asyncio.to_thread(start_valkey, desks / "bus")
                await _grown(desk, server.url, 150)
                async with redis.Redis.from_url(server.url) as client:
                    await client.flushall()
                assert await asyncio.to_thread(desk.wait, PATIENCE_S) == 0, (tmp_path / "said").read_text()
            bus = RedisBus(server.url)
            kept = {stream: await _ids(bus, stream) for stream in STREAMS}
            await bus.close()
        finally:
            desk.kill()
            desk.wait()
            server.stop()
    told = await _journal_ids(replay.data_dir)
    assert told[SIGNALS], "the story must have something to lose"
    assert kept == told


async def _grown(desk: subprocess.Popen[bytes], url: str, entries: int) -> None:
    """Wait until the equity stream holds so many entries, while the desk runs."""
    while desk.poll() is None:
        with suppress(redis.RedisError, OSError):
            async with redis.Redis.from_url(url) as client:
                if int(await client.xlen(EQUITY)) >= entries:
                    return
        await asyncio.sleep(0.02)


async def _ids(bus: Bus, stream: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while messages := await bus.read(stream, after=found[-1] if found else None, limit=1_000):
        found += [message.position for message in messages]
    return found


async def _journal_ids(data_dir: Path) -> dict[str, list[tuple[int, int]]]:
    opened = await open_database(url=None, data_dir=data_dir)
    assert opened.local is not None
    try:
        pool = await opened.database.pool(name="test", size_max=2)
        bus = JournalBus(pool, Notices(lambda: opened.database.connect(name="test")))
        told = {stream: await _ids(bus, stream) for stream in STREAMS}
        await pool.close()
        return told
    finally:
        opened.local.stop()
