"""Backtests by the API: real processes and folders; what a process runs is scripted, but for the slow test."""

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from quorate.api.schemas.backtests import (
    BacktestCurve,
    BacktestDetail,
    BacktestFacts,
    BacktestOffer,
    BacktestPage,
    BacktestTrades,
    BacktestWanted,
)
from quorate.clock import SystemClock
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.settings import Settings
from quorate.wiring.backtests.running import MODULE, backtest_runs
from quorate.wiring.backtests.shelf import FOLDER, Shelf, Stored, digest_of, read_state
from quorate.wiring.data import STORE_FOLDER
from tests.api.conftest import events_of

CHILD = "tests.api.backtest_child"
START_MS = 1_735_689_600_000
HOUR_MS = 3_600_000
WANTED = {"strategies": [{"name": "breakout"}], "pairs": ["BTC/USDT"], "timeframe": "1h"}
END_S = 60
REAL_RUN_S = 900
"""A run that compiles the engine first, on a machine that is busy with other tests."""
NOBODY = "0" * 32


def write_candles(folder, pair, *, days=30, seed=1, timeframe="1h", step_ms=HOUR_MS):
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(seed)
    count = days * 86_400_000 // step_ms
    close = np.round(100.0 * np.exp(np.cumsum(dice.normal(0, 0.01, count))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    frame = pl.DataFrame(
        {
            "ts": START_MS + np.arange(count, dtype=np.int64) * step_ms,
            "open": opened,
            "high": np.maximum(opened, close) + 0.5,
            "low": np.minimum(opened, close) - 0.5,
            "close": close,
            "volume": np.full(count, 5_000.0),
        }
    )
    frame.write_parquet(folder / f"binance_{pair.replace('/', '')}_{timeframe}.parquet")


@pytest.fixture
def candles(tmp_path):
    folder = tmp_path / "recorded"
    write_candles(folder, "BTC/USDT")
    write_candles(folder, "ETH/USDT", seed=2)
    return folder


@pytest.fixture
def house(tmp_path, candles, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["src", "."]))
    feed = Settings().feed.model_copy(update={"kind": "replay", "data": candles})
    return Settings(data_dir=tmp_path / "data").model_copy(update={"feed": feed})


@pytest.fixture
def desk_with(serve, resources):
    """A client of an API that runs backtests, and the runs themselves."""

    @asynccontextmanager
    async def opened(settings, *, module=CHILD, **limits):
        settings = settings.model_copy(update={"api": replace(settings.api, **limits)})
        async with backtest_runs(settings, SystemClock(), module=module) as runs:
            yield await serve(given=replace(resources, backtests=runs)), runs

    return opened


async def until(look, *, within_s=END_S):
    """What `look` gives once it gives something."""
    async with asyncio.timeout(within_s):
        while not (found := await look()):  # noqa: ASYNC110  the state is on disk, nobody tells of it
            await asyncio.sleep(0.05)
    return found


async def ended(api, backtest, *, within_s=END_S):
    async def look():
        found = BacktestDetail.model_validate((await api.get(f"/v1/backtests/{backtest}")).json())
        return found if found.backtest.state != "running" else None

    return await until(look, within_s=within_s)


async def begun(api, **changes):
    """Start one and wait until its process says that it is at work."""
    response = await api.post("/v1/backtests", json=WANTED | changes)
    facts = BacktestFacts.model_validate(response.json())

    async def look():
        progress = (await api.get(f"/v1/backtests/{facts.id}")).json()["backtest"]["progress"]
        return progress["phase"] == "running"

    await until(look)
    return facts.id


async def test_what_may_be_started_is_told_with_ranges_and_parameters(desk_with, house):
    async with desk_with(house) as (api, _):
        offer = BacktestOffer.model_validate((await api.get("/v1/backtests/offer")).json())
    breakout = next(one for one in offer.strategies if one.name == "breakout")
    assert {one.name: (one.kind, one.value) for one in breakout.parameters}["channel"] == ("whole", 20)
    assert breakout.about.startswith("LONG at the first close")
    (recorded,) = offer.candles
    assert (recorded.source, recorded.exchange) == ("folder", "binance")
    first = recorded.series[0]
    assert (first.pair, first.timeframe, first.candles) == ("BTC/USDT", "1h", 720)
    assert (first.first, first.last) == ("2025-01-01T00:00:00Z", "2025-01-31T00:00:00Z")
    assert str(house.data_dir) not in offer.model_dump_json(), "paths are nobody's business"


async def test_the_candle_store_is_offered_beside_the_feeds_folder(desk_with, house, candles):
    frame = pl.read_parquet(candles / "binance_BTCUSDT_1h.parquet")
    values = frame.select("open", "high", "low", "close", "volume").to_numpy().T
    rows = Rows(frame["ts"].to_numpy(), np.ascontiguousarray(values))
    store = CandleStore(house.data_dir / STORE_FOLDER)
    store.write(Series("kraken", SeriesKind.SPOT, "BTC/USDT", "1h"), rows, overwrite=False)
    (candles / "binance_SOLUSDT_1h.parquet").write_bytes(b"half a file")
    async with desk_with(house) as (api, _):
        offer = BacktestOffer.model_validate((await api.get("/v1/backtests/offer")).json())
        told = [(one.source, one.exchange, [each.pair for each in one.series]) for one in offer.candles]
        assert told == [("folder", "binance", ["BTC/USDT", "ETH/USDT"]), ("store", "kraken", ["BTC/USDT"])]
        assert offer.candles[1].series[0].last == "2025-01-31T00:00:00Z"
        assert "binance_SOLUSDT_1h.parquet" in offer.faults[0], "what cannot be read is named"
        started = await api.post("/v1/backtests", json=WANTED | {"exchange": "kraken"})
        assert BacktestFacts.model_validate(started.json()).wanted.source == "store"


async def test_without_candles_the_offer_is_empty_and_a_wish_says_how_to_get_some(desk_with, tmp_path):
    async with desk_with(Settings(data_dir=tmp_path / "empty")) as (api, _):
        assert (await api.get("/v1/backtests/offer")).json()["candles"] == []
        refused = (await api.post("/v1/backtests", json=WANTED)).json()
    assert refused["errors"][0]["field"] == "pairs"
    assert "quorate data download" in refused["errors"][0]["message"]


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("strategies.0.name", {"strategies": [{"name": "breakot"}]}, "Did you mean breakout?"),
        ("strategies.0.parameters", {"strategies": [{"name": "breakout", "parameters": {"chanel": 3}}]}, "channel"),
        ("strategies.0.parameters", {"strategies": [{"name": "breakout", "parameters": {"channel": "x"}}]}, "channel"),
        ("strategies", {"strategies": [{"name": "breakout"}, {"name": "breakout"}]}, "twice"),
        ("strategies", {"strategies": []}, "at least 1"),
        ("pairs", {"pairs": ["DOGE/USDT"]}, "There are BTC/USDT, ETH/USDT"),
        ("pairs", {"pairs": []}, "at least 1"),
        ("pairs.0", {"pairs": ["../../etc"]}, "pattern"),
        ("timeframe", {"timeframe": "5m"}, "There are 1h"),
        ("timeframe", {"timeframe": "7m"}, "'1m'"),
        ("timeframe", {"strategies": [{"name": "bar_reaction"}]}, "cannot be made of 1h"),
        ("exchange", {"exchange": "kraken"}, "binance (folder)"),
        ("source", {"source": "store"}, "binance (folder)"),
        ("start", {"start": "2031-01-01"}, "2025-01-01 to 2025-01-30"),
        ("end", {"end": "2020-01-01"}, "2025-01-01 to 2025-01-30"),
        ("end", {"start": "2025-01-10", "end": "2025-01-10"}, "after the first day"),
        ("start", {"start": "yesterday"}, "date"),
        ("start_equity", {"start_equity": "0"}, "over 0"),
        ("start_equity", {"start_equity": "1e99"}, "pattern"),
        ("fee", {"fee": "1"}, "0.001"),
        ("without.0", {"without": ["rent"]}, "fees"),
        ("tie", {"engine": "event", "tie": "optimistic"}, "compiled engine"),
        ("without", {"engine": "event", "without": ["fees"]}, "compiled engine"),
        ("speed", {"speed": 9}, "no such parameter"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused_by_its_field(desk_with, house, field, changes, words):
    async with desk_with(house) as (api, runs):
        response = await api.post("/v1/backtests", json=WANTED | changes)
        assert runs.every() == []
    body = response.json()
    assert (response.status_code, body["code"]) == (422, "invalid_parameters")
    assert body["errors"][0]["field"] == field
    assert words in body["errors"][0]["message"]


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


async def test_a_stream_tells_every_state_to_the_end(desk_with, house):
    async with desk_with(house) as (api, _):
        started = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        async with asyncio.timeout(END_S), api.stream("GET", f"/v1/backtests/{started}/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            told = [event async for event in events_of(response)]
    assert [told[0].name, told[-1].name, told[-1].data["reason"]] == ["hello", "bye", "ended"]
    states = [event.data["state"] for event in told if event.name == "backtest"]
    assert (states[0], states[-1]) == ("running", "done")
    ids = [event.id for event in told if event.name == "backtest"]
    assert ids == [f"1-{count}" for count in range(1, len(ids) + 1)]


async def test_streams_of_one_client_are_counted_and_let_go(serve, resources, house, monkeypatch):
    monkeypatch.setenv("BACKTEST_ACT", "hang")
    stream = replace(resources.settings.stream, subscribers_per_client_max=1)
    async with backtest_runs(house, SystemClock(), module=CHILD) as runs:
        api = await serve(given=replace(resources, backtests=runs), stream=stream)
        path = f"/v1/backtests/{await begun(api)}/events"
        async with api.stream("GET", path) as first:
            lines = first.aiter_lines()
            assert await anext(lines) == "event: hello"
            refused = await api.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "streams_full")

        async def let_in():
            async with api.stream("GET", path) as again:
                return again.status_code == 200

        await until(let_in)


async def test_a_report_is_shown_apart_from_the_desk(desk_with, house):
    async with desk_with(house) as (api, _):
        done = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        early = await api.get(f"/v1/backtests/{NOBODY}/report")
        assert early.status_code == 404
        await ended(api, done)
        shown = await api.get(f"/v1/backtests/{done}/report")
        saved = await api.get(f"/v1/backtests/{done}/report?download=true")
    assert shown.headers["content-type"].startswith("text/html")
    policy = shown.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "default-src 'none'" in policy
    assert "allow-same-origin" not in policy
    assert (shown.headers["x-content-type-options"], shown.headers["x-frame-options"]) == ("nosniff", "DENY")
    assert shown.text.startswith("<!DOCTYPE html>")
    assert shown.headers["content-disposition"].startswith("inline")
    assert saved.headers["content-disposition"] == f'attachment; filename="backtest-{done[:8]}.html"'


async def test_curves_are_thinned_and_end_where_they_end(desk_with, house):
    async with desk_with(house) as (api, _):
        assert (await api.get("/v1/backtest/pnl")).json()["code"] == "not_found"
        done = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        await ended(api, done)
        whole = BacktestCurve.model_validate((await api.get("/v1/backtest/pnl", params={"n": 10_000})).json())
        few = BacktestCurve.model_validate((await api.get("/v1/backtest/pnl", params={"id": done, "n": 7})).json())
        held = BacktestCurve.model_validate((await api.get("/v1/backtest/pnl?curve=buy_and_hold")).json())
        unknown = await api.get("/v1/backtest/pnl?curve=nothing")
    assert (whole.id, whole.points[0].equity) == (done, "20000")
    assert len(few.points) <= 7
    assert few.points[-1] == whole.points[-1]
    assert [point.equity for point in held.points] == ["20000", "22000"]
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "curve")
    worst = max(point.drawdown_pct for point in whole.points)
    assert worst > 0


async def test_pages_of_trades_hold_each_trade_once_newest_first(desk_with, house):
    async with desk_with(house) as (api, _):
        done = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        await ended(api, done)
        found, cursor = [], None
        while True:
            query = {"limit": 50} | ({"before": cursor} if cursor else {})
            page = BacktestTrades.model_validate((await api.get("/v1/backtest/trades", params=query)).json())
            found += page.trades
            cursor = page.next
            if cursor is None:
                break
        some = (await api.get("/v1/backtest/trades?pair=ETH/USDT&limit=1000")).json()
        torn = await api.get("/v1/backtest/trades?before=7")
        far = await api.get("/v1/backtest/trades?before=999999999999")
    assert len(found) == 120
    closed = [trade.closed_at for trade in found]
    assert closed == sorted(closed, reverse=True)
    assert {trade["pair"] for trade in some["trades"]} == {"ETH/USDT"}
    assert len(some["trades"]) == sum(trade.pair == "ETH/USDT" for trade in found)
    for wrong in (torn, far):
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "before")


async def test_pages_of_backtests_never_shift(desk_with, house):
    wanted = BacktestWanted.model_validate(WANTED)
    shelf = Shelf(house.data_dir / FOLDER, "gone")
    for number in range(5):
        shelf.put(
            Stored(
                id=f"{number:032x}",
                owner="gone",
                digest="d",
                created_ms=START_MS + number // 2,
                wanted=wanted,
                state="stopped",
                ended_ms=START_MS,
            )
        )
    async with desk_with(house) as (api, _):
        first = (await api.get("/v1/backtests?limit=2")).json()
        shelf.put(
            Stored(id="f" * 32, owner="gone", digest="d", created_ms=START_MS + 9, wanted=wanted, state="stopped")
        )
        second = (await api.get("/v1/backtests", params={"limit": 2, "before": first["next"]})).json()
        third = (await api.get("/v1/backtests", params={"limit": 2, "before": second["next"]})).json()
    told = [one["id"][-1] for page in (first, second, third) for one in page["backtests"]]
    assert (told, third["next"]) == (["4", "3", "2", "1", "0"], None)


async def test_ids_that_are_none_lead_nowhere(desk_with, house):
    async with desk_with(house) as (api, _):
        for wrong in ("..%2F..%2Fetc%2Fpasswd", "A" * 32, "0" * 31, ".owners"):
            assert (await api.get(f"/v1/backtests/{wrong}")).status_code in (404, 422)
            assert (await api.delete(f"/v1/backtests/{wrong}")).status_code in (404, 422)
        assert (await api.get(f"/v1/backtests/{NOBODY}")).status_code == 404


async def test_a_damaged_result_is_told_and_not_shown(desk_with, house):
    async with desk_with(house) as (api, _):
        done = (await api.post("/v1/backtests", json=WANTED)).json()["id"]
        await ended(api, done)
        made = house.data_dir / FOLDER / done / "made"
        (made / "curves.json").write_text('{"total": [[1', encoding="utf-8")
        (made / "result.json").unlink()
        for path in ("/v1/backtest/pnl", f"/v1/backtests/{done}"):
            response = await api.get(path)
            assert (response.status_code, response.json()["code"]) == (500, "record_damaged")


async def test_a_process_that_runs_none_says_so(api):
    assert (await api.get("/v1/backtests")).json()["backtests"] == []
    for response in (await api.get("/v1/backtests/offer"), await api.post("/v1/backtests", json=WANTED)):
        assert (response.status_code, response.json()["code"]) == (503, "no_backtests_here")


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
