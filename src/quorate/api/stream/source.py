"""What the hub needs from a bus, and how a published message becomes an event that is ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from quorate.api.stream import frames
from quorate.api.stream.frames import Position
from quorate.api.stream.ring import Ready


@dataclass(frozen=True, slots=True)
class Message:
    """One published message: its place, its account, its JSON."""

    position: Position
    account: str
    data: bytes


class Bus(Protocol):
    """Published streams. Messages become visible in the order of the journal, in all streams alike."""

    async def first(self, stream: str) -> Position | None:
        """Place of the oldest message that can still be read; None for an empty stream."""
        ...

    async def last(self, stream: str) -> Position | None:
        """Place of the newest message; None for an empty stream."""
        ...

    async def read(self, stream: str, *, after: Position | None, limit: int) -> Sequence[Message]:
        """Up to `limit` messages later than `after` (None: from the oldest), oldest first. Never waits."""
        ...

    async def wait(self, *, timeout_s: float) -> None:
        """Return when something may have been published since the last call, or after `timeout_s`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A stream of the bus, and the name of its events for subscribers."""

    stream: str
    event: str


SOURCES: dict[str, tuple[Source, ...]] = {
    "signals": (Source("signals:paper", "signal"), Source("signals:live", "signal")),
    "pnl": (Source("pnl:equity", "equity"), Source("pnl:signals", "trade")),
}
"""Live stream -> the streams of the bus it is made of."""


class _Fields(msgspec.Struct):
    """What subscribers may filter by."""

    mode: str | None = None
    pair: str | None = None


_decode = msgspec.json.Decoder(_Fields).decode


def ready_of(source: Source, message: Message) -> Ready:
    """The message as an event. A message that is not JSON of ours goes out unfiltered rather than not at all."""
    try:
        fields = _decode(message.data)
    except msgspec.MsgspecError:
        fields = _Fields()
    frame = frames.event(source.event, message.data, message.position)
    return Ready(message.position, frame, message.account, fields.mode, fields.pair)
