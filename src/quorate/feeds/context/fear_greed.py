"""The Fear & Greed index of alternative.me: one number from 0 (fear) to 100 (greed) a day, live or recorded."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from quorate.domain.errors import BadInput
from quorate.feeds.context.answers import decoded, rows_of
from quorate.feeds.context.faults import SourceFault, malformed
from quorate.feeds.context.numbers import stamp_ms
from quorate.feeds.context.series import Series
from quorate.feeds.context.settings import FearGreedSettings
from quorate.feeds.context.web import Web

DAYS_ASKED = 3
ROWS_MAX = 20_000
LABELS = ((25, "extreme fear"), (46, "fear"), (55, "neutral"), (76, "greed"), (101, "extreme greed"))
"""Our own words by the value: a label from outside would be untrusted text."""


@dataclass(frozen=True, slots=True)
class FearGreed:
    """The index from 0 to 100, valid from `stamp_ms` (the day's 00:00 UTC) on."""

    value: int
    stamp_ms: int

    @property
    def label(self) -> str:
        """The value in words."""
        return next(label for below, label in LABELS if self.value < below)


class _Day(msgspec.Struct):
    value: int
    timestamp: int


class _Metadata(msgspec.Struct):
    error: str | None = None


class _Answer(msgspec.Struct):
    data: list[msgspec.Raw] = []
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class FearGreedIndex:
    """Asks for the last days' values. Errors: SourceFault."""

    def __init__(self, web: Web, settings: FearGreedSettings) -> None:
        self._web = web
        self._settings = settings

    async def newest(self) -> FearGreed:
        """The newest value."""
        url = f"{self._settings.url.rstrip('/')}/fng/"
        bytes_max = self._settings.limits.body_bytes_max
        answer = await self._web.get(url, params={"limit": str(DAYS_ASKED)}, bytes_max=bytes_max)
        return parse_fear_greed(answer.body)


def parse_fear_greed(body: bytes) -> FearGreed:
    """GET /fng/: the newest of its days."""
    answer = decoded(body, _Answer)
    if answer.metadata.error:
        raise SourceFault("down", "It answers with an error.")
    days = list(_sound((day.value, day.timestamp) for day in rows_of(answer.data, _Day, rows_max=DAYS_ASKED)))
    if not days:
        raise malformed("has no value from 0 to 100 with a date")
    return max(days, key=lambda day: day.stamp_ms)


def read_fear_greed(path: Path) -> Series[FearGreed]:
    """A recorded CSV with `fear_greed_index` and `timestamp` in seconds: each value known from its stamp on.

    Rows that make no sense are left out. Errors: BadInput.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [
                (int(row["fear_greed_index"]), int(row["timestamp"]))
                for row, _ in zip(csv.DictReader(file), range(ROWS_MAX), strict=False)
                if (row.get("fear_greed_index") or "").isdigit() and (row.get("timestamp") or "").isdigit()
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} cannot be read ({type(error).__name__}).", hint="Check the file.") from error
    days = list(_sound(rows))
    if not days:
        raise BadInput(f"{path.name} holds no Fear & Greed value.", hint="It needs fear_greed_index and timestamp.")
    return Series((day.stamp_ms, day) for day in days)


def _sound(rows: Iterable[tuple[int, int]]) -> Iterable[FearGreed]:
    for value, stamp in rows:
        at_ms = stamp_ms(stamp)
        if 0 <= value <= 100 and at_ms is not None:
            yield FearGreed(value, at_ms)
