"""What the journal's tests share: an open journal on a database of the test's own, with a lease on an account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from asyncpg.pool import Pool

from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Draft, Writer
from quorate.journal.lease import take_lease, this_process
from quorate.journal.notices import Notices
from quorate.store.database import Database
from tests.journal.samples import START_MS

ACCOUNT = "paper"


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
