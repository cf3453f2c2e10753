"""A replay takes a candle store where it takes a folder of files, and sees the same candles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from quorate.clock import SystemClock
from quorate.domain.errors import BadInput
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.candle_files import open_folder
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.exporting import ExportFormat, export_series, file_name
from quorate.feeds.candles.faults import Damaged
from quorate.feeds.candles.gathering import Holes, gather
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.replay import ReplayFeed, ReplayOptions
from quorate.settings_sources import load_settings
from quorate.wiring.feeds import find_feed
from tests.feeds.candles.conftest import BTC, DAY, H1, PERP, T0, candles
from tests.feeds.conftest import FakeClock

ETH = Series("binance", SeriesKind.SPOT, "ETH/USDT", "5m")
BTC_1H = Series("binance", SeriesKind.SPOT, "BTC/USDT", "1h")


async def opened(folder: Path, **options: object) -> ReplayFeed:
    clock = FakeClock()
    feed = ReplayFeed(ReplayOptions(folder=folder, **options), costs=Costs(), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    await feed.open()
    return feed


async def steps_of(feed: ReplayFeed) -> list[Step]:
    return [step async for step in feed.steps(None)]


@pytest.fixture
def filled(store: CandleStore) -> CandleStore:
    rows = candles(40 * 288)
    store.write(BTC, rows, overwrite=False)
    store.write(ETH, candles(40 * 288, level=50.0).at(np.arange(40 * 288) % 7 != 3), overwrite=False)
    store.write(BTC_1H, gather(rows, source="5m", target="1h", holes=Holes.UNKNOWN).rows, overwrite=False)
    return store


async def test_a_store_and_the_files_made_of_it_give_the_same_steps_and_history(
    tmp_path: Path, filled: CandleStore
) -> None:
    folder = tmp_path / "flat"
    for series in filled.series():
        export_series(filled, series, folder / file_name(series, ExportFormat.PARQUET), ExportFormat.PARQUET)
    asked = {"timerange": "20250130-20250204"}
    stored, flat = [await opened(root, **asked) for root in (filled.root, folder)]
    assert await steps_of(stored) == await steps_of(flat)
    assert stored.markets == flat.markets
    for timeframe in ("5m", "1h", "4h"):
        bars = [
            await feed.history("BTC/USDT", timeframe, before_ms=T0 + 31 * DAY, count=500) for feed in (stored, flat)
        ]
        assert np.array_equal(bars[0].open_ms, bars[1].open_ms)
        assert np.array_equal(bars[0].close, bars[1].close)
    assert stored.label == "replay of binance 5m, 2025-01-30 to 2025-02-03"


async def test_the_identity_of_a_replay_changes_with_what_is_stored(filled: CandleStore) -> None:
    before = (await opened(filled.root, pairs=["BTC/USDT"])).fingerprint()
    assert (await opened(filled.root, pairs=["BTC/USDT"])).fingerprint() == before
    filled.write(ETH, candles(1, start_ms=T0 + 50 * DAY), overwrite=False)
    assert (await opened(filled.root, pairs=["BTC/USDT"])).fingerprint() == before
    filled.write(BTC, candles(1, start_ms=T0 + 50 * DAY), overwrite=False)
    assert (await opened(filled.root, pairs=["BTC/USDT"])).fingerprint() != before


async def test_coins_go_before_the_contracts_on_them(filled: CandleStore) -> None:
    perp = Series("binance", SeriesKind.PERP, "BTC/USDT:USDT", "5m")
    sol = Series("binance", SeriesKind.PERP, "SOL/USDT:USDT", "5m")
    for series in (perp, sol):
        filled.write(series, candles(300, level=200.0), overwrite=False)
    folder = open_folder(filled.root, None)
    assert folder.pairs("5m") == ["BTC/USDT", "ETH/USDT"]
    assert folder.file_of("BTC/USDT", "5m").read().open[0] == 100.0
    assert folder.file_of("BTC/USDT:USDT", "5m").read().open[0] == 200.0
    assert folder.file_of("SOL/USDT", "5m").read().open[0] == 200.0
    assert folder.find("BTC/USDT:USDT", "1h") is None


async def test_a_store_of_contracts_alone_is_replayed_as_their_coins(store: CandleStore) -> None:
    store.write(PERP, candles(30, length_ms=H1), overwrite=False)
    feed = await opened(store.root, timeframe="1h")
    assert [market.pair for market in feed.markets] == ["BTC/USDT"]
    assert len(await steps_of(feed)) == 30
    inverse = Series("binance", SeriesKind.PERP, "BTC/USDT:BTC", "1h")
    store.write(inverse, candles(30, length_ms=H1), overwrite=False)
    with pytest.raises(BadInput, match="BTC/USDT could be BTC/USDT:BTC or BTC/USDT:USDT"):
        await opened(store.root, timeframe="1h")


async def test_what_is_missing_or_damaged_is_said(filled: CandleStore) -> None:
    with pytest.raises(BadInput, match=r"no 5m candles of SOL/USDT.*BTCUSDT, ETHUSDT"):
        await opened(filled.root, pairs=["SOL/USDT"])
    with pytest.raises(BadInput, match="no candles of kraken"):
        await opened(filled.root, exchange="kraken")
    part = filled.parts(BTC)[0]
    part.write_bytes(part.read_bytes()[:1_000])
    with pytest.raises(Damaged, match=r"2025-01\.parquet is damaged"):
        await opened(filled.root)


def test_files_in_the_folder_itself_go_before_a_store_in_it(filled: CandleStore) -> None:
    flat = filled.root / "kraken_ETHUSD_5m.parquet"
    export_series(filled, ETH, flat, ExportFormat.PARQUET)
    assert [file.path for file in open_folder(filled.root, None).files] == [flat]


def test_an_empty_folder_names_both_ways_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"binance_BTCUSDT_5m\.parquet .*`quorate data download`"):
        open_folder(tmp_path, None)


@pytest.mark.parametrize(("named", "level"), [(None, 100.0), ("kraken", 300.0)])
async def test_the_exchange_that_is_named_is_replayed_else_binance(
    tmp_path: Path, filled: CandleStore, named: str | None, level: float
) -> None:
    filled.write(Series("kraken", SeriesKind.SPOT, "BTC/USDT", "5m"), candles(300, level=300.0), overwrite=False)
    environment = {"QUORATE__FEED__KIND": "replay", "QUORATE__FEED__DATA": str(filled.root)}
    environment |= {"QUORATE__FEED__PAIRS": "BTC/USDT"} | ({"QUORATE__FEED__EXCHANGE": named} if named else {})
    found = await find_feed(load_settings(environment=environment, folder=tmp_path), SystemClock())
    bars = await found.source.history("BTC/USDT", "5m", before_ms=T0 + 300_000, count=1)
    assert bars.open.tolist() == [level]
    await found.source.close()
