"""Appending: batches are whole, durable and in order; what cannot be written is told, never dropped, never doubled."""

import asyncio
from typing import Any

import pytest

from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER, Writer
from quorate.journal.errors import FencedOut, JournalRefused, JournalUnavailable, LeaseHeld
from quorate.journal.lease import Holder, take_lease
from quorate.journal.verify import verify_chain
from tests.journal.conftest import drafts, lease_of
from tests.journal.samples import busy_batch, filled, idle_batch, intended, opened, signal, step


async def entries_in(pool) -> int:
    return await pool.fetchval("select count(*) from journal")


async def whole(pool) -> bool:
    async with pool.acquire() as connection:
        return (await verify_chain(connection)).fault is None


async def test_what_is_awaited_is_in_the_journal_in_the_order_it_was_appended(journal, writer, pool):
    first = await journal.append(drafts(opened(), step(0)), writer=writer)
    second = await journal.append(drafts(*idle_batch(1)), writer=writer)
    assert (str(first), str(second)) == ("1-2", "1-6")
    assert journal.durable == second
    rows = await pool.fetch("select seq, kind, account, owner from journal order by seq")
    assert [row["kind"] for row in rows[:3]] == ["AccountOpened", "StepClosed", "StepClosed"]
    assert {(row["account"], row["owner"]) for row in rows} == {("paper", LOCAL_OWNER)}
    assert await whole(pool)


async def test_batches_sent_ahead_are_committed_in_groups_and_none_is_split(journal, writer, pool):
    pending = [journal.append(drafts(*busy_batch(number)), writer=writer) for number in range(300)]
    last = await journal.flush()
    positions = [await each for each in pending]
    assert [position.seq for position in positions] == [10 * number for number in range(1, 301)]
    assert last == positions[-1]
    assert await whole(pool)


async def test_a_refused_batch_fails_alone_and_leaves_nothing_behind(journal, writer, database, pool):
    other = await lease_of(database, "other")
    await journal.append(drafts(intended(), filled("t1")), writer=writer)
    bad = journal.append(drafts(step(1), filled("t1")), writer=writer)
    good = journal.append(drafts(step(1), filled("t1")), writer=other.writer)
    with pytest.raises(JournalRefused, match="trade_id"):
        await bad
    await good
    assert await entries_in(pool) == 4
    assert await whole(pool)
    await other.release()


async def test_after_a_failure_what_was_sent_ahead_fails_too_until_the_failure_was_seen(journal, writer, pool):
    await journal.append(drafts(filled("t1")), writer=writer)
    bad = journal.append(drafts(filled("t1")), writer=writer)
    behind = journal.append(drafts(step(1)), writer=writer)
    while not bad.done():  # noqa: ASYNC110  there is no event to wait for
        await asyncio.sleep(0)
    unaware = journal.append(drafts(step(2)), writer=writer)
    for pending in (behind, unaware, bad):
        with pytest.raises(JournalRefused):
            await pending
    await journal.append(drafts(step(3)), writer=writer)
    assert await entries_in(pool) == 2


async def test_flush_tells_a_failure_that_nobody_awaited(journal, writer):
    await journal.append(drafts(filled("t1")), writer=writer)
    journal.append(drafts(filled("t1")), writer=writer)
    with pytest.raises(JournalRefused):
        await journal.flush()
    await journal.flush()


async def test_room_makes_a_fast_writer_wait(journal, writer, monkeypatch):
    monkeypatch.setattr("quorate.journal.append.QUEUE_ENTRIES_MAX", 50)
    for number in range(100):
        await journal.room()
        journal.append(drafts(*idle_batch(number)), writer=writer)
        assert journal.queued_entries <= 50 + 4
    await journal.flush()


async def test_f14_a_second_desk_is_refused_and_told_who_holds_the_account(journal, writer, database):
    with pytest.raises(LeaseHeld, match=r"account paper: process \d+ on .* since 20"):
        await lease_of(database, "paper")


async def test_f14_a_desk_whose_account_was_taken_over_writes_nothing_more(journal, database, pool):
    old = await lease_of(database, "paper")
    other = await lease_of(database, "other")
    await journal.append(drafts(step(0)), writer=old.writer)
    await old.release()
    new = await lease_of(database, "paper")
    assert new.writer.token == old.writer.token + 1
    late = journal.append(drafts(step(1)), writer=old.writer)
    mine = journal.append(drafts(step(1)), writer=other.writer)
    with pytest.raises(FencedOut, match="paper"):
        await late
    await mine
    await journal.append(drafts(step(1)), writer=new.writer)
    assert await entries_in(pool) == 3
    assert await whole(pool)
    await new.release()
    await other.release()


async def test_nobody_writes_an_account_without_a_lease(journal, pool):
    with pytest.raises(FencedOut):
        await journal.append(drafts(step(0)), writer=Writer("stranger", LOCAL_OWNER, 1))
    assert await entries_in(pool) == 0


async def test_the_lease_of_a_dead_process_is_taken_over_as_soon_as_the_server_notices(database):
    old = await lease_of(database, "paper")
    await old._connection.execute("update leases set holder = $1", '{"host": "here", "pid": 999999999}')
    asyncio.get_running_loop().call_later(0.1, old._connection.terminate)
    new = await take_lease(
        lambda: database.connect(name="lease"), account="paper", owner=LOCAL_OWNER, holder=Holder("here", 1)
    )
    assert new.writer.token == 2
    assert (await old.until_lost()).code == "lease_lost"
    await new.release()


async def test_two_processes_share_one_chain(journal, writer, database, pool):
    second = Journal(lambda: database.connect(name="second"))
    await second.open()
    other = await lease_of(database, "other")
    for number in range(20):
        mine = journal.append(drafts(*idle_batch(number)), writer=writer)
        theirs = second.append(drafts(*idle_batch(number)), writer=other.writer)
        await asyncio.gather(mine, theirs)
    assert await entries_in(pool) == 160
    assert await whole(pool)
    await second.close()
    await other.release()


async def test_a_lost_connection_is_made_again_without_losing_or_doubling_anything(journal, writer, database, pool):
    pending = [journal.append(drafts(*busy_batch(number)), writer=writer) for number in range(400)]
    for pause_ms in (1, 11, 6, 23, 14, 2, 9, 17):
        await asyncio.sleep(pause_ms / 1000)
        await pool.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'quorate journal' and datname = current_database()"
        )
    await journal.flush()
    assert [(await each).seq for each in pending] == [10 * number for number in range(1, 401)]
    assert await entries_in(pool) == 4_000
    assert await whole(pool)


class CutOff:
    """Wraps a connection whose answer to `commit` is lost, before or after the server has done it."""

    def __init__(self, connection, *, done: bool) -> None:
        self._connection = connection
        self._done = done

    def __getattr__(self, name):
        return getattr(self._connection, name)

    async def execute(self, query, *arguments):
        if query != "commit":
            return await self._connection.execute(query, *arguments)
        if self._done:
            await self._connection.execute(query)
        self._connection.terminate()
        raise ConnectionResetError("cut off")


@pytest.mark.parametrize("done", [True, False])
async def test_a_commit_whose_answer_is_lost_is_looked_up_before_anything_is_written_again(
    database, writer, pool, done
):
    cuts = [done, done]

    async def connect() -> Any:
        connection = await database.connect(name="cut")
        return CutOff(connection, done=cuts.pop()) if cuts else connection

    journal = Journal(connect)
    await journal.open()
    positions = [await journal.append(drafts(*idle_batch(number)), writer=writer) for number in range(3)]
    assert [position.seq for position in positions] == [4, 8, 12]
    assert await entries_in(pool) == 12
    assert await whole(pool)
    await journal.close()


@pytest.mark.parametrize("done", [True, False])
async def test_a_batch_of_unknown_outcome_that_is_appended_again_is_in_the_journal_once(
    database, writer, pool, monkeypatch, done
):
    monkeypatch.setattr("quorate.journal.append.RECONNECT_PATIENCE_S", 0.2)
    state = {"cut": True, "gone": False}

    async def connect() -> Any:
        if state["gone"]:
            raise ConnectionRefusedError("gone")
        connection = await database.connect(name="cut")
        if state["cut"]:
            state.update(cut=False, gone=True)
            return CutOff(connection, done=done)
        return connection

    journal = Journal(connect)
    await journal.open()
    batch = drafts(*idle_batch(0))
    with pytest.raises(JournalUnavailable) as caught:
        await journal.append(batch, writer=writer)
    assert caught.value.outcome_unknown
    state["gone"] = False
    assert (await journal.append(batch, writer=writer)).seq == 4
    assert (await journal.append(batch, writer=writer)).seq == 8, "the same content later is a batch of its own"
    assert await entries_in(pool) == 8
    assert await whole(pool)
    await journal.close()


async def test_f17_without_a_database_appends_fail_with_a_sentence_and_work_again_afterwards(
    database, writer, pool, monkeypatch
):
    monkeypatch.setattr("quorate.journal.append.RECONNECT_PATIENCE_S", 0.2)
    gone = False

    async def connect():
        if gone:
            raise ConnectionRefusedError("gone")
        return await database.connect(name="f17")

    journal = Journal(connect)
    await journal.open()
    await journal.append(drafts(signal("s1")), writer=writer)
    gone = True
    await pool.fetch("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'quorate f17'")
    with pytest.raises(JournalUnavailable, match="nothing of this batch was written") as caught:
        await journal.append(drafts(signal("s2")), writer=writer)
    assert not caught.value.outcome_unknown
    gone = False
    await journal.append(drafts(signal("s2")), writer=writer)
    assert await pool.fetchval("select count(*) from signals") == 2
    await journal.close()
