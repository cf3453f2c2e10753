"""Bringing files into the store: read, judged row by row, merged; a file is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quorate.domain.errors import BadInput, QuorateError
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.faults import Conflict
from quorate.feeds.candles.gathering import gather_trades
from quorate.feeds.candles.importers.files import SUFFIXES, Reading, read_file
from quorate.feeds.candles.importers.names import Layout, Told
from quorate.feeds.candles.importers.shapes import Content, Mapped
from quorate.feeds.candles.merging import NOTHING, MergeCounts
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series
from quorate.feeds.candles.sifting import (
    BAD_ROWS_PCT_MAX,
    Reason,
    Sifted,
    check_steps,
    likely_timeframe,
    sift,
    sift_trades,
)

FILES_MAX = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """How files are read and judged."""

    choice: Told = field(default_factory=Told)
    """What the user said; it goes before what a file says of itself."""
    mapped: Mapped = field(default_factory=Mapped)
    bad_rows_pct_max: float = BAD_ROWS_PCT_MAX
    overwrite: bool = False
    keep_edges: bool = False
    """Whether the first and the last candle made of a file's trades are kept: they may lack trades."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one series of one file, or why nothing did."""

    file: str
    layout: Layout = Layout.AUTO
    series: Series | None = None
    read: int = 0
    """Rows, of trades the trades."""
    edges: int = 0
    """Candles made of trades that were left out, since the file may not hold all of theirs."""
    counts: MergeCounts = NOTHING
    refused: tuple[tuple[Reason, int], ...] = ()
    first_ms: int | None = None
    last_ms: int | None = None
    error: QuorateError | None = None


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files at `paths`, and in those that are folders every one whose name ends like candles, sorted.

    Errors: BadInput for what is not there.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.rglob("*") if entry.suffix.lower() in SUFFIXES and entry.is_file())
            if not inside:
                raise BadInput(f"{path} holds no file that could be candles.", hint="docs/data.md lists the formats.")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise BadInput(f"There is no {path}.", hint="Check the path.")
    if len(found) > FILES_MAX:
        raise BadInput(f"There are more than {FILES_MAX:,} files.", hint="Import them folder by folder.")
    return list(dict.fromkeys(found))


def import_file(path: Path, store: CandleStore, rules: ImportRules, *, now_ms: int) -> Iterator[Imported]:
    """Merge every series of one file into the store. What fails is told, not raised, so that other files go on.

    Errors that concern the store and not the file (no room, locked) are raised: DiskFull, DataDirUnusable,
    SeriesLocked, Damaged.
    """
    readings = read_file(path, rules.choice, rules.mapped)
    while True:
        try:
            reading = next(readings, None)
        except BadInput as error:
            yield Imported(path.name, error=error)
            return
        if reading is None:
            return
        yield _take(reading, store, rules, now_ms=now_ms)


def _take(reading: Reading, store: CandleStore, rules: ImportRules, *, now_ms: int) -> Imported:
    try:
        if not len(reading.rows):
            raise BadInput(f"{reading.label} holds no rows.", hint="Download it again.")
        sifted, edges = _judged(reading, rules, now_ms=now_ms)
    except BadInput as error:
        return Imported(reading.label, reading.layout, reading.series, len(reading.rows), error=error)
    rows = sifted.rows
    told = Imported(
        reading.label,
        reading.layout,
        reading.series,
        len(reading.rows),
        edges=edges,
        refused=tuple(sorted(sifted.refused.items())),
        first_ms=int(rows.stamps[0]) if len(rows) else None,
        last_ms=int(rows.stamps[-1]) if len(rows) else None,
    )
    return store_rows(told, store, rows, overwrite=rules.overwrite)


def store_rows(told: Imported, store: CandleStore, rows: Rows, *, overwrite: bool) -> Imported:
    """Write rows and tell what became of them; a conflict is told, not raised."""
    assert told.series is not None, "rows belong to a series"
    try:
        return replace(told, counts=store.write(told.series, rows, overwrite=overwrite))
    except Conflict as conflict:
        return replace(told, error=conflict)


def _judged(reading: Reading, rules: ImportRules, *, now_ms: int) -> tuple[Sifted, int]:
    """The rows that may be stored, and how many candles at the edges of trades were left out. Errors: BadInput."""
    if reading.content is Content.TRADES:
        sifted = sift_trades(reading.rows, now_ms=now_ms)
        sifted.check(bad_rows_pct_max=rules.bad_rows_pct_max, what=reading.label)
        candles = gather_trades(sifted.rows, timeframe=reading.series.timeframe)
        closed = candles.at(candles.stamps + reading.series.length_ms <= now_ms)
        kept = closed if rules.keep_edges else closed.part(1, max(1, len(candles) - 1))
        return Sifted(kept, sifted.read, sifted.refused, sifted.first_refused), len(candles) - len(kept)
    if reading.content is Content.CANDLES:
        check_steps(reading.rows.stamps, reading.series)
    sifted = sift(reading.rows, reading.series, now_ms=now_ms, collected_ms=reading.collected_ms)
    likely = likely_timeframe(reading.rows.stamps) if reading.content is Content.CANDLES else None
    what = reading.label
    if likely not in (None, reading.series.timeframe):
        what += f" (taken for {reading.series.timeframe}, looks like {likely})"
    sifted.check(bad_rows_pct_max=rules.bad_rows_pct_max, what=what)
    return sifted, 0
