"""What becomes of the messages of one connection, in their order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from quorate.exchange.faults.faults import Faults
from quorate.exchange.faults.knobs import Fault, FaultKind
from quorate.exchange.faults.spoiling import crossed, wrong_checksum, wrong_prices

EVENT = re.compile(r'"e" ?: ?"(?P<name>[A-Za-z0-9_]+)"')
CHANNEL = re.compile(r'"channel" ?: ?"(?P<name>[A-Za-z0-9]+)"')
STREAM = re.compile(r'"stream" ?: ?"[^"@]*@(?P<name>[A-Za-z]+)')
LOOKED_AT = 400
"""Characters of a message in which its channel is looked for."""
ANSWERED = ("answer", "heartbeat", "pong", "status")
SPOILERS: dict[FaultKind, Callable[[str, Fault], str]] = {
    FaultKind.BAD_CHECKSUM: lambda text, fault: wrong_checksum(text),
    FaultKind.CROSSED_BOOK: lambda text, fault: crossed(text),
    FaultKind.BAD_TICK: lambda text, fault: wrong_prices(text, fault.factor),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to be sent, and when: `delay_ms` from now."""

    text: str
    delay_ms: int = 0


def channel_of(text: str) -> str:
    """What a message is about: Binance's event, Kraken's channel, or `answer` where it is neither."""
    start = text[:LOOKED_AT]
    for pattern in (EVENT, STREAM, CHANNEL):
        found = pattern.search(start)
        if found is not None:
            return found["name"]
    if '"u":' in start and '"B":' in start:
        return "bookTicker"
    return "depth" if '"lastUpdateId"' in start else "answer"


class StreamFaults:
    """The faults of one connection. It keeps a message that is to arrive after the one that follows it."""

    def __init__(self, faults: Faults, *, venue: str) -> None:
        self._faults = faults
        self._venue = venue
        self._kept: Delivery | None = None

    def deliveries(self, text: str, *, at_ms: int) -> list[Delivery] | None:
        """What is sent because of this message; None where the connection is cut instead."""
        channel = channel_of(text)
        struck = self._faults.for_message(self._venue, channel, text, at_ms=at_ms)
        for fault in struck:
            spoil = SPOILERS.get(fault.kind)
            text = spoil(text, fault) if spoil else text
        kinds = {fault.kind for fault in struck}
        if FaultKind.DISCONNECTED in kinds:
            return None
        lost = FaultKind.MESSAGE_LOST in kinds or (FaultKind.FROZEN in kinds and channel not in ANSWERED)
        delay_ms = sum(fault.delay_ms for fault in struck if fault.kind is FaultKind.MESSAGE_LATE)
        sent = [] if lost else [Delivery(text, delay_ms)]
        if FaultKind.MESSAGE_TWICE in kinds:
            sent = sent * 2
        if FaultKind.MESSAGES_SWAPPED in kinds and sent and self._kept is None:
            self._kept = sent.pop(0)
            return sent
        if self._kept is not None and sent:
            sent.append(self._kept)
            self._kept = None
        return sent
