"""Bar Reaction: a bar that moves far on volume tends to be followed for a while; get in passively, get out soon.

Source: the desk's own specification of Bar Reaction 5M (docs/strategies.md). It looks at closed bars only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isnan
from typing import ClassVar, Literal

import numpy as np

from quorate.analysts.base import ExitRules, Setups, SideArray, no_setups, rows_where, tradable
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel import readings
from quorate.kernel.bars import Bars, FloatArray
from quorate.kernel.indicators import round10
from quorate.kernel.readings import RowArray

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD1", "DAI"})
"""Quote currencies that are worth a dollar: the notional gate is in USD, other quotes cannot pass it."""
VOLUME_BARS = 20
_SLACK = 1e-6
"""Relative room that the cheap check leaves for rounding: it may let a bar pass, it may never lose one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarReactionParameters:
    """Thresholds of Bar Reaction. Moves in basis points, distances in ATRs, ATR limits in percent of the price."""

    timeframe: str = "5m"
    mode: Literal["trend", "revert"] = "trend"
    """Go with the move, or against it."""
    move_from: Literal["open", "previous_close"] = "open"
    trigger_bps: float = 12.0
    fade: bool = False
    """A move of `fade_bps` or more is traded against, at half size, instead of what `mode` says."""
    fade_bps: float = 35.0
    atr_percent_min: float = 0.25
    atr_percent_max: float = 3.0
    spread_ppm_max: int = 800
    notional_usd_min: float = 200_000.0
    confidence_min: float = 0.6
    stop_atr: float = 0.6
    targets_atr: tuple[float, float] = (1.0, 1.8)
    trail_atr: float = 0.8

    def __post_init__(self) -> None:
        """A move must be able to lie between the trigger and the size that fades."""
        if not 0 < self.trigger_bps < self.fade_bps:
            raise ValueError("trigger_bps must be over 0 and fade_bps over trigger_bps")


@dataclass(frozen=True, slots=True, kw_only=True)
class BarReaction:
    """Trades the reaction to a single large bar (SPEC section 3, RULES section 8).

    Gates: Wilder ATR(14) between 0.25 % and 3 % of the close, spread of at most 8 bps, the bar's own notional (close
    times volume) at least 200,000 USD, confidence at least 0.6, first target beyond round-trip fees and spread.
    Confidence: 0.5 + 0.3 · min((|move| − 12) / (35 − 12), 1) + 0.2 · clamp(volume ratio − 1, 0, 1), the volume ratio
    being the bar's volume over the mean of the 20 bars before it.
    """

    parameters: BarReactionParameters = BarReactionParameters()
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "bar_reaction"
    entry_kind: ClassVar[EntryKind] = EntryKind.MAKER
    exits: ClassVar[ExitRules] = ExitRules(
        fractions=(Decimal("0.5"), Decimal(1)), break_even_r=Decimal("0.8"), trail_r=Decimal("0.8")
    )
    pacing: ClassVar[Pacing] = Pacing(
        cooldown_bars=1, losses_pause=3, pause_ms=1_800_000, per_hour_max=6, per_day_max=50
    )

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """The volumes before a bar; the ATR is there earlier."""
        return VOLUME_BARS + 1

    def quick(self, bars: Bars, market: Market) -> bool:
        """Whether the newest bar passes every gate that needs no ATR, give or take rounding."""
        p = self.parameters
        if market.spread_ppm > p.spread_ppm_max or market.quote not in DOLLARS or len(bars) < self.warm_up:
            return False
        close = bars.close[-1].item()
        reference = (bars.open[-1] if p.move_from == "open" else bars.close[-2]).item()
        move = abs(close / reference - 1.0) * 1e4
        if move < p.trigger_bps * (1.0 - _SLACK):
            return False
        volume = bars.volume[-1].item()
        if close * volume < p.notional_usd_min * (1.0 - _SLACK):
            return False
        mean = bars.volume[-1 - VOLUME_BARS : -1].sum().item() / VOLUME_BARS
        excess = min(max(volume / mean - 1.0, 0.0), 1.0) if mean > 0 else 0.0
        reach = min((move - p.trigger_bps) / (p.fade_bps - p.trigger_bps), 1.0)
        return 0.5 + 0.3 * reach + 0.2 * excess >= p.confidence_min - _SLACK

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        if market.spread_ppm > p.spread_ppm_max or market.quote not in DOLLARS or len(bars) < self.warm_up:
            return no_setups(len(self.exits.fractions))
        moves = self._moves(bars)
        rows = rows_where(np.abs(moves) >= p.trigger_bps * (1.0 - _SLACK), since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        setups = self._gated(bars, market, rows, moves[rows])
        sure = setups.where(setups.confidence >= p.confidence_min)
        return tradable(sure, kind=self.entry_kind, costs=self.costs, market=market)

    def _gated(self, bars: Bars, market: Market, rows: RowArray, moves: FloatArray) -> Setups:
        """What the rows would trade where move, ATR and notional pass their gates."""
        p = self.parameters
        close = bars.close[rows]
        atr, ratio = readings.atr(bars)[rows], readings.volume_ratio(bars, VOLUME_BARS)[rows]
        notional, percent = close * bars.volume[rows], 100.0 * atr / close
        moves, notional, percent, ratio, atr = round10(np.array([moves, notional, percent, ratio, atr]))
        keep = (np.abs(moves) >= p.trigger_bps) & (notional >= p.notional_usd_min)
        keep &= (percent >= p.atr_percent_min) & (percent <= p.atr_percent_max)
        measured = np.array([moves, notional, percent, ratio, atr, close])[:, keep]
        moves, notional, percent, ratio, atr, close = measured
        reach = np.minimum((np.abs(moves) - p.trigger_bps) / (p.fade_bps - p.trigger_bps), 1.0)
        # fmax takes 0 where there is no ratio.
        excess = np.fmin(np.fmax(ratio - 1.0, 0.0), 1.0)
        side, share = self._sides(moves)
        entry = close * (1.0 - side * (market.spread_ppm / 2e6))
        return Setups(
            rows=rows[keep],
            side=side,
            confidence=round10(np.clip(0.5 + 0.3 * reach + 0.2 * excess, 0.0, 1.0)),
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=tuple(entry + side * (distance * atr) for distance in p.targets_atr),
            trail=p.trail_atr * atr,
            size=share,
            measures={"move_bps": moves, "atr_percent": percent, "volume_ratio": ratio, "notional": notional},
        )

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        move, ratio = measures["move_bps"], measures["volume_ratio"]
        volume = "after bars without any volume" if isnan(ratio) else f"on {ratio:.2f} times its usual volume"
        return (
            f"The bar moved {move:+.1f} bps {volume} ({measures['notional']:,.0f} USD,"
            f" ATR {measures['atr_percent']:.2f} %): {side.lower()} {'with' if move * side.sign > 0 else 'against'} it."
        )

    def _moves(self, bars: Bars) -> FloatArray:
        """Move of every bar in basis points of its reference price; NaN where there is none."""
        if self.parameters.move_from == "open":
            return (bars.close / bars.open - 1.0) * 1e4
        moves = np.full(len(bars), np.nan)
        moves[1:] = (bars.close[1:] / bars.close[:-1] - 1.0) * 1e4
        return moves

    def _sides(self, move: FloatArray) -> tuple[SideArray, FloatArray]:
        """Side and share of the normal size for each move."""
        p = self.parameters
        along = np.sign(move).astype(np.int8)
        side = along if p.mode == "trend" else -along
        share = np.ones(len(move))
        if p.fade:
            fading = np.abs(move) >= p.fade_bps
            side = np.where(fading, -along, side)
            share[fading] = 0.5
        return side, share
