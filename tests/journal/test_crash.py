"""F1: a writer that is killed at any instant leaves whole batches and a chain that verifies."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from random import Random

from quorate.journal.verify import verify_chain
from tests.journal.samples import busy_batch

KILLS = 5
ROOT = Path(__file__).parents[2]


async def write_and_be_killed(url: str, *, after_s: float) -> int:
    """The last position that the process said was durable before SIGKILL met it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journal.writing_process",
        url,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    told = await process.stdout.readline()
    assert told, "the writer started"
    await asyncio.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    return int((told + rest).split(b"\n")[-2])


async def test_f01_a_writer_killed_at_any_instant_leaves_whole_batches_and_a_whole_chain(database, pool):
    chance = Random(20250101)
    size = len(busy_batch(0))
    kinds = [type(event).__name__ for event in busy_batch(0)]
    for _ in range(KILLS):
        durable = await write_and_be_killed(database.url, after_s=chance.uniform(0.0, 0.3))
        async with pool.acquire() as connection:
            verdict = await verify_chain(connection)
        assert verdict.fault is None
        assert verdict.entries % size == 0
        assert verdict.head.seq >= durable
        for table in ("signals", "trades", "ledger", "orders", "equity", "shadows"):
            assert await pool.fetchval(f"select count(*) from {table}") == verdict.entries // size, table
    rows = await pool.fetch("select kind from journal order by seq")
    assert [row["kind"] for row in rows] == kinds * (len(rows) // size)
    tokens = await pool.fetchval("select token from leases")
    assert tokens == KILLS
