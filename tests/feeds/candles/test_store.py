"""The candle store: what is written comes back bit for bit, merged by one rule, and never half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.feeds.candles.candle_store import CandleStore, Wanted
from quorate.feeds.candles.faults import Conflict, Damaged, SeriesLocked
from quorate.feeds.candles.gaps import Gap, gaps_in, missing_in
from quorate.feeds.candles.locks import writing
from quorate.feeds.candles.merging import MergeCounts, merge
from quorate.feeds.candles.parts import read_part
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.timerange import parse_timerange
from quorate.store.errors import DataDirUnusable
from tests.feeds.candles.conftest import BTC, DAY, FUNDING, H1, M5, PERP, T0, candles, rates, same, with_cell


def files_under(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


def test_what_is_written_comes_back_bit_for_bit_a_file_for_each_month(store: CandleStore) -> None:
    rows = candles(60 * 288)
    assert store.write(BTC, rows, overwrite=False) == MergeCounts(added=len(rows))
    assert same(store.rows(BTC), rows)
    assert files_under(store.root) == [
        "binance/spot/BTC_USDT/5m/2025-01.parquet",
        "binance/spot/BTC_USDT/5m/2025-02.parquet",
        "binance/spot/BTC_USDT/5m/2025-03.parquet",
    ]
    part = pl.read_parquet(store.parts(BTC)[1])
    assert dict(part.schema) == {
        "ts": pl.Int64,
        **dict.fromkeys(("open", "high", "low", "close", "volume"), pl.Float64),
    }


def test_every_kind_has_a_place_of_its_own_and_comes_back_as_the_series_it_was(store: CandleStore) -> None:
    mark = Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "8h")
    odd = Series("kraken", SeriesKind.SPOT, "币安人生/USD", "1d")
    for series in (BTC, PERP, mark, odd):
        store.write(series, candles(3, length_ms=series.length_ms), overwrite=False)
    store.write(FUNDING, rates(3), overwrite=False)
    assert store.series() == [FUNDING, mark, PERP, BTC, odd]
    assert (store.root / "binance/funding/BTC_USDT_USDT/2025-01.parquet").is_file()
    assert (store.root / "binance/mark/BTC_USDT_USDT/8h/2025-01.parquet").is_file()
    assert store.funding("binance", "BTC/USDT").values.tolist() == [[1e-4, 1e-4 + 1e-6, 1e-4 + 2e-6]]


def test_columns_and_bars_are_those_of_the_pair_and_range_asked_for(store: CandleStore) -> None:
    store.write(BTC, candles(40 * 288), overwrite=False)
    store.write(PERP, candles(10, length_ms=H1, level=200.0), overwrite=False)
    found = store.columns("binance", "BTC/USDT", "5m", parse_timerange("20250131-20250202"))
    assert (found.open_ms[0], found.open_ms[-1]) == (T0 + 30 * DAY, T0 + 32 * DAY - M5)
    assert store.columns("binance", "BTC/USDT:USDT", "1h").close[0] == 200.0
    bars = store.bars("binance", "BTC/USDT", "5m")
    assert (len(bars), bars.close_ms[0], bars.pair) == (40 * 288, T0 + M5, "BTC/USDT")


def test_a_series_that_is_not_there_is_an_error_that_names_what_is(store: CandleStore) -> None:
    with pytest.raises(BadInput, match="It is empty"):
        store.columns("binance", "BTC/USDT", "5m")
    store.write(BTC, candles(1), overwrite=False)
    with pytest.raises(BadInput, match=r"no binance BTC/USDT 1h.*BTC/USDT 5m"):
        store.columns("binance", "BTC/USDT", "1h")
    with pytest.raises(BadInput, match=r"no such series.*binance BTC/USDT 5m"):
        store.find(Wanted(exchange="kraken"))


@pytest.mark.parametrize(
    ("exchange", "kind", "pair", "timeframe"),
    [
        ("../etc", "spot", "BTC/USDT", "5m"),
        ("binance", "spot", "../BTC/USDT", "5m"),
        ("binance", "spot", "BTC_X/USDT", "5m"),
        ("binance", "spot", ".BTC/USDT", "5m"),
        ("binance", "spot", "BTC/USDT:USDT", "5m"),
        ("binance", "perp", "BTC/USDT", "5m"),
        ("binance", "spot", "BTC/USDT", "7m"),
        ("binance", "spot", "BTC/USDT", "1w"),
        ("binance", "spot", "BTC/USDT", "0m"),
    ],
)
def test_what_could_not_be_a_folder_or_a_series_is_refused(exchange: str, kind: str, pair: str, timeframe: str) -> None:
    with pytest.raises(BadInput):
        Series(exchange, SeriesKind(kind), pair, timeframe)


class TestMerging:
    """The rule which of two rows of one time stays."""

    def test_the_same_rows_again_change_nothing_not_even_a_file(self, store: CandleStore) -> None:
        store.write(BTC, candles(100), overwrite=False)
        before = store.parts(BTC)[0].stat().st_mtime_ns
        assert store.write(BTC, candles(100), overwrite=False) == MergeCounts(same=100)
        assert store.parts(BTC)[0].stat().st_mtime_ns == before

    def test_overlapping_rows_are_joined_once(self, store: CandleStore) -> None:
        whole = candles(300)
        store.write(BTC, whole.part(100, 200), overwrite=False)
        assert store.write(BTC, whole.part(0, 150), overwrite=False) == MergeCounts(added=100, same=50)
        assert store.write(BTC, whole.part(150, 300), overwrite=False) == MergeCounts(added=100, same=50)
        assert same(store.rows(BTC), whole)

    def test_a_difference_is_refused_with_its_first_place_and_nothing_is_written(self, store: CandleStore) -> None:
        rows = candles(10_000)
        store.write(BTC, rows, overwrite=False)
        newer = with_cell(with_cell(candles(12_000), 9_000, 3, 99.5), 9_500, 4, 1.0)
        with pytest.raises(Conflict, match=r"2 of the new rows differ: at 2025-02-01 06:00 UTC the close is .* 99\.5"):
            store.write(BTC, newer, overwrite=False)
        assert same(store.rows(BTC), rows)

    def test_with_overwrite_the_newer_rows_win_and_are_counted(self, store: CandleStore) -> None:
        store.write(BTC, candles(100), overwrite=False)
        newer = with_cell(candles(110), 50, 3, 100.25)
        assert store.write(BTC, newer, overwrite=True) == MergeCounts(added=10, same=99, replaced=1)
        assert same(store.rows(BTC), newer)

    def test_a_volume_added_up_in_another_order_is_the_same_volume(self, store: CandleStore) -> None:
        rows = candles(10)
        store.write(BTC, rows, overwrite=False)
        other = with_cell(rows, 5, 4, float(np.nextafter(rows.values[4, 5], 1e9)))
        assert store.write(BTC, other, overwrite=False) == MergeCounts(same=10)
        assert same(store.rows(BTC), rows)

    def test_funding_rates_have_no_tolerance(self, store: CandleStore) -> None:
        store.write(FUNDING, rates(10), overwrite=False)
        with pytest.raises(Conflict, match="the funding_rate is"):
            store.write(FUNDING, with_cell(rates(10), 5, 0, 1.05e-4 + 1e-15), overwrite=False)

    @given(st.lists(st.sets(st.integers(0, 40), max_size=30), min_size=1, max_size=5), st.booleans())
    def test_any_order_of_imports_of_one_truth_gives_that_truth(self, pieces: list[set[int]], overwrite: bool) -> None:
        truth = candles(41)
        merged = Rows.none(5)
        for piece in pieces:
            outcome = merge(merged, truth.at(np.array(sorted(piece), np.int64)), BTC, overwrite=overwrite)
            assert outcome.counts.added + outcome.counts.same == len(piece)
            assert outcome.counts.replaced == 0
            merged = outcome.rows
        expected = np.array(sorted(set().union(*pieces)), np.int64)
        assert same(merged, truth.at(expected))


class TestDamage:
    """A part that is not what was written is an error that names it; it is never half-read."""

    @pytest.fixture
    def part(self, store: CandleStore) -> Path:
        store.write(BTC, candles(20_000), overwrite=False)
        return store.parts(BTC)[1]

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
    def test_a_half_written_part(self, store: CandleStore, part: Path, share: float) -> None:
        content = part.read_bytes()
        part.write_bytes(content[: int(len(content) * share)])
        for read in (lambda: store.rows(BTC), lambda: store.stamps(BTC), lambda: store.facts(BTC)):
            with pytest.raises(Damaged, match=r"2025-02\.parquet is damaged.*download or import that month again"):
                read()
        with pytest.raises(Damaged, match="2025-02"):
            store.write(BTC, candles(20_000), overwrite=False)

    def test_a_part_with_other_columns(self, store: CandleStore, part: Path) -> None:
        pl.read_parquet(part).drop("volume").write_parquet(part)
        with pytest.raises(Damaged, match=r"2025-02\.parquet.*its columns are ts, open, high, low, close, not"):
            store.rows(BTC)

    def test_a_part_with_an_empty_cell_or_no_number(self, store: CandleStore, part: Path) -> None:
        frame = pl.read_parquet(part)
        for broken, said in ((None, "empty cells"), (float("nan"), "no finite number")):
            frame.with_columns(
                close=pl.when(pl.int_range(pl.len()) == 7).then(broken).otherwise("close")
            ).write_parquet(part)
            with pytest.raises(Damaged, match=said):
                store.rows(BTC)

    def test_a_part_out_of_order_or_of_another_month(self, store: CandleStore, part: Path) -> None:
        frame = pl.read_parquet(part)
        frame.reverse().write_parquet(part)
        with pytest.raises(Damaged, match="not in order"):
            store.rows(BTC)
        frame.write_parquet(part.with_name("2025-04.parquet"))
        with pytest.raises(Damaged, match="another month than 2025-04"):
            read_part(part.with_name("2025-04.parquet"), BTC.kind.columns)

    def test_a_number_that_was_changed_is_found_by_its_checksum(self, store: CandleStore, part: Path) -> None:
        told = pl.read_parquet_metadata(part)
        frame = pl.read_parquet(part).with_columns(volume=pl.col("volume") + 1)
        frame.write_parquet(part, metadata={key: value for key, value in told.items() if key.startswith("quorate")})
        with pytest.raises(Damaged, match="not those that were written"):
            store.write(BTC, candles(20_000), overwrite=True)

    def test_parts_that_others_wrote_without_a_checksum_are_read(self, store: CandleStore, part: Path) -> None:
        pl.read_parquet(part).write_parquet(part)
        assert same(store.rows(BTC), candles(20_000))
        assert store.write(BTC, candles(20_001), overwrite=False).added == 1

    def test_what_a_killed_writer_left_is_cleared_away_and_never_read(self, store: CandleStore, part: Path) -> None:
        left = part.with_name(".2025-02.parquet.999999.tmp")
        left.write_bytes(part.read_bytes()[:100])
        assert same(store.rows(BTC), candles(20_000))
        store.write(BTC, candles(20_001), overwrite=False)
        assert not left.exists()


class TestRoom:
    """A disk that cannot take a file leaves the old one, and nothing beside it."""

    @pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX")
    def test_without_room_the_old_part_stays_and_the_sentence_says_what_to_do(self, store: CandleStore) -> None:
        store.write(BTC, candles(2_000), overwrite=False)
        before = store.parts(BTC)[0].read_bytes()
        program = (
            "import resource, sys\nfrom pathlib import Path\nfrom tests.feeds.candles.conftest import BTC, candles\n"
            "from quorate.feeds.candles.candle_store import CandleStore\n"
            "from quorate.domain.errors import QuorateError\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 1_000}, {len(before) + 1_000}))\n"
            "try:\n    CandleStore(Path(sys.argv[1])).write(BTC, candles(8_000), overwrite=False)\n"
            "except QuorateError as error:\n    print(error.code, error.exit_code, error)\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
        told = subprocess.run(
            [sys.executable, "-c", program, str(store.root)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert told.startswith("disk_full 3 There is no room to write")
        assert "Make room and run it again" in told
        assert store.parts(BTC)[0].read_bytes() == before
        assert files_under(store.root) == ["binance/spot/BTC_USDT/5m/2025-01.parquet"]

    def test_a_place_that_is_no_folder_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(DataDirUnusable, match="cannot be written: "):
            CandleStore(tmp_path / "file").write(BTC, candles(3), overwrite=False)
        assert CandleStore(tmp_path / "file").series() == []


class TestLocks:
    """Writers of one series take turns, across processes."""

    def test_a_second_writer_waits_and_then_says_who_is_in_its_way(self, store: CandleStore) -> None:
        folder = BTC.folder(store.root)
        with writing(folder), pytest.raises(SeriesLocked, match="Another process"), writing(folder, wait_s=0.05):
            pass
        with writing(folder, wait_s=0.05):
            pass

    @pytest.mark.skipif(sys.platform == "win32", reason="kills a process the POSIX way")
    def test_the_lock_of_a_killed_writer_is_free(self, store: CandleStore) -> None:
        program = (
            "import sys, time\nfrom pathlib import Path\nfrom quorate.feeds.candles.locks import writing\n"
            "with writing(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)\n"
        )
        folder = BTC.folder(store.root)
        holder = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SeriesLocked), writing(folder, wait_s=0.05):
            pass
        holder.kill()
        holder.communicate()
        assert store.write(BTC, candles(3), overwrite=False).added == 3

    def test_many_writers_at_once_lose_nothing(self, store: CandleStore) -> None:
        program = (
            "import sys\nfrom pathlib import Path\nfrom tests.feeds.candles.conftest import BTC, candles\n"
            "from quorate.feeds.candles.candle_store import CandleStore\n"
            "begin = int(sys.argv[2])\nwhole = candles(9_000)\nstore = CandleStore(Path(sys.argv[1]))\n"
            "for at in range(begin, 9_000, 300):\n    store.write(BTC, whole.part(at, at + 100), overwrite=False)\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
        writers = [
            subprocess.Popen([sys.executable, "-c", program, str(store.root), str(begin)], env=environment)
            for begin in (0, 100, 200)
        ]
        assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
        assert same(store.rows(BTC), candles(9_000))


class TestGaps:
    """Holes are computed, never stored."""

    def test_facts_tell_ends_count_and_holes(self, store: CandleStore) -> None:
        rows = candles(300)
        store.write(BTC, Rows.joined([rows.part(0, 100), rows.part(101, 200), rows.part(250, 300)], 5), overwrite=False)
        facts = store.facts(BTC)
        assert (facts.first_ms, facts.last_ms, facts.count, facts.missing) == (T0, T0 + 299 * M5, 249, 51)
        assert facts.gaps == (
            Gap(T0 + 100 * M5, T0 + 101 * M5, M5),
            Gap(T0 + 200 * M5, T0 + 250 * M5, M5),
        )
        assert facts.size_bytes > 0

    def test_funding_has_no_holes(self, store: CandleStore) -> None:
        store.write(FUNDING, rates(5).at(np.array([0, 3, 4])), overwrite=False)
        assert store.facts(FUNDING).gaps == ()

    @given(st.sets(st.integers(0, 60)), st.integers(0, 60), st.integers(0, 60))
    def test_what_is_there_and_what_is_missing_make_up_the_range(self, there: set[int], start: int, stop: int) -> None:
        stamps = T0 + np.array(sorted(there), np.int64) * M5
        gaps = missing_in(stamps, M5, start_ms=T0 + start * M5, stop_ms=T0 + stop * M5)
        missing = {k for k in range(61) for gap in gaps if gap.start_ms <= T0 + k * M5 < gap.stop_ms}
        assert missing == set(range(start, stop)) - there
        assert sum(gap.missing for gap in gaps) == len(missing)
        inner = gaps_in(stamps, M5)
        assert sum(gap.missing for gap in inner) == (max(there) - min(there) + 1 - len(there) if there else 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(1e-9, 1e9), st.floats(0, 1e12))
def test_any_double_survives_the_store(tmp_path: Path, price: float, volume: float) -> None:
    store = CandleStore(tmp_path / "doubles")
    rows = Rows(np.array([T0]), np.array([[price], [price], [price], [price], [volume]]))
    store.write(BTC, rows, overwrite=True)
    assert same(store.rows(BTC), rows)
