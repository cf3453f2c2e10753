"""A backtest is started once and runs to its result; how many may run and are kept has a limit."""

import asyncio
import json
from dataclasses import replace

import pytest

from quorate.api.schemas.backtests import BacktestFacts, BacktestPage
from quorate.wiring.backtests.running import MODULE
from quorate.wiring.backtests.shelf import FOLDER, read_state
from tests.api.backtests.runs import WANTED, begun, ended

REAL_RUN_S = 900
"""A run that compiles the engine first, on a machine that is busy with other tests."""


async def test_a_backtest_runs_to_its_result(desk_with, house):
    async with desk_with(house) as (api, _):
        started = await api.post("/v1/backtests", json=WANTED | {"strategies": [{"name": "breakout"}]})
        facts = BacktestFacts.model_validate(started.json())
        assert (facts.state, facts.wanted.source, facts.wanted.exchange) == ("running", "folder", "binance")
        found = await ended(api, facts.id)
        assert (found.backtest.state, found.backtest.error, found.backtest.progress) == ("done", None, None)
        assert found.result is not None
        assert (found.result.tone, found.result.verdict) == ("against", "Does not beat luck.")
        figures = {figure.name: figure for figure in found.result.figures}
        assert (figures["profit_factor"].value, figures["profit_factor"].unbounded) == (None, True)
        assert (figures["net_return"].low, figures["net_return"].level) == (-0.2, 0.95)
        assert (figures["deflated_sharpe"].value, figures["deflated_sharpe"].level) == (None, None)
        luck = next(one for one in found.result.baselines if one.name == "random_entry")
        assert (luck.draws, len(luck.quantiles), luck.percentile) == (200, 5, 42.5)
        assert [curve.kind for curve in found.result.curves] == ["total", "part", "part", "baseline"]
        page = BacktestPage.model_validate((await api.get("/v1/backtests")).json())
        assert [one.id for one in page.backtests] == [facts.id]
        assert page.backtests[0].headline is not None
        assert page.backtests[0].headline.trades == 120


async def test_the_state_is_on_disk_before_it_is_told(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house) as (api, _):
        facts = (await api.post("/v1/backtests", json=WANTED)).json()
        stored = read_state(house.data_dir / FOLDER / facts["id"])
        assert stored is not None
        assert (stored.state, stored.wanted.pairs) == ("running", ["BTC/USDT"])


async def test_the_same_key_is_the_same_backtest_and_never_another(desk_with, house):
    key = {"Idempotency-Key": "mine-1"}
    async with desk_with(house) as (api, runs):
        first, second = await asyncio.gather(*(api.post("/v1/backtests", json=WANTED, headers=key) for _ in range(2)))
        assert first.json()["id"] == second.json()["id"]
        await ended(api, first.json()["id"])
        again = await api.post("/v1/backtests", json=WANTED, headers=key)
        assert (again.json()["id"], again.json()["state"]) == (first.json()["id"], "done")
        other = await api.post("/v1/backtests", json=WANTED | {"pairs": ["ETH/USDT"]}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert len(runs.every()) == 1


async def test_one_more_than_may_run_is_refused(desk_with, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    async with desk_with(house, backtests_running_max=1) as (api, _):
        running = await begun(api)
        refused = await api.post("/v1/backtests", json=WANTED)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_running")
        await api.delete(f"/v1/backtests/{running}?act=stop")
        assert (await api.post("/v1/backtests", json=WANTED)).status_code == 200


async def test_one_more_than_are_kept_is_refused_until_one_is_removed(desk_with, house):
    async with desk_with(house, backtests_kept_max=1) as (api, _):
        first = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        await ended(api, first)
        refused = await api.post("/v1/backtests", json=WANTED)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_kept")
        assert (await api.delete(f"/v1/backtests/{first}")).json()["done"] == "removed"
        assert (await api.post("/v1/backtests", json=WANTED)).status_code == 200


async def test_secrets_of_the_desk_do_not_reach_a_run(house, monkeypatch):
    from quorate.wiring.backtests.offering import without_secrets
    from quorate.wiring.backtests.running import _environment

    monkeypatch.setenv("QUORATE__API__TOKEN", "x")
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    assert not {"QUORATE__API__TOKEN", "GEMINI_API_KEY"} & _environment().keys()
    told = house.model_copy(update={"api": replace(house.api, token="very-secret-token")})
    assert "very-secret-token" not in repr(without_secrets(told).model_dump())


@pytest.mark.slow
@pytest.mark.timeout(REAL_RUN_S)
@pytest.mark.parametrize("engine", ["compiled", "event"])
async def test_a_real_run_ends_in_a_report(desk_with, house, engine):
    async with desk_with(house, module=MODULE) as (api, _):
        started = await api.post("/v1/backtests", json=WANTED | {"engine": engine})
        found = await ended(api, started.json()["id"], within_s=REAL_RUN_S)
        assert found.backtest.error is None
        assert found.result is not None
        trades = (await api.get("/v1/backtest/trades?limit=1000")).json()["trades"]
        assert len(trades) == found.result.trades
        report = await api.get(f"/v1/backtests/{started.json()['id']}/report")
        assert found.result.title in report.text
    assert json.loads((house.data_dir / FOLDER / found.backtest.id / "made" / "backtest.json").read_text())
