"""One question that is asked again and again: its last good answer kept, its age and its health told as values."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from quorate.feeds.context.faults import FaultKind, SourceFault
from quorate.feeds.context.lane import BreakerState, Lane, Timepiece

T = TypeVar("T")
SourceState = Literal["waiting", "ok", "stale", "down", "recorded"]
LATE = 2.0
"""An answer older than so many times its freshness is called stale even when nobody failed: we were not asking."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value, and how old it was when it was read."""

    value: T
    age_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """What a page shows of a source.

    `state`: waiting (never asked yet), ok, stale (the last good answer is still used), down (there is none that can be
    used), recorded (read from a file). `age_ms` is the age of the last good answer, by a clock that cannot be set.
    """

    name: str
    state: SourceState
    breaker: BreakerState
    why: str
    """What went wrong last, in a sentence; empty where nothing did."""
    fault: FaultKind | None
    age_ms: int | None
    answered_ms: int | None
    """When it last gave a good answer, UTC milliseconds."""
    failures: int
    """Questions in a row that failed on its lane."""
    rests_s: float
    """Seconds until its breaker lets a question through."""


class Source(Generic[T]):
    """A question and its answers. `take` gets each good answer with the instant it came."""

    def __init__(
        self,
        name: str,
        ask: Callable[[], Awaitable[T]],
        *,
        lane: Lane,
        fresh_s: float,
        stale_s: float,
        clock: Timepiece,
        take: Callable[[T, int], None] | None = None,
    ) -> None:
        self.name = name
        self._ask = ask
        self._lane = lane
        self._fresh_s = fresh_s
        self._stale_s = stale_s
        self._clock = clock
        self._take = take
        self._answer: T | None = None
        self._answered_at: float | None = None
        self._answered_ms: int | None = None
        self._fault: SourceFault | None = None
        self._asking = asyncio.Lock()

    @property
    def due(self) -> bool:
        """Whether the last good answer is older than its freshness, and its breaker lets a question through."""
        return not self._younger_than(self._fresh_s) and self._lane.breaker != "open"

    async def refresh(self) -> None:
        """Ask, if it is due. A fault becomes part of the health; nothing is raised for it."""
        async with self._asking:
            if not self.due:
                return
            try:
                await self._lane.call(self._ask_once)
                self._fault = None
            except SourceFault as fault:
                self._fault = fault

    async def _ask_once(self) -> None:
        answer = await self._ask()
        now_ms = self._clock.now_ms()
        if self._take is not None:
            self._take(answer, now_ms)
        self._answer, self._answered_at, self._answered_ms = answer, self._clock.monotonic(), now_ms

    async def read(self) -> Reading[T] | None:
        """The answer, asked anew if it is due; the last good one where that fails; None where that is too old."""
        await self.refresh()
        return self.latest()

    def latest(self) -> Reading[T] | None:
        """The last good answer, while it may still be used."""
        if self._answer is None or not self._younger_than(self._stale_s):
            return None
        return Reading(self._answer, self._age_ms() or 0)

    def health(self) -> SourceHealth:
        """How it is, now."""
        fault = self._fault
        return SourceHealth(
            name=self.name,
            state=self._state(),
            breaker=self._lane.breaker,
            why="" if fault is None else str(fault),
            fault=None if fault is None else fault.kind,
            age_ms=self._age_ms(),
            answered_ms=self._answered_ms,
            failures=self._lane.failures,
            rests_s=self._lane.rests_s,
        )

    def _state(self) -> SourceState:
        if self._younger_than(self._stale_s):
            return "ok" if self._fault is None and self._younger_than(LATE * self._fresh_s) else "stale"
        return "waiting" if self._answered_at is None and self._fault is None else "down"

    def _age_ms(self) -> int | None:
        return None if self._answered_at is None else round((self._clock.monotonic() - self._answered_at) * 1000)

    def _younger_than(self, seconds: float) -> bool:
        return self._answered_at is not None and self._clock.monotonic() - self._answered_at < seconds
