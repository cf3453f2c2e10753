"""What the API needs from outside, given once by wiring, and how a request finds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Protocol, cast

from fastapi import Depends, Request

from quorate.api.accounts import Memory
from quorate.api.backtests import Backtests, NoBacktests
from quorate.api.words import NoWords, Words
from quorate.domain.errors import Refused

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.api.settings import ApiSettings
    from quorate.desk.ports import Clock
    from quorate.domain.policy import DeskPolicy
    from quorate.journal.bus import Bus
    from quorate.store.readers.health import HealthReport


class HealthSource(Protocol):
    """Knows how every part of the desk is doing."""

    async def report(self, account: str | None) -> HealthReport:
        """Look at every part, within a deadline of its own; never raises."""
        ...


class Telemetry(Protocol):
    """Counts what the API does; the exposition is Prometheus text."""

    def request_answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        ...

    def subscribers_changed(self, *, stream: str, count: int) -> None:
        """So many subscribers follow `stream` now."""
        ...

    def events_delivered(self, *, stream: str, count: int) -> None:
        """So many events were handed to subscribers."""
        ...

    def subscriber_closed(self, *, stream: str, reason: str) -> None:
        """A subscriber was closed by us."""
        ...

    def lag_seen(self, *, stream: str, events: int) -> None:
        """How far the slowest subscriber is behind."""
        ...

    async def exposition(self) -> tuple[bytes, str]:
        """Every metric as text, and its content type."""
        ...


async def no_second_factor(code: str) -> None:
    """Where nobody can check a code, none is accepted."""
    raise Refused("This process cannot check a second factor.", hint="Use `quorate panic --undo`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything a request may use."""

    pool: Pool
    bus: Bus
    settings: ApiSettings
    clock: Clock
    health: HealthSource
    telemetry: Telemetry
    chance: Callable[[], float]
    """A number from 0 to below 1, for jitter only."""
    monotonic: Callable[[], float]
    """Seconds that only ever grow."""
    new_id: Callable[[], str]
    """A fresh, unguessable id."""
    version: str
    policy: DeskPolicy
    schedules: Mapping[str, str]
    """job (scanner, monitor, evaluator, optimizer) -> its cron expression, on the feed's time."""
    words: Words = field(default_factory=NoWords)
    """What models were asked and said, as far as this process can read it."""
    second_factor: Callable[[str], Awaitable[None]] = no_second_factor
    """Uses up a code of the second factor, or raises Refused."""
    backtests: Backtests = field(default_factory=NoBacktests)
    """Whoever runs backtests for this process."""
    account: str | None = None
    """The account to show where a request names none; None: that of the running desk."""
    memory: Memory = field(default_factory=Memory)


def resources_of(request: Request) -> Resources:
    """The application's resources."""
    return cast("Resources", request.app.state.resources)


Given = Annotated["Resources", Depends(resources_of)]
