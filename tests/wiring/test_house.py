"""The house as a whole: roles together and apart, two desks at once, a database that dies under it."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from quorate.journal.errors import LeaseHeld
from quorate.settings import StoreSettings
from quorate.store.errors import RedisUnreachable
from quorate.store.readers import roles
from quorate.wiring import run_job, up, verify_journal
from quorate.wiring.stores import open_stores
from tests.wiring.houses import ALL, PATIENCE_S, Listener, house, settings_in, until_ready

pytestmark = pytest.mark.timeout(400)


async def test_every_role_in_one_process_is_up_and_says_so(folder: Path) -> None:
    async with house(settings_in(folder)) as (_, url):
        health = (await until_ready(url)).json()
        states = {part["name"]: part["state"] for part in health["parts"]}
        assert states == {"feed": "up", "worker": "up", "api": "up", "postgres": "up", "redis": "off"}
        assert health["feed"]["simulated"], "what is not real says so"
        assert all(part["since"] for part in health["parts"] if part["name"] in ("feed", "worker", "api"))
    verdict = await verify_journal(settings_in(folder), None)
    assert verdict["ok"]
    assert verdict["entries"] > 0


async def test_a_scan_by_hand_runs_in_the_desk_and_a_repeated_key_repeats_its_reply(folder: Path) -> None:
    async with house(settings_in(folder)) as (_, url):
        await until_ready(url)
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            first = await client.post("/api/scan", headers={"Idempotency-Key": "once"})
            again = await client.post("/api/scan", headers={"Idempotency-Key": "once"})
        assert first.status_code == 200
        assert {"success", "cycle", "scannedPairs", "signals", "tradesOpened", "elapsedMs"} <= first.json().keys()
        assert again.json() == first.json()
        assert (await run_job(settings_in(folder), "monitor-positions"))["success"]


async def test_a_job_by_hand_without_a_running_desk_takes_its_place_for_a_moment(folder: Path) -> None:
    reply = await run_job(settings_in(folder), "scan")
    assert reply["success"]
    assert reply["scannedPairs"] == 2


async def test_a_redis_that_is_not_there_is_said_at_once_and_the_desk_goes_on_unless_it_must_not(folder: Path) -> None:
    address = SecretStr("redis://:hidden@127.0.0.1:1/0")
    settings = settings_in(folder)
    settings = settings.model_copy(update={"store": StoreSettings(redis_url=address)})
    async with house(settings) as (listener, url):
        health = (await until_ready(url)).json()
    assert health["status"] == "degraded"
    assert listener.warnings[0].startswith("Redis at 127.0.0.1:1 cannot be reached: nothing answers. Start it")
    assert "hidden" not in "".join(listener.warnings)
    must = settings.model_copy(update={"store": StoreSettings(redis="on", redis_url=address)})
    with pytest.raises(RedisUnreachable):
        await up(must, roles=ALL, console=Listener(), exit_at_end=False)


async def test_a_job_by_hand_waits_neither_for_the_next_candle_nor_for_a_desk_that_was_killed(folder: Path) -> None:
    settings = settings_in(folder, speed=1.0)
    settings = settings.model_copy(update={"api": replace(settings.api, worker_lost_ms=2_000)})
    async with asyncio.timeout(PATIENCE_S):
        assert (await run_job(settings, "scan"))["success"]
        async with open_stores(settings, Listener(), redis=False) as stores:
            gone = roles.RoleState(account="simulated-7")
            await roles.beat(stores.pool, role="worker", instance="killed:1", state=gone)
        assert (await run_job(settings, "scan"))["success"]


async def test_f14_a_second_desk_of_the_same_account_is_refused_at_once(folder: Path) -> None:
    async with house(settings_in(folder)) as (_, url):
        await until_ready(url)
        with pytest.raises(LeaseHeld, match=f"process {os.getpid()}"):
            await up(settings_in(folder), roles=frozenset({"feed", "worker"}), console=Listener(), exit_at_end=False)


async def test_roles_work_apart_as_they_do_together_whichever_starts_first(folder: Path) -> None:
    settings = settings_in(folder)
    async with house(settings, roles=frozenset({"api"})) as (_, url):
        worker = asyncio.create_task(
            up(settings, roles=frozenset({"worker"}), console=Listener(), exit_at_end=False), name="worker"
        )
        async with house(settings, roles=frozenset({"feed"})):
            health = (await until_ready(url)).json()
            assert health["ready"]
            async with httpx.AsyncClient(base_url=url) as client:
                candles = (await client.get("/api/candles?pair=BTC/USDT&timeframe=5m")).json()["candles"]
            assert candles
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


async def test_f17_a_database_that_dies_stops_the_desk_until_it_is_back_and_nothing_is_lost(folder: Path) -> None:
    settings = settings_in(folder)
    async with house(settings) as (listener, url):
        await until_ready(url)
        async with httpx.AsyncClient(base_url=url) as client:
            before = (await client.get("/v1/pnl")).json()["points"]
        os.kill(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(base_url=url) as client:
            after = before
            while len(after) <= len(before) or after[-1]["timestamp"] <= before[-1]["timestamp"]:
                await asyncio.sleep(0.1)
                answer = await client.get("/v1/pnl?n=10000")
                after = answer.json()["points"] if answer.status_code == 200 else before
        assert any("started again" in warning for warning in listener.warnings)
        assert [point["id"] for point in before] == [point["id"] for point in after][: len(before)]
    assert (await verify_journal(settings, None))["ok"]
