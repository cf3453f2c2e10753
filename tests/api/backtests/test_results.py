"""What is shown of backtests: streams of their states, reports, curves, and pages of trades and of themselves."""

import asyncio
from dataclasses import replace

from quorate.api.schemas.backtests import BacktestCurve, BacktestTrades, BacktestWanted
from quorate.clock import SystemClock
from quorate.wiring.backtests.running import backtest_runs
from quorate.wiring.backtests.shelf import FOLDER, Shelf, Stored
from tests.api.backtests.runs import CHILD, END_S, NOBODY, START_MS, WANTED, begun, ended, until
from tests.api.conftest import events_of


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
