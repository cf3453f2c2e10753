"""A process that is killed at any moment, any number of times, ends where one ends that never was."""

import shutil
from pathlib import Path
from random import Random

import pytest

from tests.crash.made_candles import make_candles
from tests.crash.replays import Replay, killed_often

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("candles")
    make_candles(folder, PAIRS, days=12)
    return folder


@pytest.mark.timeout(1_200)
def test_f01_a_run_killed_at_random_moments_ends_like_one_that_never_was(candles: Path, desks: Path) -> None:
    whole = Replay(candles, PAIRS, "20250104-20250112", desks / "whole").run()
    assert whole["signals"]["total"] > 0, "the story must have something to lose"
    assert whole["trades"] > 0
    broken = Replay(candles, PAIRS, "20250104-20250112", desks / "broken")
    kills, ended = killed_often(broken, chance=Random(7), longest_s=3.0, times=5)
    assert kills > 0
    assert ended == whole


@pytest.mark.timeout(1_200)
def test_two_runs_give_the_same_hash_and_a_repeated_one_prints_it_again(
    candles: Path, desks: Path, tmp_path: Path
) -> None:
    first = Replay(candles, PAIRS, "20250104-20250107", desks / "first")
    one = first.run()
    assert first.run() == one, "the same command again finds everything done"
    copied = tmp_path / "copied"
    shutil.copytree(candles, copied)
    assert Replay(copied, PAIRS, "20250104-20250107", desks / "second").run() == one
