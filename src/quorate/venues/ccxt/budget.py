"""How much of a venue's rate limit is left, and who may have it: cancels and exits keep a share of their own.

A bucket that fills at the venue's pace. Entries may drain it down to ENTRY_FLOOR, questions down to QUESTION_FLOOR,
cancels, exits and stops to the bottom. After the venue has asked to be left alone, entries and questions stop at once,
while what takes risk away goes on, one request at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from quorate.domain.venue import VenueBusy
from quorate.venues.ccxt.outcomes import Errand

ENTRY_FLOOR = 0.40
QUESTION_FLOOR = 0.20
"""Shares of the bucket that are kept from entries, and from questions."""
PATIENCE_S = {Errand.ENTRY: 0.25, Errand.QUESTION: 5.0, Errand.EXIT: 5.0, Errand.CANCEL: 5.0, Errand.UPKEEP: 5.0}
"""How long each waits for its turn: a late entry is none, anything else is better late than never."""
WAIT_S_MIN = 0.001
"""A shorter wait may be lost in the rounding of a clock, and be waited for again and again."""
URGENT_PAUSE_S, URGENT_PAUSE_BANNED_S = 1.0, 10.0
"""Between two urgent requests while the venue asks to be left alone for a while, or for so long that it is a ban."""
BANNED_S = 60.0
"""Whoever is to be silent for longer is banned: each request may make it longer."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A venue's limit: so much at once, and so much more each second."""

    capacity: float
    per_s: float


class Bucket:
    """One limit, as it is used up and fills again. `monotonic` gives seconds."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float]) -> None:
        self.rate = rate
        self._monotonic = monotonic
        self._level = rate.capacity
        self._at_s = monotonic()

    @property
    def left(self) -> float:
        """What is left now; below zero where more was used than there was."""
        return min(self.rate.capacity, self._level + (self._monotonic() - self._at_s) * self.rate.per_s)

    def wait_s(self, errand: Errand, cost: float) -> float:
        """How long until the errand may have `cost` of it."""
        floor = 0.0 if errand.urgent else ENTRY_FLOOR if errand is Errand.ENTRY else QUESTION_FLOOR
        short = min(cost + floor * self.rate.capacity, self.rate.capacity) - self.left
        return 0.0 if short <= 0 else short / self.rate.per_s

    def take(self, cost: float) -> None:
        """Use some of it."""
        self._level, self._at_s = self.left - cost, self._monotonic()

    def told(self, used: float) -> None:
        """The venue says how much of it is used: believed where that is more than we thought."""
        self._level, self._at_s = min(self.left, self.rate.capacity - used), self._monotonic()


class Budget:
    """Every limit of one venue, and its wish to be left alone.

    Sessions with the same key share the venue's limits: what its answers tell counts, not only what we have sent.
    """

    def __init__(self, venue: str, monotonic: Callable[[], float], *, requests: Rate, orders: Rate) -> None:
        self._venue = venue
        self._monotonic = monotonic
        self.requests = Bucket(requests, monotonic)
        self.orders = Bucket(orders, monotonic)
        self._quiet_until_s = monotonic()
        self._urgent_next_s = monotonic()

    def back_off(self, seconds: float) -> None:
        """The venue asks to be left alone for so long."""
        self._quiet_until_s = max(self._quiet_until_s, self._monotonic() + seconds)

    @property
    def quiet_s(self) -> float:
        """How long the venue still wants to be left alone."""
        return max(0.0, self._quiet_until_s - self._monotonic())

    async def turn(self, errand: Errand, *, cost: float, orders: float = 0.0) -> None:
        """Wait until the errand may go, and count it. Errors: VenueBusy where that would take too long."""
        while (wait_s := self._wait_s(errand, cost, orders)) > 0:
            if wait_s > PATIENCE_S[errand]:
                raise VenueBusy(
                    f"{self._venue} leaves no room for {_words(errand)} for {wait_s:.1f} s.", retry_after_s=wait_s
                )
            await asyncio.sleep(max(wait_s, WAIT_S_MIN))
        pause_s = URGENT_PAUSE_BANNED_S if self.quiet_s > BANNED_S else URGENT_PAUSE_S
        self._urgent_next_s = self._monotonic() + pause_s
        self.requests.take(cost)
        self.orders.take(orders)

    def _wait_s(self, errand: Errand, cost: float, orders: float) -> float:
        quiet_s = self.quiet_s
        if errand.urgent and quiet_s:
            quiet_s = min(quiet_s, max(0.0, self._urgent_next_s - self._monotonic()))
        return max(
            quiet_s,
            self.requests.wait_s(errand, cost) if cost else 0.0,
            self.orders.wait_s(errand, orders) if orders else 0.0,
        )


def _words(errand: Errand) -> str:
    return {
        Errand.ENTRY: "entries",
        Errand.EXIT: "exits",
        Errand.CANCEL: "cancels",
        Errand.QUESTION: "questions",
        Errand.UPKEEP: "upkeep",
    }[errand]
