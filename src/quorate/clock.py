"""The wall clock: the one place that reads it.

Decisions run on the feed's time and never come here. Leases, deadlines, log stamps and the pace of a feed do.
"""

import asyncio
import time


class SystemClock:
    """The machine's clock, in UTC milliseconds."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970. May jump when the machine's clock is set."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that only ever grow, for measuring how long something took."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`; not at all when they are not above zero."""
        await asyncio.sleep(max(seconds, 0.0))


class ManualClock:
    """A clock that stands still until it is told to move: for tests and for anything that must not wait.

    `sleep` ends when `advance` has moved the clock far enough, so that a test decides what happens when.
    """

    def __init__(self, start_ms: int = 0) -> None:
        self._start_ms = start_ms
        self._passed_ms = 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        """UTC milliseconds, as set and advanced."""
        return self._start_ms + self._passed_ms

    def monotonic(self) -> float:
        """Seconds by which the clock was advanced."""
        return self._passed_ms / 1_000

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by `seconds` from here."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = (self._passed_ms + round(seconds * 1_000), awake)
        self._sleepers.append(sleeper)
        try:
            await awake
        finally:
            self._sleepers.remove(sleeper)

    def advance(self, seconds: float) -> None:
        """Move the clock forward and wake every sleeper whose time has come, earliest first."""
        assert seconds >= 0, "time does not go back"
        self._passed_ms += round(seconds * 1_000)
        for until, awake in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if until <= self._passed_ms and not awake.done():
                awake.set_result(None)
