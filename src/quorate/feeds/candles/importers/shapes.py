"""Which column of a table is what: told by its layout, by its columns' names, or by the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import polars as pl

from quorate.domain.errors import BadInput
from quorate.feeds.candles.importers.names import Layout, Told
from quorate.feeds.candles.importers.sheets import Sheet, Unreadable
from quorate.feeds.candles.importers.stamps import UTC, StampUnit, midnight_of, milliseconds
from quorate.feeds.candles.rows import STAMP_NONE, Rows
from quorate.feeds.candles.series import SeriesKind


class Content(StrEnum):
    """What the rows of a table are."""

    CANDLES = "candles"
    TRADES = "trades"
    FUNDING = "funding"


FIELDS = {
    Content.CANDLES: ("ts", "open", "high", "low", "close", "volume"),
    Content.TRADES: ("ts", "price", "amount"),
    Content.FUNDING: ("ts", "rate"),
}
"""What has to be found in a table, in the order of `Rows`."""

TIMES = (
    *("ts", "timestamp", "time", "open_time", "opentime", "open time", "unix", "unix timestamp", "unix time"),
    *("calc_time", "fundingtime", "funding_time", "datetime", "date"),
    "#0",  # a first column without a name: the index that pandas writes
)
ALIASES: Mapping[str, tuple[str, ...]] = {
    "ts": TIMES,
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "base_volume", "volume_base"),
    "price": ("price", "p"),
    "amount": ("amount", "qty", "quantity", "size", "volume"),
    "rate": ("funding_rate", "fundingrate", "last_funding_rate", "rate"),
}
"""Names under which a column is known, the likeliest first."""
POSITIONS = {
    Layout.FREQTRADE: (Content.CANDLES, (0, 1, 2, 3, 4, 5), 6),
    Layout.FREQTRADE_TRADES: (Content.TRADES, (0, 4, 5), 7),
    Layout.BINANCE: (Content.CANDLES, (0, 1, 2, 3, 4, 5), 12),
    Layout.BINANCE_FUNDING: (Content.FUNDING, (0, 2), 3),
    Layout.KRAKEN: (Content.CANDLES, (0, 1, 2, 3, 4, 5), 7),
    Layout.KRAKEN_TRADES: (Content.TRADES, (0, 1, 2), 3),
    Layout.LEAN: (Content.CANDLES, (0, 1, 2, 3, 4, 5), 6),
}
"""Layouts of tables without names: what is in them, where, and how many columns they have."""
BY_WIDTH = {12: Layout.BINANCE, 7: Layout.KRAKEN, 3: Layout.KRAKEN_TRADES}
"""What a table of so many columns without names is, where nothing else says."""
LEAN_DAY_MS_MAX = 86_400_000


@dataclass(frozen=True, slots=True)
class Mapped:
    """How to read a table, beyond what is known of its layout: which column is what, and how times are written."""

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    """Field -> column name, or its place counted from 0. Empty: found by name or layout."""
    unit: StampUnit = StampUnit.AUTO
    timezone: str = UTC


@dataclass(frozen=True, slots=True)
class Shape:
    """Which column of a table is what."""

    layout: Layout
    content: Content
    columns: tuple[str, ...]
    """In the order of FIELDS."""


def shape_of(sheet: Sheet, told: Told, mapped: Mapped) -> Shape:
    """How to read `sheet`. Errors: BadInput that says what is missing and what is there."""
    if mapped.columns:
        return _as_mapped(sheet, told, mapped.columns)
    return _by_names(sheet, told) if sheet.named else _by_place(sheet, told)


def read_rows(sheet: Sheet, shape: Shape, told: Told, mapped: Mapped) -> Rows:
    """The rows of a table as they are: unsorted, unjudged; a cell that is no number is not finite."""
    frame = sheet.frame
    column = frame[shape.columns[0]]
    if told.day is None:
        stamps = milliseconds(column, unit=mapped.unit, timezone=mapped.timezone)
    else:
        midnight = midnight_of(told.day)
        since = column.cast(pl.Int64, strict=False).fill_null(STAMP_NONE).to_numpy()
        stamps = np.where((since >= 0) & (since < LEAN_DAY_MS_MAX), midnight + since, STAMP_NONE)
    numbers = [_numbers(frame[name]) for name in shape.columns[1:]]
    return Rows(stamps, np.stack(numbers))


def parse_columns(text: str) -> dict[str, str]:
    """What `--columns ts=time,open=o` means. Errors: BadInput."""
    found: dict[str, str] = {}
    known = {field for fields in FIELDS.values() for field in fields}
    for part in text.split(","):
        field, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not column or field not in known or field in found:
            raise BadInput(
                f"--columns cannot be read at {part.strip()!r}.",
                hint="Write it like ts=time,open=o,high=h,low=l,close=c,volume=v; a number counts columns from 0.",
            )
        found[field] = column
    return found


def _by_place(sheet: Sheet, told: Told) -> Shape:
    width = sheet.frame.width
    layout = told.layout
    if layout in (Layout.AUTO, Layout.TABLE, Layout.QUORATE):
        layout = BY_WIDTH.get(width, Layout.AUTO)
    if layout is Layout.KRAKEN and told.layout is Layout.AUTO and sheet.frame.dtypes[3] == pl.String():
        # Seven cells are a Kraken candle (time, o, h, l, c, volume, trades) or a trade of freqtrade's JSON.
        layout = Layout.FREQTRADE_TRADES if _is_word(sheet.frame.to_series(3)) else layout
    expected = POSITIONS.get(layout)
    if layout is Layout.FREQTRADE and told.kind is SeriesKind.FUNDING:
        expected = (Content.FUNDING, (0, 1), 6)  # freqtrade keeps a rate where a candle has its open
    if expected is not None and width != expected[2]:
        raise BadInput(
            f"It has {width} columns, and those of format {layout} have {expected[2]}.",
            hint="Say another --format, or --columns.",
        )
    if expected is None:
        raise BadInput(
            f"Its {width} columns have no names, and nothing says what they are.",
            hint="Say --format, or --columns ts=0,open=1,high=2,low=3,close=4,volume=5.",
        )
    content, places, _ = expected
    return Shape(layout, content, tuple(str(place) for place in places))


def _by_names(sheet: Sheet, told: Told) -> Shape:
    names = sheet.names
    content = Content.CANDLES
    if told.layout in (Layout.FREQTRADE_TRADES, Layout.KRAKEN_TRADES):
        content = Content.TRADES
    elif told.kind is SeriesKind.FUNDING:
        content = Content.FUNDING
    elif _find(names, "price", told) and _find(names, "amount", told) and not _find(names, "open", told):
        content = Content.TRADES
    elif _find(names, "rate", told) and not _find(names, "open", told):
        content = Content.FUNDING
    found = {field: _find(names, field, told) for field in FIELDS[content]}
    if content is Content.FUNDING and found["rate"] is None and told.layout is Layout.FREQTRADE:
        found["rate"] = _find(names, "open", told)  # freqtrade keeps a rate where a candle has its open
    missing = [field for field, column in found.items() if column is None]
    if missing:
        raise BadInput(
            f"It has no column for {', '.join(missing)}; its columns are {', '.join(names)}.",
            hint=f"Say which are which with --columns {missing[0]}=NAME,…",
        )
    layouts = {Content.TRADES: Layout.FREQTRADE_TRADES, Content.CANDLES: Layout.TABLE, Content.FUNDING: Layout.TABLE}
    layout = layouts[content] if told.layout is Layout.AUTO else told.layout
    return Shape(layout, content, tuple(column for column in found.values() if column is not None))


def _find(names: tuple[str, ...], field: str, told: Told) -> str | None:
    aliases = ALIASES[field]
    if field == "volume" and told.pair is not None:
        # Some archives have a volume in either currency: "Volume BTC", "Volume USDT". Ours is in the base.
        aliases = (*aliases, f"volume {told.pair.partition('/')[0].lower()}")
    return next((alias for alias in aliases if alias in names), None)


def _as_mapped(sheet: Sheet, told: Told, columns: Mapping[str, str]) -> Shape:
    there = sheet.frame.columns
    named: dict[str, str] = {}
    for wanted, column in columns.items():
        name = column.lower()
        place = int(name) if name.isdigit() and name not in there else len(there)
        named[wanted] = there[place] if place < len(there) else name
        if named[wanted] not in there:
            raise BadInput(f"There is no column {column!r}; there are {', '.join(there)}.", hint="Check --columns.")
    for content, fields in FIELDS.items():
        found = [named.get(one) or _find(sheet.names, one, told) for one in fields]
        if set(named) <= set(fields) and None not in found:
            layout = Layout.TABLE if told.layout is Layout.AUTO else told.layout
            return Shape(layout, content, tuple(column for column in found if column is not None))
    wanted = " or ".join(",".join(fields) for fields in FIELDS.values())
    raise BadInput(f"--columns names {', '.join(columns)}, and the rest cannot be told.", hint=f"Name {wanted}.")


def _numbers(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if not (column.dtype.is_numeric() or column.dtype in (pl.String(), pl.Null())):
        raise Unreadable(f"Its column {column.name} holds {column.dtype}, no numbers.", hint="Say --columns.")
    text = column.str.strip_chars() if column.dtype == pl.String() else column
    return text.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()


def _is_word(column: pl.Series) -> bool:
    return column.cast(pl.Float64, strict=False).null_count() == len(column)
