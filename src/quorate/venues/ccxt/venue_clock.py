"""The venue's time, and how far this machine's clock is from it.

It is measured by asking, and runs on the machine's monotonic clock from there: a wall clock that jumps changes no
signature. The jump is seen at once as skew, and stops entries until it is mended or explained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MEASURED_AGAIN_S, MEASURED_MAX_S = 300.0, 1_800.0
"""After which age a measurement is renewed by whoever asks the venue a question, and by an order, which should not have
to wait for it: monotonic clocks drift by less than 100 ms in an hour."""


@dataclass(frozen=True, slots=True)
class _Measured:
    venue_ms: float
    mono_s: float
    error_ms: float


class VenueClock:
    """`wall_ms` is this machine's clock, `monotonic` its seconds that only grow."""

    def __init__(self, wall_ms: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._wall_ms = wall_ms
        self._monotonic = monotonic
        self._measured: _Measured | None = None
        self.measurements = 0
        """How often the venue was asked."""

    def due(self, age_s_max: float = MEASURED_AGAIN_S) -> bool:
        """Whether the venue should be asked for its time before the next signed request."""
        return self._measured is None or self._monotonic() - self._measured.mono_s > age_s_max

    def doubt(self) -> None:
        """Something says that we are wrong: it is measured again before anything else is signed."""
        self._measured = None

    def measured(self, venue_ms: int, *, step_ms: int, asked_s: float, heard_s: float) -> None:
        """The venue said `venue_ms`, told in steps of `step_ms`, somewhere between our asking and our hearing it.

        Where this machine's clock is as near as that can tell, it is taken to be right.
        """
        self.measurements += 1
        error_ms = (heard_s - asked_s) * 500 + step_ms / 2
        middle_ms = venue_ms + step_ms / 2 + (heard_s - asked_s) * 500
        wall_ms = self._wall_ms()
        self._measured = _Measured(
            venue_ms=wall_ms if abs(wall_ms - middle_ms) <= error_ms else middle_ms, mono_s=heard_s, error_ms=error_ms
        )

    def now_us(self) -> int:
        """The venue's time, UTC microseconds; this machine's until the venue was asked."""
        if self._measured is None:
            return self._wall_ms() * 1000
        return round(self._measured.venue_ms * 1000 + (self._monotonic() - self._measured.mono_s) * 1_000_000)

    def now_ms(self) -> int:
        """The venue's time, UTC milliseconds; this machine's until the venue was asked."""
        return self.now_us() // 1000

    def skew_ms(self) -> int:
        """How far this machine's clock is ahead of the venue's, as near as was measured; 0 where it was not."""
        if self._measured is None:
            return 0
        ahead = self._wall_ms() - self.now_ms()
        sure = max(0.0, abs(ahead) - self._measured.error_ms)
        return int(sure) if ahead >= 0 else -int(sure)
