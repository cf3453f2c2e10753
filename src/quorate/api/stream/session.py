"""One subscriber's stream, as a raw ASGI application: nothing stands between it and the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from quorate.api.accounts import account_for
from quorate.api.boundary.guard import BEGUN, CLIENT, HEADERS
from quorate.api.problems import INVALID_PARAMETERS, STREAM_ID_MALFORMED, STREAMS_FULL, ProblemRaised, field_faults
from quorate.api.schemas.status import Bye, Hello, Reset
from quorate.api.stream import frames
from quorate.api.stream.channel import QUIET, Channel, Receive, Subscriber, gone
from quorate.api.stream.ring import Wish
from quorate.api.stream.source import ready_of

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.schemas.queries import PnlStreamQuery, StreamQuery
    from quorate.api.stream.hub import Hub
    from quorate.journal.bus import Position

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

EVENT_ID = re.compile(r"([0-9]{1,9})-([0-9]{1,18})")
TRANSPORT = "quorate.transport"
"""Key in the scope under which our server puts the connection's transport, so that a dead one can be dropped."""
FAREWELL_S = 5.0
"""How long a closed connection may take to drain before it is dropped."""
EVENT_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class StreamApp:
    """Serves one live stream to everybody who subscribes to it."""

    def __init__(self, resources: Resources, hub: Hub, channel: str, query: type[StreamQuery | PnlStreamQuery]) -> None:
        self._resources = resources
        self._hub = hub
        self._channel = hub.channels[channel]
        self._query = query

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Check the question, find a place, and stay until the stream ends."""
        wish, follows, asked_id = await self._wish(scope)
        await receive()
        self._make_room(scope[CLIENT])
        await self._hub.started()
        subscriber = Subscriber(
            client=scope[CLIENT],
            wish=wish,
            follows=follows,
            expires_s=asyncio.get_running_loop().time() + self._hub.age_s(),
            task=_this_task(),
            receive=receive,
            transport=scope.get(TRANSPORT),
        )
        self._channel.enter(subscriber)
        session = _Session(self._hub, self._channel, subscriber, send)
        try:
            scope[BEGUN] = True
            headers = [*EVENT_STREAM, *scope.pop(HEADERS)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            del headers
            await session.begin(asked_id)
            await session.follow()
            if subscriber.bye is not None:
                await session.end()
        except asyncio.CancelledError:
            if subscriber.bye is None:
                raise
            # We cancelled it ourselves, out of a send that never ended: the usual way out is blocked.
            drop(scope.get(TRANSPORT), session.farewell())
        finally:
            self._channel.leave(subscriber)
            if subscriber.bye is not None:
                self._resources.telemetry.subscriber_closed(stream=self._channel.name, reason=subscriber.bye)

    async def _wish(self, scope: Mapping[str, Any]) -> tuple[Wish, bool, Position | None]:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=20)
        try:
            query = self._query.model_validate(dict(pairs))
        except ValidationError as error:
            names, errors = field_faults(error.errors())
            detail = f"The request has parameters that make no sense: {names}."
            raise ProblemRaised(INVALID_PARAMETERS, detail, errors=errors) from error
        asked_id = _header(scope, b"last-event-id") or query.last_event_id or None
        account = await account_for(self._resources, query.account)
        wish = Wish(account, getattr(query, "mode", None), getattr(query, "pair", None))
        return wish, query.account is None, None if asked_id is None else parse_id(asked_id)

    def _make_room(self, client: str) -> None:
        """Refuse a stream too many, for this client or for all."""
        settings = self._hub.settings
        if self._hub.subscribers >= settings.subscribers_max:
            raise self._full(f"{settings.subscribers_max} streams are open, the most this desk serves.")
        most = settings.subscribers_per_client_max
        if self._hub.streams_of(client) >= most:
            for channel in self._hub.channels.values():
                channel.sweep(client)
        if self._hub.streams_of(client) >= most:
            raise self._full(f"{most} streams of this client are open, the most it may have.")

    def _full(self, sentence: str) -> ProblemRaised:
        return ProblemRaised(STREAMS_FULL, sentence, headers={"Retry-After": str(self._hub.settings.retry_after_s)})


class _Session:
    """The life of one stream."""

    def __init__(self, hub: Hub, channel: Channel, subscriber: Subscriber, send: Send) -> None:
        self._hub = hub
        self._channel = channel
        self._subscriber = subscriber
        self._send = send

    async def end(self) -> None:
        """Say goodbye, and end the answer."""
        await self._deliver(self.farewell())
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def farewell(self) -> bytes:
        """`bye`, with the reason and when to come back."""
        reason: Any = self._subscriber.bye
        return frames.bye(Bye(reason=reason, retry_ms=self._hub.retry_ms()))

    async def begin(self, asked: Position | None) -> None:
        """Say hello, and bring the subscriber up to date."""
        ring = self._channel.ring
        fault = None if asked is None else self._fault(asked)
        first, last = _text(self._channel.first), _text(ring.last)
        start = ring.last if asked is None or fault is not None else asked
        shape = Hello(
            epoch=ring.last[0] if ring.last else 1,
            first=first,
            last=last,
            resumed=asked is not None and fault is None,
        )
        self._subscriber.index = ring.end
        await self._deliver(frames.hello(shape, start))
        if fault is not None:
            await self._reset(fault)
        elif asked is not None:
            await self._resume(asked)

    def _fault(self, asked: Position) -> str | None:
        """Why a stream cannot go on after `asked`; None when it can."""
        last, first = self._channel.ring.last, self._channel.first
        if last is None or asked[0] != last[0]:
            return "other_epoch"
        if asked > last:
            return "ahead"
        if self._channel.ring.index_after(asked) is None and (first is None or asked < first):
            return "too_old"
        return None

    async def _reset(self, reason: Any, index: int | None = None) -> None:
        """Say that events are missing, and go on from the event at `index` (None: from now)."""
        ring = self._channel.ring
        self._subscriber.index = ring.end if index is None else index
        shape = Reset(reason=reason, first=_text(self._channel.first), last=_text(ring.last))
        await self._deliver(frames.reset(shape, ring.last if index is None else ring.after))

    async def _resume(self, asked: Position) -> None:
        """Send what was missed: from the ring, or first from the bus as far as the ring does not reach back."""
        reached = asked
        budget = self._hub.settings.backfill_events_max
        while (index := self._channel.ring.index_after(reached)) is None:
            async with self._hub.backfills:
                page, reached_now = await self._page(reached)
            budget -= self._hub.settings.batch_events_max
            if reached_now == reached or budget < 0:
                await self._reset("gap")
                return
            reached = reached_now
            if page:
                await self._deliver(page)
        self._subscriber.index = index

    async def _page(self, after: Position) -> tuple[bytes, Position]:
        """The next events of the bus after `after` that are wanted, and how far that reaches.

        The streams are merged in order; where one of them gave a full page, only what lies before its end is complete.
        """
        limit = self._hub.settings.batch_events_max
        ring_after = self._channel.ring.after
        reached = ring_after if ring_after is not None else after
        found: list[Any] = []
        for source in self._channel.sources:
            messages = await self._hub.bus.read(source.stream, after=after, limit=limit)
            if len(messages) == limit:
                reached = min(reached, messages[-1].position)
            found.extend(ready_of(source, message) for message in messages)
        taken = sorted((each for each in found if each.position <= reached), key=lambda each: each.position)
        return b"".join(each.frame for each in taken if self._subscriber.wish.takes(each)), reached

    async def follow(self) -> None:
        """Deliver from the ring until the subscriber goes, or has to go."""
        channel, subscriber = self._channel, self._subscriber
        ring, wish = channel.ring, subscriber.wish
        loop = asyncio.get_running_loop()
        beats, gaps = channel.beats, channel.gaps
        while True:
            if subscriber.bye is not None:
                return
            if channel.gaps != gaps:
                gaps = channel.gaps
                await self._reset("gap", channel.gap_index)
            elif subscriber.index < ring.begin:
                subscriber.bye = "lagging"
                return
            elif subscriber.index < ring.end:
                chunk, count = ring.chunk(subscriber.index, wish)
                subscriber.index = ring.end
                if count:
                    subscriber.sending_since_s = loop.time()
                    await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
                    subscriber.sending_since_s = QUIET
                    channel.delivered += count
                    beats = channel.beats
            elif self._hub.closing:
                subscriber.bye = "shutdown"
            elif channel.beats != beats:
                beats = channel.beats
                if gone(subscriber.receive):
                    return
                if loop.time() >= subscriber.expires_s:
                    subscriber.bye = "max_age"
                else:
                    await self._deliver(frames.BEAT)
            else:
                subscriber.idle = True
                await channel.waiting()
                subscriber.idle = False

    async def _deliver(self, piece: bytes) -> None:
        subscriber = self._subscriber
        subscriber.sending_since_s = asyncio.get_running_loop().time()
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        subscriber.sending_since_s = QUIET


def parse_id(text: str) -> Position:
    """An event id as a place; a problem for anything else."""
    match = EVENT_ID.fullmatch(text.strip())
    if match is None:
        raise ProblemRaised(
            STREAM_ID_MALFORMED,
            "The last event id is not one of ours: ids look like 1-48213.",
            errors=[("last_event_id", "It has to be two numbers with a dash between them.")],
        )
    return int(match[1]), int(match[2])


def drop(transport: asyncio.WriteTransport | None, farewell: bytes) -> None:
    """End a connection that takes nothing: leave it our last words, and do not wait for long whether it reads them."""
    if transport is None or transport.is_closing():
        return
    transport.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(farewell), farewell))
    transport.close()
    asyncio.get_running_loop().call_later(FAREWELL_S, transport.abort)


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None, "a server runs every request in a task"
    return task


def _text(position: Position | None) -> str | None:
    return None if position is None else frames.id_of(position)


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
