"""One contract for the bus, kept by both adapters: the journal itself, and Redis as the relay fills it."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
import redis.asyncio as redis

from quorate.domain.signals import Mode
from quorate.journal.bus import Bus, JournalBus
from quorate.journal.published import STREAMS
from quorate.journal.redis_bus import RedisBus
from quorate.store.database import Database
from tests.journal.conftest import caught_up, drafts, lease_of, relay_to, until
from tests.journal.samples import START_MS, STEP_MS, busy_batch, equity, idle_batch, opened, signal, trade

DAY_STEPS = 288


async def ids_in(client, stream: str) -> list[bytes]:
    return [id_ for id_, _ in await client.xrange(stream)]


@pytest.fixture(params=["journal", "redis"])
async def bus(request, pool, notices, redis_url):
    async with AsyncExitStack() as stack:
        if request.param == "journal":
            yield JournalBus(pool, notices), lambda: asyncio.sleep(0)
            return
        relay = relay_to(redis_url, pool, notices)
        task = asyncio.create_task(relay.run())
        reader = RedisBus(redis_url)
        stack.push_async_callback(reader.close)
        yield reader, lambda: caught_up(relay, pool)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def all_of(bus: Bus, stream: str):
    return [message.position for message in await bus.read(stream, after=None, limit=100_000)]


async def test_an_empty_stream_has_neither_first_nor_last(bus):
    reader, _ = bus
    for stream in STREAMS:
        assert await reader.first(stream) is None
        assert await reader.last(stream) is None
        assert await reader.read(stream, after=None, limit=10) == []


async def test_each_stream_carries_its_entries_under_the_journals_ids(bus, journal, writer):
    reader, settled = bus
    await journal.append(
        drafts(opened(), signal("s1"), signal("s2", mode=Mode.LIVE), equity(1), trade()), writer=writer
    )
    await settled()
    assert await all_of(reader, "signals:paper") == [(1, 2)]
    assert await all_of(reader, "signals:live") == [(1, 3)]
    assert await all_of(reader, "pnl:equity") == [(1, 4)]
    assert await all_of(reader, "pnl:signals") == [(1, 5)]
    assert await all_of(reader, "events:bus") == [(1, seq) for seq in range(1, 6)]
    (message,) = await reader.read("signals:live", after=None, limit=10)
    assert (message.account, json.loads(message.data)["id"]) == ("paper", "s2")
    (point,) = await reader.read("pnl:equity", after=None, limit=10)
    assert json.loads(point.data)["id"] == "1-4"


async def test_reading_goes_on_exactly_after_the_given_place(bus, journal, writer):
    reader, settled = bus
    for number in range(30):
        await journal.append(drafts(*idle_batch(number)), writer=writer)
    await settled()
    everything = await all_of(reader, "pnl:equity")
    assert len(everything) == 90
    assert (await reader.first("pnl:equity"), await reader.last("pnl:equity")) == (everything[0], everything[-1])
    collected, after = [], None
    while messages := await reader.read("pnl:equity", after=after, limit=7):
        collected += [message.position for message in messages]
        after = messages[-1].position
    assert collected == everything
    between = (
        (everything[10][0], everything[10][1] + 1) if everything[10][1] + 1 != everything[11][1] else everything[10]
    )
    assert (await reader.read("pnl:equity", after=between, limit=1))[0].position == everything[11]


async def test_waiting_ends_with_news_and_without_news_after_its_time(bus, journal, writer):
    reader, settled = bus
    await settled()
    await reader.wait(timeout_s=0.01)
    clock = asyncio.get_running_loop().time
    began_s = clock()
    await reader.wait(timeout_s=0.05)
    await reader.wait(timeout_s=0.05)
    assert clock() - began_s < 2
    for number in range(3):
        waiting = asyncio.create_task(reader.wait(timeout_s=4))
        await asyncio.sleep(0.05)
        began_s = clock()
        await journal.append(drafts(equity(number)), writer=writer)
        await waiting
        assert clock() - began_s < 1
        await settled()


async def test_both_adapters_say_the_same(journal, writer, pool, notices, relay, redis_url):
    for number in range(20):
        await journal.append(drafts(*busy_batch(number)), writer=writer)
    await caught_up(relay, pool)
    from_redis, from_journal = RedisBus(redis_url), JournalBus(pool, notices)
    for stream in STREAMS:
        assert await from_redis.read(stream, after=None, limit=1_000) == await from_journal.read(
            stream, after=None, limit=1_000
        )
    await from_redis.close()


async def test_a_bus_can_be_narrowed_to_one_account(
    journal, writer, database: Database, pool, notices, redis_url, client
):
    other = await lease_of(database, "replay-1")
    await journal.append(drafts(*busy_batch(0)), writer=other.writer)
    await journal.append(drafts(*busy_batch(1)), writer=writer)
    narrow = JournalBus(pool, notices, account="paper")
    assert (await narrow.first("events:bus"), await narrow.last("signals:paper")) == ((1, 11), (1, 12))
    assert [message.account for message in await narrow.read("events:bus", after=None, limit=99)] == ["paper"] * 10
    relay = relay_to(redis_url, pool, notices, accounts=["paper"])
    task = asyncio.create_task(relay.run())
    await caught_up(relay, pool)
    assert await ids_in(client, "signals:paper") == [b"1-12"]
    task.cancel()
    await other.release()


async def test_f15_a_flushed_redis_is_filled_again_under_the_same_ids_while_nothing_happens(
    journal, writer, pool, relay, client
):
    for number in range(30):
        await journal.append(drafts(*busy_batch(number)), writer=writer)
    await caught_up(relay, pool)
    before = {stream: await client.xrange(stream) for stream in STREAMS}
    await client.flushall()

    async def whole() -> bool:
        return {stream: await client.xrange(stream) for stream in STREAMS} == before

    await until(whole, of="streams")

    async def keys_too() -> bool:
        return await client.llen("ai_signal_log") == 30

    await until(keys_too, of="keys")


async def test_f15_a_stream_that_somebody_deleted_comes_back(journal, writer, pool, relay, client):
    await journal.append(drafts(*busy_batch(0)), writer=writer)
    await caught_up(relay, pool)
    before = await client.xrange("signals:paper")
    await client.delete("signals:paper")

    async def whole() -> bool:
        return await client.xrange("signals:paper") == before

    await until(whole, of="stream")


async def test_f15_redis_that_is_stopped_and_comes_back_empty_misses_nothing(journal, writer, pool, notices, tmp_path):
    from quorate.store.local_valkey import start_valkey

    server = start_valkey(tmp_path)
    relay = relay_to(server.url, pool, notices)
    task = asyncio.create_task(relay.run())
    await journal.append(drafts(*busy_batch(0)), writer=writer)
    await caught_up(relay, pool)
    server.stop()
    for number in range(1, 20):
        await journal.append(drafts(*busy_batch(number)), writer=writer)

    async def noticed() -> bool:
        return relay.health().state == "waiting" and "cannot be reached" in relay.health().error

    await until(noticed, of="health")
    server = start_valkey(tmp_path)
    await caught_up(relay, pool)
    async with redis.from_url(server.url) as client:
        assert await ids_in(client, "events:bus") == [b"1-%d" % seq for seq in range(1, 201)]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    server.stop()


async def test_a_relay_that_starts_again_goes_on_where_the_streams_end(
    journal, writer, pool, notices, redis_url, client
):
    for _ in range(3):
        relay = relay_to(redis_url, pool, notices)
        task = asyncio.create_task(relay.run())
        await journal.append(drafts(*idle_batch(1)), writer=writer)
        await caught_up(relay, pool)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert relay.health().state == "stopped"
    await client.xadd("pnl:equity", {"data": b"{}", "account": "paper"}, id="1-999")
    relay = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(relay.run())
    await journal.append(drafts(*idle_batch(2)), writer=writer)
    await caught_up(relay, pool)
    assert await ids_in(client, "events:bus") == [b"1-%d" % seq for seq in range(1, 17)]
    task.cancel()


async def test_f37_streams_that_are_ahead_of_a_restored_journal_are_built_anew(
    journal, writer, pool, notices, redis_url, client
):
    await client.set("quorate:relay", "*\nevents:bus")
    await client.xadd("events:bus", {"data": b"{}", "account": "paper"}, id="1-999")
    relay = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(relay.run())
    await journal.append(drafts(*idle_batch(0)), writer=writer)
    await caught_up(relay, pool)
    assert await ids_in(client, "events:bus") == [b"1-1", b"1-2", b"1-3", b"1-4"]
    task.cancel()


async def test_only_one_relay_writes_a_redis_at_a_time(journal, writer, pool, notices, redis_url, relay):
    await caught_up(relay, pool)
    second = relay_to(redis_url, pool, notices, instance="two")
    task = asyncio.create_task(second.run())

    async def stands_by() -> bool:
        return second.health().state == "standby"

    await until(stands_by, of="second relay")
    task.cancel()


async def test_streams_keep_only_what_is_young_enough(journal, writer, pool, relay, client):
    for day in range(45):
        number = day * DAY_STEPS
        at_ms = START_MS + number * STEP_MS
        await journal.append(drafts(equity(number), at_ms=at_ms), writer=writer)
    await caught_up(relay, pool)
    await client.flushall()

    async def rebuilt() -> bool:
        return await client.xlen("events:bus") > 0 and await client.xrevrange("pnl:equity", count=1) != []

    await until(rebuilt, of="streams")
    await caught_up(relay, pool)
    assert await ids_in(client, "events:bus") == [b"1-%d" % seq for seq in range(42, 46)]
    assert await ids_in(client, "pnl:equity") == [b"1-%d" % seq for seq in range(15, 46)]
