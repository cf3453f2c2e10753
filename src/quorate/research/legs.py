"""One strategy on one pair, run by the compiled runner inside a range of time: what a backtest is added up from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.market import Market
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run_under
from quorate.research.conventions import RunCosts
from quorate.research.materials import Materials
from quorate.research.orders import OrderBook, orders_of
from quorate.research.result import Curve
from quorate.research.spans import Terms


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Leg:
    """A strategy on a pair, and what the compiled runner made of it."""

    strategy: Strategy
    market: Market
    terms: Terms
    result: CompiledResult
    first: int
    """Row of the first candle inside the range."""
    start_ms: int

    @property
    def name(self) -> str:
        """Strategy and pair."""
        return f"{self.strategy.name} {self.market.pair}"

    @property
    def columns(self) -> Columns:
        """The candles."""
        return self.result.columns

    def curve(self) -> Curve:
        """Its own equity: what it began with, then every close inside the range."""
        worth = self.result.money(self.result.equity()[self.first :])
        at_ms = np.concatenate(([self.start_ms], self.columns.close_ms[self.first :]))
        return Curve(at_ms, np.concatenate(([float(self.result.start_equity)], worth)))

    def with_costs(self, costs: RunCosts, market: Market) -> Leg:
        """The same orders at other costs; `market` carries the spread."""
        terms = replace(self.terms, costs=costs)
        conditions = terms.on(self.strategy, self.columns, market)
        result = run_under(conditions, self.columns, self.result.book, finer=self.result.finer)
        return replace(self, terms=terms, market=market, result=result)


def run_leg(strategy: Strategy, materials: Materials, pair: str, terms: Terms) -> Leg:
    """Run a strategy on a pair of the materials. Raises `StrategyFault`, BadInput."""
    columns, market = materials.columns[pair], materials.markets[pair]
    book = _inside(orders_of(strategy, columns, market), materials.start_ms)
    return Leg(
        strategy=strategy,
        market=market,
        terms=terms,
        result=run_under(terms.on(strategy, columns, market), columns, book, finer=materials.finer.get(pair)),
        first=materials.first_row(pair),
        start_ms=materials.start_ms,
    )


def _inside(book: OrderBook, start_ms: int) -> OrderBook:
    """Only the orders that were decided later than `start_ms`: what came before is for warming up."""
    keep = book.orders["at_ms"] > start_ms
    if bool(keep.all()):
        return book
    return replace(
        book, orders=book.orders[keep], goals=book.goals[keep], targets=book.targets[keep], places=book.places[keep]
    )
