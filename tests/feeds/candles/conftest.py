"""Parts that the tests of the candle store share: small series, a store in a folder of its own, the real originals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind

T0 = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""
M5 = 300_000
H1 = 3_600_000
DAY = 86_400_000
NOW = T0 + 400 * DAY
BTC = Series("binance", SeriesKind.SPOT, "BTC/USDT", "5m")
PERP = Series("binance", SeriesKind.PERP, "BTC/USDT:USDT", "1h")
FUNDING = Series("binance", SeriesKind.FUNDING, "BTC/USDT:USDT", "")


def candles(count: int, *, start_ms: int = T0, length_ms: int = M5, level: float = 100.0) -> Rows:
    """Plausible candles, one after the other, each different from all others."""
    places = np.arange(count)
    close = np.round(level * (1 + 0.01 * np.sin(places / 7)) + places / 1_000, 3)
    open_ = np.concatenate(([level], close[:-1])) if count else close
    high, low = np.round(np.maximum(open_, close) + 0.5, 3), np.round(np.minimum(open_, close) - 0.5, 3)
    volume = np.round(10 + places % 17 + places / 10_000, 4)
    return Rows(start_ms + places * length_ms, np.stack((open_, high, low, close, volume)))


def rates(count: int, *, start_ms: int = T0) -> Rows:
    """Funding every eight hours."""
    return Rows(start_ms + np.arange(count) * 8 * H1, (1e-4 + np.arange(count) / 1e6)[None, :])


def with_cell(rows: Rows, place: int, column: int, value: float) -> Rows:
    """The same rows with one number changed; columns count from the open."""
    values = rows.values.copy()
    values[column, place] = value
    return Rows(rows.stamps, values)


def same(a: Rows, b: Rows) -> bool:
    """Whether two series hold the same, bit for bit."""
    return np.array_equal(a.stamps, b.stamps) and np.array_equal(a.values, b.values)


def csv_of(rows: Rows, *, divide: int = 1, more: Sequence[str] = ()) -> str:
    """Rows as CSV without a header: stamps divided, further cells at the end of each line."""
    lines = [
        ",".join([str(int(at) // divide), *(repr(float(value)) for value in values), *more])
        for at, values in zip(rows.stamps, rows.values.T, strict=True)
    ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def store(tmp_path: Path) -> CandleStore:
    return CandleStore(tmp_path / "store")


@pytest.fixture(scope="session")
def originals(recorded_candles: Path) -> Path:
    """Real files of other programs; the test is skipped where there are none."""
    folder = recorded_candles.parent / "originals"
    if not folder.is_dir():
        pytest.skip(f"no original files of other programs: there is no folder originals beside {recorded_candles.name}")
    return folder
