"""A trade under way, in integers: what `rules/exits.py` needs to take it through one bar.

Positions and shadow trades end by the same plan; both are put into this form for the bar at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.money import to_ppm
from quorate.domain.orders import Liquidity, Purpose
from quorate.domain.portfolio import Position
from quorate.domain.shadows import ShadowTrade
from quorate.domain.votes import ExitPlan
from quorate.rules import exits, margin

PLANS_KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class PlanTicks:
    """An exit plan on a market's grid."""

    initial_stop: int
    targets: tuple[tuple[int, int], ...]
    """(price in ticks, fraction in ppm of what is left)."""
    break_even_target: int
    break_even_r_ppm: int
    trail_target: int
    trail_r_ppm: int
    trail_distance: int


def plan_ticks(plan: ExitPlan, market: Market) -> PlanTicks:
    """The plan in ticks and ppm. Conversion is exact: plans are made on the grid."""
    return PlanTicks(
        initial_stop=market.ticks_nearest(plan.stop),
        targets=tuple((market.ticks_nearest(target.price), to_ppm(target.fraction)) for target in plan.targets),
        break_even_target=plan.break_even_target,
        break_even_r_ppm=exits.NONE if plan.break_even_r is None else to_ppm(plan.break_even_r),
        trail_target=plan.trail_target,
        trail_r_ppm=exits.NONE if plan.trail_r is None else to_ppm(plan.trail_r),
        trail_distance=exits.NONE if plan.trail_distance is None else market.ticks_nearest(plan.trail_distance),
    )


BEYOND = 1 << 62
"""Further than any price in ticks: stands for a level that is not there."""


@dataclass(frozen=True, slots=True)
class Calm:
    """Levels in ticks between which a trade stays as it is: no exit goes off, and no stop moves.

    That is sure of a bar whose low and high, and whose close, lie strictly between them. A level may be nearer than
    what really happens there, never further.
    """

    low: int = -BEYOND
    high: int = BEYOND
    low_close: int = -BEYOND
    high_close: int = BEYOND

    def within(self, other: Calm) -> Calm:
        """Where both trades stay as they are."""
        return Calm(
            max(self.low, other.low),
            min(self.high, other.high),
            max(self.low_close, other.low_close),
            min(self.high_close, other.high_close),
        )


@dataclass(frozen=True, slots=True)
class Exit:
    """One part of a trade closed inside a bar. `ticks` is the level, before the costs of taking."""

    purpose: Purpose
    ticks: int
    lots: int
    liquidity: Liquidity


@dataclass(frozen=True, slots=True)
class Walk:
    """A trade's exits as they stand before a bar."""

    side: int
    entry: int
    stop: int
    lots: int
    targets_hit: int
    trailing: bool
    plan: PlanTicks
    liquidation: int = margin.NEVER
    """Price at which the venue closes it by force."""
    leverage_ppm: int = margin.PPM

    def gapped(self, candle: Candle) -> bool:
        """Whether the bar opens beyond the liquidation price: the venue has taken the position before anything else."""
        return margin.gapped(self.side, self.liquidation, candle.open)

    def bearable(self, ticks: int) -> int:
        """An exit price that costs no more than the margin."""
        if self.liquidation == margin.NEVER:
            return ticks
        return margin.not_beyond(self.side, ticks, self._bankruptcy)

    @property
    def _bankruptcy(self) -> int:
        return margin.bankruptcy_price(self.side, self.entry, self.leverage_ppm)

    def exits_in(self, candle: Candle, *, targets_count: bool) -> list[Exit]:
        """What the bar closes of the trade, in order.

        `targets_count` is False in the bar in which a resting entry filled: whether the target came before or after
        the entry cannot be told, so only the stop counts. A liquidation costs the whole margin, wherever the bar opens;
        inside the bar the stop, which lies nearer, comes first.
        """
        if self.gapped(candle):
            return [Exit(Purpose.LIQUIDATION, self._bankruptcy, self.lots, Liquidity.TAKER)]
        touched = exits.stop_touched(self.side, self.stop, candle.open, candle.high, candle.low)
        if touched:
            return [Exit(Purpose.STOP, touched, self.lots, Liquidity.TAKER)]
        if not targets_count:
            return []
        done: list[Exit] = []
        left = self.lots
        for ticks, fraction_ppm in self.plan.targets[self.targets_hit :]:
            if left == 0 or not exits.target_reached(self.side, ticks, candle.high, candle.low):
                break
            part = exits.part_of(left, fraction_ppm)
            done.append(Exit(Purpose.TARGET, ticks, part, Liquidity.MAKER))
            left -= part
        return done

    def after_close(self, close: int, *, round_trip_ppm: int) -> tuple[int, bool]:
        """(stop, trailing) after the close of a bar that the trade survived."""
        plan = self.plan
        condition = (self.side, self.entry, plan.initial_stop, close, self.targets_hit)
        broke_even = exits.reached(*condition, plan.break_even_target, plan.break_even_r_ppm)
        trailing = self.trailing or exits.reached(*condition, plan.trail_target, plan.trail_r_ppm)
        stop = exits.stop_after_close(
            self.side,
            self.stop,
            close,
            broke_even,
            exits.break_even_stop(self.side, self.entry, round_trip_ppm),
            trailing,
            plan.trail_distance,
        )
        return stop, trailing

    def calm(self, *, round_trip_ppm: int) -> Calm:
        """Between which levels the trade stays as it is. The bar in which it was opened is not asked about."""
        stop, forced, moves = self.stop, self.liquidation, self._moving_close(round_trip_ppm)
        if forced != margin.NEVER:
            stop = exits.tighter(self.side, stop, forced)
        goals = self.plan.targets[self.targets_hit :]
        if self.side > 0:
            return Calm(stop, goals[0][0] + 1 if goals else BEYOND, -BEYOND, moves)
        return Calm(goals[0][0] - 1 if goals else -BEYOND, stop, -moves, BEYOND)

    def _moving_close(self, round_trip_ppm: int) -> int:
        """The close, counted towards profit, from which on a stop or the trailing would move (see `after_close`)."""
        plan, side, found = self.plan, self.side, BEYOND
        break_even = exits.break_even_stop(side, self.entry, round_trip_ppm)
        if exits.tighter(side, self.stop, break_even) != self.stop:
            found = self._reached_from(plan.break_even_target, plan.break_even_r_ppm)
        if not self.trailing:
            return min(found, self._reached_from(plan.trail_target, plan.trail_r_ppm))
        return found if plan.trail_distance == exits.NONE else min(found, side * self.stop + plan.trail_distance + 1)

    def _reached_from(self, after_target: int, after_r_ppm: int) -> int:
        """The close, counted towards profit, from which on a condition holds (see `exits.reached`)."""
        if 0 < after_target <= self.targets_hit:
            return -BEYOND
        if after_r_ppm == exits.NONE:
            return BEYOND
        risk = (self.entry - self.plan.initial_stop) * self.side
        return self.entry * self.side - -after_r_ppm * risk // exits.PPM


class Plans:
    """Plans and trades on the grid, each converted once: a plan lives as long as its trade and is walked at every bar.

    A cache beside the state, not a part of it. It is found by identity, as comparing plans costs what it saves.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[ExitPlan, Market, PlanTicks]] = {}
        self._walks: dict[int, tuple[Position | ShadowTrade, Market, Walk]] = {}

    def of(self, plan: ExitPlan, market: Market) -> PlanTicks:
        """The plan in ticks and ppm."""
        known = self._known.get(id(plan))
        if known is not None and known[0] is plan and known[1] is market:
            return known[2]
        if len(self._known) >= PLANS_KEPT_MAX:
            self._known.clear()
        made = plan_ticks(plan, market)
        self._known[id(plan)] = (plan, market, made)
        return made

    def walk(self, trade: Position | ShadowTrade, market: Market) -> Walk:
        """The open trade, ready for a bar; the same until something changes it. Lots of a shadow trade are ppm."""
        known = self._walks.get(id(trade))
        if known is not None and known[0] is trade and known[1] is market:
            return known[2]
        if len(self._walks) >= PLANS_KEPT_MAX:
            self._walks.clear()
        made = _walk_of(trade, market, self) if isinstance(trade, Position) else _shadow_walk_of(trade, market, self)
        self._walks[id(trade)] = (trade, market, made)
        return made


def _walk_of(position: Position, market: Market, plans: Plans) -> Walk:
    forced = position.liquidation
    return Walk(
        side=position.side.sign,
        entry=market.ticks_nearest(position.entry),
        stop=market.ticks_nearest(position.stop),
        lots=market.lots_floor(position.quantity),
        targets_hit=position.targets_hit,
        trailing=position.trailing,
        plan=plans.of(position.plan, market),
        liquidation=margin.NEVER if forced is None else market.ticks_nearest(forced),
        leverage_ppm=margin.PPM if forced is None else to_ppm(position.leverage),
    )


def _shadow_walk_of(shadow: ShadowTrade, market: Market, plans: Plans) -> Walk:
    assert shadow.filled is not None, "only a filled shadow trade walks"
    return Walk(
        side=shadow.side.sign,
        entry=market.ticks_nearest(shadow.filled),
        stop=market.ticks_nearest(shadow.stop),
        lots=shadow.left_ppm,
        targets_hit=shadow.targets_hit,
        trailing=shadow.trailing,
        plan=plans.of(shadow.plan, market),
    )
