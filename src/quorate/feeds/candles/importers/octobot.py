"""OctoBot's data files: SQLite, many series in one, each candle as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from quorate.feeds.candles.importers.sheets import Unreadable
from quorate.feeds.candles.importers.stamps import milliseconds
from quorate.feeds.candles.rows import Rows

Key = tuple[str, str, str]
"""Exchange, pair, timeframe, as OctoBot writes them."""
FIELDS = 6


def read_octobot(path: Path) -> Iterator[tuple[Key, Rows, int]]:
    """Every series of the file with its rows, as they are, and when they were collected (UTC ms). Errors: Unreadable.

    What had not closed by then was still forming: OctoBot keeps such candles with the others.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (collected_s,) = database.execute("select min(timestamp) from description").fetchone()
            keys = database.execute(
                "select distinct exchange_name, symbol, time_frame from ohlcv order by 1, 2, 3"
            ).fetchall()
            for key in keys:
                cells = database.execute(
                    "select candle from ohlcv where exchange_name = ? and symbol = ? and time_frame = ? order by rowid",
                    key,
                ).fetchall()
                named = cast("Key", tuple(str(part) for part in key))
                yield named, _rows([str(cell[0]) for cell in cells]), round(float(collected_s) * 1_000)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise Unreadable(
            f"{path} is no whole file of OctoBot's candles: {error}.", hint="Collect its history again."
        ) from error


def _rows(cells: list[str]) -> Rows:
    candles = cast("list[list[float | None]]", [json.loads(cell) for cell in cells])
    table = np.array(
        [[float("nan") if value is None else value for value in candle[:FIELDS]] for candle in candles], np.float64
    ).reshape(len(candles), FIELDS)
    return Rows(milliseconds(pl.Series(table[:, 0])), np.ascontiguousarray(table[:, 1:].T))
