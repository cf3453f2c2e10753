"""The candle store: series of candles, mark prices and funding rates under one folder, a Parquet file for each month.

Layout: `exchange / spot|perp|mark / BTC_USDT / 5m / 2025-01.parquet`, and `exchange / funding / BTC_USDT_USDT /
2025-01.parquet`. A part is replaced whole or not at all, so readers need no lock; writers of a series take turns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quorate.domain.errors import BadInput
from quorate.feeds.candles.gaps import Gap, gaps_in
from quorate.feeds.candles.locks import writing
from quorate.feeds.candles.merging import MergeCounts, merge
from quorate.feeds.candles.parts import month_of, months_of, read_part, read_parts, read_stamps, write_part
from quorate.feeds.candles.rows import Columns, Rows
from quorate.feeds.candles.series import KINDS, Series, SeriesKind, contract_of, series_at
from quorate.feeds.timerange import EVERYTHING, TimeRange
from quorate.kernel.bars import Bars, IntArray

PART = re.compile(r"\d{4}-(0[1-9]|1[0-2])\.parquet")
TEMPORARY = re.compile(r"\.\d{4}-\d{2}\.parquet\.\d+\.tmp")
NAMES_SHOWN_MAX = 12
STORE_FOLDER = "candles"
"""What the store is called in a data directory."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which series of a store are meant; an empty field means all."""

    exchange: str | None = None
    kinds: Collection[SeriesKind] = ()
    pairs: Collection[str] = ()
    """A spot pair also names the contracts on it: "BTC/USDT" means BTC/USDT:USDT too."""
    timeframes: Collection[str] = ()

    def has(self, series: Series) -> bool:
        """Whether this series is meant."""
        pairs = (series.pair, series.pair.partition(":")[0])
        return (
            self.exchange in (None, series.exchange)
            and (not self.kinds or series.kind in self.kinds)
            and (not self.pairs or any(pair in self.pairs for pair in pairs))
            and (not self.timeframes or not series.timeframe or series.timeframe in self.timeframes)
        )


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What is there of one series."""

    series: Series
    first_ms: int
    last_ms: int
    """Stamp of the last row: a candle's opening."""
    count: int
    gaps: tuple[Gap, ...]
    size_bytes: int

    @property
    def missing(self) -> int:
        """Candles that are not there between the first and the last one."""
        return sum(gap.missing for gap in self.gaps)


class CandleStore:
    """The series under `root`, which need not exist before something is written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def series(self, wanted: Wanted = ALL) -> list[Series]:
        """Every series there is a part of, in the order of listings."""
        folders = (path for kind in KINDS for path in self.root.glob(f"*/{kind}/*{'/*' if kind != 'funding' else ''}"))
        found = (series_at(self.root, folder) for folder in folders if folder.is_dir())
        there = [series for series in found if series is not None and wanted.has(series) and self.parts(series)]
        return sorted(there, key=lambda series: series.rank)

    def find(self, wanted: Wanted) -> list[Series]:
        """As `series`. Errors: BadInput that says what is there, where nothing is meant."""
        found = self.series(wanted)
        if not found:
            there = [series.label for series in self.series()]
            shown = ", ".join(there[:NAMES_SHOWN_MAX]) + (" …" if len(there) > NAMES_SHOWN_MAX else "")
            raise BadInput(
                f"{self.root} holds no such series.",
                hint=f"It holds {shown}." if there else "It is empty: `quorate data download` or `import` fills it.",
            )
        return found

    def parts(self, series: Series, timerange: TimeRange = EVERYTHING) -> list[Path]:
        """Paths of its monthly parts, oldest first; only of the months that a range touches."""
        start = "" if timerange.start_ms is None else month_of(timerange.start_ms)
        stop = "9" if timerange.stop_ms is None else month_of(timerange.stop_ms - 1)
        folder = series.folder(self.root)
        if not folder.is_dir():
            return []
        return sorted(p for p in folder.iterdir() if PART.fullmatch(p.name) and start <= p.stem <= stop)

    def rows(self, series: Series, timerange: TimeRange = EVERYTHING) -> Rows:
        """Its rows, in order; none where nothing is stored. Errors: Damaged."""
        rows = read_parts(self.parts(series, timerange), series.kind.columns)
        return rows.between(timerange.start_ms, timerange.stop_ms)

    def columns(self, exchange: str, pair: str, timeframe: str, timerange: TimeRange = EVERYTHING) -> Columns:
        """Candles of a spot pair (BTC/USDT) or a contract (BTC/USDT:USDT), as columns. Errors: BadInput, Damaged."""
        kind = SeriesKind.PERP if ":" in pair else SeriesKind.SPOT
        return self.rows(self._known(Series(exchange, kind, pair, timeframe)), timerange).columns

    def bars(self, exchange: str, pair: str, timeframe: str, timerange: TimeRange = EVERYTHING) -> Bars:
        """The same as bars, in a timeframe the desk knows. Errors: BadInput, Damaged."""
        found = self.columns(exchange, pair, timeframe, timerange)
        return Bars(pair, timeframe, found.open_ms, *found.prices, found.volume)

    def funding(self, exchange: str, pair: str, timerange: TimeRange = EVERYTHING) -> Rows:
        """Funding rates of a contract, or of the one on a spot pair: one column. Errors: BadInput, Damaged."""
        return self.rows(self._known(Series(exchange, SeriesKind.FUNDING, contract_of(pair), "")), timerange)

    def stamps(self, series: Series) -> IntArray:
        """Stamps of all its rows, in order. Errors: Damaged."""
        return read_stamps(self.parts(series))

    def facts(self, series: Series) -> SeriesFacts:
        """What is there of a series that has rows. Errors: Damaged, BadInput."""
        parts = self.parts(self._known(series))
        stamps = read_stamps(parts)
        if not len(stamps):
            raise BadInput(f"{series.label} holds no rows.", hint=f"Remove {series.folder(self.root)}.")
        gaps = () if series.kind is SeriesKind.FUNDING else tuple(gaps_in(stamps, series.length_ms))
        size = sum(part.stat().st_size for part in parts)
        return SeriesFacts(series, int(stamps[0]), int(stamps[-1]), len(stamps), gaps, size)

    def write(self, series: Series, rows: Rows, *, overwrite: bool) -> MergeCounts:
        """Merge new rows, in order, into what is stored (`merging.merge`); a month at a time, each whole or not at all.

        Every month is merged before the first one is written, so that what is refused changes nothing.
        Errors: Conflict, Damaged, DiskFull, DataDirUnusable, SeriesLocked.
        """
        counts = MergeCounts()
        if not len(rows):
            return counts
        folder = series.folder(self.root)
        with writing(folder):
            self._clear(folder)
            merged = [
                (path, merge(self._stored(path, series), part, series, overwrite=overwrite))
                for path, part in self._by_month(folder, rows)
            ]
            for path, outcome in merged:
                if outcome.changed:
                    write_part(path, outcome.rows, series.kind.columns)
                counts += outcome.counts
        return counts

    def _known(self, series: Series) -> Series:
        if not self.parts(series):
            beside = self.find(Wanted(exchange=series.exchange, kinds=(series.kind,)))
            shown = ", ".join(f"{one.pair} {one.timeframe}".strip() for one in beside[:NAMES_SHOWN_MAX])
            raise BadInput(f"{self.root} holds no {series.label}.", hint=f"Of {series.exchange} it holds {shown}.")
        return series

    @staticmethod
    def _stored(path: Path, series: Series) -> Rows:
        columns = series.kind.columns
        return read_part(path, columns) if path.exists() else Rows.none(len(columns))

    @staticmethod
    def _by_month(folder: Path, rows: Rows) -> Sequence[tuple[Path, Rows]]:
        months = months_of(rows.stamps)
        starts = np.flatnonzero(np.diff(months, prepend=months[0] - 1))
        ends = [*starts[1:].tolist(), len(rows)]
        return [
            (folder / f"{month_of(int(rows.stamps[start]))}.parquet", rows.part(start, end))
            for start, end in zip(starts.tolist(), ends, strict=True)
        ]

    @staticmethod
    def _clear(folder: Path) -> None:
        """Remove what writers that were killed left half done; nobody else writes here now."""
        for path in folder.iterdir():
            if TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)
