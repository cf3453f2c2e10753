"""Which rows of a file, or of an exchange's answer, can be candles: the rest is counted by reason and never stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from quorate.domain.errors import BadInput
from quorate.feeds.candles.rows import PRICE_MIN, STAMP_NONE, Mask, Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.candles.timeframes import DAY_MS, MINUTE_MS, name_of
from quorate.feeds.gate import FUTURE_MS_MAX
from quorate.kernel.bars import IntArray

BAD_ROWS_PCT_MAX = 1.0
"""A file with a larger share of bad rows is refused as a whole: it is not what it was taken for."""
RATE_MAX = 1.0
"""A funding rate beyond the whole position is no rate."""
STEPS_JUDGED_MIN = 10
"""With so many rows the distance between them says whether the timeframe can be right."""


class Reason(StrEnum):
    """Why a row is left out. `bad` ones count against a file; the others are no fault of it."""

    NO_TIME = "no time"
    NOT_FINITE = "not a finite number"
    NOT_POSITIVE = "zero or negative price"
    IMPOSSIBLE = "open or close outside high and low"
    NEGATIVE_VOLUME = "negative volume"
    ABSURD_RATE = "a rate beyond the whole position"
    OFF_GRID = "off the timeframe's grid"
    FUTURE = "in the future"
    UNFINISHED = "not closed yet"
    DUPLICATE = "there twice"
    CONFLICT = "differs from an earlier row of the same time"

    @property
    def bad(self) -> bool:
        """Whether a row like this speaks against the file."""
        return self not in (Reason.UNFINISHED, Reason.DUPLICATE)


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """Rows in order of time, each stamp once, and what was left out of how many."""

    rows: Rows
    read: int
    refused: Counter[Reason]
    first_refused: dict[Reason, int]
    """Position of the first row that was left out for each reason, counted from 1."""

    @property
    def bad_pct(self) -> float:
        """Share of bad rows, in percent."""
        bad = sum(count for reason, count in self.refused.items() if reason.bad)
        return 100 * bad / self.read if self.read else 0.0

    def check(self, *, bad_rows_pct_max: float, what: str) -> None:
        """BadInput where the share of bad rows of `what` is larger than that."""
        if self.bad_pct <= bad_rows_pct_max:
            return
        told = ", ".join(
            f"{count:,} × {reason} (first in row {self.first_refused[reason]:,})"
            for reason, count in self.refused.most_common()
            if reason.bad
        )
        share = f"{self.bad_pct:.3g} % of {self.read:,} rows cannot be true, more than {bad_rows_pct_max:g} %"
        raise BadInput(
            f"{what}: {share}: {told}.",
            hint="Nothing was stored. See that exchange, timeframe and format are right, or raise --bad-rows-max.",
        )


def sift(raw: Rows, series: Series, *, now_ms: int, collected_ms: int | None = None) -> Sifted:
    """The rows that can be rows of `series`, in order, when the clock says `now_ms`.

    `collected_ms`: when they were collected, if that is known; what had not closed by then was still forming.

    Of several rows of one time the first stays: one like it is dropped, one unlike it is in conflict.
    """
    raw = _tidied(raw, series)
    faults = _funding_faults(raw) if series.kind is SeriesKind.FUNDING else _candle_faults(raw, series)
    closes = raw.stamps + (0 if series.kind is SeriesKind.FUNDING else series.length_ms)
    faults = [
        (Reason.NO_TIME, raw.stamps < 0),
        *faults,
        (Reason.FUTURE, raw.stamps > now_ms + FUTURE_MS_MAX),
        (Reason.UNFINISHED, closes > (now_ms if collected_ms is None else min(now_ms, collected_ms))),
    ]
    places, refused, first = _left(raw, faults)
    places = places[np.argsort(raw.stamps[places], kind="stable")]
    return Sifted(_once(raw, places, refused, first), len(raw), refused, first)


def sift_trades(raw: Rows, *, now_ms: int) -> Sifted:
    """The trades (price, amount) that can be real, in order of time; those of one instant in the order of the file."""
    price, amount = raw.values
    faults = [
        (Reason.NO_TIME, raw.stamps < 0),
        (Reason.NOT_FINITE, ~raw.finite),
        (Reason.NOT_POSITIVE, price < PRICE_MIN),
        (Reason.NEGATIVE_VOLUME, amount < 0),
        (Reason.FUTURE, raw.stamps > now_ms + FUTURE_MS_MAX),
    ]
    places, refused, first = _left(raw, faults)
    return Sifted(raw.at(places).in_order(), len(raw), refused, first)


def likely_timeframe(stamps: IntArray) -> str | None:
    """The timeframe that the most common distance between stamps suggests; None where it is none we keep."""
    steps = np.diff(np.unique(stamps[stamps >= 0]))
    if not len(steps):
        return None
    lengths, counts = np.unique(steps, return_counts=True)
    try:
        return name_of(int(lengths[int(np.argmax(counts))]))
    except BadInput:
        return None


def check_steps(stamps: IntArray, series: Series) -> None:
    """BadInput where no two candles are one timeframe apart: the timeframe is then longer than was said."""
    steps = np.diff(np.unique(stamps[stamps >= 0]))
    if len(steps) < STEPS_JUDGED_MIN or int(steps.min()) <= series.length_ms:
        return
    closest = int(steps.min())
    apart = f"{closest / DAY_MS:g} days" if closest >= DAY_MS else f"{closest / MINUTE_MS:g} minutes"
    likely = likely_timeframe(stamps)
    raise BadInput(
        f"No two rows are {series.timeframe} apart, the closest ones {apart}: these are no {series.timeframe} candles.",
        hint=f"They look like {likely}: say --timeframe {likely}." if likely else "Candles that long are not kept.",
    )


def _tidied(raw: Rows, series: Series) -> Rows:
    """What sources are known to be untidy about: funding a few ms late, mark prices with something for a volume."""
    if series.kind is SeriesKind.FUNDING:
        nearest = (raw.stamps + MINUTE_MS // 2) // MINUTE_MS * MINUTE_MS
        return Rows(np.where(raw.stamps < 0, STAMP_NONE, nearest), raw.values)
    if series.kind is SeriesKind.MARK:
        values = raw.values.copy()
        values[-1] = 0.0
        return Rows(raw.stamps, values)
    return raw


def _candle_faults(raw: Rows, series: Series) -> list[tuple[Reason, Mask]]:
    open_, high, low, close, volume = raw.values
    return [
        (Reason.NOT_FINITE, ~raw.finite),
        (Reason.NOT_POSITIVE, ~raw.positive),
        (Reason.IMPOSSIBLE, (high < np.maximum(open_, close)) | (low > np.minimum(open_, close))),
        (Reason.NEGATIVE_VOLUME, volume < 0),
        (Reason.OFF_GRID, raw.stamps % series.length_ms != 0),
    ]


def _funding_faults(raw: Rows) -> list[tuple[Reason, Mask]]:
    (rate,) = raw.values
    return [(Reason.NOT_FINITE, ~np.isfinite(rate)), (Reason.ABSURD_RATE, np.abs(rate) > RATE_MAX)]


def _left(raw: Rows, faults: Sequence[tuple[Reason, Mask]]) -> tuple[IntArray, Counter[Reason], dict[Reason, int]]:
    """Positions of the rows without a fault; each other row counts for the first fault it has."""
    refused: Counter[Reason] = Counter()
    first: dict[Reason, int] = {}
    good = np.ones(len(raw), np.bool_)
    for reason, mask in faults:
        _refuse(reason, np.flatnonzero(good & mask), refused, first)
        good &= ~mask
    return np.flatnonzero(good), refused, first


def _once(raw: Rows, places: IntArray, refused: Counter[Reason], first: dict[Reason, int]) -> Rows:
    """The rows at these places, which are in order of time, without the second and later ones of a time."""
    stamps = raw.stamps[places]
    begins = np.ones(len(places), np.bool_)
    begins[1:] = stamps[1:] != stamps[:-1]
    if not bool(begins.all()):
        leader = places[begins][np.cumsum(begins) - 1]
        alike = np.all(raw.values[:, places] == raw.values[:, leader], axis=0)
        _refuse(Reason.DUPLICATE, np.sort(places[~begins & alike]), refused, first)
        _refuse(Reason.CONFLICT, np.sort(places[~begins & ~alike]), refused, first)
    return raw.at(places[begins])


def _refuse(reason: Reason, places: IntArray, refused: Counter[Reason], first: dict[Reason, int]) -> None:
    if len(places):
        refused[reason] += len(places)
        first[reason] = int(places[0]) + 1
