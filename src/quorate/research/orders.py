"""A strategy's setups over whole columns as orders in ticks: the same rule as `quorate.analysts.base.setup_at`, quick.

What the desk makes of one row with decimals is made here of all rows with integers; that both agree on every row is a
test. An order is not made where the desk would stay silent: the market's ticks are too coarse for it, or its numbers
are broken. The sentence that explains a setup is not asked for here: a strategy that fails only in `explain` is silent
on the desk and speaks here. An order becomes ticks when a run first looks at it, as most are passed over while a trade
is open.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from quorate.analysts.base import ExitRules, Setups, Strategy, StrategyFault, evaluate, setup_at
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.money import PPM
from quorate.kernel.bars import Bars, FloatArray, IntArray
from quorate.kernel.indicators import DIGITS
from quorate.research import tables, ticks
from quorate.research.columns import Columns
from quorate.research.jit import compiled
from quorate.research.tables import BROKEN, COARSE, NEVER, NONE, SOUND, UNREAD, UNSURE, Order, Rules

TICKS_MAX = 2**62
"""Nobody counts a price beyond it: numbers that lead there are taken for broken."""
NO_TRAIL = -1.0
"""Distance that stands for no trailing."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OrderBook:
    """A strategy's orders on one market, in the order of time, and the setups they come from."""

    orders: Any
    """Records of `tables.Order`. Those that no run has looked at are still in floats."""
    goals: FloatArray
    """Targets as prices, one row for each order, nearest first."""
    targets: IntArray
    """The same in ticks, once an order was looked at."""
    exits: ExitRules
    setups: Setups
    places: IntArray
    """Place of each order among the setups."""

    def __len__(self) -> int:
        return self.orders.size

    def read(self, rules: Rules) -> None:
        """Put every order into ticks, also those that no run has looked at."""
        compiled(ticks.read_all)(rules, tables.record(tables.COUNTS), self.orders, self.goals, self.targets)
        for s in np.flatnonzero(self.orders["state"] == UNSURE):
            self.decide(rules, int(s))

    def decide(self, rules: Rules, s: int) -> None:
        """Put an order into ticks that doubles cannot tell: with decimals, as `setup_at` does."""
        order: Order = self.orders[s]
        tick = Decimal(int(rules.mantissa)).scaleb(-int(rules.decimals))
        sign, start = int(order.side), float(order.entry_price)

        def steps(value: float, rounding: str) -> int:
            return int((_exact(value) / tick).to_integral_value(rounding))

        entry = steps(start, ROUND_FLOOR if sign > 0 else ROUND_CEILING)
        stop = entry - sign * steps(abs(start - float(order.stop_price)), ROUND_CEILING)
        targets = [entry + sign * steps(abs(start - goal), ROUND_FLOOR) for goal in self.goals[s].tolist()]
        line = [stop, entry, *targets]
        trail = max(1, steps(float(order.trail_price), ROUND_CEILING)) if order.trail_price > 0 else NONE
        if max(*line, trail) > TICKS_MAX or min(line) < -TICKS_MAX:
            order.state = BROKEN
            return
        sound = min(line) > 0 and all((later - earlier) * sign > 0 for earlier, later in pairwise(line))
        order.entry, order.stop, self.targets[s] = entry, stop, targets
        order.trail = trail
        order.confidence = int(_exact(float(order.belief)) * PPM)
        order.share = int(_exact(float(order.weight)) * PPM)
        order.state = SOUND if sound else COARSE


def orders_of(strategy: Strategy, columns: Columns, market: Market, *, steps_ms: IntArray | None = None) -> OrderBook:
    """The strategy's orders on these candles; its own timeframe may be longer than theirs.

    `steps_ms`: instants at which the desk looks (every close of any market of the run); the market's own closes where
    not given. Raises `StrategyFault` as `evaluate` does, BadInput for a timeframe shorter than the candles'.
    """
    bars = columns.signal_bars(strategy.timeframe)
    setups = evaluate(strategy, bars, market)
    rows, at_ms, places = _decided(setups, bars, columns, steps_ms)
    kept = setups if len(places) == len(setups) else setups.where(np.isin(np.arange(len(setups)), places))
    orders = tables.blank(tables.ORDER, len(kept))
    orders["row"], orders["at_ms"], orders["expires_ms"], orders["state"] = rows, at_ms, NEVER, UNREAD
    if strategy.exits.expires_bars is not None:
        length_ms = TIMEFRAME_MS[bars.timeframe]
        orders["expires_ms"] = bars.open_ms[kept.rows] + (1 + strategy.exits.expires_bars) * length_ms
    orders["side"], orders["belief"] = kept.side, kept.confidence
    orders["entry_price"], orders["stop_price"] = kept.entry, kept.stop
    orders["weight"] = 1.0 if kept.size is None else kept.size
    # A distance that is no positive number must not pass for "nothing trails".
    orders["trail_price"] = NO_TRAIL if kept.trail is None else np.where(kept.trail > 0, kept.trail, np.nan)
    return OrderBook(
        orders=orders,
        goals=np.ascontiguousarray(np.array(kept.targets).T),
        targets=np.empty((len(kept), len(kept.targets)), np.int64),
        exits=strategy.exits,
        setups=setups,
        places=places,
    )


def broken(setups: Setups) -> IntArray:
    """Places of the setups that the desk could not read: a number is missing, or the prices do not stand in order."""
    line = np.array([setups.stop, setups.entry, *setups.targets])
    # NaN fails every comparison.
    sound = (np.abs(setups.side) == 1) & ((line > 0) & (line < np.inf)).all(axis=0)
    sound &= ((line[1:] - line[:-1]) * setups.side > 0).all(axis=0)
    sound &= (setups.confidence >= 0) & (setups.confidence <= 1)
    if setups.size is not None:
        sound &= (setups.size > 0) & (setups.size <= 1)
    if setups.trail is not None:
        sound &= (setups.trail > 0) & (setups.trail < np.inf)
    return np.flatnonzero(~sound).astype(np.int64)


def fault_of(strategy: Strategy, columns: Columns, market: Market, book: OrderBook) -> str | None:
    """What is wrong with the first setup that the desk could not read, and how many there are, in words."""
    places = broken(book.setups)
    if not len(places):
        return None
    bars = columns.signal_bars(strategy.timeframe)
    at_ms = int(bars.open_ms[book.setups.rows[places[0]]])
    try:
        setup_at(strategy, bars, market, book.setups, int(places[0]))
        said = f"Strategy {strategy.name} on {bars.pair} {bars.timeframe} gave a setup that cannot be read."
    except StrategyFault as fault:
        said = fault.message
    when = f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"
    return f"{said} So it is at {when} and in {len(places):,} of {len(book.setups):,} setups."


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.{DIGITS}g}")


def _decided(
    setups: Setups, bars: Bars, columns: Columns, steps_ms: IntArray | None
) -> tuple[IntArray, IntArray, IntArray]:
    """Of the setups that were looked at: the newest candle closed at that instant, the instant, and the place.

    A bar is looked at when the first step at or after its end comes. Where two bars end between two steps, only the
    newer one is looked at; a bar that ends after the last step is not.
    """
    if bars is columns.bars and steps_ms is None:
        rows = setups.rows.astype(np.int64)
        return rows, bars.open_ms[rows] + columns.length_ms, np.arange(len(rows))
    close_ms = columns.close_ms
    steps_ms = close_ms if steps_ms is None else steps_ms
    step = np.searchsorted(steps_ms, bars.close_ms)
    newer = np.append(step[1:], len(steps_ms))
    places = np.flatnonzero((step < newer)[setups.rows])
    at_ms = steps_ms[step[setups.rows[places]]]
    return np.searchsorted(close_ms, at_ms, side="right").astype(np.int64) - 1, at_ms, places
