"""Lively candles on disk: a market in which every strategy finds something."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""
MINUTE_5 = 300_000
BARS_A_DAY = 288
PRICES = (95_000.0, 3_300.0, 190.0, 700.0, 2.4, 0.35, 0.9)


def make_candles(folder: Path, pairs: Sequence[str], *, days: int) -> None:
    """5m candles of every pair from 2025-01-01 on, the same for the same arguments."""
    for number, pair in enumerate(pairs):
        start = PRICES[number % len(PRICES)]
        places = 2 if start > 10 else 5
        chance = np.random.default_rng(number)
        count = days * BARS_A_DAY
        swings = 0.003 + 0.003 * np.abs(np.sin(np.arange(count) / 300 + number))
        steps = chance.standard_t(4, count) * swings * 0.5
        close = start * np.exp(np.cumsum(steps - steps.mean()))
        opened = np.concatenate([[start], close[:-1]])
        reach = np.abs(chance.normal(0, 1, (2, count))) * swings * 0.4
        rows = {
            "ts": START_MS + np.arange(count, dtype=np.int64) * MINUTE_5,
            "open": np.round(opened, places),
            "high": np.round(np.maximum(opened, close) * (1 + reach[0]), places),
            "low": np.round(np.minimum(opened, close) * (1 - reach[1]), places),
            "close": np.round(close, places),
            "volume": np.round(4_000_000 / close * chance.uniform(0.5, 3, count), 5),
        }
        pl.DataFrame(rows).write_parquet(folder / f"binance_{pair.replace('/', '')}_5m.parquet")
