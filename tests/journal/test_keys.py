"""The keys in Redis that older clients read, as the relay writes them, and the channels of the same names."""

import asyncio
import json
from dataclasses import replace

from quorate.domain import events as e
from tests.journal.conftest import PATIENCE_S, caught_up, drafts, relay_to, until
from tests.journal.samples import START_MS, busy_batch, lesson, opened, optimized


async def test_keys_show_the_books_the_latest_signals_and_the_cooldowns(journal, writer, pool, relay, client):
    hear = client.pubsub(ignore_subscribe_messages=True)
    await hear.subscribe("dual_portfolio_data", "signals:paper")
    await journal.append(drafts(opened()), writer=writer)
    await caught_up(relay, pool)
    cooldown = e.CooldownSet("BTC/USDT", START_MS + 86_400_000, "signal", START_MS)
    await journal.append(drafts(*busy_batch(0), cooldown), writer=writer)

    async def keys_there() -> bool:
        return await client.exists("signal:BTCUSDT", "ai_signal_log", "dual_portfolio_data") == 3

    await until(keys_there, of="keys")
    books = json.loads(await client.get("dual_portfolio_data"))
    assert [book["name"] for book in books["portfolios"]] == ["aggressive", "conservative", "strategies"]
    assert books["portfolios"][0]["equity"] == "10000"
    (logged,) = await client.lrange("ai_signal_log", 0, -1)
    assert json.loads(logged)["id"] == "s0"
    assert 86_000 < await client.ttl("signal:BTCUSDT") <= 86_400
    assert json.loads(await client.get("signal:BTCUSDT"))["why"] == "signal"
    heard = set()

    async def both_heard() -> bool:
        message = await hear.get_message(timeout=0.1)
        heard.add(message and message["channel"])
        return heard >= {b"dual_portfolio_data", b"signals:paper"}

    await until(both_heard, of="channels")
    await hear.aclose()


async def heard_on(hear, channel: str) -> dict:
    """The next message on a channel."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = await hear.get_message(timeout=0.1)
            if message is not None and message["channel"] == channel.encode():
                return json.loads(message["data"])


async def test_a_key_and_a_channel_tell_the_newest_configuration_of_the_optimizer(journal, writer, pool, relay, client):
    await caught_up(relay, pool)
    assert await client.exists("optimization_config", "lessons") == 0
    hear = client.pubsub(ignore_subscribe_messages=True)
    await hear.subscribe("optimization_config")
    await hear.get_message(timeout=PATIENCE_S)
    await journal.append(drafts(optimized(), optimized(2)), writer=writer)
    config = await heard_on(hear, "optimization_config")
    assert config == json.loads(await client.get("optimization_config"))
    assert config == {
        "id": "1-2",
        "timestamp": "2025-01-01T00:00:00Z",
        "account": "paper",
        "version": 2,
        "by": "optimizer",
        "reverts_to": None,
        "weights": {"trend": "1.06"},
        "base_risk": {
            "aggressive": {"factor": "1.1", "base": "0.11"},
            "conservative": {"factor": "1", "base": "0.04"},
        },
        "blocked_regimes": ["RANGING"],
        "adjustments": [
            {
                "subject": "weight trend",
                "count": 24,
                "expectancy_r": "0.12",
                "win_rate": "0.5",
                "average_r": "0.2",
                "before": "1",
                "after": "1.06",
                "reason": "24 trades: × 1.06",
            }
        ],
    }
    await hear.aclose()


async def test_two_writers_of_the_optimizer_s_key_come_to_the_newer_version(
    journal, writer, pool, notices, redis_url, client
):
    await journal.append(drafts(optimized()), writer=writer)
    first = relay_to(redis_url, pool, notices)
    task = asyncio.create_task(first.run())
    await caught_up(first, pool)
    older = await client.get("optimization_config")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await journal.append(drafts(optimized(2)), writer=writer)
    second = relay_to(redis_url, pool, notices, instance="two")
    task = asyncio.create_task(second.run())
    await caught_up(second, pool)
    newer = await client.get("optimization_config")
    assert (json.loads(older)["version"], json.loads(newer)["version"]) == (1, 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.set("optimization_config", older)
    third = relay_to(redis_url, pool, notices, instance="three")
    task = asyncio.create_task(third.run())
    await caught_up(third, pool)
    assert await client.get("optimization_config") == newer, "whoever wrote last: what the journal says comes back"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_newest_lessons_are_listed_first_and_a_better_sentence_replaces_the_first(
    journal, writer, pool, relay, client
):
    better = replace(lesson("tr1"), lesson="Wait for the close.")
    hear = client.pubsub(ignore_subscribe_messages=True)
    await hear.subscribe("lessons")
    await hear.get_message(timeout=PATIENCE_S)
    await journal.append(drafts(*map(e.LessonLearned, (lesson("tr1"), lesson("tr2"), better))), writer=writer)
    newest = await heard_on(hear, "lessons")
    listed = [json.loads(each) for each in await client.lrange("lessons", 0, -1)]
    assert [(each["id"], each["trade"], each["lesson"]) for each in listed] == [
        ("1-3", "tr1", "Wait for the close."),
        ("1-2", "tr2", "Trends pay."),
    ]
    assert newest == listed[0]
    assert {name: newest[name] for name in ("account", "timestamp", "pair", "side", "r", "by")} == {
        "account": "paper",
        "timestamp": "2025-01-01T00:05:00Z",
        "pair": "BTC/USDT",
        "side": "LONG",
        "r": "1.9",
        "by": "rules",
    }
    assert "at_ms" not in newest
    await hear.aclose()
