"""What of a series has to be asked for: the holes of a range, as windows of one question each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quorate.feeds.candles.gaps import Gap, missing_in
from quorate.feeds.candles.timeframes import DAY_MS
from quorate.feeds.timerange import EVERYTHING, TimeRange
from quorate.kernel.bars import IntArray

DAYS_DEFAULT = 30
"""How far back a download goes that was told nothing, of a series of which nothing is stored."""
SETTLE_MS = 2_000
"""A candle is taken so long after its close: exchanges are not done with it at the very instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much is wanted: a range, or so many days up to now, or whatever came since the last stored row."""

    timerange: TimeRange = EVERYTHING
    days: int | None = None
    overwrite: bool = False
    """Whether stored rows are asked for again, and give way to what is told now."""

    def of(self, stamps: IntArray, length_ms: int, *, now_ms: int) -> TimeRange:
        """The range of opening times that is asked about, on the grid; ends where candles have closed and settled."""
        settled_ms = (now_ms - SETTLE_MS) // length_ms * length_ms
        asked = self.timerange
        stop_ms = settled_ms if asked.stop_ms is None else min(settled_ms, -(-asked.stop_ms // length_ms) * length_ms)
        if asked.start_ms is not None:
            start_ms = asked.start_ms
        elif self.days is None and len(stamps) and not self.overwrite:
            start_ms = int(stamps[-1]) + length_ms
        else:
            start_ms = stop_ms - (self.days or DAYS_DEFAULT) * DAY_MS
        return TimeRange(max(0, -(-start_ms // length_ms) * length_ms), stop_ms)

    def holes(self, stamps: IntArray, length_ms: int, *, now_ms: int) -> list[Gap]:
        """What is asked for: all of the range with `overwrite`, else what is not stored of it."""
        reach = self.of(stamps, length_ms, now_ms=now_ms)
        assert reach.start_ms is not None, "a reach has two ends"
        assert reach.stop_ms is not None, "a reach has two ends"
        there = stamps[:0] if self.overwrite else stamps
        return missing_in(there, length_ms, start_ms=reach.start_ms, stop_ms=reach.stop_ms)


@dataclass(frozen=True, slots=True)
class Window:
    """Opening times to ask about in one question, and how many of their candles are missing."""

    start_ms: int
    stop_ms: int
    wanted: int


def windows(holes: Sequence[Gap], rows_max: int) -> Iterator[Window]:
    """Stretches of at most `rows_max` candles that cover every hole; holes close to one another share one."""
    waiting = list(reversed(holes))
    while waiting:
        start_ms = stop_ms = waiting[-1].start_ms
        limit_ms = start_ms + rows_max * waiting[-1].length_ms
        wanted = 0
        while waiting and waiting[-1].start_ms < limit_ms:
            hole = waiting.pop()
            stop_ms = min(hole.stop_ms, limit_ms)
            wanted += (stop_ms - hole.start_ms) // hole.length_ms
            if hole.stop_ms > limit_ms:
                waiting.append(Gap(limit_ms, hole.stop_ms, hole.length_ms))
                break
        yield Window(start_ms, stop_ms, wanted)
