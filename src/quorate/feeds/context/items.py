"""Texts by strangers: news, posts, messages. Untrusted up to the page and the prompt: data, never instructions."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from quorate.feeds.context.sentiment import HeadlineSentiment, Sentiment

ItemKind = Literal["news", "social", "community"]
TITLE_CHARS_MAX = 240
TEXT_CHARS_MAX = 400
SOURCE_CHARS_MAX = 60
URL_CHARS_MAX = 500
RAW_CHARS_MAX = 4_000
"""Of a longer text only the beginning is cleaned."""
REPEAT_MS = 7 * 86_400_000
"""The same headline within so long is the same item; a column that returns every month is not."""
ITEMS_MAX = 2_000
TAG = re.compile(r"<[^<>]{0,2000}>")
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """A text as a source gave it; nothing in it is believed."""

    title: str
    text: str = ""
    source: str = ""
    url: str = ""
    published_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A text made fit to be shown: one line each, capped, no control characters, no markup."""

    kind: ItemKind
    source: str
    title: str
    text: str
    url: str
    """http or https, or empty."""
    published_ms: int
    """As told, but never later than it was seen."""
    known_ms: int
    """From when on a decision may know it."""
    sentiment: Sentiment
    """A baseline, of the title only."""


def clean(text: str, chars_max: int) -> str:
    """`text` as one line of at most `chars_max` characters, without markup, control and invisible characters.

    What looks like another character is made that character (NFKC). The result can still say anything: whoever puts
    it before a model fences it.
    """
    plain = text[:RAW_CHARS_MAX]
    if "<" in plain:
        plain = TAG.sub(" ", plain)
    plain = unicodedata.normalize("NFKC", html.unescape(plain))
    # Category C: control, format (joiners, direction marks, tags), surrogates, private use, unassigned.
    kept = "".join(
        sign if unicodedata.category(sign)[0] != "C" else " " if sign in "\t\n\r\x85" else "" for sign in plain
    )
    line = " ".join(kept.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + ELLIPSIS


def clean_url(url: str) -> str:
    """`url` if it is a plain address of the web, else nothing."""
    if (
        len(url) > URL_CHARS_MAX
        or not url.isascii()
        or not url.isprintable()
        or any(sign in url for sign in " <>\"'`\\")
    ):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and not parts.username else ""


def keys_of(title: str, url: str) -> tuple[str, ...]:
    """What makes two items the same: the letters of the title, and the address without its query."""
    letters = "".join(sign for sign in title.casefold() if sign.isalnum())
    address = url.partition("?")[0].partition("#")[0].rstrip("/")
    return tuple(key for key in (letters or title, address.partition("://")[2]) if key)


class ItemShelf:
    """The items of one source, each once, asked as of an instant."""

    def __init__(self, kind: ItemKind, name: str, sentiment: HeadlineSentiment, *, items_max: int = ITEMS_MAX) -> None:
        self.kind: ItemKind = kind
        self.name = name
        self._sentiment = sentiment
        self._items_max = items_max
        self._items: list[Item] = []
        self._seen: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._items)

    def take(self, raw: Iterable[RawItem], seen_ms: int | None) -> None:
        """Keep what is new. `seen_ms` is when it was fetched; None for a recording: known when it was published."""
        for one in sorted(raw, key=lambda one: one.published_ms):
            # An item that is dated later than it was seen cannot be: some clock is wrong, and ours is the one we have.
            published_ms = one.published_ms if seen_ms is None else min(one.published_ms, seen_ms)
            title, url = clean(one.title, TITLE_CHARS_MAX), clean_url(one.url)
            keys = keys_of(title, url)
            before = [self._seen[key] for key in keys if key in self._seen]
            if not title or any(abs(published_ms - told_ms) < REPEAT_MS for told_ms in before):
                continue
            self._seen.update((key, published_ms) for key in keys)
            item = Item(
                kind=self.kind,
                source=clean(one.source, SOURCE_CHARS_MAX) or self.name,
                title=title,
                text=clean(one.text, TEXT_CHARS_MAX),
                url=url,
                published_ms=published_ms,
                known_ms=published_ms if seen_ms is None else seen_ms,
                sentiment=self._sentiment.of(title),
            )
            insort(self._items, item, key=_known)
        self._forget()

    def at(self, at_ms: int, *, span_ms: int, items_max: int) -> Sequence[Item]:
        """The newest items known at `at_ms` and published within `span_ms` before it, newest first."""
        found: list[Item] = []
        for place in range(bisect_right(self._items, at_ms, key=_known) - 1, -1, -1):
            item = self._items[place]
            if at_ms - item.known_ms > span_ms or len(found) == items_max:
                break
            if at_ms - item.published_ms <= span_ms:
                found.append(item)
        return found

    def _forget(self) -> None:
        excess = len(self._items) - self._items_max
        if excess <= 0:
            return
        del self._items[:excess]
        oldest_ms = min(item.published_ms for item in self._items)
        self._seen = {key: told_ms for key, told_ms in self._seen.items() if told_ms >= oldest_ms}


def merged(shelves: Iterable[Sequence[Item]], *, items_max: int) -> tuple[Item, ...]:
    """Items of several sources, newest first, each once: the first to tell it stays."""
    earliest_first = sorted((item for items in shelves for item in items), key=lambda item: (_known(item), item.source))
    seen: set[str] = set()
    kept: list[Item] = []
    for item in earliest_first:
        keys = keys_of(item.title, item.url)
        if not seen.intersection(keys):
            seen.update(keys)
            kept.append(item)
    newest_first = sorted(kept, key=lambda item: (-item.published_ms, item.source, item.title))
    return tuple(newest_first[:items_max])


def _known(item: Item) -> int:
    return item.known_ms
