"""The containers that files come in (CSV, JSON, feather, Parquet, gzip, zip): each as tables of cells."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import cast

import polars as pl

from quorate.domain.errors import BadInput
from quorate.feeds.candles.importers.stamps import looks_like_time

FILE_BYTES_MAX = 8 * 1024**3
UNPACKED_BYTES_MAX = 4 * 1024**3
"""Most bytes that one packed file may become: a zip can be made to fill any memory."""
MEMBERS_MAX = 50_000
SNIFFED_BYTES = 65_536
DELIMITERS = ",;\t|"
FEATHER, FEATHER_1, PARQUET, GZIP = b"ARROW1", b"FEA1", b"PAR1", b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
SQLITE = b"SQLite format 3\x00"


class Unreadable(BadInput):
    """A file that cannot be read as what it seems to be."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Member:
    """One file, or one inside a zip. `source` is what to read: a path, or the bytes that were packed."""

    path: Path
    """The file on disk."""
    name: str
    """Its own name, without what it was packed in: BTCUSDT-5m-2025-01.csv."""
    source: Path | bytes

    @property
    def label(self) -> str:
        """What to call it in front of people."""
        return self.path.name if self.path.name.startswith(self.name) else f"{self.path.name}:{self.name}"

    @property
    def head(self) -> bytes:
        """Its first bytes."""
        return _head(self.source) if isinstance(self.source, Path) else self.source[:SNIFFED_BYTES]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `named` where the columns bear names of their own, small letters; else they count from 0."""

    frame: pl.DataFrame
    named: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns' names; none where they only count."""
        return tuple(self.frame.columns) if self.named else ()


def members(path: Path) -> Iterator[Member]:
    """The file at `path`, or those packed in it. Errors: Unreadable."""
    head = _head(path)
    try:
        if head.startswith(ZIP):
            yield from _unzipped(path)
        elif head.startswith(GZIP):
            yield Member(path, path.name.removesuffix(".gz"), _gunzipped(path))
        else:
            yield Member(path, path.name, path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise Unreadable(f"{path} cannot be unpacked; it may be cut off.", hint="Download it again.") from error


def read_sheet(member: Member) -> Sheet:
    """The table in a file. Errors: Unreadable."""
    head = member.head
    try:
        if head.startswith(FEATHER):
            return _named(pl.read_ipc(member.source))
        if head.startswith(PARQUET):
            return _named(pl.read_parquet(_stream(member.source)))
        if head.lstrip()[:1] in (b"[", b"{"):
            return _json(member)
        if head.startswith((FEATHER_1, SQLITE)) or b"\0" in head:
            raise Unreadable(f"{member.label} is in a format that is not understood.", hint="docs/data.md lists them.")
        return _csv(member, head)
    except (pl.exceptions.PolarsError, OSError, OverflowError) as error:
        raise Unreadable(
            f"{member.label} cannot be read; it may be cut off or half written.", hint="Download it again."
        ) from error


def _head(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Unreadable(f"{path} is larger than {FILE_BYTES_MAX // 1024**3} GiB.", hint="Split it.")
        with path.open("rb") as stream:
            return stream.read(SNIFFED_BYTES)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unreadable(f"{path} cannot be read: {reason}.", hint="Check the path.") from error


def _gunzipped(path: Path) -> bytes:
    with gzip.open(path) as stream:
        return _limited(stream.read(UNPACKED_BYTES_MAX + 1), path)


def _unzipped(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if not 0 < len(entries) <= MEMBERS_MAX:
            told = f"more than {MEMBERS_MAX:,} files" if entries else "no file"
            raise Unreadable(f"{path} packs {told}.", hint="Unpack it." if entries else "Download it again.")
        for entry in entries:
            name = PurePosixPath(entry.filename)
            if name.name.startswith(".") or name.parts[0] == "__MACOSX":
                continue
            with archive.open(entry) as stream:
                content = _limited(stream.read(UNPACKED_BYTES_MAX + 1), path)
            yield Member(path, name.name, content)


def _limited(content: bytes, path: Path) -> bytes:
    if len(content) > UNPACKED_BYTES_MAX:
        raise Unreadable(f"{path} holds more than {UNPACKED_BYTES_MAX // 1024**3} GiB.", hint="Unpack and split it.")
    return content


def _stream(source: Path | bytes) -> Path | BytesIO:
    return source if isinstance(source, Path) else BytesIO(source)


def _named(frame: pl.DataFrame) -> Sheet:
    names = [name.strip().lower() for name in frame.columns]
    return Sheet(frame.rename(dict(zip(frame.columns, _distinct(names), strict=True))), named=True)


def _json(member: Member) -> Sheet:
    content = member.source if isinstance(member.source, bytes) else member.source.read_bytes()
    try:
        rows = _lists(json.loads(content))
    except ValueError as error:  # also what no UTF-8 can be
        raise Unreadable(f"{member.label} is no whole JSON; it may be cut off.", hint="Download it again.") from error
    if rows is None:
        raise Unreadable(f"{member.label} is no JSON list of rows of one length.", hint="docs/data.md lists formats.")
    columns = zip(*rows, strict=True)
    frame = pl.DataFrame({str(place): pl.Series(list(cells), strict=False) for place, cells in enumerate(columns)})
    return Sheet(frame, named=False)


def _lists(told: object) -> list[list[object]] | None:
    """`told` where it is a list of lists of one length; None where it is anything else."""
    if not isinstance(told, list):
        return None
    rows = [cast("list[object]", row) for row in cast("list[object]", told) if isinstance(row, list)]
    same = len(rows) == len(cast("list[object]", told)) and len({len(row) for row in rows}) == 1
    return rows if same else None


def _csv(member: Member, head: bytes) -> Sheet:
    lines = [line for line in head.decode("utf-8-sig", "replace").splitlines() if line.strip()][:2]
    if not lines:
        raise Unreadable(f"{member.label} is empty.", hint="Download it again.")
    delimiter = max(DELIMITERS, key=lines[-1].count)
    preamble = len(lines) > 1 and not lines[0].count(delimiter) and lines[1].count(delimiter) > 1
    frame = pl.read_csv(
        _stream(member.source),
        has_header=False,
        infer_schema=False,
        separator=delimiter,
        skip_lines=int(preamble),
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
    )
    frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    first = [str(cell or "").strip() for cell in frame.row(0)]
    if not any(looks_like_time(cell) for cell in first):
        names = [name.lower() for name in first]
        renamed = dict(zip(frame.columns, _distinct(names), strict=True))
        return Sheet(frame.slice(1).rename(renamed), named=True)
    return Sheet(frame.rename({name: str(place) for place, name in enumerate(frame.columns)}), named=False)


def _distinct(names: list[str]) -> list[str]:
    """Names, each once: a repeated or empty one is told apart by its place."""
    return [name if name and name not in names[:place] else f"{name}#{place}" for place, name in enumerate(names)]
