"""Readers: the tail and replay tell everything once and in order; checkpoints only ever shorten the way."""

import asyncio

from quorate.desk.ports import JournalPosition
from quorate.journal.checkpoints import KEPT, Checkpoint, load_checkpoint, save_checkpoint
from quorate.journal.reading import START
from quorate.journal.replay import replay
from quorate.journal.tail import tail
from tests.journal.conftest import drafts, lease_of
from tests.journal.samples import busy_batch, equity, idle_batch, opened, step


async def take(entries, count: int):
    taken = []
    async for some in entries:
        taken += some
        if len(taken) >= count:
            return taken
    return taken


async def test_the_tail_tells_the_past_and_then_what_comes(journal, writer, pool, notices):
    await journal.append(drafts(*idle_batch(0)), writer=writer)
    follower = asyncio.create_task(take(tail(pool, notices, after=START, limit=3), 40))
    for number in range(1, 10):
        await journal.append(drafts(*idle_batch(number)), writer=writer)
    assert [entry.seq for entry in await follower] == list(range(1, 41))


async def test_a_quiet_tail_wakes_within_milliseconds(journal, writer, pool, notices):
    follower = tail(pool, notices, after=START)
    await journal.append(drafts(step(0)), writer=writer)
    await anext(follower)
    waits_s: list[float] = []
    for number in range(5):
        coming = asyncio.ensure_future(anext(follower))
        await asyncio.sleep(0.02)
        began_s = asyncio.get_running_loop().time()
        await journal.append(drafts(step(number)), writer=writer)
        (entry,) = await coming
        assert entry.seq == number + 2
        waits_s.append(asyncio.get_running_loop().time() - began_s)
    assert min(waits_s) < 0.25, "by a notice, not by looking again"


async def test_the_tail_can_be_narrowed_and_spare_bodies(journal, writer, database, pool, notices):
    other = await lease_of(database, "other")
    await journal.append(drafts(*busy_batch(0)), writer=other.writer)
    await journal.append(drafts(step(0), equity(0), step(1), equity(1)), writer=writer)
    kinds = ["EquityMarked"]
    found = await take(tail(pool, notices, after=START, accounts=["paper"], kinds=kinds), 2)
    assert [(entry.seq, entry.account, entry.kind) for entry in found] == [
        (12, "paper", "EquityMarked"),
        (14, "paper", "EquityMarked"),
    ]
    found = await take(tail(pool, notices, after=JournalPosition(1, 10), bodies=kinds), 4)
    assert [bool(entry.body) for entry in found] == [False, True, False, True]
    await other.release()


async def test_the_tail_keeps_its_place_when_every_connection_is_lost(journal, writer, database, pool, notices):
    follower = asyncio.create_task(take(tail(pool, notices, after=START, limit=7), 400))
    admin = await database.connect(name="admin")
    for number in range(100):
        await journal.append(drafts(*idle_batch(number)), writer=writer)
        if number % 30 == 10:
            await admin.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                "and application_name in ('quorate test', 'quorate notices')"
            )
    assert [entry.seq for entry in await follower] == list(range(1, 401))
    await admin.close()


async def test_replay_gives_an_account_its_own_story_back(journal, writer, database, pool):
    other = await lease_of(database, "other")
    for number in range(600):
        journal.append(drafts(opened() if number == 0 else step(number)), writer=other.writer)
        journal.append(drafts(*([opened()] if number == 0 else idle_batch(number))), writer=writer)
    await journal.flush()
    told = [event async for _, event in replay(pool, account="paper")]
    expected = [opened(), *(event for number in range(1, 600) for event in idle_batch(number))]
    assert told == expected
    entries = [entry async for entry, _ in replay(pool, account="paper")]
    after = entries[1_200].position
    assert [event async for _, event in replay(pool, account="paper", after=after)] == expected[1_201:]
    assert [event async for _, event in replay(pool, account="nobody")] == []
    await other.release()


async def test_checkpoints_newest_whole_one_counts(journal, writer, pool, database):
    assert await load_checkpoint(pool, account="paper") is None
    for number in range(KEPT + 2):
        at = await journal.append(drafts(step(number)), writer=writer)
        await save_checkpoint(pool, writer=writer, checkpoint=Checkpoint(at, f"state {number}".encode()))
    assert await pool.fetchval("select count(*) from checkpoints") == KEPT
    newest = await load_checkpoint(pool, account="paper")
    assert newest == Checkpoint(JournalPosition(1, KEPT + 2), f"state {KEPT + 1}".encode())
    await pool.execute("update checkpoints set body = 'torn' where seq = $1", KEPT + 2)
    older = await load_checkpoint(pool, account="paper")
    assert older is not None
    assert older.position == JournalPosition(1, KEPT + 1)


async def test_a_checkpoint_beyond_the_journal_is_passed_over(journal, writer, pool):
    at = await journal.append(drafts(step(0)), writer=writer)
    await save_checkpoint(pool, writer=writer, checkpoint=Checkpoint(at, b"here"))
    await save_checkpoint(pool, writer=writer, checkpoint=Checkpoint(JournalPosition(1, 99), b"from a later life"))
    assert await load_checkpoint(pool, account="paper") == Checkpoint(at, b"here")
