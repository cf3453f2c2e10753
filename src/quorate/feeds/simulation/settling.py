"""Funding of the synthetic market as a desk meets it: rates of the running period, and settlements at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from quorate.domain.snapshot import Settlement
from quorate.feeds.simulation.climate import ORIGIN_MS
from quorate.feeds.simulation.market import SyntheticMarket
from quorate.feeds.simulation.surroundings import FUNDING_MS, funding

PERIODS_KEPT = 8


class SyntheticFunding:
    """Rates and settlements of some pairs, a function of seed and time only.

    Periods of eight hours begin at 00:00, 08:00 and 16:00 UTC. A period's rate is known while it runs and falls due at
    its end.
    """

    def __init__(self, seed: int, pairs: Sequence[str]) -> None:
        self._market = SyntheticMarket(seed)
        self._pairs = tuple(sorted(pairs))
        self._known: dict[int, Mapping[str, Decimal]] = {}

    def rates(self, at_ms: int) -> Mapping[str, Decimal]:
        """pair -> rate of the period that an instant lies in; none before the market's origin."""
        period = at_ms // FUNDING_MS
        if period * FUNDING_MS < ORIGIN_MS:
            return {}
        found = self._known.get(period)
        if found is None:
            while len(self._known) >= PERIODS_KEPT:
                del self._known[next(iter(self._known))]
            begin_ms = period * FUNDING_MS
            found = self._known[period] = {pair: funding(self._market, pair, begin_ms) for pair in self._pairs}
        return found

    def settlements(self, after_ms: int, until_ms: int) -> tuple[Settlement, ...]:
        """Settlements later than `after_ms`, up to and including `until_ms`, by instant, then pair."""
        first_ms = (after_ms // FUNDING_MS + 1) * FUNDING_MS
        return tuple(
            Settlement(pair, at_ms, rate)
            for at_ms in range(first_ms, until_ms + 1, FUNDING_MS)
            for pair, rate in self.rates(at_ms - 1).items()
        )
