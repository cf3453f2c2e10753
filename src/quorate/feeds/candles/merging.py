"""What becomes of new rows where old ones are stored: the one rule, and its counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from quorate.feeds.candles.faults import Conflict
from quorate.feeds.candles.rows import Mask, Rows
from quorate.feeds.candles.series import Series, SeriesKind

VOLUME_TOLERANCE = 1e-9
"""Volumes this close to one another, as a share, are the same one: it was added up in another order."""


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What became of new rows."""

    added: int = 0
    same: int = 0
    """There already."""
    replaced: int = 0
    """Stored rows that gave way to newer ones with other numbers."""

    def __add__(self, other: MergeCounts) -> MergeCounts:
        return MergeCounts(self.added + other.added, self.same + other.same, self.replaced + other.replaced)


NOTHING = MergeCounts()


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Rows of one part as they shall be, in order, and how they came about."""

    rows: Rows
    counts: MergeCounts

    @property
    def changed(self) -> bool:
        """Whether the part has to be written."""
        return bool(self.counts.added or self.counts.replaced)


def merge(old: Rows, new: Rows, series: Series, *, overwrite: bool) -> Merged:
    """Stored rows and new ones as one; both in order, each stamp at most once in either.

    A new row equal to the stored one of its time changes nothing. One that differs replaces it with `overwrite`, else
    nothing is merged. Errors: Conflict, naming the first difference.
    """
    place = np.searchsorted(old.stamps, new.stamps)
    known = np.zeros(len(new), np.bool_)
    inside = place < len(old)
    known[inside] = old.stamps[place[inside]] == new.stamps[inside]
    before, after = old.at(place[known]), new.at(known)
    differs = ~_same(before, after, series.kind)
    if bool(differs.any()) and not overwrite:
        raise _conflict(before, after, differs, series)
    values = old.values.copy()
    values[:, place[known][differs]] = after.values[:, differs]
    rows = Rows.joined([Rows(old.stamps, values), new.at(~known)], len(values)).in_order()
    replaced = int(differs.sum())
    return Merged(rows, MergeCounts(int((~known).sum()), int(known.sum()) - replaced, replaced))


def _same(old: Rows, new: Rows, kind: SeriesKind) -> Mask:
    if kind is SeriesKind.FUNDING:
        return np.all(old.values == new.values, axis=0)
    volumes = np.abs(old.values[-1] - new.values[-1])
    near = volumes <= VOLUME_TOLERANCE * np.maximum(np.abs(old.values[-1]), np.abs(new.values[-1]))
    return np.all(old.values[:-1] == new.values[:-1], axis=0) & near


def _conflict(old: Rows, new: Rows, differs: Mask, series: Series) -> Conflict:
    first = int(np.flatnonzero(differs)[0])
    column = int(np.flatnonzero(old.values[:, first] != new.values[:, first])[0])
    stored, told = (float(rows.values[column, first]) for rows in (old, new))
    at = f"{datetime.fromtimestamp(int(old.stamps[first]) / 1000, UTC):%Y-%m-%d %H:%M}"
    count = int(differs.sum())
    return Conflict(
        f"{series.label} is stored already, and {count:,} of the new rows differ: "
        f"at {at} UTC the {series.kind.columns[column]} is {stored!r} in the store and {told!r} in the new data.",
        hint="Nothing was written. With --overwrite the new data wins.",
    )
