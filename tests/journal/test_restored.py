"""A journal that came out of a backup goes on in a new epoch, and nobody mistakes it for the life that was lost."""

import asyncio

import pytest

from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.domain.errors import BadInput
from quorate.domain.events import AccountOpened, JournalRestored, TradingStateChanged
from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Writer
from quorate.journal.errors import FencedOut
from quorate.journal.replay import replay
from quorate.journal.restored import TOKENS_OF_EPOCH, begin_epoch
from quorate.journal.verify import verify_chain
from quorate.risk.book import TradingState
from quorate.store.database import Database
from tests.journal.conftest import ACCOUNT, drafts, lease_of, relay_to
from tests.journal.samples import START_MS, idle_batch, opened
from tests.journal.test_bus import caught_up, ids_in

REASON = "the disk of the server was lost"
LIVE = AccountOpened("live", "exchange", "d" * 64, ())


async def restored(database: Database):
    connection = await database.connect(name="restored")
    try:
        return await begin_epoch(connection, by="Ada", reason=REASON)
    finally:
        await connection.close()


async def test_f37_a_restored_journal_goes_on_in_a_new_epoch_with_its_reason_and_its_chain_whole(
    database, journal, writer, pool
):
    await journal.append(drafts(opened(), *idle_batch(0)), writer=writer)
    done = await restored(database)
    assert (done.epoch, str(done.last), done.accounts, done.stopped) == (2, "1-5", (ACCOUNT,), ())
    story = [(str(entry.position), event) async for entry, event in replay(pool, account=ACCOUNT)]
    assert story[-1] == ("2-6", JournalRestored(2, "1-5", "Ada", REASON, START_MS))
    async with pool.acquire() as connection:
        verdict = await verify_chain(connection)
    assert (verdict.fault, verdict.entries, verdict.head.epoch) == (None, 6, 2)


async def test_f37_a_desk_of_the_life_that_was_lost_writes_nothing_more_and_the_next_one_does(
    database, journal, writer
):
    await journal.append(drafts(opened()), writer=writer)
    lost = Writer(ACCOUNT, LOCAL_OWNER, writer.token + 1_000)
    await restored(database)
    for old in (writer, lost):
        with pytest.raises(FencedOut):
            await journal.append(drafts(*idle_batch(0)), writer=old)


async def test_f37_a_lease_taken_afterwards_has_a_token_that_no_lost_desk_can_have(database):
    lease = await lease_of(database, ACCOUNT)
    journal = Journal(lambda: database.connect(name="journal"))
    await journal.open()
    try:
        await journal.append(drafts(opened()), writer=lease.writer)
        await lease.release()
        await restored(database)
        again = await lease_of(database, ACCOUNT)
        assert again.writer.token > 2 * TOKENS_OF_EPOCH
        position = await journal.append(drafts(*idle_batch(0)), writer=again.writer)
        assert position.epoch == 2
        await again.release()
    finally:
        await journal.close()


async def test_f37_an_account_that_trades_live_opens_nothing_until_a_person_has_looked(database, journal, writer, pool):
    live = await lease_of(database, "live")
    await journal.append(drafts(opened()), writer=writer)
    await journal.append(drafts(LIVE), writer=live.writer)
    assert (await restored(database)).stopped == ("live",)
    states: dict[str, DeskState] = {}
    for account in (ACCOUNT, "live"):
        state = states[account] = DeskState(account)
        async for _, event in replay(pool, account=account):
            evolve(state, event)
    assert states["live"].trading == {"": TradingState.REDUCING}
    assert states[ACCOUNT].trading == {}
    await live.release()


async def test_f37_an_account_that_was_halted_stays_halted(database, journal, pool):
    live = await lease_of(database, "live")
    halted = TradingStateChanged("", TradingState.HALTED, "Ada", "panic", START_MS)
    await journal.append(drafts(LIVE, halted), writer=live.writer)
    await restored(database)
    kinds = [type(event) async for _, event in replay(pool, account="live")]
    assert kinds == [AccountOpened, TradingStateChanged, JournalRestored]
    await live.release()


async def test_f37_a_journal_that_nobody_has_written_was_not_restored(database):
    with pytest.raises(BadInput, match="empty"):
        await restored(database)


async def test_f37_streams_forget_what_was_lost_also_where_the_new_epoch_is_ahead_of_them(
    database, journal, writer, pool, notices, redis_url, client
):
    relay = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(relay.run())
    await journal.append(drafts(opened()), writer=writer)
    await caught_up(relay, pool)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.xadd("events:bus", {"data": b"{}", "account": ACCOUNT}, id="1-900")
    await restored(database)
    relay = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(relay.run())
    await caught_up(relay, pool)
    assert await ids_in(client, "events:bus") == [b"1-1", b"2-2"], "1-900 was of another life"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
