"""Taking series out: names as others expect them, whole files, and never one over another unasked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quorate.domain.errors import BadInput, Refused
from quorate.feeds.candle_files import open_folder
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.exporting import ExportFormat, export_series, file_name, plan_export
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.timerange import parse_timerange
from tests.feeds.candles.conftest import BTC, FUNDING, H1, PERP, T0, candles, rates

MARK = Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "1h")


@pytest.mark.parametrize(
    ("series", "form", "name"),
    [
        (BTC, "parquet", "binance_BTCUSDT_5m.parquet"),
        (PERP, "parquet", "binanceperp_BTCUSDT_1h.parquet"),
        (Series("binanceusdm", SeriesKind.PERP, "BTC/USDT:USDT", "1h"), "csv", "binanceusdm_BTCUSDT_1h.csv"),
        (FUNDING, "parquet", "binanceperp_BTCUSDT_funding.parquet"),
        (MARK, "csv", "binanceperp_BTCUSDT_mark-1h.csv"),
        (BTC, "feather", "BTC_USDT-5m.feather"),
        (PERP, "feather", "futures/BTC_USDT_USDT-1h-futures.feather"),
        (MARK, "json", "futures/BTC_USDT_USDT-1h-mark.json"),
        (FUNDING, "feather", "futures/BTC_USDT_USDT-1h-funding_rate.feather"),
    ],
)
def test_files_are_named_as_those_who_read_them_expect(series: Series, form: str, name: str) -> None:
    assert file_name(series, ExportFormat(form)) == name


def test_parquet_and_csv_hold_the_same(tmp_path: Path, store: CandleStore) -> None:
    store.write(BTC, candles(500), overwrite=False)
    frames: list[pl.DataFrame] = []
    for form in (ExportFormat.PARQUET, ExportFormat.CSV):
        path = tmp_path / file_name(BTC, form)
        told = export_series(store, BTC, path, form, parse_timerange("20250101-20250102"))
        assert told is not None
        assert (told.count, told.first_ms, told.last_ms) == (288, T0, T0 + 287 * 300_000)
        frames.append(pl.read_parquet(path) if form is ExportFormat.PARQUET else pl.read_csv(path))
    assert frames[0].equals(frames[1])


def test_an_exported_folder_is_a_folder_for_replays(tmp_path: Path, store: CandleStore) -> None:
    store.write(BTC, candles(500), overwrite=False)
    export_series(store, BTC, tmp_path / file_name(BTC, ExportFormat.PARQUET), ExportFormat.PARQUET)
    columns = open_folder(tmp_path, None).file_of("BTC/USDT", "5m").read()
    assert np.array_equal(columns.close, candles(500).values[3])


def test_freqtrade_gets_dates_in_utc_and_a_rate_where_the_open_is(tmp_path: Path, store: CandleStore) -> None:
    store.write(FUNDING, rates(5), overwrite=False)
    export_series(store, FUNDING, tmp_path / "f.feather", ExportFormat.FEATHER)
    frame = pl.read_ipc(tmp_path / "f.feather")
    assert frame.columns == ["date", "open", "high", "low", "close", "volume"]
    assert frame.schema["date"] == pl.Datetime("ns", "UTC")
    assert frame["open"].to_list() == rates(5).values[0].tolist()
    assert frame["close"].to_list() == [0.0] * 5
    export_series(store, FUNDING, tmp_path / "f.json", ExportFormat.JSON)
    assert json.loads((tmp_path / "f.json").read_text())[1] == [T0 + 8 * H1, 1e-4 + 1e-6, 0.0, 0.0, 0.0, 0.0]


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "binance_BTCUSDT_5m.parquet").write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        plan_export([BTC], tmp_path, ExportFormat.PARQUET, overwrite=False)
    assert plan_export([BTC], tmp_path, ExportFormat.PARQUET, overwrite=True)


def test_two_series_of_one_name_are_refused(tmp_path: Path) -> None:
    other = Series("kraken", SeriesKind.SPOT, "BTC/USDT", "5m")
    with pytest.raises(BadInput, match="would both be BTC_USDT-5m"):
        plan_export([BTC, other], tmp_path, ExportFormat.FEATHER, overwrite=False)


def test_a_range_without_rows_writes_no_file(tmp_path: Path, store: CandleStore) -> None:
    store.write(BTC, candles(5), overwrite=False)
    path = tmp_path / "x.parquet"
    assert export_series(store, BTC, path, ExportFormat.PARQUET, parse_timerange("20260101-")) is None
    assert not path.exists()
