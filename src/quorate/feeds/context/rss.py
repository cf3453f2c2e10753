"""RSS and Atom feeds: news outlets, and communities that publish one (Reddit does).

feedparser reads them from bytes already fetched under our limits; it opens no address and no entity.
"""

from __future__ import annotations

import asyncio
import calendar
import io
import time
from collections.abc import Mapping
from typing import Any, cast

import feedparser

from quorate.feeds.context.faults import malformed
from quorate.feeds.context.items import RawItem
from quorate.feeds.context.settings import FeedAddress
from quorate.feeds.context.web import NOT_MODIFIED, REDIRECTS_MAX, Web

ITEMS_PER_ANSWER_MAX = 100
PARSER = cast("Any", feedparser)
"""It carries no types."""
TAGS_MAX = 30_000
"""A megabyte of nothing but tags would keep the parser busy for five seconds."""


class RssFeed:
    """One feed, asked only for what changed. Errors: SourceFault."""

    def __init__(self, web: Web, address: FeedAddress, *, bytes_max: int) -> None:
        self._web = web
        self._address = address
        self._bytes_max = bytes_max
        self._marks: dict[str, str] = {}
        self._items: tuple[RawItem, ...] = ()

    async def newest(self) -> tuple[RawItem, ...]:
        """What the feed holds, without undated entries."""
        answer = await self._web.get(
            self._address.url, headers=self._marks, bytes_max=self._bytes_max, redirects_max=REDIRECTS_MAX
        )
        if answer.status == NOT_MODIFIED:
            return self._items
        kind = answer.headers.get("content-type", "")
        self._items = await asyncio.to_thread(parse_feed, answer.body, kind, self._address.name)
        told = {"If-None-Match": answer.headers.get("etag"), "If-Modified-Since": answer.headers.get("last-modified")}
        self._marks = {name: mark for name, mark in told.items() if mark}
        return self._items


def parse_feed(body: bytes, content_type: str, name: str) -> tuple[RawItem, ...]:
    """The dated entries of a feed. Blocking; seconds in the worst case. Errors: SourceFault."""
    if body.count(b"<") > TAGS_MAX:
        raise malformed(f"has more than {TAGS_MAX} tags")
    told = PARSER.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type or "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    entries: list[Mapping[str, Any]] = told.entries[:ITEMS_PER_ANSWER_MAX]
    if not entries and not told.get("version"):
        raise malformed("is neither RSS nor Atom")
    items = [_item(entry, name) for entry in entries]
    return tuple(item for item in items if item is not None)


def _item(entry: Mapping[str, Any], name: str) -> RawItem | None:
    dated: time.struct_time | None = entry.get("published_parsed") or entry.get("updated_parsed")
    title = entry.get("title")
    if dated is None or not isinstance(title, str):
        return None
    return RawItem(
        title=title,
        text=str(entry.get("summary") or ""),
        source=name,
        url=str(entry.get("link") or ""),
        published_ms=calendar.timegm(dated) * 1000,
    )
