"""The faults there are, and how one is described."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. The first group strikes requests, the second the messages of streams, the last the clock."""

    REQUEST_LOST = "request-lost"
    """The request never arrives; the client waits in vain."""
    ANSWER_LOST = "answer-lost"
    """The request is carried out; its answer never arrives."""
    DELAY_BEFORE = "delay-before"
    """The request arrives late."""
    DELAY_AFTER = "delay-after"
    """The answer arrives late."""
    DUPLICATE_REQUEST = "duplicate-request"
    """The request arrives twice; the second answer is the one that is seen."""
    ERROR_BEFORE = "error-before"
    """A 5xx instead of the request being carried out."""
    ERROR_AFTER = "error-after"
    """A 5xx although the request was carried out."""
    RESET_BEFORE = "reset-before"
    """The connection is reset and the request is not carried out."""
    RESET_AFTER = "reset-after"
    """The connection is reset although the request was carried out."""
    BAN = "ban"
    """429 or 418 (`status`) with Retry-After (`retry_after_s`)."""
    MAINTENANCE = "maintenance"
    """503 for everything."""

    MESSAGE_LOST = "message-lost"
    """A message is left out: a gap in the sequence."""
    MESSAGE_LATE = "message-late"
    """A message arrives `delay_ms` later, after others; on fills: a late fill."""
    MESSAGE_TWICE = "message-twice"
    MESSAGES_SWAPPED = "messages-swapped"
    """A message arrives after the one that follows it."""
    FROZEN = "frozen"
    """Nothing is told any more, and the connection stays; answers and heartbeats still come."""
    DISCONNECTED = "disconnected"
    """The connection is cut instead of this message."""
    BAD_CHECKSUM = "bad-checksum"
    CROSSED_BOOK = "crossed-book"
    BAD_TICK = "bad-tick"
    """Prices are multiplied by `factor`; also in answers."""

    SKEWED_CLOCK = "skewed-clock"
    """The exchange's clock is `skew_ms` ahead, or behind where that is below zero."""


REQUEST_KINDS = frozenset(
    {
        FaultKind.REQUEST_LOST,
        FaultKind.ANSWER_LOST,
        FaultKind.DELAY_BEFORE,
        FaultKind.DELAY_AFTER,
        FaultKind.DUPLICATE_REQUEST,
        FaultKind.ERROR_BEFORE,
        FaultKind.ERROR_AFTER,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
        FaultKind.BAN,
        FaultKind.MAINTENANCE,
        FaultKind.BAD_TICK,
        FaultKind.CROSSED_BOOK,
    }
)
MESSAGE_KINDS = frozenset(
    {
        FaultKind.MESSAGE_LOST,
        FaultKind.MESSAGE_LATE,
        FaultKind.MESSAGE_TWICE,
        FaultKind.MESSAGES_SWAPPED,
        FaultKind.FROZEN,
        FaultKind.DISCONNECTED,
        FaultKind.BAD_CHECKSUM,
        FaultKind.CROSSED_BOOK,
        FaultKind.BAD_TICK,
    }
)
PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that is armed: what, where, how often. Empty fields of where it strikes mean everywhere."""

    kind: FaultKind
    venue: str = ""
    """binance or kraken."""
    method: str = ""
    """HTTP method, or the method of a request over a WebSocket."""
    path: str = ""
    """Begin of the path of a request."""
    holds: str = ""
    """Text that query, body or message hold, such as a client order id or a symbol."""
    channel: str = ""
    """Channel of a message: depthUpdate, executionReport, book, executions …"""
    times: int = 1
    """How often it strikes before it is spent; 0 is without end."""
    after: int = 0
    """How many that fit it lets pass first."""
    chance_ppm: int = PPM
    """How likely it strikes one that fits, in parts per million, by the seed."""
    from_ms: int = 0
    until_ms: int = 0
    """When it is in force (UTC ms); 0 is without end."""
    delay_ms: int = 0
    status: int = 503
    retry_after_s: int = 60
    factor: str = "10"
    skew_ms: int = 0

    def fits_place(self, venue: str, at_ms: int) -> bool:
        """Whether it is in force there and then."""
        in_time = self.from_ms <= at_ms and (not self.until_ms or at_ms < self.until_ms)
        return in_time and self.venue in ("", venue)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What a fault may look at in a request."""

    venue: str
    method: str
    path: str
    text: str = ""
    """Query and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one request, in the order of the fields."""

    delay_before_ms: int = 0
    request_lost: bool = False
    reset_before: bool = False
    refused_status: int = 0
    """Answered with this status and not carried out; 0 is not."""
    retry_after_s: int = 0
    runs: int = 1
    """How often it is carried out."""
    delay_after_ms: int = 0
    answer_lost: bool = False
    reset_after: bool = False
    answered_status: int = 0
    """Answered with this status although it was carried out; 0 is not."""
    tick_factor: str = ""
    crossed: bool = False


UNTOUCHED = Fate()
