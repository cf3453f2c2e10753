"""The journal on an embedded Postgres of its own (fsync on), beside a bare COPY of the same rows in the same run.

`python -m benchmarks.bench_journal` prints durable events per second appended in groups, without projections and with
them, and the time of one event appended and committed alone. The floor copies ready-made rows into a table of the
journal's shape and commits: no chain, no projections, no canonical JSON, no head. Its group is the journal's.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from quorate.domain.events import Event
from quorate.journal.append import GROUP_ENTRIES_MAX, Journal
from quorate.journal.chain import GENESIS
from quorate.journal.entry import LOCAL_OWNER, Draft, Writer, instant
from quorate.journal.group import COLUMNS
from quorate.journal.lease import take_lease, this_process
from quorate.journal.verify import verify_chain
from quorate.store.database import Database
from quorate.store.opening import open_database
from tests.journal.samples import START_MS, STEP_MS, busy_batch, idle_batch, opened, step

EVENTS = 40_000
ALONE = 2_000
ROUNDS = 3
LIMITS = {"appended in groups": 20_000, "with projections": 5_000}
ALONE_MS_MAX = 1.0


def step_batch(number: int) -> list[Event]:
    """Entries without a row in any table."""
    return [step(number + part) for part in range(4)]


async def appended(journal: Journal, writer: Writer, batch: Callable[[int], Sequence[Event]], first: int) -> float:
    """Durable events per second, sent ahead as a replay does."""
    size = len(batch(first))
    began_s = time.perf_counter()
    for number in range(first, first + EVENTS // size):
        await journal.room()
        at_ms = START_MS + number * STEP_MS
        journal.append([Draft.of(event, at_ms) for event in batch(number)], writer=writer)
    await journal.flush()
    return EVENTS / (time.perf_counter() - began_s)


async def alone_ms(journal: Journal, writer: Writer) -> tuple[float, float]:
    """Median and 99th percentile of one event, from the call to its durability."""
    taken: list[float] = []
    for number in range(ALONE):
        event = step(number)
        began_s = time.perf_counter()
        await journal.append([Draft.of(event, START_MS)], writer=writer)
        taken.append((time.perf_counter() - began_s) * 1e3)
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 99 // 100]


async def bare_copy(connection: asyncpg.Connection) -> float:
    """Rows per second of nothing but COPY and commit."""
    drafts = [Draft.of(step(number), START_MS) for number in range(GROUP_ENTRIES_MAX)]
    rows = [
        (1, seq, "floor", LOCAL_OWNER, d.kind, d.subject, instant(d.at_ms), d.body.decode(), d.digest, GENESIS)
        for seq, d in enumerate(drafts)
    ]
    await connection.execute("create table floor (like journal including defaults)")
    began_s = time.perf_counter()
    for _ in range(EVENTS // GROUP_ENTRIES_MAX):
        async with connection.transaction():
            await connection.copy_records_to_table("floor", records=rows, columns=COLUMNS)
    rate = EVENTS / (time.perf_counter() - began_s)
    await connection.execute("drop table floor")
    return rate


async def bare_insert_ms(connection: asyncpg.Connection) -> float:
    """Median time of one insert and its commit."""
    await connection.execute("create table floor (n int, body json, digest bytea)")
    body, taken = Draft.of(step(0), START_MS).body.decode(), list[float]()
    for number in range(ALONE):
        began_s = time.perf_counter()
        await connection.execute("insert into floor values ($1, $2, $3)", number, body, hashlib.sha256().digest())
        taken.append((time.perf_counter() - began_s) * 1e3)
    await connection.execute("drop table floor")
    return sorted(taken)[len(taken) // 2]


async def measure(database: Database) -> None:
    """Run everything ROUNDS times, keep the best of each, print the table."""
    owner = await database.connect(name="floor", as_owner=True)
    journal = Journal(lambda: database.connect(name="journal"))
    await journal.open()
    lease = await take_lease(
        lambda: database.connect(name="lease"), account="bench", owner=LOCAL_OWNER, holder=this_process()
    )
    await journal.append([Draft.of(opened(), START_MS)], writer=lease.writer)
    best: dict[str, float] = {}
    alone = (float("inf"), float("inf"))
    insert_ms = float("inf")
    for round_ in range(ROUNDS):
        first = round_ * EVENTS
        rates = {
            "bare COPY": await bare_copy(owner),
            "appended in groups": await appended(journal, lease.writer, step_batch, first),
            "quiet steps (equity)": await appended(journal, lease.writer, idle_batch, first),
            "with projections": await appended(journal, lease.writer, busy_batch, first),
        }
        best = {name: max(rate, best.get(name, 0)) for name, rate in rates.items()}
        insert_ms = min(insert_ms, await bare_insert_ms(owner))
        alone = min(alone, await alone_ms(journal, lease.writer))
    began_s = time.perf_counter()
    verdict = await verify_chain(owner)
    verified = verdict.entries / (time.perf_counter() - began_s)
    assert verdict.fault is None, verdict.fault
    await journal.close()
    await lease.release()
    await owner.close()
    print(f"{'durable events':24}{'per second':>12}{'of COPY':>10}{'must reach':>12}")
    for name, rate in best.items():
        limit = f"{LIMITS[name]:,}" if name in LIMITS else ""
        print(f"{name:24}{rate:12,.0f}{rate / best['bare COPY']:10.2f}{limit:>12}")
    print(f"{'verified':24}{verified:12,.0f}")
    print(
        f"one event alone: p50 {alone[0]:.2f} ms, p99 {alone[1]:.2f} ms (must: p50 < {ALONE_MS_MAX:.0f} ms); ", end=""
    )
    print(f"bare insert and commit p50 {insert_ms:.2f} ms, ratio {alone[0] / insert_ms:.1f}")
    for name, limit in LIMITS.items():
        assert best[name] >= limit, f"{name}: {best[name]:,.0f} of {limit:,} events/s"
    assert alone[0] < ALONE_MS_MAX, f"one event alone took {alone[0]:.2f} ms"


async def main() -> None:
    """Everything on a server of its own in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="quorate-bench-") as folder:
        opened_database = await open_database(url=None, data_dir=Path(folder))
        assert opened_database.local is not None
        try:
            await measure(opened_database.database)
        finally:
            await asyncio.to_thread(opened_database.local.stop)


if __name__ == "__main__":
    asyncio.run(main())
