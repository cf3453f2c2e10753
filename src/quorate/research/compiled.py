"""The compiled runner: a strategy over columns of candles, as the desk would trade it, tens of millions a second.

    columns = Columns.of(bars, market)
    result = run(Breakout(), columns, market)

Its conventions and costs are those of the desk unless others are named; that both make the same trades is a test
(`tests/research/test_differential.py`). One call runs one symbol on its own equity.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

import numpy as np

from quorate.analysts.base import Strategy
from quorate.analysts.classics.breakout import Breakout
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP
from quorate.kernel.bars import Bars, FloatArray, IntArray
from quorate.research import equity, kernel, tables
from quorate.research.columns import Columns
from quorate.research.conventions import Conditions, Conventions, RunCosts, Sizing
from quorate.research.jit import compiled, keep_freed_memory
from quorate.research.orders import OrderBook, orders_of
from quorate.research.tables import OUTCOMES

Records: TypeAlias = Any
"""An array of records: `records["pnl"]` is the column of that field."""
MONEY = float(MONEY_STEP)
HOUR_MS = 3_600_000
WARM_BARS = 100
DESK = Conventions()
USUAL = RunCosts()
OWN_EQUITY = Sizing()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CompiledResult:
    """What a run did, and all it assumed.

    `trades` are those that ended, `unfinished` the one that was open at the last close, if any, `opened` both (records
    with the fields of `tables.Trade`); `parts` every movement of cash (`tables.Part`). Prices are in ticks,
    quantities in lots, money in steps of 1e-8 of the quote currency; `ticks` and `money` tell them in quote units.
    """

    strategy: str
    market: Market
    columns: Columns
    conventions: Conventions
    costs: RunCosts
    sizing: Sizing
    finer: Columns | None
    """The finer candles that decided what came first; None where `conventions.tie` did."""
    book: OrderBook
    rules: Any
    """The same assumptions as the kernel read them: a record of `tables.Rules`."""
    trades: Records
    unfinished: Records
    opened: Records
    parts: Records
    outcomes: IntArray
    """What became of each order (`OUTCOMES`)."""
    cash: int
    """Money at the end, without what an open trade is worth."""

    @property
    def start_equity(self) -> Decimal:
        """What the run began with, quote units."""
        return self.sizing.start_equity

    @property
    def pnl(self) -> FloatArray:
        """Profit of each trade net of every cost, quote units."""
        return self.money(self.trades["pnl"])

    @property
    def r(self) -> FloatArray:
        """Profit of each trade in R."""
        return self.trades["r_ppm"] / 1e6

    @property
    def exit(self) -> FloatArray:
        """Average exit price of each trade, quote units."""
        return self.trades["exit_value"] / self.trades["lots"] * float(self.market.tick)

    @property
    def counts(self) -> dict[str, int]:
        """How many orders came to what."""
        found = np.bincount(self.outcomes, minlength=len(OUTCOMES)).tolist()
        return dict(zip(OUTCOMES, found, strict=True))

    @property
    def estimated(self) -> tuple[str, ...]:
        """What was modelled and not measured: these candles carry no book."""
        modelled = ["queue"] if self.costs.on("queue") else []
        modelled += ["slippage"] if self.costs.on("slippage") else []
        return tuple(dict.fromkeys((*self.market.estimated, *modelled)))

    def money(self, steps: IntArray) -> FloatArray:
        """Steps of money in quote units."""
        return np.multiply(steps, MONEY, dtype=np.float64)

    def ticks(self, prices: IntArray) -> FloatArray:
        """Ticks in quote units."""
        return np.multiply(prices, float(self.market.tick), dtype=np.float64)

    def at_ms(self, rows: IntArray) -> IntArray:
        """When the candles at these rows closed, UTC milliseconds."""
        return self.columns.bars.open_ms[rows] + self.columns.length_ms

    def equity(self) -> IntArray:
        """Worth at every close in steps of money: cash, and the open position at that close."""
        worth = np.empty(len(self.columns), np.int64)
        compiled(equity.mark)(self.rules, self.columns.tape, self.opened, self.parts, worth)
        return worth


def run(
    strategy: Strategy,
    columns: Columns,
    market: Market,
    conventions: Conventions = DESK,
    costs: RunCosts = USUAL,
    sizing: Sizing = OWN_EQUITY,
    *,
    finer: Columns | None = None,
    book: OrderBook | None = None,
) -> CompiledResult:
    """Run a strategy over one symbol.

    `finer` are shorter candles of the same market that decide what came first inside one; `book` the strategy's orders
    where they are made already (see `orders_of`). Raises `StrategyFault` where the strategy fails, BadInput where what
    is asked for makes no sense or leaves the kernel's range.
    """
    book = orders_of(strategy, columns, market) if book is None else book
    return run_under(Conditions.of(strategy, columns, market, conventions, costs, sizing), columns, book, finer=finer)


def run_under(
    conditions: Conditions, columns: Columns, book: OrderBook, *, finer: Columns | None = None
) -> CompiledResult:
    """Run orders over the candles that the conditions were told for, or over a part of them. BadInput: see `run`."""
    costs, sizing = conditions.costs, conditions.sizing
    given = np.ascontiguousarray(sizing.lots, np.int64)
    if sizing.by == "lots" and len(given) != len(book):
        raise BadInput(f"There are {len(book)} orders and lots for {len(given)} of them.")
    path = columns.path(finer)
    settlements = columns.settlements(costs.settlements if costs.on("funding") else ())
    market_side = (columns.tape, path.fine, path.first, settlements)
    counts, trades, parts, outcomes = _worked(conditions.rules, conditions.fractions, market_side, book, given)
    if counts.overflow:
        pair = conditions.market.pair
        raise BadInput(f"A position on {pair} is too large to count.", hint="Trade less, or use coarser lots.")
    opened = trades[: counts.trades]
    over = len(opened) - int(len(opened) > 0 and opened[-1].reason == tables.OPEN)
    return CompiledResult(
        strategy=conditions.strategy.name,
        market=conditions.market,
        columns=columns,
        conventions=conditions.conventions,
        costs=costs,
        sizing=sizing,
        finer=finer,
        book=book,
        rules=conditions.rules,
        trades=opened[:over],
        unfinished=opened[over:],
        opened=opened,
        parts=parts[: counts.parts],
        outcomes=outcomes,
        cash=int(counts.cash),
    )


def _worked(
    rules: Any, fractions: IntArray, market_side: tuple[Any, ...], book: OrderBook, given: IntArray
) -> tuple[Any, Records, Records, IntArray]:
    """The kernel's counts, trades, parts and outcomes; orders that doubles cannot tell are left to decimals."""
    settlements = len(market_side[-1])
    trades = tables.blank(tables.TRADE, len(book))
    parts = tables.blank(tables.PART, len(book) * (len(fractions) + 2) + settlements)
    outcomes, heard_ms = np.empty(len(book), np.int64), np.empty(len(book), np.int64)
    given_in = (rules, fractions, *market_side, book.orders, book.goals, book.targets, given)
    while True:
        counts = tables.record(tables.COUNTS, cash=int(rules.cash))
        cast("Any", compiled(kernel.run))(*given_in, counts, trades, parts, outcomes, heard_ms)
        if not counts.unsure:
            return counts, trades, parts, outcomes
        book.decide(rules, int(counts.unsure) - 1)


def warm() -> None:
    """Compile everything a run needs, or read it from the cache: the first run then starts at once.

    Takes some seconds where nothing is cached yet.
    """
    keep_freed_memory()
    market = Market("BTC/USDT", Decimal(1), Decimal(1), Decimal(1), spread_ppm=0)
    flat = np.full(WARM_BARS, 100.0)
    bars = Bars(market.pair, "1h", np.arange(WARM_BARS) * HOUR_MS, flat, flat, flat, flat, flat)
    result = run(Breakout(), Columns.of(bars, market), market)
    result.book.read(result.rules)
    result.equity()
