"""Recorded headlines from a CSV, for a replay: each is known from the minute it was published, never before."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from quorate.domain.errors import BadInput
from quorate.feeds.context.items import RawItem
from quorate.feeds.context.numbers import stamp_ms

ROWS_MAX = 500_000
DATE, TITLE = ("date", "published_at", "published_on", "timestamp", "time"), ("title", "headline")
TEXT, SOURCE, URL = ("text", "body", "summary"), ("source", "outlet", "domain"), ("url", "link")
DAY_FIRST = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class RecordedNews:
    """What a file holds, and how many of its rows say nothing: no title, or no date that can be read."""

    items: tuple[RawItem, ...]
    rows_left_out: int


def read_news(path: Path) -> RecordedNews:
    """Headlines of a CSV with a header; "," or ";" between fields. Dates without a zone count as UTC. Errors: BadInput.

    Dates: ISO 8601, seconds or milliseconds since 1970, or day-month-year hour:minute.
    """
    items: list[RawItem] = []
    left_out = 0
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            header = file.readline()
            file.seek(0)
            for row in csv.DictReader(file, delimiter=";" if header.count(";") > header.count(",") else ","):
                item = _item(row)
                if item is None:
                    left_out += 1
                else:
                    items.append(item)
                if len(items) > ROWS_MAX:
                    raise BadInput(f"{path.name} has more than {ROWS_MAX} headlines.", hint="Split it by time.")
    except (OSError, csv.Error) as error:
        raise BadInput(f"{path.name} cannot be read ({type(error).__name__}).", hint="Check the file.") from error
    if not items:
        raise BadInput(f"{path.name} holds no dated headline.", hint="It needs the columns date and title.")
    return RecordedNews(tuple(sorted(items, key=lambda item: item.published_ms)), left_out)


def date_ms(text: str) -> int | None:
    """A date as UTC milliseconds; None where it is none."""
    told = text.strip()
    try:
        if re.fullmatch(r"\d{9,14}(\.\d+)?", told):
            return stamp_ms(float(told))
        day_first = DAY_FIRST.fullmatch(told)
        if day_first:
            day, month, year, hour, minute, second = (int(part or 0) for part in day_first.groups())
            found = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        else:
            found = datetime.fromisoformat(told.removesuffix(" UTC"))
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return stamp_ms(round(found.timestamp() * 1000))


def _item(row: Mapping[str, str | None]) -> RawItem | None:
    def first(names: tuple[str, ...]) -> str:
        return next((told for name in names if isinstance(told := row.get(name), str) and told), "")

    title, at_ms = first(TITLE), date_ms(first(DATE))
    if not title.strip() or at_ms is None:
        return None
    return RawItem(title=title, text=first(TEXT), source=first(SOURCE), url=first(URL), published_ms=at_ms)
