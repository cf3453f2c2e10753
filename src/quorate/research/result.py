"""What a backtest is, whichever runner made it: its trades, its equity, and everything it assumed.

Reports, metrics, baselines and tests of luck read this and nothing else, so that a figure means the same for both
runners. Money is in the quote currency; trades carry what the ledger booked, curves are doubles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import numpy as np

from quorate.kernel.bars import FloatArray, IntArray

Engine = Literal["compiled", "event"]
"""`compiled`: a strategy and a symbol at a time on their own equity, tens of millions of bars a second. `event`: the
real desk with every control, portfolio and breaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """One trade from entry to flat."""

    portfolio: str
    """Book it was made in; the strategy's name where each runs on its own equity."""
    strategy: str
    """The strategy, or `consensus` for the council's."""
    pair: str
    side: Literal["LONG", "SHORT"]
    opened_ms: int
    closed_ms: int
    entry: Decimal
    exit: Decimal
    """Average over its parts."""
    quantity: Decimal
    pnl: Decimal
    """Net of every cost."""
    fees: Decimal
    funding: Decimal
    spread_and_slippage: Decimal
    """What taking the market cost against the prices of the candles; part of `pnl`."""
    r: Decimal
    reason: str
    """How it ended, in the desk's words: stop, target, trailing_stop, break_even, expiry, liquidation, …"""
    bars: int
    """Candles it was open for."""
    regime: str
    """Regime of the pair when it was opened; empty where it was not measured."""
    mae_r: Decimal | None = None
    """Furthest against it inside its candles, in R; None where the runner does not tell."""
    mfe_r: Decimal | None = None
    """Furthest in its favour."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Equity at instants, ascending; marked to market, the first point is what it began with."""

    at_ms: IntArray
    equity: FloatArray

    def daily(self) -> "Curve":
        """The last point of every UTC day from the first to the last, days without a point carrying the one before."""
        day_ms = 86_400_000
        days = np.arange(self.at_ms[0] // day_ms, self.at_ms[-1] // day_ms + 1, dtype=np.int64)
        places = np.searchsorted(self.at_ms, (days + 1) * day_ms, side="left") - 1
        return Curve((days + 1) * day_ms, self.equity[places])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Backtest:
    """One run, complete."""

    title: str
    engine: Engine
    strategies: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, object]]
    """Of each strategy."""
    pairs: tuple[str, ...]
    timeframe: str
    """Of the candles."""
    source: str
    """Where the candles came from, for people: exchange, kind, folder's name; never a path."""
    start_ms: int
    end_ms: int
    bars: int
    """Candles of all pairs that were run."""
    start_equity: Decimal
    trades: tuple[ClosedTrade, ...]
    """By closing time."""
    open_trades: int
    curves: Mapping[str, Curve]
    """Of each portfolio (compiled: of each pair and strategy), and their sum under `total`."""
    costs: Mapping[str, str]
    """Every part of the cost model by name, with what it was set to; a part that was switched off says so."""
    conventions: Mapping[str, str]
    estimated: tuple[str, ...]
    """What was modelled and not measured."""
    silent: Mapping[str, int] = field(default_factory=dict[str, int])
    """Setups that became no trade, by why."""
    warnings: tuple[str, ...] = ()
    variants_tried: int = 1
    """How many variants were tried to come to this one: enters the deflated Sharpe ratio."""
    elapsed_s: float = 0.0
    digest: str = ""
    """SHA-256 of what the result follows from: candles, strategies, parameters, conventions, costs."""
