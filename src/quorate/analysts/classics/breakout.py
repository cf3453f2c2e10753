"""Breakout: price leaves the range of the last twenty bars.

Sources: R. Donchian's four-week rule; the Turtles' entry and stop of two ATRs (C. Faith, Way of the Turtle, 2007).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import numpy as np

from quorate.analysts.base import ExitRules, Setups, no_setups, tradable
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel import readings
from quorate.kernel.bars import Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakoutParameters:
    """Period in bars, distances in ATRs."""

    timeframe: str = "1h"
    channel: int = 20
    stop_atr: float = 2.0
    targets_atr: tuple[float, float] = (2.0, 5.0)
    trail_atr: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakout:
    """LONG at the first close over the highest high of the 20 bars before it; SHORT under their lowest low.

    Confidence: 0.5 + 0.3 · clamp(distance beyond the channel in ATRs, 0, 1) + 0.2 · clamp(volume ratio − 1, 0, 1). A
    third is taken at 2 ATR, then the stop goes to break-even and trails 2 ATR up to 5 ATR.
    """

    parameters: BreakoutParameters = field(default_factory=BreakoutParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "breakout"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(
        fractions=(Decimal("0.33"), Decimal(1)), break_even_target=1, trail_target=1, expires_bars=120
    )
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """The channel, one bar to cross it, and some bars for the ATR to settle."""
        return self.parameters.channel + 50

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        rows, side, edge = readings.breaks(bars, p.channel).since(since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        atr, ratio = readings.at(rows, readings.atr(bars), readings.volume_ratio(bars))
        entry = bars.close[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = (entry - edge) * side / atr
        surge = np.fmin(np.fmax(ratio - 1.0, 0.0), 1.0)
        setups = Setups(
            rows=rows,
            side=side,
            confidence=0.5 + 0.3 * np.clip(beyond, 0.0, 1.0) + 0.2 * surge,
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=tuple(entry + side * (distance * atr) for distance in p.targets_atr),
            trail=p.trail_atr * atr,
            measures={"edge": edge, "close": entry, "beyond": beyond},
        )
        return tradable(setups, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        edge = "over the highest high" if side is Side.LONG else "under the lowest low"
        return (
            f"The close of {measures['close']:.10g} is {measures['beyond']:.2f} ATR {edge}"
            f" of {self.parameters.channel} bars ({measures['edge']:.10g})."
        )
