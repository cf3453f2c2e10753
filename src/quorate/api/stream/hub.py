"""The one reader of this process: from the bus into the rings, and an eye on subscribers who cannot keep up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from loguru import logger

from quorate.api.stream.channel import QUIET, Channel
from quorate.api.stream.ring import Ready
from quorate.api.stream.source import SOURCES, ready_of

if TYPE_CHECKING:
    from quorate.api.resources import Telemetry
    from quorate.api.settings import StreamSettings
    from quorate.journal.bus import Bus, Message, Position

RETRY_FIRST_S = 0.1
RETRY_S_MAX = 5.0
"""How long to wait before a bus that failed is asked again."""
BACKFILLS_MAX = 8
"""Subscribers that may read the bus for their resume at the same time."""


class Hub:
    """Reads every stream once for all subscribers of this process."""

    def __init__(
        self,
        bus: Bus,
        settings: StreamSettings,
        telemetry: Telemetry,
        chance: Callable[[], float],
        account: Callable[[], Awaitable[str]],
    ) -> None:
        """`account` tells which account the desk trades just now."""
        self.bus = bus
        self.settings = settings
        self.channels = {name: Channel(name, sources, settings.ring_events_max) for name, sources in SOURCES.items()}
        self.backfills = asyncio.Semaphore(BACKFILLS_MAX)
        self.up = False
        """Whether the bus answered when it was last asked."""
        self.closing = False
        self._telemetry = telemetry
        self._chance = chance
        self._account = account
        self._cursors: dict[str, Position | None] = {}
        self._started = asyncio.Event()

    @property
    def subscribers(self) -> int:
        """Open streams of all kinds."""
        return sum(channel.per_client.total() for channel in self.channels.values())

    def streams_of(self, client: str) -> int:
        """Open streams of one client."""
        return sum(channel.per_client[client] for channel in self.channels.values())

    async def started(self) -> None:
        """Wait until the hub knows where the streams stand."""
        await self._started.wait()

    async def run(self) -> None:
        """Read until cancelled. A bus that fails is asked again, from where the last good answer ended."""
        retry_s, told = RETRY_FIRST_S, False
        watch = asyncio.create_task(self._watch(), name="stream watch")
        try:
            while True:
                try:
                    if not self._started.is_set():
                        await self._begin()
                    busy = await self._read()
                    self.up, told, retry_s = True, False, RETRY_FIRST_S
                    if not busy:
                        await self.bus.wait(timeout_s=self.settings.watch_s)
                except Exception as error:  # noqa: BLE001  whatever ails the bus, subscribers stay and we ask again
                    if not told:
                        name = type(error).__name__
                        logger.opt(exception=error).debug("what the bus said")
                        logger.warning("the bus does not answer ({}); live streams wait", name)
                    self.up, told = False, True
                    await asyncio.sleep(retry_s * (0.5 + self._chance()))
                    retry_s = min(retry_s * 2, RETRY_S_MAX)
        finally:
            watch.cancel()
            self.close()

    def close(self) -> None:
        """Send everybody away; they come back to whoever answers next."""
        self.closing = True
        for channel in self.channels.values():
            channel.wake()

    def retry_ms(self) -> int:
        """When a subscriber should come back: jittered, so that a thousand do not come at once."""
        settings = self.settings
        return round(settings.retry_ms * (1 + settings.retry_jitter * self._chance()))

    def age_s(self) -> float:
        """How long a new stream may live."""
        settings = self.settings
        return settings.age_s_max * (1 + settings.age_jitter * (2 * self._chance() - 1))

    async def _begin(self) -> None:
        """Start at the present end of every stream; what is older is read when somebody resumes there."""
        for channel in self.channels.values():
            ends = [await self.bus.last(source.stream) for source in channel.sources]
            for source, end in zip(channel.sources, ends, strict=True):
                self._cursors[source.stream] = end
            channel.ring.restart(max((end for end in ends if end is not None), default=None))
            await self._refresh_first(channel)
        self._started.set()

    async def _read(self) -> bool:
        """Move what is new into the rings; True when there may be more at once."""
        ends = await asyncio.gather(*(self.bus.last(stream) for stream in self._cursors))
        heads = dict(zip(self._cursors, ends, strict=True))
        fresh = {stream for stream, head in heads.items() if head is not None and head != self._cursors[stream]}
        if not fresh:
            return False
        # Everything up to the newest head is visible in every stream by now: up to there they can be merged in order.
        horizon = max(head for head in heads.values() if head is not None)
        more = False
        for channel in self.channels.values():
            if any(source.stream in fresh for source in channel.sources):
                more = await self._read_channel(channel, horizon) or more
        return more

    async def _read_channel(self, channel: Channel, horizon: Position) -> bool:
        limit = self.settings.batch_events_max
        found: list[tuple[str, list[Ready]]] = []
        reached = horizon
        for source in channel.sources:
            cursor = self._cursors[source.stream]
            messages = await self.bus.read(source.stream, after=cursor, limit=limit)
            await self._check_gap(channel, source.stream, messages)
            ready = [ready_of(source, message) for message in messages if message.position <= horizon]
            if len(messages) == limit and ready:
                reached = min(reached, ready[-1].position)
            found.append((source.stream, ready))
        events: list[Ready] = []
        for stream, ready in found:
            taken = [each for each in ready if each.position <= reached]
            if taken:
                self._cursors[stream] = taken[-1].position
                events.extend(taken)
        if events:
            events.sort(key=lambda each: each.position)
            channel.publish(events)
        return reached < horizon

    async def _check_gap(self, channel: Channel, stream: str, messages: Sequence[Message]) -> None:
        """Tell everybody when the bus has already dropped what followed our cursor, after we were away or fell behind.

        Ids are the journal's and leave numbers out, so a dropped message cannot be told from one that never was: when
        the bus begins after our cursor, we say that something may be missing.
        """
        cursor = self._cursors[stream]
        behind = not self.up or len(messages) == self.settings.batch_events_max
        if not messages or cursor is None or not behind:
            return
        first = await self.bus.first(stream)
        if first is not None and first > cursor:
            logger.warning("{} was trimmed before it was read; subscribers are told to start anew", stream)
            channel.lost(cursor)

    async def _refresh_first(self, channel: Channel) -> None:
        firsts = [await self.bus.first(source.stream) for source in channel.sources]
        channel.first = min((first for first in firsts if first is not None), default=None)

    async def _watch(self) -> None:
        """Heartbeats, an eye on stalled and lagging subscribers, and what telemetry wants to know."""
        loop = asyncio.get_running_loop()
        beat_s = loop.time() + self.settings.heartbeat_s
        while True:
            await asyncio.sleep(self.settings.watch_s)
            now_s = loop.time()
            for channel in self.channels.values():
                self._look_after(channel, now_s)
                if self.up and self._started.is_set():
                    await self._refresh_first_quietly(channel)
            await self._send_to_the_new_account()
            if now_s >= beat_s:
                beat_s = now_s + self.settings.heartbeat_s
                for channel in self.channels.values():
                    channel.beat()

    async def _send_to_the_new_account(self) -> None:
        """End streams that follow the desk once it trades another account than when they began; they come back."""
        try:
            account = await self._account()
        except Exception as error:  # noqa: BLE001  a database that is gone is told elsewhere; streams stay as they are
            logger.debug("the desk's account cannot be looked up: {}", type(error).__name__)
            return
        for channel in self.channels.values():
            strays = [one for one in channel.subscribers if one.follows and one.wish.account != account]
            for subscriber in strays:
                subscriber.bye = "other_account"
            if strays:
                channel.wake()

    def _look_after(self, channel: Channel, now_s: float) -> None:
        """End streams that take nothing, and mark those that are too far behind."""
        end = channel.ring.end
        slowest = 0
        subscribers = channel.subscribers
        for subscriber in subscribers:
            behind = end - subscriber.index
            slowest = max(slowest, behind)
            if subscriber.sending_since_s == QUIET:
                continue
            if now_s - subscriber.sending_since_s > self.settings.send_deadline_s:
                subscriber.bye = "stalled"
                subscriber.task.cancel()
            elif behind > self.settings.lag_events_max:
                subscriber.bye = "lagging"
        self._telemetry.lag_seen(stream=channel.name, events=slowest)
        self._telemetry.subscribers_changed(stream=channel.name, count=len(subscribers))
        delivered, channel.delivered = channel.delivered, 0
        if delivered:
            self._telemetry.events_delivered(stream=channel.name, count=delivered)

    async def _refresh_first_quietly(self, channel: Channel) -> None:
        try:
            await self._refresh_first(channel)
        except Exception:  # noqa: BLE001  the reader meets the same fault and tells it
            self.up = False
