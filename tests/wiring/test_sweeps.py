"""Searches as users start and stop them: whole processes that are asked to stop, killed, and begun again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars
import pytest

from tests.analysts.synthetic import wild_bars
from tests.research.studied import SOL, dated

pytestmark = pytest.mark.timeout(900)
POINTS = 5 * 15
WAIT_S = 400
LOOK_S = 0.05


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month and a half of made-up candles in a folder."""
    folder = tmp_path_factory.mktemp("candles")
    bars = dated(wild_bars(4, 13_000, market=SOL))
    names = ("open", "high", "low", "close", "volume")
    frame = polars.DataFrame({"ts": bars.open_ms, **{name: getattr(bars, name) for name in names}})
    frame.write_parquet(folder / "binance_SOLUSDT_5m.parquet")
    return folder


def command(candles: Path, data_dir: Path, *more: str, verb: str = "sweep") -> list[str]:
    words = ["--strategy", "breakout", "--pairs", "SOL/USDT", "--timeframe", "5m", "--data", str(candles)]
    space = ["--space", "timeframe=5m", "--space", "channel=10:38:2", "--space", "stop_atr=1:3:0.5"]
    return [sys.executable, "-m", "quorate", verb, *words, *space, "--data-dir", str(data_dir), "--json", *more]


def run(candles: Path, data_dir: Path, *more: str, verb: str = "sweep") -> dict[str, Any]:
    done = subprocess.run(
        command(candles, data_dir, *more, verb=verb), capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(data_dir: Path) -> int:
    return sum(path.read_bytes().count(b"\n") - 1 for path in data_dir.glob("research/*/trials.jsonl"))


def begun(candles: Path, data_dir: Path, *more: str, after: int = 5) -> subprocess.Popen[str]:
    """A search that has tried some points."""
    process = subprocess.Popen(
        command(candles, data_dir, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    give_up = time.monotonic() + WAIT_S
    while lines(data_dir) < after and process.poll() is None and time.monotonic() < give_up:
        time.sleep(LOOK_S)
    return process


def results(told: dict[str, Any]) -> Any:
    return {name: told[name] for name in ("points", "best", "verdict", "luck", "points_done", "look_ahead")}


@pytest.fixture(scope="module")
def whole(candles: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(candles, tmp_path_factory.mktemp("whole"), "--workers", "1", "--top", "500")


def test_a_sweep_tells_everything_once(whole: dict[str, Any]) -> None:
    assert whole["complete"]
    assert whole["points_total"] == whole["points_done"] == len(whole["points"]) == POINTS
    assert whole["luck"]["tries"] == POINTS
    assert whole["look_ahead"] == "clean"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_sweep_that_is_ended_goes_on_repeats_nothing_and_comes_to_the_same(
    candles: Path, tmp_path: Path, whole: dict[str, Any], number: signal.Signals, workers: str
) -> None:
    process = begun(candles, tmp_path, "--workers", workers)
    process.send_signal(number)
    out, err = process.communicate(timeout=WAIT_S)
    if process.returncode == 0:
        pytest.skip("it was quicker than the signal")
    known = lines(tmp_path)
    assert 0 < known < POINTS
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number
        assert "the same command goes on" in out + err
    rest = run(candles, tmp_path, "--workers", workers, "--top", "500")
    assert rest["points_recalled"] == known
    assert lines(tmp_path) == POINTS
    assert results(rest) == results(whole)
    assert not list(tmp_path.glob("research/*/bench-*"))


def test_the_same_search_runs_once_at_a_time(candles: Path, tmp_path: Path) -> None:
    process = begun(candles, tmp_path, "--workers", "1")
    second = subprocess.run(
        command(candles, tmp_path, "--workers", "1"), capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    process.kill()
    process.communicate()
    if process.returncode == 0:
        pytest.skip("it was quicker than the second")
    assert second.returncode == 1
    assert "running already" in second.stderr


def test_a_walk_forward_tells_every_window_and_writes_its_page(candles: Path, tmp_path: Path) -> None:
    page = tmp_path / "walk.html"
    told = run(candles, tmp_path, "--windows", "3", "--min-trades", "5", "--html", str(page), verb="walk-forward")
    assert len(told["windows"]) == 3
    assert told["points_total"] == POINTS
    assert "Stitched together" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--space", "chanel=1:2:1"], "Did you mean channel?"),
        (["--method", "grid", "--points", "5"], "A grid has as many points"),
        (["--strategy", "breakuot"], "breakout"),
        (["--pairs", "XRP/USDT"], "XRP"),
        (["--timerange", "20300101-"], "No candle lies in this time range"),
        (["--map", "channel"], "two parameters"),
    ],
)
def test_what_makes_no_sense_costs_a_sentence(candles: Path, tmp_path: Path, words: list[str], said: str) -> None:
    done = subprocess.run(
        command(candles, tmp_path, "--workers", "1", *words),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
