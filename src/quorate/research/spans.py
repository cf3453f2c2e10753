"""A strategy over one span of time, as if there were nothing before it but history and nothing after it at all.

Orders follow from a bar and earlier ones only, so those of the whole column serve every span; whether a strategy keeps
to this is looked into (`quorate.research.lookahead`). What a span's own past and future would change, its equity, its
pace and how its last trade ends, is run for that span by itself, on columns that end with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.market import Market
from quorate.kernel.bars import FloatArray, IntArray
from quorate.research import day_marks
from quorate.research.columns import Columns
from quorate.research.compiled import MONEY, CompiledResult, run_under
from quorate.research.conventions import Conditions, Conventions, RunCosts, Sizing
from quorate.research.figures import Figures, figures_of
from quorate.research.jit import compiled
from quorate.research.orders import OrderBook

DAY_MS = 86_400_000
Ending: TypeAlias = Literal["marked", "purged", "closed"]
"""What becomes of a trade that is open at the end: `marked`: it is worth what the last close says, and no closed trade;
`purged`: it never was; `closed`: it is sent out at the last close and meets the next open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What every run of a search assumes; each pair trades the starting equity of `sizing`."""

    conventions: Conventions = field(default_factory=Conventions)
    costs: RunCosts = field(default_factory=RunCosts)
    sizing: Sizing = field(default_factory=Sizing)

    def on(self, strategy: Strategy, columns: Columns, market: Market) -> Conditions:
        """The conditions of a strategy's runs over these candles, or over a part of them. BadInput: see `rules_of`."""
        return Conditions.of(strategy, columns, market, self.conventions, self.costs, self.sizing)


@dataclass(frozen=True, slots=True)
class Span:
    """Decisions from `start_ms` up to, not including, `end_ms`; candles up to the one that closes at `end_ms`."""

    start_ms: int
    end_ms: int

    def days(self) -> IntArray:
        """The ends of the UTC days that it touches, the last one cut at its own end."""
        ends = np.arange(self.start_ms // DAY_MS + 1, -(-self.end_ms // DAY_MS) + 1, dtype=np.int64) * DAY_MS
        ends[-1] = self.end_ms
        return ends

    def years(self) -> float:
        """Its length in years of 365 days."""
        return (self.end_ms - self.start_ms) / (365.0 * DAY_MS)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SpanRun:
    """One pair's run over a span."""

    span: Span
    r: FloatArray
    """Of each closed trade."""
    pnl: FloatArray
    """... in quote units."""
    worth: FloatArray
    """At the end of each day of the span, quote units; the last is `final`."""
    start: float
    final: float
    """Worth at the very end; after the costs of leaving where the last trade was closed."""
    open_trades: int
    cash: int
    """The same in steps of money: what a next span begins with."""


def rows_until(columns: Columns, end_ms: int) -> int:
    """How many candles have closed by an instant."""
    return int(np.searchsorted(columns.bars.open_ms, end_ms - columns.length_ms, side="right"))


def columns_until(columns: Columns, count: int) -> Columns:
    """The first `count` candles, as views."""
    if count >= len(columns):
        return columns
    return Columns(columns.bars.between(0, count), columns.tape[:count], columns.highest, columns.first[: count + 1])


def orders_in(book: OrderBook, span: Span, *, close_out: bool = False) -> OrderBook:
    """The orders that are decided in a span; with `close_out` whatever is left of a trade is sent out at its end."""
    first, last = np.searchsorted(book.orders["at_ms"], (span.start_ms, span.end_ms), side="left").tolist()
    orders = book.orders[first:last]
    if close_out:
        orders = orders.copy()
        orders["expires_ms"] = np.minimum(orders["expires_ms"], span.end_ms)
    return replace(
        book,
        orders=orders,
        goals=book.goals[first:last],
        targets=book.targets[first:last],
        places=book.places[first:last],
    )


def run_whole(
    conditions: Conditions, columns: Columns, book: OrderBook, *, span: Span, ending: Ending
) -> CompiledResult:
    """The kernel's own result over a span (see `Ending`)."""
    count = rows_until(columns, span.end_ms) + (ending == "closed")
    orders = orders_in(book, span, close_out=ending == "closed")
    return run_under(conditions, columns_until(columns, count), orders)


def view_of(result: CompiledResult, span: Span, ending: Ending) -> SpanRun:
    """A run, or the beginning of a longer `purged` one, as what it was over a span.

    A purged run knows nothing of what comes after any instant in it, so that its beginning up to an instant is the
    purged run up to there.
    """
    trades, unfinished, opened = result.trades, result.unfinished, result.opened
    columns, parts, cash = result.columns, result.parts, result.cash
    if ending == "purged":
        last_row = rows_until(columns, span.end_ms) - 1
        trades = trades[: int(np.searchsorted(trades["exit_row"], last_row, side="right"))]
        unfinished = unfinished[:0]
        parts = parts[: int(np.searchsorted(parts["trade"], len(trades), side="left"))]
        cash = int(result.rules.cash) + int(parts["cash"].sum())
    rows = np.searchsorted(columns.bars.open_ms, span.days() - columns.length_ms, side="right") - 1
    steps = np.full(len(rows), int(result.rules.cash), np.int64)
    first = int((rows < 0).sum())
    compiled(day_marks.mark_rows)(result.rules, columns.tape, opened, parts, rows[first:], steps[first:])
    if len(unfinished):
        # Marked at the newest close there is, with the candle after the span where it was to be closed in it.
        newest = np.empty(1, np.int64)
        last = np.array([len(columns) - 1], np.int64)
        compiled(day_marks.mark_rows)(result.rules, columns.tape, opened, parts, last, newest)
        cash = int(newest[0])
    if ending == "closed":
        steps[-1] = cash
    return SpanRun(
        span=span,
        r=trades["r_ppm"] / 1e6,
        pnl=result.money(trades["pnl"]),
        worth=result.money(steps),
        start=float(result.sizing.start_equity),
        final=cash * MONEY,
        open_trades=len(unfinished),
        cash=cash,
    )


def run_span(conditions: Conditions, columns: Columns, book: OrderBook, *, span: Span, ending: Ending) -> SpanRun:
    """A strategy over a span by itself. BadInput: see `compiled.run`."""
    return view_of(run_whole(conditions, columns, book, span=span, ending=ending), span, ending)


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """Runs of several pairs over one span, added up."""

    r: FloatArray
    pnl: FloatArray
    worth: FloatArray
    start: float
    final: float
    open_trades: int

    @classmethod
    def of(cls, runs: Mapping[str, SpanRun]) -> "Total":
        """The sum, pair by pair in the order of their names."""
        each = [runs[pair] for pair in sorted(runs)]
        return cls(
            np.concatenate([one.r for one in each]),
            np.concatenate([one.pnl for one in each]),
            np.sum([one.worth for one in each], axis=0),
            float(sum(one.start for one in each)),
            float(sum(one.final for one in each)),
            sum(one.open_trades for one in each),
        )

    def figures(self) -> Figures:
        """Its figures."""
        return figures_of(self.r, self.pnl, self.worth, self.start)
