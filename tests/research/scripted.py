"""Strategies that do as a script says, for candles of a few ticks: small worlds in which everything happens at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

import numpy as np

from quorate.analysts.base import ExitRules, Setups, Strategy, no_setups
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.policy import Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars, to_floats, to_ticks
from tests.analysts.synthetic import NoParameters

START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""


@dataclass(frozen=True)
class Line:
    """What a script says at one bar: distances from the close in ticks, shares in percent."""

    side: int
    stop: int
    targets: tuple[int, ...]
    trail: int = 0
    entry: int = 0
    """Ticks behind the close."""
    confidence: int = 50
    share: int = 100


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """Speaks at the bars that its script names by their opening time."""

    script: Mapping[int, Line]
    exits: ExitRules
    entry_kind: EntryKind = EntryKind.MARKET
    pacing: Pacing = field(default_factory=lambda: Pacing(cooldown_bars=0))
    timeframe: str = "5m"
    name: str = "scripted"
    warm_up: int = 1
    parameters: NoParameters = field(default_factory=NoParameters)

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """The lines of its script."""
        rows = [row for row in range(since, len(bars)) if int(bars.open_ms[row]) in self.script]
        if not rows:
            return no_setups(len(self.exits.fractions))
        lines = [self.script[int(bars.open_ms[row])] for row in rows]
        close = to_ticks(bars.close[rows], market.tick)
        side = np.array([line.side for line in lines], np.int8)
        entry = close - side * np.array([line.entry for line in lines])

        def price(ticks: np.ndarray) -> np.ndarray:
            return to_floats(ticks.astype(np.int64), market.tick)

        goals = np.array([line.targets for line in lines]).T
        return Setups(
            rows=np.array(rows, np.intp),
            side=side,
            confidence=np.array([line.confidence / 100 for line in lines]),
            entry=price(entry),
            stop=price(entry - side * np.array([line.stop for line in lines])),
            targets=tuple(price(entry + side * goal) for goal in goals),
            trail=price(np.array([line.trail for line in lines])) if lines[0].trail else None,
            size=np.array([line.share / 100 for line in lines]),
        )

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Nothing to say."""
        return ""


def speaking(**values: object) -> Strategy:
    """A strategy that does as a script says (see `Scripted`)."""
    return cast("Strategy", Scripted(**values))  # pyright: ignore[reportArgumentType]


def bars_of(market: Market, timeframe: str, open_ms: np.ndarray, columns: np.ndarray) -> Bars:
    """Bars of five columns: open, high, low, close and volume."""
    opens, high, low, close, volume = (column.astype(np.float64) for column in columns)
    return Bars(market.pair, timeframe, open_ms.astype(np.int64), opens, high, low, close, volume)


def made_bars(
    market: Market, shapes: list[tuple[int, int, int, int, bool]], *, price: int, timeframe: str = "5m"
) -> Bars:
    """Bars of a few ticks: (gap from the last close, body, upper wick, lower wick, whether the candle is missing)."""
    rows: list[tuple[int, int, int, int, int]] = []
    close = price
    for place, (gap, body, up, down, missing) in enumerate(shapes):
        opened = max(2, close + gap)
        close = max(2, opened + body)
        low = max(1, min(opened, close) - down)
        if not missing:
            open_ms = START_MS + place * TIMEFRAME_MS[timeframe]
            rows.append((open_ms, opened, max(opened, close) + up, low, close))
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    opens, high, low_, closes = (to_floats(column, market.tick) for column in columns[1:])
    return Bars(market.pair, timeframe, columns[0].copy(), opens, high, low_, closes, np.full(len(rows), 1e6))


def rules(**values: object) -> ExitRules:
    """Exit rules with one target for everything unless told otherwise."""
    return ExitRules(**({"fractions": (Decimal(1),)} | values))  # pyright: ignore[reportArgumentType]
