"""A process that appends until it is killed: run by the crash test, told its database on the command line."""

import asyncio
import sys

from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Draft
from quorate.journal.lease import take_lease, this_process
from quorate.store.database import Database
from tests.journal.samples import START_MS, STEP_MS, busy_batch


async def main(url: str) -> None:
    database = Database(url=url, owner_url=url)
    journal = Journal(lambda: database.connect(name="crash"))
    await journal.open()
    lease = await take_lease(
        lambda: database.connect(name="lease"), account="paper", owner=LOCAL_OWNER, holder=this_process()
    )
    connection = await database.connect(name="count")
    number = await connection.fetchval("select count(*) from signals")
    pending = None
    while True:
        at_ms = START_MS + number * STEP_MS
        await journal.room()
        drafts = [Draft.of(event, at_ms) for event in busy_batch(number)]
        pending = journal.append(drafts, writer=lease.writer)
        number += 1
        if number % 3 == 0:
            # What is told outside was durable before: the parent checks it against the journal after the kill.
            print((await pending).seq, flush=True)  # noqa: T201  the parent reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
