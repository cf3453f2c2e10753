"""From a file on disk to the rows of the series in it, still unjudged: what every importer comes down to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from quorate.domain.errors import BadInput
from quorate.feeds.candles.importers.names import (
    CONTRACTS_ONLY,
    Layout,
    Told,
    pair_of_symbol,
    told_by_name,
)
from quorate.feeds.candles.importers.octobot import read_octobot
from quorate.feeds.candles.importers.shapes import Content, Mapped, read_rows, shape_of
from quorate.feeds.candles.importers.sheets import SQLITE, Member, Unreadable, members, read_sheet
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind, contract_of
from quorate.feeds.candles.timeframes import spelled

OWNERS = {
    Layout.KRAKEN: "kraken",
    Layout.KRAKEN_TRADES: "kraken",
    Layout.BINANCE: "binance",
    Layout.BINANCE_FUNDING: "binance",
}
"""Whose layout it is: where a user names it and nothing else tells the exchange."""
SUFFIXES = frozenset({".csv", ".json", ".feather", ".parquet", ".zip", ".gz", ".data"})
"""Endings by which files in a folder are taken for candles."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The rows of one series in a file, as they are there, and what they are."""

    label: str
    """The file, and where it is packed the one inside."""
    layout: Layout
    content: Content
    series: Series
    """Of trades: the series that their candles make."""
    rows: Rows
    collected_ms: int | None = None
    """When the file was made, where it says so: what had not closed by then was still forming."""


def read_file(path: Path, choice: Told, mapped: Mapped) -> Iterator[Reading]:
    """Every series in the file at `path`; what `choice` says goes before what the file says.

    Errors: BadInput, that says what cannot be read, is missing, or has to be said.
    """
    for member in members(path):
        if member.head.startswith(SQLITE):
            yield from _octobot(member, choice)
        else:
            yield _one(member, choice, mapped)


def _one(member: Member, choice: Told, mapped: Mapped) -> Reading:
    try:
        told = told_by_name(member.path, member.name).under(choice)
        sheet = read_sheet(member)
        shape = shape_of(sheet, told, mapped)
        rows = read_rows(sheet, shape, told, mapped)
        return Reading(member.label, shape.layout, shape.content, _series(told, shape.layout, shape.content), rows)
    except BadInput as error:
        if member.label in error.message:
            raise
        raise _about(member.label, error) from error


def _octobot(member: Member, choice: Told) -> Iterator[Reading]:
    for (exchange, pair, timeframe), rows, collected_ms in read_octobot(member.path):
        if choice.pair not in (None, pair):
            continue
        try:
            said = Told(Layout.OCTOBOT, exchange, SeriesKind.SPOT, pair, timeframe)
            series = _series(said.under(replace(choice, timeframe=None)), Layout.OCTOBOT, Content.CANDLES)
        except BadInput:
            continue  # it holds 3d, 1w and 1M beside the others
        if choice.timeframe is None or spelled(choice.timeframe) == series.timeframe:
            label = f"{member.label}:{pair}-{timeframe}"
            yield Reading(label, Layout.OCTOBOT, Content.CANDLES, series, rows, collected_ms)


def _series(told: Told, layout: Layout, content: Content) -> Series:
    """The series that is meant. Errors: BadInput that names every option that is missing."""
    exchange = told.exchange or OWNERS.get(layout)
    kind = SeriesKind.FUNDING if content is Content.FUNDING else told.kind
    if kind is None:
        contract = exchange in CONTRACTS_ONLY or (told.pair is not None and ":" in told.pair)
        kind = SeriesKind.PERP if contract else SeriesKind.SPOT
    pair = told.pair
    if pair is not None and "/" not in pair:
        pair = pair_of_symbol(pair, exchange=exchange) or pair
    if pair is not None and kind is not SeriesKind.SPOT:
        pair = contract_of(pair)
    timeframe = "" if kind is SeriesKind.FUNDING else told.timeframe
    wanted = {"--exchange": exchange, "--pair": pair, "--timeframe": timeframe}
    missing = [option for option, value in wanted.items() if value is None]
    if exchange is None or pair is None or timeframe is None:
        raise BadInput(
            "Neither its name nor what is in it says everything about these candles.",
            hint=f"Add {' and '.join(missing)}.",
        )
    return Series(exchange, kind, pair, spelled(timeframe) if timeframe else "")


def _about(label: str, error: BadInput) -> BadInput:
    """The same error, saying which file it is about."""
    kind = Unreadable if isinstance(error, Unreadable) else BadInput
    return kind(f"{label}: {error.message[:1].lower()}{error.message[1:]}", hint=error.hint)
