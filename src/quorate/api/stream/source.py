"""Which streams of the bus a live stream is made of, and how a message becomes an event that is ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from quorate.api.stream import frames
from quorate.api.stream.ring import Ready
from quorate.domain.signals import Mode
from quorate.journal.published import CLOSED_TRADES, EQUITY, SIGNALS

if TYPE_CHECKING:
    from quorate.journal.bus import Message


@dataclass(frozen=True, slots=True)
class Source:
    """A stream of the bus, and the name of its events for subscribers."""

    stream: str
    event: str


SOURCES: dict[str, tuple[Source, ...]] = {
    "signals": (Source(SIGNALS[Mode.PAPER], "signal"), Source(SIGNALS[Mode.LIVE], "signal")),
    "pnl": (Source(EQUITY, "equity"), Source(CLOSED_TRADES, "trade")),
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
