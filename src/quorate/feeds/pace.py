"""How fast a feed's time runs against the clock on the wall."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from quorate.desk.ports import Clock
from quorate.domain.errors import BadInput

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
"""Waits so many seconds; `asyncio.sleep` in the house, a fake that moves its clock in tests."""

MAX_SPEED = "max"
LAG_MS_MAX = 60_000
"""A feed further behind its pace than this (the machine slept) takes it up anew instead of racing to catch up."""


def parse_speed(speed: str | float | None) -> float | None:
    """Feed seconds per wall second; None for "max", as fast as steps are taken. Errors: BadInput."""
    if speed is None or speed == MAX_SPEED:
        return None
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise BadInput(f"The speed {speed!r} cannot be used.", hint='It is "max" or a number above 0; 1 is real time.')
    return factor


class Pace:
    """Holds a feed to its speed: `hold(at)` returns when it is time for the step of feed time `at`.

    The first step held comes at once and sets the beginning of both times.
    """

    def __init__(self, speed: float | None, *, clock: Clock, sleep: Sleep) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._anchor: tuple[int, int] | None = None

    async def hold(self, at_ms: int) -> None:
        """Wait until `at_ms` of feed time has come."""
        if self._speed is None:
            return
        now_ms = self._clock.now_ms()
        if self._anchor is None:
            self._anchor = (at_ms, now_ms)
        feed_ms, wall_ms = self._anchor
        due_ms = wall_ms + (at_ms - feed_ms) / self._speed
        if now_ms - due_ms > LAG_MS_MAX:
            self._anchor = (at_ms, now_ms)
        elif due_ms > now_ms:
            await self._sleep((due_ms - now_ms) / 1000)
