"""RSI reversal: the market was sold (or bought) too far and turns.

Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978: leaving the zones under 30 and over 70.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import numpy as np

from quorate.analysts.base import ExitRules, Setups, crossed, no_setups, rows_where, tradable
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel import indicators, readings
from quorate.kernel.bars import Bars
from quorate.kernel.indicators import round10

DEPTH_BARS = 12
"""Bars, the crossing one included, in which the depth of the excess is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsiReversalParameters:
    """Thresholds of the RSI (0 to 100), distances in ATRs."""

    timeframe: str = "1h"
    period: int = 14
    oversold: float = 30.0
    overbought: float = 70.0
    stop_atr: float = 1.5
    targets_atr: tuple[float, float] = (1.5, 3.0)
    trail_atr: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RsiReversal:
    """LONG at the bar where RSI(14) comes back over 30, SHORT where it comes back under 70.

    Confidence: 0.5 + 0.3 · clamp(depth / 15, 0, 1) + 0.2 · clamp(volume ratio − 1, 0, 1), the depth being how far
    beyond the threshold the RSI was within the last 12 bars. Half is taken at 1.5 ATR, then the stop goes to break-even
    and trails 1.5 ATR up to 3 ATR; closed after 48 bars.
    """

    parameters: RsiReversalParameters = field(default_factory=RsiReversalParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "rsi_reversal"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(
        fractions=(Decimal("0.5"), Decimal(1)), break_even_target=1, trail_target=1, expires_bars=48
    )
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """Eight times the RSI's period, after which its beginning no longer matters much."""
        return 8 * self.parameters.period

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        rsi = round10(readings.rsi(bars, p.period))
        up, down = crossed(rsi > p.oversold, rsi <= p.oversold), crossed(rsi < p.overbought, rsi >= p.overbought)
        rows = rows_where(up | down, since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        side = np.where(up[rows], 1, -1).astype(np.int8)
        lowest, highest = indicators.extremes(rsi, DEPTH_BARS)
        depth = np.where(side > 0, p.oversold - lowest[rows], highest[rows] - p.overbought)
        atr, ratio = readings.at(rows, readings.atr(bars), readings.volume_ratio(bars))
        entry = bars.close[rows]
        surge = np.fmin(np.fmax(ratio - 1.0, 0.0), 1.0)
        setups = Setups(
            rows=rows,
            side=side,
            confidence=0.5 + 0.3 * np.clip(depth / 15.0, 0.0, 1.0) + 0.2 * surge,
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=tuple(entry + side * (distance * atr) for distance in p.targets_atr),
            trail=p.trail_atr * atr,
            measures={"rsi": rsi[rows], "depth": depth},
        )
        return tradable(setups, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        p = self.parameters
        turned = f"back over {p.oversold:g}" if side is Side.LONG else f"back under {p.overbought:g}"
        return f"RSI {p.period} is {turned} at {measures['rsi']:.1f} after {measures['depth']:.1f} points of excess."
