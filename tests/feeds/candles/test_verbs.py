"""`quorate data …`: what each verb does, prints and ends with, on a real store."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

from quorate.cli.data_progress import SeriesBars, StepBar
from quorate.cli.main import outcome
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from tests.feeds.candles.conftest import BTC, FUNDING, H1, M5, PERP, T0, candles, csv_of, rates, same, with_cell

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, store: CandleStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `quorate data VERB … --store STORE`; gives its exit code, what it printed and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORATE__DATA_DIR", str(tmp_path / "home"))

    def run(*arguments: str, here: bool = True) -> tuple[int, str, str]:
        code = outcome(["data", *arguments, *(["--store", str(store.root)] if here else [])])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def filled(store: CandleStore) -> CandleStore:
    store.write(BTC, candles(600), overwrite=False)
    store.write(PERP, candles(50, length_ms=H1), overwrite=False)
    store.write(FUNDING, rates(9), overwrite=False)
    return store


class TestList:
    def test_an_empty_store_says_how_to_fill_it(self, run: Run) -> None:
        code, out, err = run("list")
        assert (code, out) == (0, "")
        assert "`quorate data download` or `import` fills it" in err
        assert run("list", "--json")[:2] == (0, '{"series": []}\n')

    def test_the_default_store_is_in_the_data_directory(self, run: Run, tmp_path: Path) -> None:
        CandleStore(tmp_path / "home/candles").write(BTC, candles(3), overwrite=False)
        code, out, _ = run("list", here=False)
        assert code == 0
        assert "binance BTC/USDT 5m" in out

    def test_every_series_is_shown_and_told(self, run: Run, filled: CandleStore) -> None:
        filled.write(BTC, candles(10, start_ms=T0 + 610 * M5), overwrite=False)
        code, out, _ = run("list")
        assert code == 0
        shown = next(line for line in out.splitlines() if "BTC/USDT 5m" in line).split()
        assert shown[:9] == ["binance", "BTC/USDT", "5m", "2025-01-01", "00:00", "2025-01-03", "03:35", "610", "10"]
        told = json.loads(run("list", "--json")[1])["series"]
        assert [one["kind"] for one in told] == ["funding", "perp", "spot"]
        assert told[2] == {
            "exchange": "binance",
            "kind": "spot",
            "pair": "BTC/USDT",
            "timeframe": "5m",
            "first": "2025-01-01T00:00:00Z",
            "last": "2025-01-03T03:35:00Z",
            "count": 610,
            "missing": 10,
            "gaps": [{"start": "2025-01-03T02:00:00Z", "stop": "2025-01-03T02:50:00Z", "missing": 10}],
            "bytes": filled.facts(BTC).size_bytes,
        }
        assert told[0]["timeframe"] is None
        assert "2025-01-03 02:00  2025-01-03 02:50  10" in run("list", "--gaps")[1]

    @pytest.mark.parametrize(
        ("options", "count"),
        [
            (("--pairs", "BTC/USDT"), 3),
            (("--pairs", "btcusdt"), 3),
            (("--pairs", "BTC/USDT:USDT"), 2),
            (("--kind", "spot"), 1),
            (("--kind", "perp", "--kind", "funding"), 2),
            (("--timeframe", "60m"), 2),
            (("--exchange", "kraken"), 0),
        ],
    )
    def test_filters(self, run: Run, filled: CandleStore, options: tuple[str, ...], count: int) -> None:
        assert len(json.loads(run("list", *options, "--json")[1])["series"]) == count

    def test_a_damaged_series_is_told_beside_the_others_and_ends_with_1(self, run: Run, filled: CandleStore) -> None:
        (part,) = filled.parts(BTC)
        part.write_bytes(b"PAR1")
        code, out, err = run("list")
        assert code == 1
        assert "BTC/USDT:USDT" in out
        assert "2025-01.parquet is damaged" in err
        told = json.loads(run("list", "--json")[1])["series"]
        assert told[-1]["error"]["code"] == "damaged_file"


class TestImport:
    def test_a_folder_of_files_one_of_which_is_bad(self, run: Run, store: CandleStore, tmp_path: Path) -> None:
        folder = tmp_path / "files"
        folder.mkdir()
        bad = with_cell(candles(1_000), 7, 2, -1.0)
        (folder / "binance_BTCUSDT_5m.csv").write_text("ts,open,high,low,close,volume\n" + csv_of(bad))
        (folder / "notes.csv").write_text("a,b\n1,2\n")
        code, out, _ = run("import", str(folder))
        assert code == 1
        assert "1 zero or negative price" in out
        told = json.loads(run("import", str(folder), "--json")[1])["files"]
        assert told[0] == {
            "file": "binance_BTCUSDT_5m.csv",
            "format": "quorate",
            "exchange": "binance",
            "kind": "spot",
            "pair": "BTC/USDT",
            "timeframe": "5m",
            "read": 1_000,
            "added": 0,
            "same": 999,
            "replaced": 0,
            "refused": {"zero or negative price": 1},
            "edges": 0,
            "first": "2025-01-01T00:00:00Z",
            "last": "2025-01-04T11:15:00Z",
            "error": None,
        }
        assert told[1]["error"]["code"] == "bad_input"
        assert store.facts(BTC).count == 999

    def test_one_file_that_is_bad_is_one_sentence_and_2(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("time,open,high,low,close,volume\n" + csv_of(candles(3)))
        code, out, err = run("import", str(path))
        assert (code, out) == (2, "")
        assert err.startswith("quorate: x.csv: neither its name")
        assert "Add --exchange and --pair and --timeframe." in err

    def test_options_say_what_files_do_not(self, run: Run, store: CandleStore, tmp_path: Path) -> None:
        path = tmp_path / "x.csv"
        path.write_text("when;a;b;c;d;e\n" + csv_of(candles(30), divide=1_000).replace(",", ";"))
        columns = "ts=when,open=a,high=b,low=c,close=d,volume=e"
        said = ("--exchange", "binance", "--pair", "BTC/USDT", "--timeframe", "5m", "--columns", columns)
        assert run("import", str(path), *said, "--stamp-unit", "s")[0] == 0
        assert same(store.rows(BTC), candles(30))

    def test_a_conflict_is_refused_with_4_until_it_is_wanted(
        self, run: Run, store: CandleStore, tmp_path: Path
    ) -> None:
        store.write(BTC, candles(30), overwrite=False)
        path = tmp_path / "binance_BTCUSDT_5m.csv"
        other = with_cell(candles(30), 3, 4, 7.5)
        path.write_text("ts,open,high,low,close,volume\n" + csv_of(other))
        code, _, err = run("import", str(path))
        assert code == 4
        assert "the volume is 13.0003 in the store and 7.5 in the new data" in err
        assert run("import", str(path), "--overwrite")[0] == 0
        assert same(store.rows(BTC), other)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--format", "excel"), "--format 'excel' is not known"),
            (("--stamp-unit", "min"), "--stamp-unit 'min' is not known"),
            (("--timezone", "Mars"), "no timezone 'Mars'"),
            (("--columns", "open"), "--columns cannot be read"),
            (("--kind", "option"), "not one of"),
            (("--bad-rows-max", "200"), "not in the range"),
        ],
    )
    def test_a_wrong_word_is_one_sentence_and_2(
        self, run: Run, tmp_path: Path, options: tuple[str, ...], said: str
    ) -> None:
        path = tmp_path / "x.csv"
        path.write_text("1")
        code, _, err = run("import", str(path), *options)
        assert code == 2
        assert said in err

    def test_a_path_that_is_not_there(self, run: Run) -> None:
        assert run("import", "nowhere")[0] == 2


class TestCheck:
    def test_a_sound_store_ends_with_0(self, run: Run, filled: CandleStore) -> None:
        code, out, err = run("check")
        assert code == 0
        assert out.count(" ok ") == 3
        assert "3 series: ok." in err
        told = json.loads(run("check", "--json")[1])
        assert told["verdict"] == "ok"

    def test_warnings_end_with_0_unless_strict(self, run: Run, filled: CandleStore) -> None:
        filled.write(BTC, candles(10, start_ms=T0 + 610 * M5), overwrite=False)
        assert run("check")[0] == 0
        code, out, _ = run("check", "--strict", "--json")
        assert code == 1
        told = json.loads(out)
        assert told["verdict"] == "warning"
        flaw = {
            "grade": "warning",
            "name": "gaps",
            "count": 1,
            "detail": "10 candles missing; longest 10 from 2025-01-03 02:00",
        }
        assert told["series"][-1]["flaws"] == [flaw]

    def test_errors_end_with_1(self, run: Run, filled: CandleStore) -> None:
        (part,) = filled.parts(BTC)
        part.write_bytes(part.read_bytes()[:-10])
        code, out, _ = run("check")
        assert code == 1
        assert "damaged_file" in out

    def test_disagreeing_timeframes_are_told(self, run: Run, filled: CandleStore) -> None:
        h1 = Series("binance", SeriesKind.SPOT, "BTC/USDT", "1h")
        filled.write(h1, candles(50, length_ms=H1), overwrite=False)
        assert "disagrees with 5m" in run("check")[1]

    def test_nothing_to_check_is_said(self, run: Run) -> None:
        code, _, err = run("check")
        assert code == 2
        assert "no such series" in err


class TestExportAndResample:
    def test_export_writes_files_for_replays_and_for_freqtrade(
        self, run: Run, filled: CandleStore, tmp_path: Path
    ) -> None:
        code, out, _ = run("export", "--out", str(tmp_path / "flat"), "--timerange", "20250101-20250102", "--json")
        assert code == 0
        told = json.loads(out)["files"]
        assert [Path(one["file"]).name for one in told] == [
            "binanceperp_BTCUSDT_funding.parquet",
            "binanceperp_BTCUSDT_1h.parquet",
            "binance_BTCUSDT_5m.parquet",
        ]
        assert len(pl.read_parquet(told[2]["file"])) == 288
        code, _, err = run("export", "--out", str(tmp_path / "flat"))
        assert code == 4
        assert "is there already" in err
        assert run("export", "--out", str(tmp_path / "ft"), "--format", "feather", "--kind", "spot")[0] == 0
        assert (tmp_path / "ft/BTC_USDT-5m.feather").is_file()

    def test_export_of_nothing_is_said(self, run: Run, filled: CandleStore, tmp_path: Path) -> None:
        code, _, err = run("export", "--out", str(tmp_path / "x"), "--timerange", "20300101-")
        assert code == 2
        assert "None of these series has a row" in err

    def test_resample_makes_every_length_asked_for(self, run: Run, filled: CandleStore) -> None:
        code, out, _ = run("resample", "--timeframe", "15m,1h", "--kind", "spot", "--json")
        assert code == 0
        told = json.loads(out)["series"]
        assert [(one["timeframe"], one["made_of"], one["made"]) for one in told] == [
            ("15m", "5m", 200),
            ("1h", "15m", 50),
        ]
        assert run("check", "--kind", "spot")[0] == 0
        code, _, err = run("resample", "--timeframe", "7m")
        assert code == 2
        assert "'7m' are not kept" in err
        code, _, err = run("resample", "--timeframe", "1m")
        assert code == 2
        assert "Nothing shorter than 1m" in err

    def test_holes_that_are_quiet(self, run: Run, store: CandleStore) -> None:
        store.write(BTC, Rows.joined([candles(60).part(0, 5), candles(60).part(7, 60)], 5), overwrite=False)
        made = [
            json.loads(run("resample", "--timeframe", "15m", "--overwrite", "--json", *more)[1])["series"][0]["made"]
            for more in ((), ("--holes", "quiet"))
        ]
        assert made == [18, 20]


class TestDownload:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ((), "Nothing of binance in 5m is stored"),
            (("--days", "3", "--timerange", "20250101-"), "say the same thing twice"),
            (("--pairs", "BTC/USDT", "--timeframe", "7m"), "'7m' are not kept"),
            (("--pairs", "BTC/USDT", "--timerange", "yesterday"), "cannot be read"),
            (("--pairs", "BTC/USDT", "--exchange", "binanze"), "ccxt knows no exchange 'binanze'"),
        ],
    )
    def test_what_makes_no_sense_is_said_before_anything_is_asked(
        self, run: Run, options: tuple[str, ...], said: str
    ) -> None:
        code, out, err = run("download", *options)
        assert (code, out) == (2, "")
        assert said in err


class TestBars:
    """Progress is shown on a terminal, and nowhere else."""

    @pytest.mark.parametrize("terminal", [True, False])
    def test_steps_and_series(self, terminal: bool) -> None:
        from rich.console import Console as Screen

        shown = StringIO()
        screen = Screen(file=shown, force_terminal=terminal, width=120)
        with StepBar(screen) as step:
            step("one.csv", 0, 2)
            step("two.csv", 1, 2)
        with SeriesBars(screen) as bars:
            bars(BTC, done=10, total=100, at_ms=T0)
            bars(BTC, done=100, total=100, at_ms=T0 + H1)
        told = shown.getvalue()
        assert ("two.csv" in told) is terminal
        assert ("1/2" in told) is terminal
        assert ("binance BTC/USDT 5m" in told) is terminal
