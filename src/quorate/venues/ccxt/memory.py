"""What is worth keeping of what a venue has said: whose its ids of orders are, and what could not be read.

Everything here has a bound, and nothing depends on it for its truth: what is forgotten is asked for again.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import Generic, TypeVar

from loguru import logger

V = TypeVar("V")
REMEMBERED_MAX = 20_000
NOTES_MAX = 20
NOTE_MAX = 300


class Remembered(Generic[V]):
    """A table that forgets what was longest not set."""

    def __init__(self, most: int = REMEMBERED_MAX) -> None:
        self._most = most
        self._values: OrderedDict[str, V] = OrderedDict()

    def __setitem__(self, key: str, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def get(self, key: str) -> V | None:
        """What was set; None where nothing was, or it is forgotten."""
        return self._values.get(key)

    def __len__(self) -> int:
        return len(self._values)


class Tags:
    """Our tag of an order, by its pair and the venue's id: Binance counts orders anew in each market."""

    def __init__(self) -> None:
        self._tags = Remembered[str]()

    def keep(self, pair: str, venue_id: str, tag: str) -> None:
        """Remember it; an empty tag is none."""
        if tag:
            self._tags[f"{pair} {venue_id}"] = tag

    def of(self, pair: str, venue_id: str) -> str:
        """The tag; empty where it is not ours, or forgotten."""
        return self._tags.get(f"{pair} {venue_id}") or ""


class Quarantine:
    """Messages nobody could read: counted by reason, the newest kept for people. Nothing of them is acted on."""

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self.counts: Counter[str] = Counter()
        self.newest: deque[str] = deque(maxlen=NOTES_MAX)

    @property
    def total(self) -> int:
        """How many there were."""
        return self.counts.total()

    def add(self, reason: str, message: str) -> None:
        """Put one aside. The first of a kind is logged, then each tenth of the last: a flood fills no log."""
        self.counts[reason] += 1
        self.newest.append(f"{reason}: {message[:NOTE_MAX]}")
        count = self.counts[reason]
        if str(count).strip("0") == "1":
            logger.warning(
                "{} sent what cannot be read ({}, {} so far): {}", self._venue, reason, count, message[:NOTE_MAX]
            )
