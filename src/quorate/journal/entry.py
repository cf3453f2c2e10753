"""What goes into the journal and what comes out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from quorate.desk.ports import JournalPosition
from quorate.domain.events import Event
from quorate.journal.codec import decode, digest_of, encode, subject_of

LOCAL_OWNER = UUID("00000000-0000-4000-8000-000000000001")
"""The owner of everything until people sign up: the person who started the desk."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at_ms: int) -> datetime:
    """UTC milliseconds as a datetime, exact."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def milliseconds(at: datetime) -> int:
    """A datetime as UTC milliseconds."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


class Writer(msgspec.Struct, frozen=True):
    """Who writes: an account, its owner, and the fencing token of the lease on it."""

    account: str
    owner: UUID
    token: int


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An entry before it has a place in the journal."""

    kind: str
    subject: str
    at_ms: int
    body: bytes
    digest: bytes
    event: Event

    @classmethod
    def of(cls, event: Event, at_ms: int) -> Draft:
        """The draft of `event` at feed time `at_ms`."""
        body = encode(event)
        return cls(type(event).__name__, subject_of(event), at_ms, body, digest_of(body), event)


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where an entry ended up, and whose it is."""

    account: str
    owner: UUID
    epoch: int
    seq: int


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An entry as readers see it."""

    epoch: int
    seq: int
    account: str
    owner: UUID
    kind: str
    subject: str
    at_ms: int
    body: str
    """Canonical JSON; empty where a reader asked for the envelope only."""

    @property
    def position(self) -> JournalPosition:
        """Its place."""
        return JournalPosition(self.epoch, self.seq)

    @property
    def id(self) -> str:
        """Its place as text, `epoch-seq`: the id in Redis and in SSE."""
        return f"{self.epoch}-{self.seq}"

    def event(self) -> Event:
        """The event the body holds."""
        return decode(self.kind, self.body)
