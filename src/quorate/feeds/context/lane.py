"""How a service is asked, whatever the question: in turn, within a deadline, again after a moment, and not for a while
when it keeps failing. One lane for each service; all its questions share the breaker and the rate limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeVar

from quorate.feeds.backoff import Backoff
from quorate.feeds.context.faults import SourceFault, malformed
from quorate.feeds.context.settings import Limits

T = TypeVar("T")
BreakerState = Literal["closed", "open", "half_open"]
RETRY_AFTER_S_MAX = 3_600.0
"""A service that asks to be left alone for longer is asked again after this."""


class Timepiece(Protocol):
    """The wall clock and a clock that only grows: the second measures, the first dates."""

    def now_ms(self) -> int:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Lane:
    """The way to one service. `chance` draws uniformly from 0 to 1."""

    def __init__(self, name: str, limits: Limits, *, clock: Timepiece, chance: Callable[[], float]) -> None:
        self.name = name
        self.limits = limits
        self._clock = clock
        self._chance = chance
        self._free_at = float("-inf")
        self._failures = 0
        self._rest_until: float | None = None
        self._rests = Backoff(chance, first_s=limits.rest_s, max_s=limits.rest_max_s)
        self._probing = False

    @property
    def breaker(self) -> BreakerState:
        """closed: asked as usual; open: left alone; half_open: the next question decides."""
        if self._rest_until is None:
            return "closed"
        return "open" if self._clock.monotonic() < self._rest_until else "half_open"

    @property
    def failures(self) -> int:
        """Questions in a row that failed."""
        return self._failures

    @property
    def rests_s(self) -> float:
        """Seconds until the breaker lets a question through; 0 where it does."""
        return 0.0 if self._rest_until is None else max(0.0, self._rest_until - self._clock.monotonic())

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long: the service said so."""
        self._free_at = max(self._free_at, self._clock.monotonic() + min(max(seconds, 0.0), RETRY_AFTER_S_MAX))

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to one question. Errors: SourceFault, at the latest when the deadline has passed."""
        probe = self._admit()
        try:
            async with asyncio.timeout(self.limits.deadline_s):
                answer = await self._attempts(ask)
        except TimeoutError as error:
            raise self._failed(SourceFault("timeout", f"No answer within {self.limits.deadline_s:g} s.")) from error
        except SourceFault as fault:
            if fault.kind != "resting":
                self._failed(fault)
            raise
        except Exception as error:
            # The one place where anything a hostile answer makes a parser raise becomes a fault of that source alone.
            raise self._failed(malformed(f"cannot be understood ({type(error).__name__})")) from error
        finally:
            if probe:
                self._probing = False
        self._failures = 0
        self._rest_until = None
        self._rests.reset()
        return answer

    def _admit(self) -> bool:
        if self.breaker == "closed":
            return False
        if self.breaker == "open" or self._probing:
            raise SourceFault("resting", f"It failed {self._failures} times in a row and is left alone for a while.")
        self._probing = True
        return True

    async def _attempts(self, ask: Callable[[], Awaitable[T]]) -> T:
        limits = self.limits
        ends = self._clock.monotonic() + limits.deadline_s
        waits = Backoff(self._chance, first_s=limits.retry_first_s, max_s=limits.retry_max_s)
        for attempt in range(1, limits.attempts_max + 1):
            await self._turn(ends)
            try:
                return await ask()
            except SourceFault as fault:
                if fault.retry_after_s is not None:
                    self.hold(fault.retry_after_s)
                wait_s = waits.next_s()
                if not fault.passing or attempt == limits.attempts_max or self._clock.monotonic() + wait_s >= ends:
                    raise
            await self._clock.sleep(wait_s)
        raise AssertionError("the last attempt raises or returns")

    async def _turn(self, ends: float) -> None:
        """Wait for our turn under the rate limit; a turn that comes too late is not waited for."""
        now = self._clock.monotonic()
        starts = max(now, self._free_at)
        if starts >= ends:
            raise SourceFault("resting", f"Its rate limit lets nothing through for another {starts - now:.0f} s.")
        self._free_at = starts + self.limits.pause_s
        if starts > now:
            await self._clock.sleep(starts - now)

    def _failed(self, fault: SourceFault) -> SourceFault:
        self._failures += 1
        if self._failures >= self.limits.failures_max:
            self._rest_until = self._clock.monotonic() + self._rests.next_s()
        return fault
