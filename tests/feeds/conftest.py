"""Parts that the tests of feeds share: a clock one can move, and candle files small enough to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
import pytest

from tests.recorded import candles_folder

MINUTE_MS = 60_000
BASE_MS = 300_000
T0 = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""

Row = tuple[int, float, float, float, float, float]


class FakeClock:
    """A wall clock that moves only when somebody sleeps on it."""

    def __init__(self, now_ms: int = T0) -> None:
        self._now_ms = now_ms
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, ms: int) -> None:
        self._now_ms += ms

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now_ms += round(seconds * 1000)


def row(index: int, close: float = 100.0, *, spread: float = 1.0, volume: float = 10.0) -> Row:
    """A plausible 5m candle, `index` intervals after T0."""
    return (T0 + index * BASE_MS, close - 0.5, close + spread, close - spread, close, volume)


def write_rows(folder: Path, name: str, rows: Iterable[Sequence[object]]) -> Path:
    """A candle file with these rows, in this order."""
    path = folder / f"{name}.parquet"
    columns = ("ts", "open", "high", "low", "close", "volume")
    frame = pl.DataFrame(list(rows), schema=columns, orient="row", strict=False, infer_schema_length=None)
    frame.write_parquet(path)
    return path


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def recorded_candles() -> Path:
    """The folder of real candles; the test is skipped where there is none."""
    folder = candles_folder()
    if folder.is_dir():
        return folder
    pytest.skip("no recorded candles: set QUORATE_TEST_DATA to a folder of candle files")
