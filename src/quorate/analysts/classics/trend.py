"""Trend following: the fast average crosses the slow one while the market is going somewhere.

Sources: the crossing of moving averages, R. Donchian, 1960; ADX and DI as its filter, J. W. Wilder, New Concepts in
Technical Trading Systems, 1978.
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
from quorate.kernel import readings
from quorate.kernel.bars import Bars
from quorate.kernel.indicators import round10


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendParameters:
    """Periods in bars, distances in ATRs."""

    timeframe: str = "1h"
    fast: int = 20
    slow: int = 50
    adx_min: float = 20.0
    stop_atr: float = 2.0
    targets_atr: tuple[float, float] = (3.0, 6.0)
    trail_atr: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """LONG at the bar where EMA 20 crosses over EMA 50 with ADX(14) of at least 20 and +DI over −DI; SHORT mirrored.

    Confidence: 0.5 + 0.3 · clamp((ADX − 20) / 20, 0, 1) + 0.2 · clamp((volume ratio − 1), 0, 1). A third is taken at 3
    ATR, then the stop goes to break-even and trails 2.5 ATR up to 6 ATR.
    """

    parameters: TrendParameters = field(default_factory=TrendParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "trend"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(
        fractions=(Decimal("0.33"), Decimal(1)), break_even_target=1, trail_target=1, expires_bars=240
    )
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """Five times the slow average, after which its beginning no longer matters much."""
        return 5 * self.parameters.slow

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        fast, slow = round10(np.array([readings.ema(bars, p.fast), readings.ema(bars, p.slow)]))
        up, down = crossed(fast > slow, fast <= slow), crossed(fast < slow, fast >= slow)
        rows = rows_where(up | down, since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        side = np.where(up[rows], 1, -1).astype(np.int8)
        columns = (readings.adx(bars), readings.atr(bars), readings.volume_ratio(bars), *readings.directional(bars))
        adx, atr, ratio, plus, minus = readings.at(rows, *columns)
        entry = bars.close[rows]
        surge = np.fmin(np.fmax(ratio - 1.0, 0.0), 1.0)
        setups = Setups(
            rows=rows,
            side=side,
            confidence=0.5 + 0.3 * np.clip((adx - p.adx_min) / 20.0, 0.0, 1.0) + 0.2 * surge,
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=tuple(entry + side * (distance * atr) for distance in p.targets_atr),
            trail=p.trail_atr * atr,
            measures={"fast": fast[rows], "slow": slow[rows], "adx": adx},
        ).where((adx >= p.adx_min) & ((plus - minus) * side > 0))
        return tradable(setups, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        p = self.parameters
        return (
            f"EMA {p.fast} ({measures['fast']:.10g}) crossed {'over' if side is Side.LONG else 'under'} EMA {p.slow}"
            f" ({measures['slow']:.10g}) with ADX {measures['adx']:.1f}."
        )
