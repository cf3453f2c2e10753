"""The candles that an account saw, beside those that the backtester has: where they part and where they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quorate.kernel.bars import Bars, IntArray


@dataclass(frozen=True, slots=True)
class Candles:
    """The candles that each of the two saw, pair by pair, and where they part."""

    common: int
    parted: Mapping[str, IntArray]
    """Closing times of those that differ, ascending."""

    @classmethod
    def beside(cls, seen: Mapping[str, Bars], known: Mapping[str, Bars], *, start_ms: int, end_ms: int) -> Candles:
        """`seen` by the account and `known` to the backtester, of those that close later than `start_ms`."""
        common, parted = 0, dict[str, IntArray]()
        for pair in sorted({*seen, *known}):
            one, other = (_within(side.get(pair), start_ms, end_ms) for side in (seen, known))
            if one is None or other is None:
                parted[pair] = np.empty(0, np.int64) if one is other else _closes(one, other)
                continue
            both, ours, theirs = np.intersect1d(one.open_ms, other.open_ms, return_indices=True)
            names = ("open", "high", "low", "close", "volume")
            equal = np.ones(len(both), np.bool_)
            for name in names:
                equal &= np.isclose(getattr(one, name)[ours], getattr(other, name)[theirs], rtol=1e-9, atol=0.0)
            common += len(both)
            alone = np.setxor1d(one.open_ms, other.open_ms)
            length_ms = int(one.close_ms[0] - one.open_ms[0])
            parted[pair] = np.sort(np.concatenate((both[~equal], alone))) + length_ms
        return cls(common, parted)

    def first(self, pair: str, after_ms: int, until_ms: int) -> int | None:
        """Closing time of the first candle of the pair in this span that differs."""
        closes = self.parted.get(pair)
        if closes is None:
            return None
        place = int(np.searchsorted(closes, after_ms, side="right"))
        return int(closes[place]) if place < len(closes) and closes[place] <= until_ms else None


def _within(bars: Bars | None, start_ms: int, end_ms: int) -> Bars | None:
    if bars is None or not len(bars):
        return None
    first = int(np.searchsorted(bars.close_ms, start_ms, side="right"))
    last = int(np.searchsorted(bars.close_ms, end_ms, side="right"))
    return bars.between(first, last) if last > first else None


def _closes(one: Bars | None, other: Bars | None) -> IntArray:
    bars = one or other
    return np.empty(0, np.int64) if bars is None else bars.close_ms
