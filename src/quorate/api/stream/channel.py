"""One live stream inside this process: its ring, its subscribers, and the one future that wakes them all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from quorate.api.stream.ring import Ready, Ring, Wish

if TYPE_CHECKING:
    from quorate.api.stream.source import Source
    from quorate.journal.bus import Position

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

QUIET = 0.0
DIRECT_BYTES_MAX = 32_768
"""Bytes that may wait in a connection before it counts as full; the server's own limit is twice that."""


def gone(receive: Receive) -> bool:
    """Whether the client has gone, without waiting for it.

    The server's `receive` returns at once when it has, and waits otherwise: so it is run up to where it would wait.
    """
    waiting: Any = receive()
    try:
        waiting.send(None)
    except StopIteration as done:
        return bool(done.value["type"] == "http.disconnect")
    waiting.close()
    return False


def _has_room(transport: asyncio.WriteTransport) -> bool:
    """Whether the connection is open and takes what it is given."""
    return not transport.is_closing() and transport.get_write_buffer_size() <= DIRECT_BYTES_MAX


class SharedWake(asyncio.Future[None]):
    """A future that many tasks wait for: cancelling one of them must not cancel it for the others.

    A cancelled task is told so when the future is next set, at the latest with the next heartbeat.
    """

    def cancel(self, msg: object = None) -> bool:
        """Refuse; see above."""
        del msg
        return False


class Subscriber:
    """One open stream."""

    __slots__ = (
        "bye",
        "client",
        "expires_s",
        "follows",
        "idle",
        "index",
        "receive",
        "sending_since_s",
        "task",
        "transport",
        "wish",
    )

    def __init__(
        self,
        *,
        client: str,
        wish: Wish,
        follows: bool,
        expires_s: float,
        task: asyncio.Task[object],
        receive: Receive,
        transport: asyncio.WriteTransport | None,
    ) -> None:
        self.client = client
        self.wish = wish
        self.follows = follows
        """Whether it asked for the desk's account, whichever that is, and not for one by name."""
        self.expires_s = expires_s
        self.task = task
        self.receive = receive
        self.transport = transport
        """The connection itself, where our own server lets us have it."""
        self.idle = False
        """Whether it has everything there is and waits for the next event."""
        self.index = 0
        """Index in the ring of the next event to send."""
        self.sending_since_s = QUIET
        """When the present send began; QUIET while none is under way."""
        self.bye: str | None = None
        """Why the stream has to end, once it has to."""


class Channel:
    """A live stream's state. Everything here happens on one event loop."""

    def __init__(self, name: str, sources: tuple[Source, ...], ring_size: int) -> None:
        self.name = name
        self.sources = sources
        self.ring = Ring(ring_size)
        self.first: Position | None = None
        """Place of the oldest event that the bus still has."""
        self.groups: dict[Wish, set[Subscriber]] = {}
        """Subscribers by what they want: what is sent to one is sent to all of a group."""
        self.per_client: Counter[str] = Counter()
        self.beats = 0
        self.gaps = 0
        """How often events were lost before this process could read them."""
        self.gap_index = 0
        """Index of the first event after the latest such loss."""
        self.delivered = 0
        """Deliveries since they were last told."""
        self._wake: SharedWake | None = None

    def waiting(self) -> SharedWake:
        """The future that the next event, heartbeat or end will set."""
        if self._wake is None:
            self._wake = SharedWake(loop=asyncio.get_running_loop())
        return self._wake

    def wake(self) -> None:
        """Let everybody look whether there is something for them."""
        wake, self._wake = self._wake, None
        if wake is not None and not wake.done():
            wake.set_result(None)

    @property
    def subscribers(self) -> list[Subscriber]:
        """Every open stream."""
        return [subscriber for group in self.groups.values() for subscriber in group]

    def publish(self, events: list[Ready]) -> None:
        """Put events into the ring, hand them to whoever can take them at once, and wake the others.

        A subscriber that waits and whose connection has room gets the bytes straight into its transport: no task has to
        run for it. One that is behind, or whose connection is full, is served by its own task, which waits for room.
        """
        begin = self.ring.end
        self.ring.extend(events)
        end, left = self.ring.end, begin < self.ring.begin
        for wish, group in self.groups.items():
            if left:
                break
            piece, count = self.ring.wire(begin, wish)
            for subscriber in group:
                if not subscriber.idle:
                    continue
                transport = subscriber.transport
                if transport is None or subscriber.index != begin or not _has_room(transport):
                    left = True
                    continue
                subscriber.index = end
                if count:
                    transport.write(piece)
                    self.delivered += count
        if left:
            self.wake()

    def beat(self) -> None:
        """A heartbeat for everybody who had nothing lately."""
        self.beats += 1
        self.wake()

    def lost(self, after: Position | None) -> None:
        """Events after `after` left the bus before they were read: the ring begins anew."""
        self.gaps += 1
        self.ring.restart(after)
        self.gap_index = self.ring.end
        for subscriber in self.subscribers:
            # It has to hear of the gap from its own task before anything else reaches it.
            subscriber.idle = False
        self.wake()

    def enter(self, subscriber: Subscriber) -> None:
        """A stream opens."""
        self.groups.setdefault(subscriber.wish, set()).add(subscriber)
        self.per_client[subscriber.client] += 1

    def sweep(self, client: str) -> None:
        """Forget streams of this client that it has left without our noticing yet."""
        for subscriber in self.subscribers:
            if subscriber.client == client and gone(subscriber.receive):
                self.leave(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """A stream is over; leaving twice is leaving once."""
        group = self.groups.get(subscriber.wish, set())
        if subscriber not in group:
            return
        group.discard(subscriber)
        if not group:
            del self.groups[subscriber.wish]
        self.per_client[subscriber.client] -= 1
        if not self.per_client[subscriber.client]:
            del self.per_client[subscriber.client]
