"""Files in any state of repair: bad rows are left out and counted, bad files refused whole, and nothing is invented."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quorate.domain.candle import Candle, fault_in
from quorate.domain.errors import BadInput
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.importers import sheets
from quorate.feeds.candles.importers.names import Layout, Told
from quorate.feeds.candles.importers.shapes import Mapped
from quorate.feeds.candles.importers.stamps import StampUnit
from quorate.feeds.candles.importing import Imported, ImportRules, find_files, import_file
from quorate.feeds.candles.merging import MergeCounts
from quorate.feeds.candles.rows import STAMP_NONE, Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.candles.sifting import Reason, sift, sift_trades
from tests.feeds.candles.conftest import BTC, FUNDING, M5, NOW, T0, candles, csv_of, rates, same, with_cell

SAID = Told(exchange="binance", pair="BTC/USDT", timeframe="5m")
HEADER = "ts,open,high,low,close,volume\n"


def brought(path: Path, store: CandleStore, **rules: object) -> Imported:
    given = {"choice": SAID, **rules}
    (told,) = list(import_file(path, store, ImportRules(**given), now_ms=NOW))  # type: ignore[arg-type]
    return told


class TestRows:
    """Each row that cannot be true is left out for one named reason."""

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            (0, float("nan"), Reason.NOT_FINITE),
            (4, float("inf"), Reason.NOT_FINITE),
            (2, 0.0, Reason.NOT_POSITIVE),
            (2, -1.0, Reason.NOT_POSITIVE),
            (1, 99.0, Reason.IMPOSSIBLE),
            (2, 103.0, Reason.IMPOSSIBLE),
            (4, -0.1, Reason.NEGATIVE_VOLUME),
        ],
    )
    def test_a_number_that_cannot_be(self, column: int, value: float, reason: Reason) -> None:
        rows = candles(200)
        sifted = sift(with_cell(rows, 3, column, value), BTC, now_ms=NOW)
        assert sifted.refused == {reason: 1}
        assert sifted.first_refused == {reason: 4}
        assert same(sifted.rows, rows.at(np.arange(200) != 3))

    @pytest.mark.parametrize(
        ("stamp", "reason"),
        [
            (T0 + 1, Reason.OFF_GRID),
            (STAMP_NONE, Reason.NO_TIME),
            (NOW + M5, Reason.FUTURE),
            (NOW - NOW % M5, Reason.UNFINISHED),
        ],
    )
    def test_a_time_that_cannot_be(self, stamp: int, reason: Reason) -> None:
        rows = candles(10)
        stamps = rows.stamps.copy()
        stamps[3] = stamp
        sifted = sift(Rows(stamps, rows.values), BTC, now_ms=NOW)
        assert sifted.refused == {reason: 1}
        assert len(sifted.rows) == 9

    def test_of_two_rows_of_one_time_the_first_stays(self) -> None:
        rows = candles(10)
        other = with_cell(rows.part(5, 6), 0, 3, float(rows.values[3, 5]) + 0.001)
        again = Rows.joined([rows, rows.part(4, 5), other], 5)
        sifted = sift(again, BTC, now_ms=NOW)
        assert sifted.refused == {Reason.DUPLICATE: 1, Reason.CONFLICT: 1}
        assert sifted.first_refused == {Reason.DUPLICATE: 11, Reason.CONFLICT: 12}
        assert same(sifted.rows, rows)
        assert sifted.bad_pct == pytest.approx(100 / 12)

    def test_rows_in_any_order_come_out_in_order(self) -> None:
        rows = candles(50)
        assert same(sift(rows.at(np.random.default_rng(1).permutation(50)), BTC, now_ms=NOW).rows, rows)

    def test_a_rate_beyond_the_position_is_no_rate(self) -> None:
        sifted = sift(with_cell(rates(5), 2, 0, 1.5), FUNDING, now_ms=NOW)
        assert sifted.refused == {Reason.ABSURD_RATE: 1}

    def test_trades_without_price_or_time_are_left_out(self) -> None:
        raw = Rows(
            np.array([T0, STAMP_NONE, T0 + 2, T0 + 3, T0 + 1, NOW + 60_000]),
            np.array([[1.0, 1.0, 0.0, 1.0, 2.0, 1.0], [1.0, 1.0, 1.0, -1.0, 3.0, 1.0]]),
        )
        sifted = sift_trades(raw, now_ms=NOW)
        assert sifted.rows.stamps.tolist() == [T0, T0 + 1]
        assert sum(sifted.refused.values()) == 4

    number = st.one_of(st.floats(-2, 5), st.sampled_from([float("nan"), float("inf"), 0.0, 1.0, 2.0]))
    row = st.tuples(st.integers(-2, 12), st.sampled_from([0, 0, 0, 7]), number, number, number, number, number)

    @given(st.lists(row, max_size=25))
    def test_what_passes_is_what_the_desk_could_believe(self, cells: list[tuple[float, ...]]) -> None:
        stamps = np.array([T0 + int(at) * M5 + int(off) for at, off, *_ in cells], np.int64)
        raw = Rows(stamps, np.array([v for _, _, *v in cells], np.float64).reshape(len(cells), 5).T)
        sifted = sift(raw, BTC, now_ms=NOW)
        assert sifted.read == len(cells) == len(sifted.rows) + sum(sifted.refused.values())
        assert np.all(np.diff(sifted.rows.stamps) > 0)
        offered = {(int(at), *values) for at, values in zip(raw.stamps, map(tuple, raw.values.T.tolist()), strict=True)}
        for at, values in zip(sifted.rows.stamps.tolist(), sifted.rows.values.T.tolist(), strict=True):
            assert (at, *values) in offered, "a candle was invented"
            ticks = [round(value * 1e15) for value in values[:4]]
            open_, high, low, close = ticks
            assert fault_in(Candle("BTC/USDT", "5m", at, open_, high, low, close, values[4])) is None


class TestShare:
    """A file with too many bad rows is refused as a whole."""

    def test_one_bad_row_in_a_thousand_is_left_out_and_shown(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "x.csv"
        path.write_text(HEADER + csv_of(with_cell(candles(1_000), 7, 2, 0.0)))
        told = brought(path, store)
        assert told.error is None
        assert told.refused == ((Reason.NOT_POSITIVE, 1),)
        assert told.counts == MergeCounts(added=999)
        assert store.facts(BTC).missing == 1

    def test_more_than_the_limit_refuse_the_file_unless_it_is_raised(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "x.csv"
        rows = candles(100)
        rows.values[2, 10:12] = -1.0
        path.write_text(HEADER + csv_of(rows))
        said = str(brought(path, store).error)
        assert "2 % of 100 rows cannot be true, more than 1 %: 2 × zero or negative price (first in row 11)" in said
        assert "Nothing was stored" in said
        assert store.series() == []
        assert brought(path, store, bad_rows_pct_max=2.0).counts.added == 98

    def test_duplicates_and_a_forming_candle_do_not_count_against_a_file(
        self, tmp_path: Path, store: CandleStore
    ) -> None:
        path = tmp_path / "x.csv"
        rows = candles(10, start_ms=NOW - NOW % M5 - 9 * M5)
        path.write_text(HEADER + csv_of(Rows.joined([rows, rows], 5)))
        told = brought(path, store)
        assert (told.error, told.counts.added) == (None, 9)
        assert dict(told.refused) == {Reason.DUPLICATE: 9, Reason.UNFINISHED: 2}


class TestFiles:
    """Whatever is wrong with a file is one sentence that names it."""

    def test_mixed_units_are_understood_unless_one_is_insisted_on(self, tmp_path: Path, store: CandleStore) -> None:
        rows = candles(40)
        path = tmp_path / "x.csv"
        path.write_text(HEADER + csv_of(rows.part(0, 20)) + csv_of(rows.part(20, 40), divide=1_000))
        told = brought(path, store, mapped=Mapped(unit=StampUnit.MILLISECONDS))
        assert "no time" not in str(told.error)
        assert "off the timeframe's grid" in str(told.error)
        assert same(store.rows(BTC), Rows.none(5))
        assert brought(path, store).error is None
        assert same(store.rows(BTC), rows)

    def test_overlapping_files_that_agree_are_joined_and_those_that_do_not_refused(
        self, tmp_path: Path, store: CandleStore
    ) -> None:
        rows = candles(100)
        other = with_cell(rows, 50, 3, float(rows.values[3, 50]) + 0.001)
        for name, part in (("1", rows.part(0, 60)), ("2", rows.part(40, 100)), ("3", other)):
            (tmp_path / f"{name}.csv").write_text(HEADER + csv_of(part))
        first, second, third = [brought(tmp_path / f"{name}.csv", store) for name in "123"]
        assert (first.counts, second.counts) == (MergeCounts(added=60), MergeCounts(added=40, same=20))
        assert "1 of the new rows differ" in str(third.error)
        assert same(store.rows(BTC), rows)
        assert brought(tmp_path / "3.csv", store, overwrite=True).counts == MergeCounts(same=99, replaced=1)

    @pytest.mark.parametrize("kind", ["parquet", "feather", "json", "json.gz", "zip", "csv.gz", "data"])
    def test_half_of_a_file_is_no_file(self, tmp_path: Path, store: CandleStore, kind: str) -> None:
        path = tmp_path / f"BTC_USDT-5m.{kind}"
        frame = pl.DataFrame({"date": candles(2_000).stamps, **named(candles(2_000))})
        text = json.dumps([list(row) for row in frame.rows()]).encode()
        if kind == "parquet":
            frame.write_parquet(path)
        elif kind == "feather":
            frame.write_ipc(path, compression="lz4")
        elif kind == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("BTCUSDT-5m-2025-01.csv", csv_of(candles(2_000)))
        elif kind == "data":
            path.write_bytes(sheets.SQLITE + bytes(4_000))
        else:
            path.write_bytes(gzip.compress(text) if kind.endswith("gz") else text)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        said = str(brought(path, store).error)
        assert "BTC_USDT-5m" in said
        assert "cut off" in said or "no whole file" in said
        assert store.series() == []

    def test_a_last_line_that_was_cut_off_is_left_out(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "BTCUSDT-5m-2025-01.csv"
        lines = csv_of(candles(200), more=("1", "2", "3", "4", "5", "0")).splitlines()
        path.write_text("\n".join([*lines[:199], lines[199][:40]]))
        told = brought(path, store)
        assert (told.error, told.counts.added) == (None, 199)
        assert dict(told.refused) == {Reason.NOT_FINITE: 1}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b"\n\n\n", "is empty"),
            (b"\x00\x01\x02\x03" * 50, "not understood"),
            (b"FEA1" + b"\0" * 50, "not understood"),
            (b"hello world\nthis is\nno table\n", "no column for"),
            (b'{"a": 1}', "no JSON list of rows"),
            (b"[1, 2, 3]", "no JSON list of rows"),
            (b"[[1, 2], [3]]", "no JSON list of rows"),
            (b"[]", "no JSON list of rows"),
            (b"[[\xff]]", "no whole JSON"),
            (b"ts,open,high,low,close,volume\n", "holds no rows"),
        ],
    )
    def test_what_is_no_table_of_candles(self, tmp_path: Path, store: CandleStore, content: bytes, said: str) -> None:
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        assert said in str(brought(path, store).error)
        assert store.series() == []

    def test_columns_of_words_are_not_candles(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "x.parquet"
        pl.DataFrame(
            {"ts": [T0], "open": [[1.0]], "high": [1.0], "low": [1.0], "close": [1.0], "volume": [1.0]}
        ).write_parquet(path)
        assert "holds List(Float64), no numbers" in str(brought(path, store).error)

    def test_a_packed_file_that_would_fill_the_memory_is_refused(
        self, tmp_path: Path, store: CandleStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sheets, "UNPACKED_BYTES_MAX", 1_000)
        path = tmp_path / "BTCUSDT-5m-2025-01.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("BTCUSDT-5m-2025-01.csv", "1" * 100_000)
        assert "holds more than" in str(brought(path, store).error)
        (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"1" * 100_000))
        assert "holds more than" in str(brought(tmp_path / "x.csv.gz", store).error)

    def test_a_zip_without_a_file_in_it(self, tmp_path: Path, store: CandleStore) -> None:
        with zipfile.ZipFile(tmp_path / "x.zip", "w"):
            pass
        assert "packs no file" in str(brought(tmp_path / "x.zip", store).error)

    def test_a_format_that_is_insisted_on_and_does_not_fit(self, tmp_path: Path, store: CandleStore) -> None:
        path = tmp_path / "x.csv"
        path.write_text(csv_of(candles(3)))
        choice = Told(layout=Layout.FREQTRADE_TRADES, exchange="binance", pair="BTC/USDT", timeframe="5m")
        said = str(brought(path, store, choice=choice).error)
        assert "it has 6 columns, and those of format freqtrade-trades have 7" in said
        assert same(store.rows(BTC), Rows.none(5))

    def test_a_path_that_is_not_there_and_a_folder_without_candles(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="There is no"):
            find_files([tmp_path / "nowhere"])
        (tmp_path / "readme.md").write_text("no candles")
        with pytest.raises(BadInput, match="no file that could be candles"):
            find_files([tmp_path])

    def test_symbols_that_end_early_are_kept_as_long_as_they_are(self, tmp_path: Path, store: CandleStore) -> None:
        for coin, count in (("BTC", 300), ("LUNA", 100)):
            path = tmp_path / f"binance_{coin}USDT_5m.csv"
            path.write_text(HEADER + csv_of(candles(count)))
            assert brought(path, store, choice=Told()).counts.added == count
        luna = Series("binance", SeriesKind.SPOT, "LUNA/USDT", "5m")
        assert store.facts(luna).last_ms == T0 + 99 * M5
        assert store.facts(luna).missing == 0


def named(rows: Rows) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return dict(zip(("open", "high", "low", "close", "volume"), rows.values, strict=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            b"",
            b"[[",
            b"ts,open,high,low,close,volume\n",
            b"1,2,3,4,5,6,7\n",
            b"PK\x03\x04",
            b"ARROW1",
            b"PAR1",
            b"\x1f\x8b",
        ]
    ),
)
def test_any_bytes_give_a_sentence_or_true_rows_and_never_a_crash(tmp_path: Path, tail: bytes, head: bytes) -> None:
    store = CandleStore(tmp_path / "store")
    path = tmp_path / "x.csv"
    path.write_bytes(head + tail)
    for told in import_file(path, store, ImportRules(choice=SAID), now_ms=NOW):
        assert told.error is None or told.error.message
