"""Files of other programs: each kind is read as what it is, and what it is not is said."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.exporting import ExportFormat, export_series, file_name
from quorate.feeds.candles.importers.names import Layout, Told
from quorate.feeds.candles.importers.shapes import Mapped, parse_columns
from quorate.feeds.candles.importers.stamps import StampUnit
from quorate.feeds.candles.importing import Imported, ImportRules, find_files, import_file
from quorate.feeds.candles.merging import MergeCounts
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from tests.feeds.candles.conftest import BTC, DAY, FUNDING, H1, M5, NOW, PERP, T0, candles, csv_of, rates, same

HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
VISION_REST = ("1", "2", "3", "4", "5", "0")


PLAIN = Mapped()


def brought(path: Path, store: CandleStore, *, mapped: Mapped = PLAIN, edges: bool = False, **said: object) -> Imported:
    """What becomes of a file with one series in it."""
    rules = ImportRules(choice=Told(**said), mapped=mapped, keep_edges=edges)  # type: ignore[arg-type]
    (told,) = list(import_file(path, store, rules, now_ms=NOW))
    return told


def taken(path: Path, store: CandleStore, series: Series, rows: Rows, **said: object) -> Imported:
    """The same, of a file that must give exactly these rows of this series."""
    told = brought(path, store, **said)  # type: ignore[arg-type]
    assert told.error is None
    assert told.series == series
    assert same(store.rows(series), rows)
    assert told.counts == MergeCounts(added=len(rows))
    return told


def freqtrade_frame(rows: Rows) -> pl.DataFrame:
    dates = pl.Series(rows.stamps).cast(pl.Datetime("ms")).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    return pl.DataFrame(
        {"date": dates, **dict(zip(("open", "high", "low", "close", "volume"), rows.values, strict=True))}
    )


class TestFreqtrade:
    """freqtrade names pair, timeframe and kind, its folders the exchange."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "user_data/data/binance"
        (folder / "futures").mkdir(parents=True)
        return folder

    def test_feather(self, folder: Path, store: CandleStore) -> None:
        freqtrade_frame(candles(50)).write_ipc(folder / "BTC_USDT-5m.feather", compression="lz4")
        assert taken(folder / "BTC_USDT-5m.feather", store, BTC, candles(50)).layout is Layout.FREQTRADE

    def test_parquet(self, folder: Path, store: CandleStore) -> None:
        freqtrade_frame(candles(50)).write_parquet(folder / "BTC_USDT-5m.parquet")
        taken(folder / "BTC_USDT-5m.parquet", store, BTC, candles(50))

    @pytest.mark.parametrize("packed", [False, True])
    def test_json(self, folder: Path, store: CandleStore, packed: bool) -> None:
        rows = candles(50)
        text = json.dumps(
            [[int(at), *map(float, v)] for at, v in zip(rows.stamps, rows.values.T, strict=True)]
        ).encode()
        path = folder / ("BTC_USDT-5m.json.gz" if packed else "BTC_USDT-5m.json")
        path.write_bytes(gzip.compress(text) if packed else text)
        taken(path, store, BTC, rows)

    def test_candles_of_contracts_and_their_mark_price(self, folder: Path, store: CandleStore) -> None:
        rows = candles(50, length_ms=H1)
        mark = Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "8h")
        marks = candles(50, length_ms=8 * H1)
        freqtrade_frame(rows).write_ipc(folder / "futures/BTC_USDT_USDT-1h-futures.feather")
        freqtrade_frame(marks).write_ipc(folder / "futures/BTC_USDT_USDT-8h-mark.feather")
        taken(folder / "futures/BTC_USDT_USDT-1h-futures.feather", store, PERP, rows)
        marks.values[-1] = 0.0  # a mark price has no volume, whatever the file says
        taken(folder / "futures/BTC_USDT_USDT-8h-mark.feather", store, mark, marks)

    @pytest.mark.parametrize("late_ms", [0, 17, -3])
    def test_a_funding_rate_is_in_the_column_open_and_may_be_some_ms_late(
        self, folder: Path, store: CandleStore, late_ms: int
    ) -> None:
        paid = rates(30)
        zeros = np.zeros((4, 30))
        path = folder / "futures/BTC_USDT_USDT-1h-funding_rate.feather"
        freqtrade_frame(Rows(paid.stamps + late_ms, np.concatenate((paid.values, zeros)))).write_ipc(path)
        taken(path, store, FUNDING, paid)

    @pytest.mark.parametrize("suffix", ["feather", "parquet", "json.gz"])
    def test_trades_become_candles_of_the_timeframe_asked_for(
        self, folder: Path, store: CandleStore, suffix: str
    ) -> None:
        path = folder / f"BTC_USDT-trades.{suffix}"
        cells = [(T0 + k * 20_000, str(k), None, "buy", 100.0 + k % 7, 0.1 * (k % 3), 1.0) for k in range(60)]
        names = ("timestamp", "id", "type", "side", "price", "amount", "cost")
        frame = pl.DataFrame(cells, schema=names, orient="row")
        if suffix == "feather":
            frame.write_ipc(path)
        elif suffix == "parquet":
            frame.write_parquet(path)
        else:
            path.write_bytes(gzip.compress(json.dumps(cells).encode()))
        told = brought(path, store, timeframe="5m")
        assert (told.layout, told.read, told.edges, told.counts.added) == (Layout.FREQTRADE_TRADES, 60, 2, 2)
        assert store.rows(BTC).stamps.tolist() == [T0 + M5, T0 + 2 * M5]
        assert brought(path, store, edges=True, timeframe="5m").counts == MergeCounts(added=2, same=2)
        first = store.rows(BTC).values[:, 0]
        prices = [100.0 + k % 7 for k in range(15)]
        assert first[:4].tolist() == [prices[0], max(prices), min(prices), prices[-1]]
        assert first[4] == 1.5

    def test_trades_without_a_timeframe_ask_for_one(self, folder: Path, store: CandleStore) -> None:
        path = folder / "BTC_USDT-trades.json"
        path.write_text(json.dumps([[T0, "1", None, "buy", 1.0, 1.0, 1.0]]))
        assert "Add --timeframe." in str(brought(path, store).error)

    def test_a_timeframe_that_is_not_kept_is_said(self, folder: Path, store: CandleStore) -> None:
        freqtrade_frame(candles(5)).write_ipc(folder / "BTC_USDT-1w.feather")
        assert "'1w' are not kept" in str(brought(folder / "BTC_USDT-1w.feather", store).error)

    def test_the_name_lies_about_the_length(self, folder: Path, store: CandleStore) -> None:
        freqtrade_frame(candles(500, length_ms=60_000)).write_ipc(folder / "BTC_USDT-8m.feather")
        said = str(brought(folder / "BTC_USDT-8m.feather", store).error)
        assert "taken for 8m, looks like 1m" in said
        assert "off the timeframe's grid (first in row 2)" in said
        freqtrade_frame(candles(50, length_ms=DAY)).write_ipc(folder / "BTC_USDT-1h.feather")
        said = str(brought(folder / "BTC_USDT-1h.feather", store).error)
        assert "No two rows are 1h apart" in said
        assert "say --timeframe 1d" in said
        assert store.series() == []


class TestBinanceVision:
    """Twelve columns, with a header or without, in milliseconds or microseconds, or both."""

    def test_csv_without_and_with_a_header_and_in_a_zip(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(60)
        text = csv_of(rows.part(0, 20), more=VISION_REST)
        (tmp_path / "BTCUSDT-5m-2025-01-01.csv").write_text(text)
        headed = HEADER + "\n" + csv_of(rows.part(20, 40), more=VISION_REST)
        (tmp_path / "BTCUSDT-5m-2025-01-02.csv").write_text(headed)
        with zipfile.ZipFile(tmp_path / "BTCUSDT-5m-2025-01-03.zip", "w") as archive:
            archive.writestr("BTCUSDT-5m-2025-01-03.csv", csv_of(rows.part(40, 60), more=VISION_REST))
        for path in find_files([tmp_path]):
            assert brought(path, store).layout is Layout.BINANCE
        assert same(store.rows(BTC), rows)

    def test_stamps_that_change_their_unit_within_a_file(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(40, start_ms=T0 - 20 * M5)
        after = Rows(rows.stamps[20:] * 1_000, rows.values[:, 20:])
        path = tmp_path / "BTCUSDT-5m-2025-01.csv"
        path.write_text(csv_of(rows.part(0, 20), more=VISION_REST) + csv_of(after, more=VISION_REST))
        taken(path, store, BTC, rows)

    @pytest.mark.parametrize(
        ("folder", "name", "kind", "pair"),
        [
            ("data/futures/um/monthly/klines", "BTCUSDT-1h-2025-01.csv", "perp", "BTC/USDT:USDT"),
            ("data/futures/cm/monthly/klines", "BTCUSD_PERP-1h-2025-01.csv", "perp", "BTC/USD:BTC"),
            ("data/futures/um/daily/markPriceKlines", "BTCUSDT-1h-2025-01-01.csv", "mark", "BTC/USDT:USDT"),
            ("data/spot/monthly/klines", "ADABTC-1h-2025-01.csv", "spot", "ADA/BTC"),
        ],
    )
    def test_folders_say_what_it_is(
        self, tmp_path: Path, store: CandleStore, folder: str, name: str, kind: str, pair: str
    ) -> None:
        (tmp_path / folder).mkdir(parents=True)
        rows = candles(30, length_ms=H1)
        (tmp_path / folder / name).write_text(csv_of(rows, more=VISION_REST))
        told = brought(tmp_path / folder / name, store)
        assert told.series == Series("binance", SeriesKind(kind), pair, "1h")

    def test_funding_rates(self, tmp_path: Path, store: CandleStore) -> None:
        paid = rates(20)
        lines = [f"{at + 4},8,{rate!r}" for at, rate in zip(paid.stamps.tolist(), paid.values[0].tolist(), strict=True)]
        path = tmp_path / "BTCUSDT-fundingRate-2025-01.csv"
        path.write_text("calc_time,funding_interval_hours,last_funding_rate\n" + "\n".join(lines))
        taken(path, store, FUNDING, paid)

    def test_an_index_is_not_a_market(self, tmp_path: Path, store: CandleStore) -> None:
        folder = tmp_path / "futures/um/daily/indexPriceKlines"
        folder.mkdir(parents=True)
        (folder / "BTCUSDT-1h-2025-01.csv").write_text(csv_of(candles(3), more=VISION_REST))
        assert "an index, which nobody can trade" in str(brought(folder / "BTCUSDT-1h-2025-01.csv", store).error)


class TestKraken:
    """Seconds, coins by names of their own, and nothing where nothing was traded."""

    def test_candles_with_intervals_left_out(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(50, length_ms=60_000).at(np.array([0, 1, 2, 7, 8, 20, 49]))
        (tmp_path / "XBTUSD_1.csv").write_text(csv_of(rows, divide=1_000, more=("3",)))
        btc = Series("kraken", SeriesKind.SPOT, "BTC/USD", "1m")
        told = taken(tmp_path / "XBTUSD_1.csv", store, btc, rows)
        assert told.layout is Layout.KRAKEN
        assert store.facts(btc).missing == 43

    @pytest.mark.parametrize(
        ("minutes", "timeframe"), [(60, "1h"), (240, "4h"), (720, "12h"), (1440, "1d"), (15, "15m")]
    )
    def test_minutes_in_the_name(self, tmp_path: Path, store: CandleStore, minutes: int, timeframe: str) -> None:
        path = tmp_path / f"XDGEUR_{minutes}.csv"
        path.write_text(csv_of(candles(9, length_ms=minutes * 60_000), divide=1_000, more=("3",)))
        told = brought(path, store)
        assert told.series == Series("kraken", SeriesKind.SPOT, "DOGE/EUR", timeframe)
        assert told.counts.added == 9

    def test_a_zip_of_many_files(self, tmp_path: Path, store: CandleStore) -> None:
        with zipfile.ZipFile(tmp_path / "Kraken_OHLCVT.zip", "w") as archive:
            for coin in ("XBT", "ETH"):
                archive.writestr(f"part/{coin}USD_5.csv", csv_of(candles(9), divide=1_000, more=("1",)))
            archive.writestr("__MACOSX/._x.csv", "no")
        told = list(import_file(tmp_path / "Kraken_OHLCVT.zip", store, ImportRules(), now_ms=NOW))
        assert [one.series.pair for one in told if one.series] == ["BTC/USD", "ETH/USD"]
        assert [one.file for one in told] == ["Kraken_OHLCVT.zip:XBTUSD_5.csv", "Kraken_OHLCVT.zip:ETHUSD_5.csv"]

    def test_trades_become_candles_and_ties_keep_the_order_of_the_file(
        self, tmp_path: Path, store: CandleStore
    ) -> None:
        seconds = T0 // 1_000
        lines = [f"{seconds - 10},1,1", f"{seconds},10,0.1", f"{seconds},12,0.2", f"{seconds + 299},9,0.3"]
        lines += [f"{seconds + 299},11,0.1", f"{seconds + 900},5,2", f"{seconds + 1200},5,2"]
        folder = tmp_path / "kraken"
        folder.mkdir()
        (folder / "XBTUSD.csv").write_text("\n".join(lines))
        told = brought(folder / "XBTUSD.csv", store, timeframe="5m")
        assert (told.layout, told.read, told.edges) == (Layout.KRAKEN_TRADES, 7, 2)
        rows = store.rows(Series("kraken", SeriesKind.SPOT, "BTC/USD", "5m"))
        assert rows.stamps.tolist() == [T0, T0 + 900_000]
        assert rows.values[:, 0].tolist() == [10.0, 12.0, 9.0, 11.0, 0.7]


class TestOthers:
    """LEAN, OctoBot, our own files, and tables of any kind."""

    def test_lean_minutes_count_from_midnight_and_hours_are_dated(self, tmp_path: Path, store: CandleStore) -> None:
        day, hours = candles(30, length_ms=60_000), candles(40, length_ms=H1)
        minute = tmp_path / "crypto/gdax/minute/btcusd/20250101_trade.zip"
        hour = tmp_path / "crypto/bitfinex/hour/btcusd_trade.zip"
        for path, name, text in (
            (minute, "20250101_btcusd_minute_trade.csv", csv_of(Rows(day.stamps - T0, day.values))),
            (hour, "btcusd.csv", "".join(lean_line(hours, k) for k in range(40))),
        ):
            path.parent.mkdir(parents=True)
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(name, text)
        taken(minute, store, Series("coinbase", SeriesKind.SPOT, "BTC/USD", "1m"), day)
        taken(hour, store, Series("bitfinex", SeriesKind.SPOT, "BTC/USD", "1h"), hours)

    def test_octobot_holds_many_series_and_what_had_not_closed_is_left_out(
        self, tmp_path: Path, store: CandleStore
    ) -> None:
        path = tmp_path / "ExchangeHistory_1.data"
        write_octobot(path, collected_ms=T0 + 20 * M5 + 60_000)
        told = {str(one.series): one for one in import_file(path, store, ImportRules(), now_ms=NOW)}
        assert len(told) == 2  # 1w is not kept
        assert same(store.rows(BTC), candles(20))
        assert store.facts(Series("binance", SeriesKind.SPOT, "ETH/USDT", "1h")).count == 1
        assert sum(one.refused == (("not closed yet", 1),) for one in told.values()) == 2

    def test_of_many_series_one_can_be_chosen(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "ExchangeHistory_1.data"
        write_octobot(path, collected_ms=NOW)
        rules = ImportRules(choice=Told(pair="ETH/USDT", timeframe="1h"))
        (told,) = import_file(path, store, rules, now_ms=NOW)
        assert told.series == Series("binance", SeriesKind.SPOT, "ETH/USDT", "1h")

    @pytest.mark.parametrize("form", list(ExportFormat))
    @pytest.mark.parametrize("series", [BTC, PERP, FUNDING, Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "1h")])
    def test_every_file_we_write_is_read_back(
        self, tmp_path: Path, store: CandleStore, form: ExportFormat, series: Series
    ) -> None:
        rows = rates(9) if series.kind is SeriesKind.FUNDING else candles(9, length_ms=series.length_ms)
        if series.kind is SeriesKind.MARK:
            rows.values[-1] = 0.0
        store.write(series, rows, overwrite=False)
        path = tmp_path / "binanceusdm" / file_name(series, form)
        export_series(store, series, path, form)
        other = CandleStore(tmp_path / "other")
        told = brought(path, other, exchange="binance", kind=series.kind)
        assert (told.error, told.series) == (None, series)
        assert same(other.rows(series), rows)

    def test_a_csv_with_columns_of_any_name_and_times_in_any_zone(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(30, length_ms=H1)
        lines = ["Zeit;Erster;Hoch;Tief;Letzter;Menge"]
        for at, v in zip(rows.stamps.tolist(), rows.values.T.tolist(), strict=True):
            local = datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None)
            hour = local.hour + 1  # Berlin in winter
            text = f"{local:%Y-%m-%d} {hour:02d}:00:00" if hour < 24 else None
            if text is None:
                next_day = datetime.fromtimestamp(at / 1000 + 3600, UTC)
                text = f"{next_day:%Y-%m-%d %H}:00:00"
            lines.append(";".join([text, *map(repr, v)]))
        path = tmp_path / "candles.csv"
        path.write_text("\n".join(lines))
        columns = parse_columns("ts=Zeit,open=Erster,high=Hoch,low=Tief,close=Letzter,volume=Menge")
        mapped = Mapped(columns, StampUnit.AUTO, "Europe/Berlin")
        said = {"exchange": "mine", "pair": "BTC/USDT", "timeframe": "1h"}
        taken(path, store, Series("mine", SeriesKind.SPOT, "BTC/USDT", "1h"), rows, mapped=mapped, **said)

    def test_columns_by_place_and_a_line_before_the_header(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(30)
        path = tmp_path / "x.csv"
        header = "https://somewhere.example\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT\n"
        lines = csv_of(rows).replace("\n", ",7\n").splitlines()
        path.write_text(header + "\n".join(line.replace(",", ",2025-01-01,BTC/USDT,", 1) for line in lines))
        said = {"exchange": "binance", "pair": "BTC/USDT", "timeframe": "5m"}
        assert taken(path, store, BTC, rows, **said).layout is Layout.TABLE
        other = CandleStore(tmp_path / "other")
        mapped = Mapped(parse_columns("ts=0,open=3,high=4,low=5,close=6,volume=7"))
        taken(path, other, BTC, rows, mapped=mapped, **said)

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ("open=o", "there is no column 'o'; there are time, open, high, low, close, volume"),
            ("open=9", "there is no column '9'"),
            ("price=open,amount=volume,rate=low", "--columns names price, amount, rate, and the rest cannot be told"),
        ],
    )
    def test_columns_that_are_not_there_are_said(
        self, tmp_path: Path, store: CandleStore, columns: str, said: str
    ) -> None:
        path = tmp_path / "x.csv"
        path.write_text("time,open,high,low,close,volume\n" + csv_of(candles(3)))
        told = brought(path, store, mapped=Mapped(parse_columns(columns)), exchange="binance", pair="BTC/USDT")
        assert said in str(told.error)

    def test_one_column_is_named_and_the_others_are_found(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "x.csv"
        path.write_text("when,open,high,low,close,volume\n" + csv_of(candles(30)))
        said = {"exchange": "binance", "pair": "BTC/USDT", "timeframe": "5m"}
        taken(path, store, BTC, candles(30), mapped=Mapped(parse_columns("ts=when")), **said)

    def test_what_nothing_tells_is_asked_for_in_one_sentence(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "prices.csv"
        path.write_text("time,open,high,low,close,volume\n" + csv_of(candles(3)))
        assert "Add --exchange and --pair and --timeframe." in str(brought(path, store).error)
        path.write_text("time,open,high,low,last\n1,2,3,4,5\n")
        said = str(brought(path, store).error)
        assert "it has no column for close, volume; its columns are time, open, high, low, last" in said
        path.write_text("1,2,3,4,5\n")
        assert "Its 5 columns have no names" in str(brought(path, store).error).replace("its", "Its")


def lean_line(rows: Rows, place: int) -> str:
    at = datetime.fromtimestamp(int(rows.stamps[place]) / 1000, UTC)
    return f"{at:%Y%m%d %H:%M}," + ",".join(repr(float(v)) for v in rows.values[:, place]) + "\n"


def write_octobot(path: Path, *, collected_ms: int) -> None:
    """A file as OctoBot's collector writes it: 21 candles of 5m, two of 1h, one of 1w."""
    with sqlite3.connect(path) as database:
        database.execute("create table description (timestamp datetime, version text, exchange text)")
        database.execute("insert into description values (?, '1.1', 'binance')", (collected_ms / 1_000,))
        database.execute(
            "create table ohlcv (timestamp datetime, exchange_name text, cryptocurrency text, symbol text, "
            "time_frame text, candle)"
        )
        for pair, timeframe, count, length_ms in (
            ("BTC/USDT", "5m", 21, M5),
            ("ETH/USDT", "1h", 2, H1),
            ("ETH/USDT", "1w", 1, 7 * DAY),
        ):
            rows = candles(count, length_ms=length_ms)
            for at, values in zip(rows.stamps.tolist(), rows.values.T.tolist(), strict=True):
                cells = (
                    at / 1_000 + length_ms / 1_000,
                    "binance",
                    "",
                    pair,
                    timeframe,
                    json.dumps([at / 1_000, *values]),
                )
                database.execute("insert into ohlcv values (?, ?, ?, ?, ?, ?)", cells)
    database.close()
