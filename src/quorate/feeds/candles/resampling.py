"""Longer timeframes made from stored shorter ones, and stored beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from quorate.domain.errors import BadInput
from quorate.feeds.candles.agreement import shorter_than
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.gathering import Holes, gather
from quorate.feeds.candles.merging import MergeCounts
from quorate.feeds.candles.series import Series, SeriesKind


@dataclass(frozen=True, slots=True)
class Resampled:
    """What came of one series."""

    source: Series
    target: Series
    made: int
    incomplete: int
    """Candles that were not made, since a piece of them is missing."""
    counts: MergeCounts


def resample_series(
    store: CandleStore, pair_of: Series, target: str, *, source: str | None, holes: Holes, overwrite: bool
) -> Resampled:
    """Make and store `target` candles of what `pair_of` is about.

    They are made of timeframe `source`; by default of the one that covers most, the longest where several do.

    Errors: BadInput where there is nothing to make them of, Conflict, Damaged, DiskFull, DataDirUnusable, SeriesLocked.
    """
    if pair_of.kind is SeriesKind.FUNDING:
        raise BadInput("Funding rates are no candles.", hint="Name another --kind.")
    made = replace(pair_of, timeframe=target)
    found = replace(pair_of, timeframe=source) if source is not None else _fullest(store, made)
    if found is None or not store.parts(found):
        raise BadInput(
            f"{made.label} cannot be made: no shorter timeframe of it is stored that divides {target}.",
            hint="`quorate data list` shows what is stored.",
        )
    gathered = gather(store.rows(found), source=found.timeframe, target=target, holes=holes)
    counts = store.write(made, gathered.rows, overwrite=overwrite)
    return Resampled(found, made, len(gathered.rows), gathered.incomplete, counts)


def _fullest(store: CandleStore, made: Series) -> Series | None:
    covers = {one: len(store.stamps(one)) * one.length_ms for one in shorter_than(store, made)}
    return max(covers, key=lambda one: (covers[one], one.length_ms), default=None)
