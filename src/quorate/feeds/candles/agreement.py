"""Whether stored timeframes of one pair say the same: the longer one rebuilt from the next shorter one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from quorate.feeds.candles.candle_store import CandleStore, Wanted
from quorate.feeds.candles.checking import Flaw, Grade
from quorate.feeds.candles.gathering import Holes, gather
from quorate.feeds.candles.series import Series, SeriesKind

VOLUME_TOLERANCE = 1e-6
"""Volumes this close to one another, as a share, agree: exchanges add them up in their own ways."""


def shorter_than(store: CandleStore, series: Series) -> list[Series]:
    """Every stored timeframe that `series` can be made of, shortest first."""
    kinds = Wanted(exchange=series.exchange, kinds=(series.kind,), pairs=(series.pair,))
    return [
        one
        for one in store.series(kinds)
        if one.pair == series.pair and one.length_ms < series.length_ms and series.length_ms % one.length_ms == 0
    ]


def disagreements(store: CandleStore, series: Series) -> Sequence[Flaw]:
    """What `series` and the candles made of a shorter timeframe disagree about. Errors: Damaged."""
    all_shorter = [] if series.kind is SeriesKind.FUNDING else shorter_than(store, series)
    if not all_shorter:
        return ()
    shorter = all_shorter[-1]
    rebuilt = gather(store.rows(shorter), source=shorter.timeframe, target=series.timeframe, holes=Holes.UNKNOWN).rows
    stored = store.rows(series)
    both, here, there = np.intersect1d(stored.stamps, rebuilt.stamps, assume_unique=True, return_indices=True)
    ours, theirs = stored.values[:, here], rebuilt.values[:, there]
    volumes = np.abs(ours[-1] - theirs[-1]) > VOLUME_TOLERANCE * np.maximum(ours[-1], theirs[-1])
    differs = (ours[:-1] != theirs[:-1]).any(axis=0) | volumes
    count = int(differs.sum())
    if not count:
        return ()
    at = f"{datetime.fromtimestamp(int(both[differs][0]) / 1000, UTC):%Y-%m-%d %H:%M}"
    detail = f"of {len(both):,} candles that {shorter.timeframe} has too, first at {at}"
    return (Flaw(Grade.WARNING, f"disagrees with {shorter.timeframe}", count, detail),)
