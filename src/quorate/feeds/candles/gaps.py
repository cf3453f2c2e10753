"""Holes in a series: computed from what is there, never stored as candles that were not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quorate.kernel.bars import IntArray


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing candles: from the opening of the first one up to, not including, `stop_ms`."""

    start_ms: int
    stop_ms: int
    length_ms: int
    """Length of a candle."""

    @property
    def missing(self) -> int:
        """How many candles are not there."""
        return (self.stop_ms - self.start_ms) // self.length_ms


def gaps_in(stamps: IntArray, length_ms: int) -> list[Gap]:
    """Every hole between the first candle and the last one. Stamps must be in order and on the grid."""
    steps = np.diff(stamps)
    return [
        Gap(int(stamps[place]) + length_ms, int(stamps[place + 1]), length_ms)
        for place in np.flatnonzero(steps > length_ms)
    ]


def missing_in(stamps: IntArray, length_ms: int, *, start_ms: int, stop_ms: int) -> list[Gap]:
    """Every stretch of [`start_ms`, `stop_ms`), both on the grid, in which no candle opens."""
    if start_ms >= stop_ms:
        return []
    inside = stamps[(stamps >= start_ms) & (stamps < stop_ms)]
    edges = np.concatenate(([start_ms - length_ms], inside, [stop_ms]))
    return gaps_in(edges, length_ms)
