"""One month of one series as a Parquet file: written whole or not at all, and read whole or not at all."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from quorate.feeds.candles.faults import Damaged, write_fault
from quorate.feeds.candles.rows import Rows
from quorate.kernel.bars import IntArray

CHECKSUM = "quorate.crc32"
"""Key under which a part carries the checksum of its numbers."""
COMPRESSION_LEVEL = 3


def month_of(at_ms: int) -> str:
    """The UTC month of an instant as parts are named: "2025-02"."""
    return str(np.datetime64(at_ms, "ms").astype("datetime64[M]"))


def months_of(stamps: IntArray) -> IntArray:
    """The UTC month of every stamp, counted from 1970."""
    return stamps.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)


def write_part(path: Path, rows: Rows, columns: Sequence[str]) -> None:
    """Write rows, in order, in place of whatever was at `path`. Errors: DiskFull, DataDirUnusable."""
    frame = pl.DataFrame({"ts": rows.stamps, **dict(zip(columns, rows.values, strict=True))})
    buffer = BytesIO()
    frame.write_parquet(
        buffer,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        metadata={CHECKSUM: str(_checksum(rows))},
    )
    write_whole(path, buffer.getbuffer())


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Put `content` at `path` so that a reader sees the old file or the new one, and so that it survives a power cut.

    Errors: DiskFull, DataDirUnusable; then the old file is still there.
    """
    temporary = temporary_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        _forget(temporary)
        raise write_fault(path, error) from error
    except BaseException:
        _forget(temporary)
        raise


def temporary_of(path: Path) -> Path:
    """The name a file has until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def read_part(path: Path, columns: Sequence[str]) -> Rows:
    """The rows of one part, every number of it checked against its checksum. Errors: Damaged."""
    rows = read_unchecked(path, columns)
    fault = fault_in(rows) or fault_in_file(path, rows)
    if fault is not None:
        raise Damaged(path, fault)
    return rows


def read_unchecked(path: Path, columns: Sequence[str]) -> Rows:
    """The rows of one part as they are there, in whatever order and state. Errors: Damaged, where there are no rows."""
    return _read([path], columns)


def read_parts(paths: Sequence[Path], columns: Sequence[str]) -> Rows:
    """The rows of several parts of one series, oldest part first: quicker than one by one, without the checksums.

    Errors: Damaged, naming the part.
    """
    if not paths:
        return Rows.none(len(columns))
    try:
        rows = _read(paths, columns)
        if fault_in(rows) is None:
            return rows
    except Damaged:
        pass
    # Something is wrong with one of them: one by one tells which.
    rows = Rows.joined([read_part(path, columns) for path in paths], len(columns))
    if (fault := fault_in(rows)) is not None:
        raise Damaged(paths[-1], fault)
    return rows


def read_stamps(paths: Sequence[Path]) -> IntArray:
    """The stamps of several parts, oldest part first. Errors: Damaged, naming the part."""
    if not paths:
        return np.empty(0, np.int64)
    try:
        return _stamps(paths)
    except Damaged:
        for path in paths:  # one by one tells which
            _stamps([path])
        raise


def _stamps(paths: Sequence[Path]) -> IntArray:
    try:
        return pl.read_parquet(list(paths), columns=["ts"], glob=False)["ts"].cast(pl.Int64).to_numpy()
    except (pl.exceptions.PolarsError, OSError, OverflowError) as error:
        raise _read_fault(paths[-1], error) from error


def _read(paths: Sequence[Path], columns: Sequence[str]) -> Rows:
    try:
        frame = pl.read_parquet(list(paths), glob=False)
    except (pl.exceptions.PolarsError, OSError, OverflowError) as error:
        raise _read_fault(paths[-1], error) from error
    wanted = {"ts": pl.Int64(), **dict.fromkeys(columns, pl.Float64())}
    if dict(frame.schema) != wanted:
        raise Damaged(paths[-1], f"its columns are {', '.join(frame.columns) or 'none'}, not {', '.join(wanted)}")
    if any(frame[name].null_count() for name in wanted):
        raise Damaged(paths[-1], "it has empty cells")
    return Rows(frame["ts"].to_numpy(), np.stack([frame[name].to_numpy() for name in columns]))


def _read_fault(path: Path, error: Exception) -> Damaged:
    if isinstance(error, FileNotFoundError):
        return Damaged(path, "it is gone")
    if isinstance(error, PermissionError):
        return Damaged(path, "it cannot be opened, permission denied")
    return Damaged(path, "it is half written, or no Parquet file")


def fault_in(rows: Rows) -> str | None:
    """Why these cannot be rows of a series; None where they can."""
    if not bool(np.all(rows.stamps[1:] > rows.stamps[:-1])):
        return "its times are not in order, or one is there twice"
    if not bool(np.isfinite(rows.values).all()):
        return "it holds something that is no finite number"
    return None


def fault_in_file(path: Path, rows: Rows) -> str | None:
    """Why the part at `path` cannot be as it was written; None where it is. Errors: Damaged."""
    if len(rows) and {month_of(int(end)) for end in (rows.stamps.min(), rows.stamps.max())} != {path.stem}:
        return f"it holds another month than {path.stem}"
    if _told_checksum(path) not in (None, _checksum(rows)):
        return "its numbers are not those that were written"
    return None


def _checksum(rows: Rows) -> int:
    return zlib.crc32(rows.values.astype("<f8").tobytes(), zlib.crc32(rows.stamps.astype("<i8").tobytes()))


def _told_checksum(path: Path) -> int | None:
    try:
        told = pl.read_parquet_metadata(path).get(CHECKSUM)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _read_fault(path, error) from error
    return int(told) if told is not None and told.isdigit() else None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there, and a rename is kept by the file system's own log
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # a disk in trouble keeps it; the next writer of the series clears it away
