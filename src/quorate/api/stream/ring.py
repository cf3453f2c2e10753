"""The newest events of one stream, encoded once, ready to be sent to anybody."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from quorate.journal.bus import Position


@dataclass(frozen=True, slots=True)
class Ready:
    """One event, ready to be sent, with what subscribers may filter by (None: it has no such field)."""

    position: Position
    frame: bytes
    account: str
    mode: str | None = None
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber wants to see; None leaves a condition out."""

    account: str
    mode: str | None = None
    pair: str | None = None

    def takes(self, ready: Ready) -> bool:
        """Whether the event is wanted."""
        return (
            ready.account == self.account
            and (self.mode is None or ready.mode == self.mode)
            and (self.pair is None or ready.pair == self.pair)
        )


Chunk = tuple[bytes, int]
"""Bytes, and how many events they hold."""


class Ring:
    """At most `size` events, oldest first, each at an index that never changes.

    The ring holds every event after `after`, a place in the journal; None means that nothing was ever published.
    """

    def __init__(self, size: int) -> None:
        assert size > 0, "a ring holds something"
        self._size = size
        self._events: list[Ready] = []
        self._base = 0
        self.after: Position | None = None
        self._chunks: dict[tuple[Wish, int], Chunk] = {}

    @property
    def begin(self) -> int:
        """Index of the oldest event that is still here."""
        return self._base

    @property
    def end(self) -> int:
        """Index that the next event will get."""
        return self._base + len(self._events)

    @property
    def last(self) -> Position | None:
        """Place of the newest event; `after` while the ring is empty."""
        return self._events[-1].position if self._events else self.after

    def extend(self, events: list[Ready]) -> None:
        """Add events, oldest first and later than all others."""
        self._events.extend(events)
        self._chunks.clear()
        # Dropping from the front of a list moves all the others: done in bulk, once in a while.
        surplus = len(self._events) - self._size
        if surplus >= max(64, self._size // 4):
            self.after = self._events[surplus - 1].position
            del self._events[:surplus]
            self._base += surplus

    def restart(self, after: Position | None) -> None:
        """Forget everything: events before `after` are not known here. Indexes go on: nobody meets an old one."""
        self._base = self.end
        self._events.clear()
        self._chunks.clear()
        self.after = after

    def index_after(self, position: Position) -> int | None:
        """Index of the first event later than `position`; None when events after it have left the ring."""
        if self.after is not None and position < self.after:
            return None
        return self._base + bisect_right(self._events, position, key=_position)

    def chunk(self, index: int, wish: Wish) -> Chunk:
        """Everything wanted from `index` on, as one piece of bytes, and how many events that is.

        Subscribers that wait at the same place with the same wish share the piece: it is put together once.
        """
        assert index >= self._base, "events before that have left the ring"
        key = (wish, index)
        found = self._chunks.get(key)
        if found is None:
            frames = [ready.frame for ready in self._events[index - self._base :] if wish.takes(ready)]
            found = self._chunks[key] = (b"".join(frames), len(frames))
        return found

    def wire(self, index: int, wish: Wish) -> Chunk:
        """`chunk` as it goes over an HTTP/1.1 connection: one part of a chunked body."""
        body, count = self.chunk(index, wish)
        return b"%x\r\n%s\r\n" % (len(body), body), count


def _position(ready: Ready) -> Position:
    return ready.position
