"""An event loop on a virtual clock: whoever sleeps wakes at once, in the right order, whatever the machine."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""


class Stuck(AssertionError):
    """Everybody waits for something that nobody will do."""


class _Selector(selectors.SelectSelector):
    """Moves the loop's time on instead of waiting; there are no sockets to wait for."""

    passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("nothing is left to happen, and somebody still waits")
        self.passed_s += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only when everybody sleeps."""

    def __init__(self) -> None:
        self._own = _Selector()
        super().__init__(self._own)

    def time(self) -> float:
        return self._own.passed_s

    def stand_still(self, seconds: float) -> None:
        """Time passes, and nobody gets to do anything: as when a process is starved."""
        self._own.passed_s += seconds


class VirtualClock:
    """The wall clock of a virtual loop."""

    def now_ms(self) -> int:
        return START_MS + round(asyncio.get_running_loop().time() * 1_000)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run this to its end on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
