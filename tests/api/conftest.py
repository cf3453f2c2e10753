"""The API on a loopback port, in front of a real Postgres and a bus in memory."""

import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from asyncpg.pool import Pool

from quorate.api.app import create_app
from quorate.api.resources import Resources
from quorate.api.serving import served
from quorate.api.settings import ApiSettings, StreamSettings
from quorate.clock import ManualClock
from quorate.domain.events import Event
from quorate.domain.policy import DeskPolicy
from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Draft
from quorate.journal.lease import take_lease, this_process
from quorate.ops.health import HealthBoard, HealthRules
from quorate.ops.metrics import Metrics
from quorate.store.database import Database
from quorate.store.readers import roles
from tests.api.fakes import MemoryBus
from tests.journal import samples

QUICK = StreamSettings(
    heartbeat_s=0.1, watch_s=0.02, send_deadline_s=1.0, retry_after_s=1, age_s_max=60, batch_events_max=10
)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    pool = await database.pool(name="api test", size_max=4)
    yield pool
    await pool.close()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def settings(tmp_path: Path) -> ApiSettings:
    return ApiSettings(port=0, stream=QUICK, page_dir=tmp_path / "page", job_timeout_s=60, requests_per_minute=1_000)


@pytest.fixture
def clock() -> ManualClock:
    """The wall clock of the API: it stands still, so that what is remembered for a moment is remembered for ever."""
    return ManualClock(time.time_ns() // 1_000_000)


@pytest.fixture
def resources(pool: Pool, bus: MemoryBus, settings: ApiSettings, clock: ManualClock) -> Resources:
    board = HealthBoard(pool, clock, HealthRules(role_lost_ms=15_000, mode="paper", redis=None))
    numbers = itertools.count(1)

    async def report() -> Any:
        return await board.report(None)

    return Resources(
        pool=pool,
        bus=bus,
        settings=settings,
        clock=clock,
        health=board,
        telemetry=Metrics(version="test", report=report),
        chance=lambda: 0.5,
        monotonic=time.monotonic,
        new_id=lambda: f"{next(numbers):016x}",
        version="test",
        policy=DeskPolicy(),
        schedules={
            "scanner": "*/10 * * * *",
            "monitor": "*/2 * * * *",
            "evaluator": "*/30 * * * *",
            "optimizer": "0 */6 * * *",
        },
    )


Client = httpx.AsyncClient
Serve = Callable[..., Awaitable[Client]]


@pytest.fixture
async def serve(resources: Resources) -> AsyncIterator[Serve]:
    """Start the API with some settings changed, and give a client of it."""
    running: list[Any] = []

    async def start(*, stream: StreamSettings | None = None, given: Resources | None = None, **changes: Any) -> Client:
        base = given or resources
        changed = replace(base.settings, **({"stream": stream} if stream else {}), **changes)
        server = served(create_app(replace(base, settings=changed)), changed)
        port = await server.__aenter__()
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
        running.append((server, client))
        return client

    yield start
    for server, client in reversed(running):
        await client.aclose()
        await server.__aexit__(None, None, None)


@pytest.fixture
async def api(serve: Serve) -> Client:
    return await serve()


@dataclass
class Desk:
    """A desk that writes what it is told into the journal."""

    journal: Journal
    writer: Any
    pool: Pool
    account: str

    async def write(self, events: Sequence[Event], *, at_ms: int = samples.START_MS) -> None:
        await self.journal.append([Draft.of(event, at_ms) for event in events], writer=self.writer)

    async def beat(self, role: str = "worker", **state: Any) -> None:
        await roles.beat(self.pool, role=role, instance="1", state=roles.RoleState(account=self.account, **state))

    async def quote(self, pair: str, last: str, *, at_ms: int = samples.START_MS) -> None:
        await self.pool.execute(
            "insert into quotes (feed, pair, last, bid, ask, at) "
            "values ('replay-1-5m', $1, $2::text::numeric, null, null, to_timestamp($3::bigint / 1000.0))",
            pair,
            last,
            at_ms,
        )

    async def candles(self, pair: str, count: int, *, timeframe: str = "5m", step_ms: int = 300_000) -> None:
        rows = [
            ("replay-1-5m", pair, timeframe, samples.START_MS + i * step_ms, 100 + i, 101 + i, 99 + i, 100 + i, 2.5)
            for i in range(count)
        ]
        await self.pool.executemany("insert into candles values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", rows)


@pytest.fixture
async def desk(database: Database, pool: Pool) -> AsyncIterator[Desk]:
    """An opened paper account with one market."""
    journal = Journal(lambda: database.connect(name="test journal"))
    await journal.open()
    lease = await take_lease(
        lambda: database.connect(name="test lease"), account="paper", owner=LOCAL_OWNER, holder=this_process()
    )
    made = Desk(journal, lease.writer, pool, "paper")
    await made.write([samples.opened(), samples.listed()])
    await pool.execute(
        "insert into feeds (feed, kind, label, timeframe, paced, markets) "
        "values ('replay-1-5m', 'replay', 'a replay', '5m', false, '[]')"
    )
    yield made
    await journal.close()
    await lease.release()


@dataclass
class Told:
    """One server-sent event as a client sees it."""

    name: str
    data: Any
    id: str | None
    retry: int | None


async def events_of(response: httpx.Response) -> AsyncIterator[Told]:
    """Parse a stream; heartbeats come as events named "beat"."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            fields["event"] = "beat"
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            retry = fields.get("retry")
            yield Told(
                fields.get("event", "message"),
                json.loads(fields["data"]) if "data" in fields else None,
                fields.get("id"),
                int(retry) if retry else None,
            )
            fields = {}
