"""Settlements of funding by their instants: announced by an exchange beforehand, told by it afterwards, or recorded."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from quorate.domain.snapshot import Settlement
from quorate.feeds.context.contract_names import spellings

MINUTE_MS = 60_000
INSTANTS_MAX = 100_000
RATE_STEP = Decimal(1).scaleb(-9)
"""What the arithmetic of payments counts rates in."""


def instant_of(stamp_ms: int) -> int:
    """The minute a stamp means: exchanges settle on the minute and stamp some milliseconds later."""
    return (stamp_ms + MINUTE_MS // 2) // MINUTE_MS * MINUTE_MS


class Settlements:
    """What falls due, and when. Where nothing is known of an instant, nothing is told of it."""

    def __init__(self, *, instants_max: int = INSTANTS_MAX) -> None:
        self._instants_max = instants_max
        self._instants: list[int] = []
        self._rates: dict[int, dict[str, Decimal]] = {}

    def announce(self, pair: str, stamp_ms: int, rate: Decimal, *, known_ms: int) -> None:
        """Note what an exchange says will be settled; a later word replaces an earlier one until the instant itself."""
        at_ms = instant_of(stamp_ms)
        if known_ms <= at_ms:
            self._put(pair, at_ms, rate)

    def take(self, pair: str, points: Iterable[tuple[int, Decimal]]) -> None:
        """Note what was settled: (stamp, rate) each. It replaces what was announced."""
        for stamp_ms, rate in points:
            self._put(pair, instant_of(stamp_ms), rate)

    def between(self, after_ms: int, until_ms: int, pairs: Sequence[str]) -> tuple[Settlement, ...]:
        """Settlements of these pairs later than `after_ms`, up to and including `until_ms`, by instant, then pair.

        A pair takes those of the contract on the same coin in another dollar where it has none of its own.
        """
        first = bisect_right(self._instants, after_ms)
        if first == len(self._instants) or self._instants[first] > until_ms:
            return ()
        found: list[Settlement] = []
        for at_ms in self._instants[first : bisect_right(self._instants, until_ms)]:
            rates = self._rates[at_ms]
            for pair in sorted(pairs):
                rate = next((rates[name] for name in spellings(pair) if name in rates), None)
                if rate is not None:
                    found.append(Settlement(pair, at_ms, rate))
        return tuple(found)

    def _put(self, pair: str, at_ms: int, rate: Decimal) -> None:
        rates = self._rates.get(at_ms)
        if rates is None:
            rates = self._rates[at_ms] = {}
            insort(self._instants, at_ms)
            while len(self._instants) > self._instants_max:
                del self._rates[self._instants.pop(0)]
        rates[pair] = _counted(rate)


def _counted(rate: Decimal) -> Decimal:
    """The rate to nine decimals; left as it was told where it has no more."""
    exponent = rate.as_tuple().exponent
    return rate if isinstance(exponent, int) and exponent >= -9 else rate.quantize(RATE_STEP, ROUND_HALF_EVEN)
