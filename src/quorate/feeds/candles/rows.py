"""Rows of a series in memory: stamps and columns of numbers, whatever the kind of series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from quorate.kernel.bars import FloatArray, IntArray

Mask: TypeAlias = NDArray[np.bool_]
"""One truth for each row."""

STAMP_NONE = -1
"""Stamp of a row that has none."""

PRICE_MIN = 1e-15
"""A lower price is none: no market has a finer tick, and what is written so is a fault of its file."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Candles as columns, ordered by opening time. What a file calls equal times keeps the order of the file."""

    open_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    @property
    def prices(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Open, high, low, close."""
        return self.open, self.high, self.low, self.close


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """`stamps` (UTC ms, int64) and `values` (float64, one row for each column of the series), of the same length."""

    stamps: IntArray
    values: FloatArray

    @classmethod
    def none(cls, width: int) -> Rows:
        """No rows, of so many columns."""
        return cls(np.empty(0, np.int64), np.empty((width, 0), np.float64))

    @classmethod
    def joined(cls, parts: Sequence[Rows], width: int) -> Rows:
        """All rows of `parts`, one part after the other."""
        if not parts:
            return cls.none(width)
        return cls(np.concatenate([part.stamps for part in parts]), np.concatenate([p.values for p in parts], axis=1))

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def columns(self) -> Columns:
        """The same rows as candles."""
        open_, high, low, close, volume = self.values
        return Columns(self.stamps, open_, high, low, close, volume)

    @property
    def finite(self) -> Mask:
        """Which rows have nothing but finite numbers."""
        mask: Mask = np.all(np.isfinite(self.values), axis=0)
        return mask

    @property
    def positive(self) -> Mask:
        """Which candles have four prices above zero, by PRICE_MIN at least."""
        mask: Mask = np.all(self.values[:4] >= PRICE_MIN, axis=0)
        return mask

    def at(self, where: IntArray | Mask) -> Rows:
        """The rows at these positions, or where the mask is true."""
        return Rows(self.stamps[where], self.values[:, where])

    def part(self, start: int, stop: int) -> Rows:
        """The rows at positions `start` up to, not including, `stop`, as views."""
        return Rows(self.stamps[start:stop], self.values[:, start:stop])

    def between(self, start_ms: int | None, stop_ms: int | None) -> Rows:
        """The rows with stamps from `start_ms` up to, not including, `stop_ms`. Stamps must be in order."""
        start = 0 if start_ms is None else int(np.searchsorted(self.stamps, start_ms, side="left"))
        stop = len(self) if stop_ms is None else int(np.searchsorted(self.stamps, stop_ms, side="left"))
        return self.part(start, max(start, stop))

    def in_order(self) -> Rows:
        """The rows by stamp; equal stamps keep their order."""
        if len(self) < 2 or bool(np.all(self.stamps[1:] >= self.stamps[:-1])):
            return self
        return self.at(np.argsort(self.stamps, kind="stable"))
