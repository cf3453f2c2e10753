"""What a strategy is, and how a row of its columns becomes an exact setup.

A strategy is one class in one file: typed, frozen parameters and one vectorised method, `setups`. Live takes the last
row of it, a backtest takes all rows; the same code speaks in both, and a row depends on itself and earlier bars only.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from math import isfinite, isinf, isnan
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, ExitPlan, Setup, Side, Target
from quorate.kernel.bars import Bars, FloatArray
from quorate.kernel.indicators import DIGITS, round10
from quorate.rules.costs import round_trip_ppm

BoolArray: TypeAlias = NDArray[np.bool_]
SideArray: TypeAlias = NDArray[np.int8]
RowArray: TypeAlias = NDArray[np.intp]


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


@dataclass(frozen=True, slots=True, eq=False)
class Setups:
    """What a strategy sees at every bar, as columns of the length of the bars.

    Where `side` is 0 there is no setup and every other column holds NaN. Prices are in quote units.
    """

    side: SideArray
    """+1 LONG, -1 SHORT, 0 nothing."""
    confidence: FloatArray
    """0 to 1."""
    entry: FloatArray
    stop: FloatArray
    targets: tuple[FloatArray, ...]
    """Nearest first, one for each fraction of the exit rules."""
    trail: FloatArray
    """Distance of the trailing stop behind the best close; NaN: no trailing."""
    size: FloatArray
    """Share of the normal size, over 0 up to 1."""
    measures: Mapping[str, FloatArray]
    """The numbers that the reason names."""

    def __len__(self) -> int:
        return len(self.side)


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
    def parameters(self) -> object:
        """Its typed, frozen parameters (a dataclass); None where it has none."""
        ...

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        ...

    @property
    def warm_up(self) -> int:
        """Bars it needs before its first setup; rows before that are blank."""
        ...

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar, from that bar and earlier ones only.

        Rows before `since` are not asked for; leaving them out is a courtesy to live, which asks for the newest only.
        """
        ...

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, in one sentence with the measured numbers."""
        ...


@runtime_checkable
class Hasty(Protocol):
    """A strategy that can tell cheaply that the newest bar holds nothing for it."""

    def quick(self, bars: Bars, market: Market) -> bool:
        """False only where the last row of `setups` is certainly blank."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Finds:
    """The rows on which a strategy found something, before they become columns. Every array has one value per find."""

    rows: RowArray
    side: SideArray
    confidence: FloatArray
    entry: FloatArray
    stop: FloatArray
    targets: tuple[FloatArray, ...]
    trail: FloatArray | None = None
    size: FloatArray | None = None
    measures: Mapping[str, FloatArray] = field(default_factory=dict[str, FloatArray])

    def where(self, keep: BoolArray) -> "Finds":
        """Only the finds that `keep` marks."""
        if keep.all():
            return self
        return Finds(
            self.rows[keep],
            self.side[keep],
            self.confidence[keep],
            self.entry[keep],
            self.stop[keep],
            tuple(target[keep] for target in self.targets),
            None if self.trail is None else self.trail[keep],
            None if self.size is None else self.size[keep],
            {name: values[keep] for name, values in self.measures.items()},
        )

    def setups(self, length: int) -> Setups:
        """Columns of `length` rows: the finds in their places, every price and measure rounded to 10 digits."""
        side = np.zeros(length, np.int8)
        side[self.rows] = self.side
        ones = np.ones(len(self.rows))
        size = ones if self.size is None else self.size
        trail = ones * np.nan if self.trail is None else self.trail
        found = np.array([self.confidence, self.entry, self.stop, trail, size, *self.targets, *self.measures.values()])
        columns = np.full((len(found), length), np.nan)
        columns[:, self.rows] = round10(found)
        confidence, entry, stop, trail, size, *rest = columns
        count = len(self.targets)
        measures = dict(zip(self.measures, rest[count:], strict=True))
        return Setups(side, confidence, entry, stop, tuple(rest[:count]), trail, size, measures)


def no_setups(length: int, targets: int) -> Setups:
    """Columns without any setup."""
    none = np.full(length, np.nan)
    return Setups(np.zeros(length, np.int8), none, none, none, (none,) * targets, none, none, {})


def rows_where(holds: BoolArray, since: int) -> RowArray:
    """Positions from `since` on at which `holds` is true."""
    return np.flatnonzero(holds[since:]) + since


def crossed(now: BoolArray, before: BoolArray) -> BoolArray:
    """Where `now` holds at a bar and `before` held at the bar before it."""
    hits = np.zeros(len(now), np.bool_)
    np.logical_and(now[1:], before[:-1], out=hits[1:])
    return hits


def tradable(finds: Finds, *, kind: EntryKind, costs: Costs, market: Market) -> Finds:
    """The finds whose prices are positive and in order, and whose first target clears the fee floor.

    Fee floor: the first target lies at least the round-trip fees and one spread from the entry. The way in pays what
    its kind pays; the way out is taken to be a taker's, so that the floor never flatters.
    """
    entry_fee = costs.maker_fee_ppm if kind is EntryKind.MAKER else costs.taker_fee_ppm
    floor_ppm = round_trip_ppm(entry_fee, costs.taker_fee_ppm, market.spread_ppm)
    line = (finds.stop, finds.entry, *finds.targets)
    # Equal to 10 digits is enough: a distance of exactly the floor must not fail for its last bit.
    keep = np.abs(finds.targets[0] - finds.entry) >= finds.entry * (floor_ppm / 1e6 * (1.0 - 10.0**-DIGITS))
    # The far ends of the line are the extremes: in order, they bound every other price. NaN fails every comparison.
    keep &= (finds.stop > 0) & (finds.targets[-1] > 0)
    for earlier, later in pairwise(line):
        keep &= (later - earlier) * finds.side > 0
    return finds.where(keep)


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
    """The strategy's columns, checked for shape, blank before its warm-up and before `since`.

    Raises `StrategyFault`, naming the strategy and the fault, whatever the strategy itself raised.
    """
    first = min(max(since, strategy.warm_up - 1, 0), len(bars))
    with faults_named(strategy, bars):
        setups = strategy.setups(bars, market, since=first)
        fault = _misshapen(setups, len(bars), len(strategy.exits.fractions))
    if fault is not None:
        raise StrategyFault(f"Strategy {strategy.name} gave columns that cannot be read: {fault}.")
    if setups.side[:first].any():
        side = setups.side.copy()
        side[:first] = 0
        return replace(setups, side=side)
    return setups


def _misshapen(setups: Setups, length: int, targets: int) -> str | None:
    if setups.side.dtype != np.int8 or setups.side.shape != (length,):
        return f"side is {setups.side.dtype} of shape {setups.side.shape}, not int8 of {length} rows"
    if len(setups.targets) != targets:
        return f"{len(setups.targets)} targets where its exit rules name {targets} fractions"
    columns = (setups.confidence, setups.entry, setups.stop, setups.trail, setups.size)
    for column in (*columns, *setups.targets, *setups.measures.values()):
        if column.dtype != np.float64 or column.shape != (length,):
            return f"a column is {column.dtype} of shape {column.shape}, not float64 of {length} rows"
    return None


def setup_at(strategy: Strategy, bars: Bars, market: Market, setups: Setups, row: int) -> Setup | None:
    """The exact setup of one row, or None where the row is blank or the market's ticks are too coarse for it.

    Everything is measured from the entry in whole ticks, away from more risk: the entry on its passive side, the stop's
    distance rounded up so that risk is never understated, the targets' distances rounded down. Raises `StrategyFault`
    where a number is missing or the prices do not stand in order.
    """
    sign = int(setups.side[row])
    if sign == 0:
        return None
    fault = _broken(setups, row)
    if fault is not None:
        raise StrategyFault(f"Strategy {strategy.name} on {bars.pair} {bars.timeframe}: {fault}.")
    side = Side.LONG if sign > 0 else Side.SHORT
    start = float(setups.entry[row])
    entry = market.ticks_floor(_exact(start)) if sign > 0 else market.ticks_ceil(_exact(start))
    stop = entry - sign * _distance(start, float(setups.stop[row]), market, ROUND_CEILING)
    targets = [entry + sign * _distance(start, float(goal[row]), market, ROUND_FLOOR) for goal in setups.targets]
    if min(stop, entry, *targets) <= 0 or not _in_order(sign, [stop, entry, *targets]):
        return None
    plan = _plan(strategy, bars, market, setups, row, stop=stop, targets=targets)
    with faults_named(strategy, bars):
        reason = strategy.explain(side, {name: float(column[row]) for name, column in setups.measures.items()})
    return Setup(
        strategy=strategy.name,
        pair=bars.pair,
        timeframe=bars.timeframe,
        side=side,
        confidence=_exact(float(setups.confidence[row])),
        entry=market.price(entry),
        entry_kind=strategy.entry_kind,
        plan=plan,
        size=_exact(float(setups.size[row])),
        reason=reason,
    )


def last_setup(strategy: Strategy, bars: Bars, market: Market) -> Setup | None:
    """The setup at the newest bar, or None. Raises `StrategyFault` (see `evaluate` and `setup_at`)."""
    if len(bars) < strategy.warm_up:
        return None
    newest = len(bars) - 1
    return setup_at(strategy, bars, market, evaluate(strategy, bars, market, since=newest), newest)


def _plan(
    strategy: Strategy, bars: Bars, market: Market, setups: Setups, row: int, *, stop: int, targets: Sequence[int]
) -> ExitPlan:
    rules = strategy.exits
    trail = None
    if not isnan(setups.trail[row]):
        trail = market.price(max(1, market.ticks_ceil(_exact(float(setups.trail[row])))))
    expires_ms = None
    if rules.expires_bars is not None:
        expires_ms = int(bars.open_ms[row]) + (1 + rules.expires_bars) * TIMEFRAME_MS[bars.timeframe]
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


def _in_order(sign: int, ticks: Sequence[int]) -> bool:
    return all((later - earlier) * sign > 0 for earlier, later in pairwise(ticks))


def _broken(setups: Setups, row: int) -> str | None:
    sign = int(setups.side[row])
    if sign not in {1, -1}:
        return f"side is {sign}, not 1, 0 or -1"
    prices = [float(column[row]) for column in (setups.stop, setups.entry, *setups.targets)]
    confidence, size, trail = (float(column[row]) for column in (setups.confidence, setups.size, setups.trail))
    if not all(isfinite(price) for price in prices) or min(prices) <= 0:
        return f"its prices {prices} are not all positive numbers"
    if any((later - earlier) * sign <= 0 for earlier, later in pairwise(prices)):
        return f"stop, entry and targets {prices} do not stand in this order for a side of {sign}"
    if not 0 <= confidence <= 1:
        return f"its confidence {confidence} is not between 0 and 1"
    if not 0 < size <= 1:
        return f"its size {size} is not over 0 and up to 1"
    if trail <= 0 or isinf(trail):
        return f"its trailing distance {trail} is not a positive number"
    return None
