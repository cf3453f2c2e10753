"""Folders of recorded candles: which files are there, and one file as clean columns of numbers.

A file is `{exchange}_{BASE}{QUOTE}_{timeframe}.parquet` with the columns ts (opening time, UTC ms), open, high, low,
close, volume. A file that cannot be read is an error; a row that cannot be true is the gate's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import symbol_of
from quorate.feeds.estimates import pair_of
from quorate.kernel.bars import FloatArray, IntArray

COLUMNS = ("ts", "open", "high", "low", "close", "volume")
DEFAULT_EXCHANGE = "binance"
SECONDS_BELOW = 10**11
"""Stamps below this are seconds: as milliseconds they would lie before 1973-03."""
MICROSECONDS_ABOVE = 10**13
"""Stamps above this are microseconds: as milliseconds they would lie after 2286."""
NAMES_SHOWN_MAX = 12
STAMP_NONE = -1
"""Opening time of a row that has none: off every grid, so the gate refuses it."""


@dataclass(frozen=True, slots=True)
class CandleFile:
    """One recorded file, by its name."""

    path: Path
    exchange: str
    symbol: str
    timeframe: str


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The rows of one file, ordered by opening time; equal times keep the order of the file."""

    open_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    @property
    def prices(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Open, high, low, close."""
        return self.open, self.high, self.low, self.close


@dataclass(frozen=True, slots=True)
class CandleFolder:
    """The files of one exchange in a folder."""

    path: Path
    exchange: str
    files: tuple[CandleFile, ...]

    def find(self, symbol: str, timeframe: str) -> CandleFile | None:
        """The file of one symbol and timeframe, if it is there."""
        found = [file for file in self.files if file.symbol == symbol and file.timeframe == timeframe]
        return found[0] if found else None

    def pairs(self, timeframe: str) -> list[str]:
        """Every pair recorded in `timeframe`, sorted. Errors: BadInput where there is none."""
        symbols = {file.symbol for file in self.files if file.timeframe == timeframe}
        found = sorted(pair for symbol in symbols if (pair := pair_of(symbol)) is not None)
        if not found:
            there = _listed(sorted({file.timeframe for file in self.files}, key=_length_ms))
            raise BadInput(f"{self.path} holds no {timeframe} candles of {self.exchange}.", hint=f"It holds {there}.")
        return found

    def file_of(self, pair: str, timeframe: str) -> CandleFile:
        """The file of a pair. Errors: BadInput that lists what is there."""
        file = self.find(symbol_of(pair), timeframe)
        if file is None:
            there = _listed(sorted(file.symbol for file in self.files if file.timeframe == timeframe))
            raise BadInput(
                f"{self.path} holds no {timeframe} candles of {pair} from {self.exchange}.",
                hint=f"In that timeframe it holds {there}.",
            )
        return file


def check_timeframe(timeframe: str) -> None:
    """BadInput when the desk does not know `timeframe`."""
    if timeframe not in TIMEFRAME_MS:
        raise BadInput(f"The timeframe {timeframe!r} is not known.", hint=f"Use one of {', '.join(TIMEFRAME_MS)}.")


def open_folder(path: Path, exchange: str | None) -> CandleFolder:
    """The recordings of one exchange in `path`: the one named, else binance, else the only one there is.

    Errors: BadInput for a folder that is not there or empty, and where the exchange has to be named.
    """
    if not path.is_dir():
        raise BadInput(f"There is no folder {path}.", hint="Give the folder of your candles with --data.")
    files = tuple(file for entry in sorted(path.glob("*.parquet")) if (file := _named(entry)) is not None)
    if not files:
        raise BadInput(
            f"{path} holds no candle files.", hint="They are named like binance_BTCUSDT_5m.parquet (exchange first)."
        )
    there = sorted({file.exchange for file in files})
    chosen = exchange or (DEFAULT_EXCHANGE if DEFAULT_EXCHANGE in there else there[0])
    if chosen not in there or (exchange is None and chosen != DEFAULT_EXCHANGE and len(there) > 1):
        problem = f"{path} holds no candles of {chosen}." if exchange else f"{path} holds candles of several exchanges."
        raise BadInput(problem, hint=f"Name one of {_listed(there)}.")
    return CandleFolder(path, chosen, tuple(file for file in files if file.exchange == chosen))


def _named(path: Path) -> CandleFile | None:
    exchange, _, rest = path.stem.partition("_")
    symbol, _, timeframe = rest.rpartition("_")
    return CandleFile(path, exchange, symbol, timeframe) if exchange and symbol and timeframe else None


def _length_ms(timeframe: str) -> int:
    return TIMEFRAME_MS.get(timeframe, 2**62)


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "nothing"
    shown = ", ".join(names[:NAMES_SHOWN_MAX])
    return shown if len(names) <= NAMES_SHOWN_MAX else f"{shown} and {len(names) - NAMES_SHOWN_MAX} more"


def read_columns(path: Path) -> Columns:
    """The rows of a file, ordered by time, stamps in milliseconds. Errors: BadInput that says what is wrong with it."""
    frame = _read_frame(path)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise BadInput(
            f"{path} lacks the columns {', '.join(missing)}.", hint=f"It needs {', '.join(COLUMNS)}; mend or remove it."
        )
    if frame["ts"].dtype.is_temporal():
        frame = frame.with_columns(pl.col("ts").cast(pl.Datetime("ms")).cast(pl.Int64))
    try:
        stamps = frame["ts"].cast(pl.Int64).fill_null(STAMP_NONE)
        numbers = [frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in COLUMNS[1:]]
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"{path} holds something that is no number.", hint="Mend or remove the file.") from error
    open_ms = _milliseconds(stamps.to_numpy())
    if len(open_ms) > 1 and not bool(np.all(open_ms[1:] >= open_ms[:-1])):
        order = np.argsort(open_ms, kind="stable")
        open_ms, numbers = open_ms[order], [column[order] for column in numbers]
    open_, high, low, close, volume = numbers
    return Columns(open_ms, open_, high, low, close, volume)


def _read_frame(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, glob=False)
    except FileNotFoundError as error:
        raise BadInput(f"{path} is gone.", hint="Give the folder of your candles with --data.") from error
    except PermissionError as error:
        raise BadInput(f"{path} cannot be read: permission denied.", hint="Mend its permissions.") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(
            f"{path} cannot be read as Parquet; it may be half written.", hint="Remove it or download it again."
        ) from error


def _milliseconds(stamps: IntArray) -> IntArray:
    # One series may mix units: Binance Vision changed to microseconds within a series in 2025.
    in_ms = np.where(stamps > MICROSECONDS_ABOVE, stamps // 1000, stamps)
    return np.where((stamps >= 0) & (stamps < SECONDS_BELOW), stamps * 1000, in_ms).astype(np.int64)


def fingerprint(files: Sequence[CandleFile]) -> str:
    """SHA-256 over the names and bytes of recordings, in the order given: what a replay's identity depends on."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.path.name.encode() + b"\0")
        with file.path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
