"""Folders of recorded candles: which series are there, and one of them as clean columns of numbers.

A folder holds files `{exchange}_{BASE}{QUOTE}_{timeframe}.parquet` with the columns ts (opening time, UTC ms), open,
high, low, close, volume; or it is the root of a candle store (`candles/candle_store.py`). A file that cannot be read is
an error; a row that cannot be true is the gate's business.
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
from quorate.feeds.candles.candle_store import CandleStore, Wanted
from quorate.feeds.candles.parts import read_parts
from quorate.feeds.candles.rows import Columns
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.estimates import pair_of
from quorate.kernel.bars import IntArray

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
    """One recorded series: a file, by its name, or a folder of a candle store with its monthly parts."""

    path: Path
    exchange: str
    symbol: str
    timeframe: str
    pair: str | None = None
    """The exact pair; None where only the symbol is known."""
    parts: tuple[Path, ...] = ()

    def read(self) -> Columns:
        """Its rows, ordered by time. Errors: BadInput that says what is wrong with it."""
        if not self.parts:
            return read_columns(self.path)
        return read_parts(self.parts, SeriesKind.SPOT.columns).columns


@dataclass(frozen=True, slots=True)
class CandleFolder:
    """The recordings of one exchange in a folder."""

    path: Path
    exchange: str
    files: tuple[CandleFile, ...]

    def of(self, pair: str) -> list[CandleFile]:
        """Every recording of a pair: BTC/USDT is the coin, where that is not recorded the contract on it.

        Errors: BadInput where several contracts could be meant.
        """
        named = [file for file in self.files if file.symbol == symbol_of(pair)]
        exact = [file for file in named if file.pair in (None, pair)]
        if exact or ":" in pair:
            return exact
        contracts = sorted({file.pair for file in named if file.pair is not None})
        if len(contracts) > 1:
            raise BadInput(f"{pair} could be {' or '.join(contracts)}.", hint="Name the one you mean with --pairs.")
        return named

    def find(self, pair: str, timeframe: str) -> CandleFile | None:
        """The recording of one pair and timeframe, if it is there. Errors: as `of`."""
        return next((file for file in self.of(pair) if file.timeframe == timeframe), None)

    def pairs(self, timeframe: str) -> list[str]:
        """Every pair recorded in `timeframe`, sorted; coins where any are recorded, else the contracts on them.

        Errors: BadInput where there is none.
        """
        files = [file for file in self.files if file.timeframe == timeframe]
        coins = [file for file in files if ":" not in (file.pair or "")]
        named = {file.pair.partition(":")[0] if file.pair else pair_of(file.symbol) for file in coins or files}
        found = sorted(pair for pair in named if pair is not None)
        if not found:
            there = _listed(sorted({file.timeframe for file in self.files}, key=_length_ms))
            raise BadInput(f"{self.path} holds no {timeframe} candles of {self.exchange}.", hint=f"It holds {there}.")
        return found

    def file_of(self, pair: str, timeframe: str) -> CandleFile:
        """The file of a pair. Errors: BadInput that lists what is there."""
        file = self.find(pair, timeframe)
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

    Files in the folder itself go before a candle store in it.

    Errors: BadInput for a folder that is not there or empty, and where the exchange has to be named.
    """
    if not path.is_dir():
        raise BadInput(f"There is no folder {path}.", hint="Give the folder of your candles with --data.")
    files = tuple(file for entry in sorted(path.glob("*.parquet")) if (file := _named(entry)) is not None)
    files = files or _stored(path)
    if not files:
        raise BadInput(
            f"{path} holds no candle files.",
            hint="They are named like binance_BTCUSDT_5m.parquet (exchange first); or it is a folder that "
            "`quorate data download` filled.",
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


def _stored(path: Path) -> tuple[CandleFile, ...]:
    """The candles of every exchange in a candle store; none where `path` is no store."""
    store = CandleStore(path)

    def file(one: Series) -> CandleFile:
        parts = tuple(store.parts(one))
        return CandleFile(one.folder(path), one.exchange, symbol_of(one.pair), one.timeframe, one.pair, parts)

    return tuple(file(one) for one in store.series(Wanted(kinds=(SeriesKind.SPOT, SeriesKind.PERP))))


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
        for path in file.parts or (file.path,):
            name = f"{file.pair} {file.timeframe} {path.name}" if file.parts else path.name
            digest.update(name.encode() + b"\0")
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
