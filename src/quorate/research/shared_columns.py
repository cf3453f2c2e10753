"""Candles in files that every process of this machine maps into its memory: one copy, however many look at it."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from quorate.kernel.bars import Bars
from quorate.research import tables
from quorate.research.columns import Columns

TASK = "task.pickle"
"""Written last: a folder that has it is complete."""


def write_bench(folder: Path, task: Any, columns: Mapping[str, Columns]) -> None:
    """Put a task and its candles into a folder, for processes of the same user."""
    folder.mkdir(parents=True, exist_ok=True)
    heads: list[tuple[str, str, int]] = []
    for number, (pair, each) in enumerate(sorted(columns.items())):
        heads.append((pair, each.bars.timeframe, each.highest))
        for name, column in _arrays(each).items():
            np.save(folder / f"{number}-{name}.npy", column)
    (folder / TASK).write_bytes(pickle.dumps((task, heads)))


def read_bench(folder: Path) -> tuple[Any, dict[str, Columns]]:
    """The task, and its candles as maps of the files. What a process writes into them stays its own."""
    task, heads = pickle.loads((folder / TASK).read_bytes())  # noqa: S301  written by whoever started this process
    found: dict[str, Columns] = {}
    for number, (pair, timeframe, highest) in enumerate(heads):
        # Copy on write: compiled code knows only arrays that may be written.
        held = {path: np.asarray(np.load(folder / f"{number}-{path}.npy", mmap_mode="c")) for path in NAMES}
        bars = Bars(pair, timeframe, *(held[name] for name in NAMES[:6]))
        found[pair] = Columns(bars, held["tape"].view(tables.CANDLE), highest, held["first"])
    return task, found


def owned(columns: Columns) -> Columns:
    """The same candles in memory of one's own, which may be written."""
    held = {name: column.copy() for name, column in _arrays(columns).items()}
    bars = Bars(columns.bars.pair, columns.bars.timeframe, *(held[name] for name in NAMES[:6]))
    return Columns(bars, held["tape"].view(tables.CANDLE), columns.highest, held["first"])


NAMES = ("open_ms", "open", "high", "low", "close", "volume", "tape", "first")


def _arrays(columns: Columns) -> dict[str, Any]:
    bars = columns.bars
    return dict(
        zip(
            NAMES,
            (bars.open_ms, bars.open, bars.high, bars.low, bars.close, bars.volume, columns.tape, columns.first),
            strict=True,
        )
    )
