"""What backtests may be started, and that a wish which makes no sense is refused by its field."""

import numpy as np
import polars as pl
import pytest

from quorate.api.schemas.backtests import BacktestFacts, BacktestOffer
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.settings import Settings
from quorate.wiring.data import STORE_FOLDER
from tests.api.backtests.runs import WANTED


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


async def test_a_process_that_runs_none_says_so(api):
    assert (await api.get("/v1/backtests")).json()["backtests"] == []
    for response in (await api.get("/v1/backtests/offer"), await api.post("/v1/backtests", json=WANTED)):
        assert (response.status_code, response.json()["code"]) == (503, "no_backtests_here")
