"""Worlds of a few candles in which one convention or cost shows, and what a run makes of them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.votes import EntryKind
from quorate.kernel.bars import Bars
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from tests.research.scripted import START_MS, Line, bars_of, rules, speaking

MINUTE_MS = 60_000
MARKET = Market("AAA/USDT", Decimal("0.01"), Decimal("0.5"), Decimal(0), 400)
FREE = Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0)
IDEAL = RunCosts().without("fees", "spread", "slippage", "latency", "funding", "liquidation")
QUIET = "1000 1000 1000 1000 100"
"""A candle in which nothing moves, as `written` reads it."""
BUY = Line(side=1, stop=10, targets=(10,))


def fills(result: CompiledResult) -> list[tuple[int, str, int, int]]:
    """Candle, reason, price in ticks and lots of each fill."""
    return [(int(p.row), tables.REASONS[p.reason], int(p.ticks), int(p.lots)) for p in result.parts]


def written(text: str, timeframe: str, start_ms: int) -> Bars:
    """Candles "open high low close volume" in ticks."""
    candles = np.array([[float(number) for number in row.split()] for row in text.split(",")]).T
    open_ms = start_ms + np.arange(candles.shape[1]) * TIMEFRAME_MS[timeframe]
    return bars_of(MARKET, timeframe, open_ms, candles / np.array([[100], [100], [100], [100], [1]]))


def small(text: str, line: Line, *, kind: EntryKind = EntryKind.MARKET, **values: object) -> tuple[Strategy, Columns]:
    """Candles as `written`, and a strategy that speaks at the first."""
    bars = written(text, "5m", START_MS)
    strategy = speaking(script={START_MS: line}, exits=rules(**values), entry_kind=kind)
    return strategy, Columns.of(bars, MARKET)


def one(strategy: Strategy, columns: Columns, costs: RunCosts = IDEAL, **values: object) -> CompiledResult:
    """What a run with one order of ten lots comes to."""
    conventions = Conventions(**values)  # pyright: ignore[reportArgumentType]
    return run(strategy, columns, MARKET, conventions, costs, Sizing(by="lots", lots=[10]))
