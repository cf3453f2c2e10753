"""Shadow trades: every vote and every strategy's setup, run to its end on paper, whether or not anybody traded it.

They share exits and costs with real positions, so that an analyst's record is what trading its every word would have
earned, told in R.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from quorate.desk.turn import Turn
from quorate.desk.walk import Exit
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.ids import opposite_id, shadow_id
from quorate.domain.market import Market
from quorate.domain.money import PPM, ZERO
from quorate.domain.orders import Intent, Liquidity, OrderKind, Purpose
from quorate.domain.shadows import ShadowClosed, ShadowTrade
from quorate.domain.votes import Action, EntryKind, ExitPlan, Regime, Side, opening_action

R_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Somebody's wish to trade, in the form in which it is run to its end on paper."""

    analyst: str
    pair: str
    side: Side
    confidence: Decimal
    entry_kind: EntryKind
    entry: Decimal
    plan: ExitPlan
    record: str
    contaminated: bool = False


def open_shadow(turn: Turn, opinion: Opinion, *, mirrored: bool) -> None:
    """Begin a shadow trade unless the analyst already has one open on this pair and side.

    `mirrored` begins its mirror image as well: the same trade to the other side. Whoever took one of the two by the
    toss of a coin had the same entries, exits and costs, and nothing but luck.
    """
    shadow = ShadowTrade(
        id=shadow_id(analyst=opinion.analyst, pair=opinion.pair, at_ms=turn.at_ms, side=opinion.side),
        analyst=opinion.analyst,
        pair=opinion.pair,
        side=opinion.side,
        confidence=opinion.confidence,
        entry_kind=opinion.entry_kind,
        entry=opinion.entry,
        plan=opinion.plan,
        opened_ms=turn.at_ms,
        filled=None,
        stop=opinion.plan.stop,
        targets_hit=0,
        trailing=False,
        left_ppm=PPM,
        earned_r=ZERO,
        record=opinion.record,
        contaminated=opinion.contaminated,
        regime=turn.snapshot.regimes.get(opinion.pair, Regime.NEUTRAL),
    )
    held = turn.state.shadows.get(opinion.pair, {})
    if shadow.key in held:
        return
    turn.emit(ev.ShadowChanged(shadow))
    opposite = _opposite(shadow) if mirrored else None
    if opposite is not None and opposite.key not in held:
        turn.emit(ev.ShadowChanged(opposite))


def _opposite(shadow: ShadowTrade) -> ShadowTrade | None:
    """The mirror image about the entry; None where a price of it would not be one."""

    def mirror(price: Decimal) -> Decimal:
        return 2 * shadow.entry - price

    plan = replace(
        shadow.plan,
        stop=mirror(shadow.plan.stop),
        targets=tuple(replace(target, price=mirror(target.price)) for target in shadow.plan.targets),
    )
    if min(plan.stop, *(target.price for target in plan.targets)) <= 0:
        return None
    side = Side.SHORT if shadow.side is Side.LONG else Side.LONG
    return replace(shadow, id=opposite_id(shadow.id), side=side, plan=plan, stop=plan.stop, opposite_of=shadow.id)


def work_bar(turn: Turn, candle: Candle) -> None:
    """Take every shadow trade on the candle's pair through the bar, its close included."""
    market = turn.market(candle.pair)
    for _, shadow in sorted(turn.state.shadows[candle.pair].items()):
        targets_count = True
        current: ShadowTrade | None = shadow
        if shadow.filled is None:
            current = _enter(turn, shadow, market, candle)
            targets_count = shadow.entry_kind is EntryKind.MARKET
        if current is not None:
            _walk(turn, current, market, candle, targets_count)


def _enter(turn: Turn, shadow: ShadowTrade, market: Market, candle: Candle) -> ShadowTrade | None:
    action = opening_action(shadow.side)
    match = turn.charter.venue.match(_entry_of(shadow, action), market, candle)
    if match is None:
        _close(turn, shadow, None, "entry never reached", candle)
        return None
    price = market.price(match[0])
    beyond_target = (shadow.plan.targets[-1].price - price) * shadow.side.sign <= 0
    if (price - shadow.plan.stop) * shadow.side.sign <= 0 or beyond_target:
        _close(turn, shadow, None, "stop or last target passed before the entry", candle)
        return None
    return replace(shadow, filled=price)


def _entry_of(shadow: ShadowTrade, action: Action) -> Intent:
    """The entry as the venue would see it; a shadow's order never leaves the house."""
    kind = OrderKind.MARKET if shadow.entry_kind is EntryKind.MARKET else OrderKind.POST_ONLY
    return Intent(
        id=shadow.id,
        client_id="",
        signal_id="",
        portfolio="",
        pair=shadow.pair,
        action=action,
        kind=kind,
        purpose=Purpose.ENTRY,
        price=shadow.entry,
        quantity=ZERO,
        at_ms=shadow.opened_ms,
    )


def _walk(turn: Turn, shadow: ShadowTrade, market: Market, candle: Candle, targets_count: bool) -> None:
    walk = turn.plans.walk(shadow, market)
    changed = shadow is not turn.state.shadows[shadow.pair][shadow.key]
    exits = walk.exits_in(candle, targets_count=targets_count)
    if exits:
        shadow, changed = _take(turn, shadow, market, exits), True
        if shadow.left_ppm == 0:
            _close(turn, shadow, shadow.earned_r, exits[-1].purpose, candle)
            return
        walk = replace(walk, targets_hit=shadow.targets_hit)
    stop, trailing = walk.after_close(candle.close, round_trip_ppm=turn.charter.venue.round_trip_ppm(market))
    if (stop, trailing) != (walk.stop, walk.trailing):
        shadow, changed = replace(shadow, stop=market.price(stop), trailing=trailing), True
    if changed:
        turn.emit(ev.ShadowChanged(shadow))


def _take(turn: Turn, shadow: ShadowTrade, market: Market, exits: list[Exit]) -> ShadowTrade:
    """The shadow trade after the parts that the bar closed."""
    return replace(
        shadow,
        left_ppm=shadow.left_ppm - sum(leave.lots for leave in exits),
        targets_hit=shadow.targets_hit + sum(leave.purpose is Purpose.TARGET for leave in exits),
        earned_r=shadow.earned_r + sum((_part_r(turn, shadow, market, leave) for leave in exits), ZERO),
    )


def _part_r(turn: Turn, shadow: ShadowTrade, market: Market, leave: Exit) -> Decimal:
    """R earned by one part, net of both fees."""
    venue = turn.charter.venue
    assert shadow.filled is not None, "only a filled shadow trade earns"
    ticks = leave.ticks
    if leave.liquidity is Liquidity.TAKER:
        ticks = venue.taking(-shadow.side.sign, market, ticks)
    price = market.price(ticks)
    entry_liquidity = Liquidity.TAKER if shadow.entry_kind is EntryKind.MARKET else Liquidity.MAKER
    fees = venue.fee(shadow.filled, entry_liquidity) + venue.fee(price, leave.liquidity)
    gained = (price - shadow.filled) * shadow.side.sign - fees
    return (gained / abs(shadow.filled - shadow.plan.stop) * leave.lots / PPM).quantize(R_STEP)


def _hold_r(turn: Turn, shadow: ShadowTrade, candle: Candle) -> Decimal | None:
    """R of having bought at the shadow's entry and sold at this close, net of both fees and the costs of taking."""
    if shadow.filled is None:
        return None
    market, venue = turn.market(shadow.pair), turn.charter.venue
    price = market.price(venue.taking(-1, market, candle.close))
    fees = venue.fee(shadow.filled, Liquidity.TAKER) + venue.fee(price, Liquidity.TAKER)
    return ((price - shadow.filled - fees) / abs(shadow.filled - shadow.plan.stop)).quantize(R_STEP)


def _close(turn: Turn, shadow: ShadowTrade, r: Decimal | None, reason: str, candle: Candle) -> None:
    entry = shadow.entry if shadow.filled is None else shadow.filled
    turn.emit(
        ShadowClosed(
            id=shadow.id,
            analyst=shadow.analyst,
            pair=shadow.pair,
            side=shadow.side,
            confidence=shadow.confidence,
            opened_ms=shadow.opened_ms,
            closed_ms=turn.at_ms,
            r=r,
            reason=reason,
            record=shadow.record,
            contaminated=shadow.contaminated,
            regime=shadow.regime,
            opposite_of=shadow.opposite_of,
            hold_r=_hold_r(turn, shadow, candle),
            risk_share=(abs(entry - shadow.plan.stop) / entry).quantize(R_STEP),
        )
    )
