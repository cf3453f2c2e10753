"""However a backtest's run ends (stopped, failed, or with its desk), that is told and nothing is left behind."""

import asyncio
import signal

import pytest

from quorate.api.schemas.backtests import BacktestWanted
from quorate.wiring.backtests.shelf import FOLDER, Shelf, Stored, digest_of, read_state
from tests.api.backtests.runs import END_S, NOBODY, START_MS, WANTED, begun, ended


async def test_a_run_that_is_stopped_is_kept_and_its_process_is_gone(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang in writing")
    async with desk_with(house) as (api, runs):
        running = await begun(api)
        process = runs._running[running].process
        for done in ("stopped", "nothing"):
            assert (await api.delete(f"/v1/backtests/{running}?act=stop")).json() == {"id": running, "done": done}
        assert process.returncode == -signal.SIGKILL
        found = await ended(api, running)
        assert (found.backtest.state, found.result) == ("stopped", None)
        left = sorted(path.name for path in (house.data_dir / FOLDER / running).iterdir())
        assert left == ["log.txt", "progress.json", "state.json"], "nothing half-written stays"


async def test_a_run_that_is_removed_is_gone_for_good(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house) as (api, _):
        running = await begun(api)
        assert (await api.delete(f"/v1/backtests/{running}")).json()["done"] == "removed"
        assert (await api.delete(f"/v1/backtests/{running}")).status_code == 404
        assert (await api.get("/v1/backtests")).json()["backtests"] == []
        assert not (house.data_dir / FOLDER / running).exists()


@pytest.mark.parametrize(
    ("act", "code", "words"),
    [
        ("refuse", "bad_input", "Download them again."),
        ("raise", "crashed", "ZeroDivisionError: by nothing"),
        ("die", "killed", "memory"),
    ],
)
async def test_a_run_that_fails_says_why(desk_with, house, monkeypatch, act, code, words):
    monkeypatch.setenv("BACKTEST_ACT", act)
    async with desk_with(house) as (api, _):
        found = await ended(api, (await api.post("/v1/backtests", json=WANTED)).json()["id"])
    assert found.backtest.state == "failed"
    assert found.backtest.error is not None
    assert found.backtest.error.code == code
    assert words in found.backtest.error.message


async def test_a_run_over_its_limit_is_ended(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house, backtest_limit_s=0.2) as (api, _):
        found = await ended(api, (await api.post("/v1/backtests", json=WANTED)).json()["id"])
    assert found.backtest.error is not None
    assert (found.backtest.state, found.backtest.error.code) == ("failed", "over_limit")


async def test_a_desk_that_goes_takes_its_runs_along_and_says_so_when_it_is_back(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house) as (api, runs):
        running = await begun(api)
        process = runs._running[running].process
    assert process.returncode is not None
    async with desk_with(house) as (api, _):
        found = await ended(api, running)
    assert found.backtest.state == "interrupted"


async def test_a_run_whose_desk_was_killed_is_interrupted_never_running(desk_with, house):
    dead = Stored(
        id=NOBODY,
        owner="killed",
        digest=digest_of(BacktestWanted.model_validate(WANTED)),
        created_ms=START_MS,
        wanted=BacktestWanted.model_validate(WANTED),
    )
    Shelf(house.data_dir / FOLDER, "killed").put(dead)
    async with desk_with(house) as (api, _):
        page = (await api.get("/v1/backtests")).json()
    assert [one["state"] for one in page["backtests"]] == ["interrupted"]
    assert page["running"] == 0
    stored = read_state(house.data_dir / FOLDER / NOBODY)
    assert stored is not None
    assert stored.state == "interrupted", "and that is on disk"


async def test_a_run_of_another_living_process_is_running_and_cannot_be_ended_here(desk_with, house):
    other = Shelf(house.data_dir / FOLDER, "other")
    other.open()
    wanted = BacktestWanted.model_validate(WANTED)
    other.put(Stored(id=NOBODY, owner="other", digest=digest_of(wanted), created_ms=START_MS, wanted=wanted))
    async with desk_with(house) as (api, _):
        assert (await api.get(f"/v1/backtests/{NOBODY}")).json()["backtest"]["state"] == "running"
        refused = await api.delete(f"/v1/backtests/{NOBODY}")
        assert (refused.status_code, refused.json()["code"]) == (409, "refused")
    other.close()


async def test_a_run_ends_by_itself_when_its_desk_is_killed(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house) as (api, runs):
        process = runs._running[await begun(api)].process
        process.stdin.close()  # what a kernel does to the pipe of a process that was killed
        async with asyncio.timeout(END_S):
            assert await process.wait() == 1
