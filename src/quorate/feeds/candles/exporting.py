"""Taking series out of the store, in the files that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import polars as pl

from quorate.domain.errors import BadInput, Refused
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.importers.names import CONTRACTS_MARK, CONTRACTS_ONLY
from quorate.feeds.candles.parts import write_whole
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.timerange import EVERYTHING, TimeRange


class ExportFormat(StrEnum):
    """What files are written."""

    PARQUET = "parquet"
    """One file a series, as replays read them: binance_BTCUSDT_5m.parquet."""
    CSV = "csv"
    """The same as text."""
    FEATHER = "feather"
    """freqtrade's: BTC_USDT-5m.feather, contracts in a folder `futures`."""
    JSON = "json"
    """freqtrade's older one."""


FREQTRADE = (ExportFormat.FEATHER, ExportFormat.JSON)
FREQTRADE_WORDS = {SeriesKind.PERP: "futures", SeriesKind.MARK: "mark", SeriesKind.FUNDING: "funding_rate"}
FREQTRADE_FUNDING_TIMEFRAME = "1h"
"""What freqtrade calls the timeframe of funding rates, however often they are paid."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One file that was written."""

    series: Series
    path: Path
    count: int
    first_ms: int
    last_ms: int


def plan_export(series: list[Series], folder: Path, form: ExportFormat, *, overwrite: bool) -> dict[Path, Series]:
    """The file for each series. Errors: BadInput where two would share one, Refused where one is there."""
    planned: dict[Path, Series] = {}
    for one in series:
        path = folder / file_name(one, form)
        if path in planned:
            raise BadInput(
                f"{planned[path].label} and {one.label} would both be {path.name}.",
                hint="Name one --exchange, or export them into two folders.",
            )
        planned[path] = one
    there = next((path for path in planned if path.exists()), None)
    if there is not None and not overwrite:
        raise Refused(f"{there} is there already.", hint="Choose another --out, or add --overwrite.")
    return planned


def file_name(series: Series, form: ExportFormat) -> str:
    """The name of a series' file, as whoever reads that format expects it."""
    if form in FREQTRADE:
        return _freqtrade_name(series, form)
    symbol = series.pair.partition(":")[0].replace("/", "")
    exchange = series.exchange
    if series.kind is not SeriesKind.SPOT and exchange not in CONTRACTS_ONLY:
        exchange = f"{exchange}{CONTRACTS_MARK}"  # so that a contract is not taken for the coin it is about
    what = {SeriesKind.FUNDING: "funding", SeriesKind.MARK: f"mark-{series.timeframe}"}.get(
        series.kind, series.timeframe
    )
    return f"{exchange}_{symbol}_{what}.{form}"


def export_series(
    store: CandleStore, series: Series, path: Path, form: ExportFormat, timerange: TimeRange = EVERYTHING
) -> Exported | None:
    """Write one series of the store to a file, whole or not at all; None where nothing of it lies in the range.

    Errors: Damaged, DiskFull, DataDirUnusable.
    """
    rows = store.rows(series, timerange)
    if not len(rows):
        return None
    write_whole(path, _WRITERS[form](rows, series))
    return Exported(series, path, len(rows), int(rows.stamps[0]), int(rows.stamps[-1]))


def _freqtrade_name(series: Series, form: ExportFormat) -> str:
    pair = series.pair.replace("/", "_").replace(":", "_")
    timeframe = series.timeframe or FREQTRADE_FUNDING_TIMEFRAME
    if series.kind is SeriesKind.SPOT:
        return f"{pair}-{timeframe}.{form}"
    return f"futures/{pair}-{timeframe}-{FREQTRADE_WORDS[series.kind]}.{form}"


def _frame(rows: Rows, series: Series) -> pl.DataFrame:
    return pl.DataFrame({"ts": rows.stamps, **dict(zip(series.kind.columns, rows.values, strict=True))})


def _freqtrade_frame(rows: Rows, series: Series) -> pl.DataFrame:
    """Dates and candles; a funding rate stands where the open is and the rest is nought, as freqtrade has it."""
    dates = pl.Series(rows.stamps).cast(pl.Datetime("ms")).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    names = SeriesKind.SPOT.columns
    values = rows.values
    columns = {name: values[place] if place < len(values) else [0.0] * len(rows) for place, name in enumerate(names)}
    return pl.DataFrame({"date": dates, **columns})


def _parquet(rows: Rows, series: Series) -> bytes:
    buffer = BytesIO()
    _frame(rows, series).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _csv(rows: Rows, series: Series) -> bytes:
    return _frame(rows, series).write_csv().encode()


def _feather(rows: Rows, series: Series) -> bytes:
    buffer = BytesIO()
    _freqtrade_frame(rows, series).write_ipc(buffer, compression="lz4", compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def _json(rows: Rows, series: Series) -> bytes:
    frame = _freqtrade_frame(rows, series).drop("date")
    cells = zip(rows.stamps.tolist(), *(frame[name].to_list() for name in frame.columns), strict=True)
    return json.dumps([list(row) for row in cells], separators=(",", ":")).encode()


_WRITERS: dict[ExportFormat, Callable[[Rows, Series], bytes]] = {
    ExportFormat.PARQUET: _parquet,
    ExportFormat.CSV: _csv,
    ExportFormat.FEATHER: _feather,
    ExportFormat.JSON: _json,
}
