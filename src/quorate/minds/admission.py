"""Who may call a provider now: so many at once, so many a minute, none while it is failing or asked us to wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Fault

if TYPE_CHECKING:
    from quorate.minds.settings import ProviderSettings

MINUTE_S = 60.0
HOLD_S_MAX = 3_600.0
"""Longest wait that a provider can put on us."""
BreakerState = Literal["closed", "open", "probing"]


class Timepiece(Protocol):
    """The clock of the gateway; `quorate.clock` has the real one and one for tests."""

    def now_ms(self) -> int:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionState:
    """How things stand with a provider, for health and metrics."""

    breaker: BreakerState
    failures: int
    """In a row."""
    under_way: int
    waits_s: float
    """How long the provider has asked us to wait from now on, for the model that waits longest."""
    last_fault: str
    last_latency_ms: int | None
    """Of the last call that got a reply, whatever it said; None before one."""


class Admission:
    """The gate before one provider.

    The breaker opens after `breaker_failures` failures in a row and lets one call probe after `breaker_open_s`: that
    one closes it or keeps it shut for as long again.
    """

    def __init__(self, name: str, settings: ProviderSettings, clock: Timepiece) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._places = asyncio.Semaphore(settings.calls_at_once)
        self._under_way = 0
        self._starts: deque[float] = deque(maxlen=settings.calls_per_minute)
        self._failures = 0
        self._shut_until: float | None = None
        self._probing = False
        self._held_until: dict[str, float] = {}
        self._last_fault = ""
        self._last_latency_ms: int | None = None

    @property
    def state(self) -> AdmissionState:
        """How things stand now."""
        return AdmissionState(
            breaker="closed" if self._shut_until is None else "probing" if self._probing else "open",
            failures=self._failures,
            under_way=self._under_way,
            waits_s=max(max(self._held_until.values(), default=0.0) - self._clock.monotonic(), 0.0),
            last_fault=self._last_fault,
            last_latency_ms=self._last_latency_ms,
        )

    @asynccontextmanager
    async def turn(self, model: str, left_s: Callable[[], float]) -> AsyncGenerator[Fault | None]:
        """A turn to call, for as long as the block runs; a Fault where none comes in the seconds that are left."""
        if (fault := self._shut() or self._too_soon(model, left_s())) is not None:
            yield fault
            return
        async with self._places:
            self._under_way += 1
            probe = False
            try:
                wait = self._wait_s(model)
                fault = self._too_soon(model, left_s())
                if fault is None and wait > 0:
                    self._starts.append(self._clock.monotonic() + wait)
                    await self._clock.sleep(wait)
                elif fault is None:
                    self._starts.append(self._clock.monotonic())
                # Looked at again: it may have opened while this call waited.
                fault = fault or self._shut()
                probe = fault is None and self._shut_until is not None
                self._probing = self._probing or probe
                yield fault
            finally:
                self._under_way -= 1
                if probe:
                    self._probing = False

    def replied(self, seconds: float) -> None:
        """A reply came after so long."""
        self._last_latency_ms = round(seconds * 1_000)

    def worked(self) -> None:
        """A call was answered, whatever the answer."""
        self._failures = 0
        self._shut_until = None
        self._last_fault = ""

    def failed(self, reason: str) -> None:
        """A call was not answered: the provider is down, or slower than a deadline."""
        self._failures += 1
        self._last_fault = reason
        if self._shut_until is not None or self._failures >= self._settings.breaker_failures:
            self._shut_until = self._clock.monotonic() + self._settings.breaker_open_s

    def hold(self, model: str, seconds: float) -> None:
        """The provider asked us to wait: nobody calls this model until then. Its others have their own limits."""
        until = self._clock.monotonic() + min(max(seconds, 0.0), HOLD_S_MAX)
        self._held_until[model] = max(self._held_until.get(model, 0.0), until)

    def _shut(self) -> Fault | None:
        if self._shut_until is None:
            return None
        left_s = self._shut_until - self._clock.monotonic()
        if left_s <= 0 and not self._probing:
            return None
        again = f"tried again in {left_s:.0f} s" if left_s > 0 else "being tried by one call just now"
        why = f"{self._name} failed {self._failures} times in a row and is {again}; last: {self._last_fault}"
        return Fault(code=protocol.BREAKER_OPEN, reason=why)

    def _wait_s(self, model: str) -> float:
        now = self._clock.monotonic()
        wait = self._held_until.get(model, 0.0) - now
        if len(self._starts) == self._settings.calls_per_minute:
            wait = max(wait, self._starts[0] + MINUTE_S - now)
        return max(wait, 0.0)

    def _too_soon(self, model: str, left_s: float) -> Fault | None:
        wait = self._wait_s(model)
        if wait == 0 or wait < left_s:
            return None
        why = f"{self._name} can be asked for {model} in {wait:.0f} s again, later than this deadline"
        return Fault(code=protocol.RATE_LIMITED, reason=why, retry_after_s=wait)
