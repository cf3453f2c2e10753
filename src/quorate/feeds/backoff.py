"""How long to wait before trying again: longer each time, never in step with others."""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 0.5
MAX_S = 30.0


class Backoff:
    """Exponential waits with jitter; `reset` after something worked. `chance` draws uniformly from 0 to 1."""

    def __init__(self, chance: Callable[[], float], *, first_s: float = FIRST_S, max_s: float = MAX_S) -> None:
        self._chance = chance
        self._first_s = first_s
        self._max_s = max_s
        self._failures = 0

    def reset(self) -> None:
        """Begin anew: the last try worked."""
        self._failures = 0

    def next_s(self) -> float:
        """Seconds to wait after one more failure: between half and all of the current step."""
        step_s = min(self._max_s, self._first_s * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return step_s * (0.5 + 0.5 * self._chance())
