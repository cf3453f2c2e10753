"""What the journal's tests share: an open journal on a database of the test's own, with a lease on an account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import redis.asyncio as redis
from asyncpg.pool import Pool

from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Draft, Writer
from quorate.journal.lease import take_lease, this_process
from quorate.journal.notices import Notices
from quorate.journal.relay import Relay
from quorate.store.database import Database
from tests.journal.samples import START_MS

ACCOUNT = "paper"
PATIENCE_S = 60.0


def drafts(*events, at_ms: int = START_MS) -> list[Draft]:
    return [Draft.of(event, at_ms) for event in events]


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with await database.pool(name="test", size_max=4) as pool:
        yield pool


@pytest.fixture
async def journal(database: Database) -> AsyncIterator[Journal]:
    journal = Journal(lambda: database.connect(name="journal"))
    await journal.open()
    yield journal
    await journal.close()


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    lease = await lease_of(database, ACCOUNT)
    yield lease.writer
    await lease.release()


@pytest.fixture
async def notices(database: Database) -> AsyncIterator[Notices]:
    notices = Notices(lambda: database.connect(name="notices"))
    async with AsyncExitStack() as stack:
        task = asyncio.create_task(notices.run())
        stack.callback(task.cancel)
        yield notices


async def lease_of(database: Database, account: str):
    return await take_lease(
        lambda: database.connect(name="lease"), account=account, owner=LOCAL_OWNER, holder=this_process()
    )


async def until(condition, *, of: str):
    """Ask again and again until something is true that another task brings about."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110  another process is what we wait for
            await asyncio.sleep(0.01)
    assert of


def relay_to(url: str, pool, notices, *, instance="one", accounts=None) -> Relay:
    return Relay(pool=pool, notices=notices, url=url, accounts=accounts, instance=instance)


@pytest.fixture
async def relay(redis_url, pool, notices):
    relay = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(relay.run())
    yield relay
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def client(redis_url):
    async with redis.from_url(redis_url) as client:
        yield client


async def caught_up(relay: Relay, pool) -> None:
    async def there() -> bool:
        head = await pool.fetchval("select seq from journal_head")
        health = relay.health()
        return health.state == "running" and health.position.seq == head

    await until(there, of="relay")
