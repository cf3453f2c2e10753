"""What is wrong, or odd, with stored series: looked for in every number, told with a grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.faults import Damaged
from quorate.feeds.candles.gaps import gaps_in
from quorate.feeds.candles.parts import fault_in_file, read_unchecked
from quorate.feeds.candles.rows import Mask, Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.candles.sifting import RATE_MAX
from quorate.feeds.gate import JUMP_FACTOR_MAX
from quorate.kernel.bars import FloatArray, IntArray

JUMP_SIGMAS = 50.0
"""Moves further than this many robust standard deviations are told; crashes of real markets rarely reach it."""
NORMAL_MAD = 1.4826
"""Standard deviation of a normal law over its median absolute deviation."""
QUIET_RUN_MIN = 12
"""So many candles in a row without volume are told."""
STALE_RUN_MIN = 24
"""So many candles in a row at one and the same price are told."""
EARLY_END_MS = 2 * 86_400_000
"""A series that ends this long before others of its exchange and timeframe is told."""
SHOWN_MAX = 3


class Grade(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """These rows cannot be true, or are not those that were written."""
    WARNING = "warning"
    """It may well be what happened: look at it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One kind of thing that was found in one series, and how often."""

    grade: Grade
    name: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one series."""

    series: Series
    count: int
    first_ms: int | None
    last_ms: int | None
    flaws: tuple[Flaw, ...] = field(default_factory=tuple[Flaw, ...])

    @property
    def verdict(self) -> str:
        """The worst grade: "ok", "warning" or "error"."""
        grades = {flaw.grade for flaw in self.flaws}
        return next((grade.value for grade in Grade if grade in grades), "ok")

    def with_flaws(self, flaws: Sequence[Flaw]) -> Checked:
        """The same, with more that was found."""
        return Checked(self.series, self.count, self.first_ms, self.last_ms, (*self.flaws, *flaws))


def check_series(store: CandleStore, series: Series, *, sigmas: float = JUMP_SIGMAS) -> Checked:
    """Look at every number of one series. A part that cannot be read is a flaw, not an error."""
    columns = series.kind.columns
    flaws: list[Flaw] = []
    parts: list[Rows] = []
    for path in store.parts(series):
        try:
            part = read_unchecked(path, columns)
            fault = fault_in_file(path, part)
        except Damaged as damage:
            flaws.append(Flaw(Grade.ERROR, damage.code, 1, damage.message))
            continue
        if fault is not None:
            flaws.append(Flaw(Grade.ERROR, Damaged.code, 1, f"{path}: {fault}"))
        parts.append(part)
    rows = Rows.joined(parts, len(columns))
    flaws += _order_flaws(rows)
    rows = rows.in_order()
    flaws += _funding_flaws(rows) if series.kind is SeriesKind.FUNDING else _candle_flaws(rows, series, sigmas)
    ends = (int(rows.stamps[0]), int(rows.stamps[-1])) if len(rows) else (None, None)
    return Checked(series, len(rows), *ends, tuple(flaws))


def early_ends(found: Sequence[Checked]) -> list[Checked]:
    """The same, telling of every series that ends long before others of its exchange, kind and timeframe."""
    newest: dict[tuple[str, str, str], int] = {}
    for one in found:
        key = (one.series.exchange, one.series.kind.value, one.series.timeframe)
        newest[key] = max(newest.get(key, 0), one.last_ms or 0)
    told: list[Checked] = []
    for one in found:
        last_ms = newest[one.series.exchange, one.series.kind.value, one.series.timeframe]
        if one.last_ms is None or last_ms - one.last_ms < EARLY_END_MS:
            told.append(one)
            continue
        detail = f"ends {_at(one.last_ms)}, others {_at(last_ms)}: delisted, or not downloaded to the end"
        told.append(one.with_flaws([Flaw(Grade.WARNING, "ends early", 1, detail)]))
    return told


def _order_flaws(rows: Rows) -> Iterator[Flaw]:
    steps = np.diff(rows.stamps)
    ordered = np.sort(rows.stamps)
    yield from _where(ordered[1:], np.diff(ordered) == 0, Grade.ERROR, "duplicates")
    yield from _where(rows.stamps[1:], steps < 0, Grade.ERROR, "out of order")
    yield from _where(rows.stamps, ~rows.finite, Grade.ERROR, "not finite")


def _candle_flaws(rows: Rows, series: Series, sigmas: float) -> Iterator[Flaw]:
    open_, high, low, close, volume = rows.values
    stamps, length_ms = rows.stamps, series.length_ms
    yield from _where(stamps, stamps % length_ms != 0, Grade.ERROR, "off grid")
    impossible = ~rows.positive | (volume < 0)
    impossible |= (high < np.maximum(open_, close)) | (low > np.minimum(open_, close))
    yield from _where(stamps, impossible, Grade.ERROR, "impossible")
    yield from _gap_flaws(stamps, length_ms)
    if series.kind is not SeriesKind.MARK:
        yield from _runs(stamps, volume == 0, QUIET_RUN_MIN, "zero volume", "without a trade")
    still = (open_ == close) & (high == low)
    still[1:] &= close[1:] == close[:-1]
    yield from _runs(stamps, still, STALE_RUN_MIN, "stale", "at one price")
    if not bool(impossible.any()) and len(rows):
        yield from _jump_flaws(rows, length_ms, sigmas)


def _gap_flaws(stamps: IntArray, length_ms: int) -> Iterator[Flaw]:
    gaps = gaps_in(stamps, length_ms)
    if not gaps:
        return
    longest = sorted(gaps, key=lambda gap: -gap.missing)[:SHOWN_MAX]
    shown = ", ".join(f"{gap.missing:,} from {_at(gap.start_ms)}" for gap in longest)
    missing = sum(gap.missing for gap in gaps)
    yield Flaw(Grade.WARNING, "gaps", len(gaps), f"{missing:,} candles missing; longest {shown}")


def _jump_flaws(rows: Rows, length_ms: int, sigmas: float) -> Iterator[Flaw]:
    """Moves from the close before, extremes included, where that is the candle right before."""
    _, high, low, close, _ = rows.values
    before, stamps = close[:-1], rows.stamps[1:]
    follows = np.diff(rows.stamps) == length_ms
    reach = np.maximum(np.log(high[1:] / before), np.log(before / low[1:]))
    absurd = np.zeros(len(rows), np.bool_)
    absurd[1:] = follows & (reach > np.log(JUMP_FACTOR_MAX))
    absurd |= high > low * JUMP_FACTOR_MAX
    yield from _where(rows.stamps, absurd, Grade.ERROR, "absurd", f"beyond ×{JUMP_FACTOR_MAX}; replays refuse them")
    moves = np.abs(np.log(close[1:] / before))[follows]
    sigma = _robust_sigma(moves)
    if sigma:
        far = follows & (reach > sigmas * sigma) & ~absurd[1:]
        largest = f"largest {100 * np.expm1(float(reach[far].max())):.1f} %" if bool(far.any()) else ""
        yield from _where(stamps, far, Grade.WARNING, "jumps", f"beyond {sigmas:g} robust sigmas; {largest}")


def _robust_sigma(moves: FloatArray) -> float:
    """Standard deviation by the median of absolute moves; of those that move at all where most do not."""
    for sample in (moves, moves[moves > 0]):
        if len(sample) and (middle := float(np.median(sample))) > 0:
            return NORMAL_MAD * middle
    return 0.0


def _funding_flaws(rows: Rows) -> Iterator[Flaw]:
    yield from _where(rows.stamps, np.abs(rows.values[0]) > RATE_MAX, Grade.ERROR, "impossible", "beyond the position")


def _where(stamps: IntArray, mask: Mask, grade: Grade, name: str, more: str = "") -> Iterator[Flaw]:
    count = int(mask.sum())
    if count:
        first = f"first at {_at(int(stamps[mask][0]))}"
        yield Flaw(grade, name, count, f"{first}; {more}" if more else first)


def _runs(stamps: IntArray, mask: Mask, least: int, name: str, words: str) -> Iterator[Flaw]:
    """Tell of runs of at least `least` rows for which `mask` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    long = lengths >= least
    if bool(long.any()):
        longest = int(np.argmax(lengths))
        detail = f"{int(mask.sum()):,} candles {words}; longest run {int(lengths[longest]):,}"
        at = _at(int(stamps[starts[longest]]))
        yield Flaw(Grade.WARNING, name, int(long.sum()), f"{detail} from {at}")


def _at(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"
