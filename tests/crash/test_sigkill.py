"""A process that is killed at any moment, any number of times, ends where one ends that never was."""

import shutil
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from tests.crash.replays import Replay, killed_often

START_MS = 1_735_689_600_000
MINUTE_5 = 300_000
DAYS = 12
PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve lively days of three coins."""
    folder = tmp_path_factory.mktemp("candles")
    for number, (pair, start) in enumerate(zip(PAIRS, (95_000.0, 3_300.0, 190.0), strict=True)):
        chance = np.random.default_rng(number)
        count = DAYS * 288
        swings = 0.003 + 0.003 * np.abs(np.sin(np.arange(count) / 300 + number))
        close = start * np.exp(np.cumsum(chance.standard_t(4, count) * swings * 0.5))
        opened = np.concatenate([[start], close[:-1]])
        reach = np.abs(chance.normal(0, 1, (2, count))) * swings * 0.4
        rows = {
            "ts": START_MS + np.arange(count, dtype=np.int64) * MINUTE_5,
            "open": np.round(opened, 2),
            "high": np.round(np.maximum(opened, close) * (1 + reach[0]), 2),
            "low": np.round(np.minimum(opened, close) * (1 - reach[1]), 2),
            "close": np.round(close, 2),
            "volume": np.round(4_000_000 / close * chance.uniform(0.5, 3, count), 5),
        }
        pl.DataFrame(rows).write_parquet(folder / f"binance_{pair.replace('/', '')}_5m.parquet")
    return folder


@pytest.mark.timeout(600)
def test_f01_a_run_killed_at_random_moments_ends_like_one_that_never_was(candles: Path, tmp_path: Path) -> None:
    whole = Replay(candles, PAIRS, "20250104-20250112", tmp_path / "whole").run()
    assert whole["signals"]["total"] > 0, "the story must have something to lose"
    assert whole["trades"] > 0
    broken = Replay(candles, PAIRS, "20250104-20250112", tmp_path / "broken")
    kills, ended = killed_often(broken, chance=Random(7), longest_s=3.0, times=5)
    assert kills > 0
    assert ended == whole


@pytest.mark.timeout(600)
def test_two_runs_give_the_same_hash_and_a_repeated_one_prints_it_again(candles: Path, tmp_path: Path) -> None:
    first = Replay(candles, PAIRS, "20250104-20250107", tmp_path / "first")
    one = first.run()
    assert first.run() == one, "the same command again finds everything done"
    copied = tmp_path / "copied"
    shutil.copytree(candles, copied)
    assert Replay(copied, PAIRS, "20250104-20250107", tmp_path / "second").run() == one
