"""What was settled while nobody listened: asked once, when a desk comes back to positions that were held meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from quorate.feeds.context.derivatives import Derivatives, FundingRates
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Lane


class PastFunding:
    """Asks an exchange for settlements of the past and keeps them beside what it announces."""

    def __init__(self, exchange: Derivatives, rates: FundingRates, *, lane: Lane) -> None:
        self._exchange = exchange
        self._rates = rates
        self._lane = lane

    async def learn(self, pairs: Sequence[str], *, after_ms: int, until_ms: int, deadline_s: float) -> str:
        """Learn what was settled on `pairs` in that time, within `deadline_s`; why it is not known, empty where it is.

        Nothing is raised for the exchange's sake.
        """
        try:
            async with asyncio.timeout(deadline_s):
                told = await self._lane.call(
                    lambda: self._exchange.settled(pairs, after_ms=after_ms, until_ms=until_ms)
                )
        except TimeoutError:
            return f"No answer within {deadline_s:g} s."
        except SourceFault as fault:
            return str(fault)
        for pair, points in told.items():
            self._rates.settlements.take(pair, points)
        return ""
