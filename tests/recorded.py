"""Where recorded data lie: candles in `ohlcv`, and beside it funding, news, regimes and exchanges' answers."""

import os
from pathlib import Path

CANDLES = "ohlcv"


def data_folder() -> Path:
    """The folder of all recorded data.

    QUORATE_TEST_DATA names it, or the folder of candles in it; without it, it lies beside the project.
    """
    named = os.environ.get("QUORATE_TEST_DATA")
    if not named:
        return Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(named)
    return folder if (folder / CANDLES).is_dir() else folder.parent


def candles_folder() -> Path:
    """The folder of candle files."""
    named = os.environ.get("QUORATE_TEST_DATA")
    inside = data_folder() / CANDLES
    return Path(named) if named and not inside.is_dir() else inside
