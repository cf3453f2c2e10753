"""What a strategy is, and how a row of its columns becomes an exact setup.

A strategy is one class in one file: typed, frozen parameters and one vectorised method, `setups`. Live takes the last
row of it, a backtest takes all rows; the same code speaks in both, and a row depends on itself and earlier bars only.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, ExitPlan, Setup, Side, Target
from quorate.kernel.bars import Bars, FloatArray
from quorate.kernel.indicators import DIGITS, round10
from quorate.kernel.readings import RowArray
from quorate.rules.costs import round_trip_ppm

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BoolArray: TypeAlias = NDArray[np.bool_]
SideArray: TypeAlias = NDArray[np.int8]


class StrategyFault(QuorateError):
    """A strategy raised, or gave columns that cannot be read."""

    code = "strategy_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRules:
    """How a strategy's trades end, apart from the prices (see `quorate.domain.votes.ExitPlan`).

    `fractions`: what each target closes of what is left, the last one 1. `expires_bars`: bars after which the rest is
    closed at market.
    """

    fractions: tuple[Decimal, ...]
    break_even_target: int = 0
    break_even_r: Decimal | None = None
    trail_target: int = 0
    trail_r: Decimal | None = None
    expires_bars: int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setups:
    """The bars at which a strategy sees something, and what it would do there.

    `rows` are their positions among the bars, ascending; every other array has one value for each of them. Prices are
    in quote units. `dense` spreads a column over all bars.
    """

    rows: RowArray
    side: SideArray
    """+1 LONG, -1 SHORT."""
    confidence: FloatArray
    """0 to 1."""
    entry: FloatArray
    stop: FloatArray
    targets: tuple[FloatArray, ...]
    """Nearest first, one for each fraction of the exit rules."""
    trail: FloatArray | None = None
    """Distance of the trailing stop behind the best close; None: no trailing."""
    size: FloatArray | None = None
    """Share of the normal size, over 0 up to 1; None: all of it."""
    measures: Mapping[str, FloatArray] = field(default_factory=dict[str, FloatArray])
    """The numbers that the reason names."""

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, keep: BoolArray) -> "Setups":
        """Only those that `keep` marks."""
        if keep.all():
            return self
        return Setups(
            rows=self.rows[keep],
            side=self.side[keep],
            confidence=self.confidence[keep],
            entry=self.entry[keep],
            stop=self.stop[keep],
            targets=tuple(target[keep] for target in self.targets),
            trail=None if self.trail is None else self.trail[keep],
            size=None if self.size is None else self.size[keep],
            measures={name: values[keep] for name, values in self.measures.items()},
        )

    def dense(self, values: FloatArray, length: int) -> FloatArray:
        """One of the columns over all `length` bars, rounded to 10 significant digits; NaN where there is no setup."""
        column = np.full(length, np.nan)
        column[self.rows] = round10(values)
        return column

    def sides(self, length: int) -> SideArray:
        """The side at each of `length` bars, 0 where there is no setup."""
        column = np.zeros(length, np.int8)
        column[self.rows] = self.side
        return column


def no_setups(targets: int) -> Setups:
    """Nothing at all, with as many columns of targets."""
    none = np.empty(0, np.float64)
    rows, side = np.empty(0, np.intp), np.empty(0, np.int8)
    return Setups(rows=rows, side=side, confidence=none, entry=none, stop=none, targets=(none,) * targets)


class Strategy(Protocol):
    """A rule-based analyst. Parameters and costs are given when it is made; `setups` depends on nothing else.

    A class is made as `Class(parameters=..., costs=...)`, both optional.
    """

    name: ClassVar[str]
    """Unique, in snake case; the source of its signals."""
    entry_kind: ClassVar[EntryKind]
    """How it gets in."""
    exits: ClassVar[ExitRules]
    """How it gets out."""
    pacing: ClassVar[Pacing]
    """How often it may open on one pair."""

    @property
    def parameters(self) -> "DataclassInstance":
        """Its typed, frozen parameters."""
        ...

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        ...

    @property
    def warm_up(self) -> int:
        """Bars it needs for its first setup; earlier ones are left out."""
        ...

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setups at every bar, each from that bar and earlier ones only.

        Bars before position `since` are not asked for: live asks for the newest only.
        """
        ...

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, in one sentence with the measured numbers."""
        ...


@runtime_checkable
class Hasty(Protocol):
    """A strategy that can tell cheaply that the newest bar holds nothing for it."""

    def quick(self, bars: Bars, market: Market) -> bool:
        """False only where `setups` certainly has nothing at the newest bar."""
        ...


def rows_where(holds: BoolArray, since: int) -> RowArray:
    """Positions from `since` on at which `holds` is true."""
    return np.flatnonzero(holds[since:]) + since


def crossed(now: BoolArray, before: BoolArray) -> BoolArray:
    """Where `now` holds at a bar and `before` held at the bar before it."""
    hits = np.zeros(len(now), np.bool_)
    np.logical_and(now[1:], before[:-1], out=hits[1:])
    return hits


def tradable(setups: Setups, *, kind: EntryKind, costs: Costs, market: Market) -> Setups:
    """Those whose prices are positive and in order, and whose first target clears the fee floor.

    Fee floor: the first target lies at least the round-trip fees and one spread from the entry. The way in pays what
    its kind pays; the way out is taken to be a taker's, so that the floor never flatters.
    """
    if len(setups) == 0:
        return setups
    entry_fee = costs.maker_fee_ppm if kind is EntryKind.MAKER else costs.taker_fee_ppm
    floor_ppm = round_trip_ppm(entry_fee, costs.taker_fee_ppm, market.spread_ppm)
    line = np.array([setups.stop, setups.entry, *setups.targets])
    # NaN fails every comparison.
    keep = ((line[1:] - line[:-1]) * setups.side > 0).all(axis=0) & (line > 0).all(axis=0)
    # Equal to 10 digits is enough: a distance of exactly the floor must not fail for its last bit.
    keep &= np.abs(line[2] - line[1]) >= line[1] * (floor_ppm / 1e6 * (1.0 - 10.0**-DIGITS))
    return setups.where(keep)


@contextmanager
def faults_named(strategy: Strategy, bars: Bars) -> Generator[None]:
    """Turn whatever a strategy's own code raises into a `StrategyFault`: a user's file may raise anything."""
    try:
        yield
    except StrategyFault:
        raise
    except Exception as error:
        raise StrategyFault(
            f"Strategy {strategy.name} failed on {bars.pair} {bars.timeframe}: {type(error).__name__}: {error}.",
            hint="Its setups are ignored at this bar; mend its file.",
        ) from error


def evaluate(strategy: Strategy, bars: Bars, market: Market, *, since: int = 0) -> Setups:
    """The strategy's setups from its warm-up and from position `since` on, checked for shape.

    Raises `StrategyFault`, naming the strategy and the fault, whatever the strategy itself raised.
    """
    first = min(max(since, strategy.warm_up - 1, 0), len(bars))
    with faults_named(strategy, bars):
        setups = strategy.setups(bars, market, since=first)
        fault = _misshapen(setups, len(bars), len(strategy.exits.fractions))
    if fault is not None:
        raise StrategyFault(f"Strategy {strategy.name} gave columns that cannot be read: {fault}.")
    return setups.where(setups.rows >= first) if len(setups) else setups


def _misshapen(setups: Setups, bars: int, targets: int) -> str | None:
    count = len(setups)
    if len(setups.targets) != targets:
        return f"{len(setups.targets)} targets where its exit rules name {targets} fractions"
    if setups.rows.dtype != np.intp or setups.rows.ndim != 1:
        return f"rows are {setups.rows.dtype} of {setups.rows.ndim} dimensions, not one of positions"
    if setups.side.dtype != np.int8 or setups.side.shape != (count,):
        return f"side is {setups.side.dtype} of shape {setups.side.shape}, not int8 of {count} values"
    columns = [setups.confidence, setups.entry, setups.stop, *setups.targets, *setups.measures.values()]
    columns += [column for column in (setups.trail, setups.size) if column is not None]
    for column in columns:
        if column.dtype != np.float64 or column.shape != (count,):
            return f"a column is {column.dtype} of shape {column.shape}, not float64 of {count} values"
    if count and (setups.rows[0] < 0 or setups.rows[-1] >= bars or (np.diff(setups.rows) <= 0).any()):
        return f"rows are not ascending positions among {bars} bars"
    return None


def setup_at(strategy: Strategy, bars: Bars, market: Market, setups: Setups, place: int) -> Setup | None:
    """The exact setup of one place in `setups`, or None where the market's ticks are too coarse for it.

    Everything is measured from the entry in whole ticks, away from more risk: the entry on its passive side, the stop's
    distance rounded up so that risk is never understated, the targets' distances rounded down. Raises `StrategyFault`
    where a number is missing or the prices do not stand in order.
    """
    fault = _broken(setups, place)
    if fault is not None:
        raise StrategyFault(f"Strategy {strategy.name} on {bars.pair} {bars.timeframe}: {fault}.")
    sign = int(setups.side[place])
    side = Side.LONG if sign > 0 else Side.SHORT
    start = float(setups.entry[place])
    entry = market.ticks_floor(_exact(start)) if sign > 0 else market.ticks_ceil(_exact(start))
    stop = entry - sign * _distance(start, float(setups.stop[place]), market, ROUND_CEILING)
    targets = [entry + sign * _distance(start, float(goal[place]), market, ROUND_FLOOR) for goal in setups.targets]
    line = [stop, entry, *targets]
    if min(line) <= 0 or any((later - earlier) * sign <= 0 for earlier, later in pairwise(line)):
        return None
    with faults_named(strategy, bars):
        reason = strategy.explain(side, {name: float(values[place]) for name, values in setups.measures.items()})
    return Setup(
        strategy=strategy.name,
        pair=bars.pair,
        timeframe=bars.timeframe,
        side=side,
        confidence=_exact(float(setups.confidence[place])),
        entry=market.price(entry),
        entry_kind=strategy.entry_kind,
        plan=_plan(strategy, bars, market, setups, place, stop=stop, targets=targets),
        size=Decimal(1) if setups.size is None else _exact(float(setups.size[place])),
        reason=reason,
    )


def last_setup(strategy: Strategy, bars: Bars, market: Market) -> Setup | None:
    """The setup at the newest bar, or None. Raises `StrategyFault` (see `evaluate` and `setup_at`)."""
    if len(bars) < strategy.warm_up:
        return None
    setups = evaluate(strategy, bars, market, since=len(bars) - 1)
    return setup_at(strategy, bars, market, setups, len(setups) - 1) if len(setups) else None


def _plan(
    strategy: Strategy, bars: Bars, market: Market, setups: Setups, place: int, *, stop: int, targets: Sequence[int]
) -> ExitPlan:
    rules = strategy.exits
    trail = None
    if setups.trail is not None:
        trail = market.price(max(1, market.ticks_ceil(_exact(float(setups.trail[place])))))
    expires_ms = None
    if rules.expires_bars is not None:
        opened_ms = int(bars.open_ms[setups.rows[place]])
        expires_ms = opened_ms + (1 + rules.expires_bars) * TIMEFRAME_MS[bars.timeframe]
    return ExitPlan(
        stop=market.price(stop),
        targets=tuple(
            Target(market.price(ticks), fraction) for ticks, fraction in zip(targets, rules.fractions, strict=True)
        ),
        break_even_target=rules.break_even_target,
        break_even_r=rules.break_even_r,
        trail_target=rules.trail_target,
        trail_r=rules.trail_r,
        trail_distance=trail,
        expires_ms=expires_ms,
    )


def _exact(value: float) -> Decimal:
    """The Decimal of 10 significant digits nearest to a number."""
    return Decimal(f"{value:.{DIGITS}g}")


def _distance(entry: float, price: float, market: Market, rounding: str) -> int:
    """Ticks between two prices, from their 10-digit difference."""
    return int((_exact(abs(entry - price)) / market.tick).to_integral_value(rounding))


def _broken(setups: Setups, place: int) -> str | None:
    sign = int(setups.side[place])
    if sign not in {1, -1}:
        return f"side is {sign}, not 1 or -1"
    prices = [float(column[place]) for column in (setups.stop, setups.entry, *setups.targets)]
    if not all(isfinite(price) and price > 0 for price in prices):
        return f"its prices {prices} are not all positive numbers"
    if any((later - earlier) * sign <= 0 for earlier, later in pairwise(prices)):
        return f"stop, entry and targets {prices} do not stand in this order for a side of {sign}"
    if not 0 <= setups.confidence[place] <= 1:
        return f"its confidence {setups.confidence[place]} is not between 0 and 1"
    if setups.size is not None and not 0 < setups.size[place] <= 1:
        return f"its size {setups.size[place]} is not over 0 and up to 1"
    if setups.trail is not None and not (isfinite(setups.trail[place]) and setups.trail[place] > 0):
        return f"its trailing distance {setups.trail[place]} is not a positive number"
    return None
