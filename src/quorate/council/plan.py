"""How a council's trade ends (RULES section 3), fixed at the moment of the decision."""

from dataclasses import dataclass
from decimal import Decimal

from quorate.council.consensus import Verdict
from quorate.domain.market import Market
from quorate.domain.money import ceil_to_step, floor_to_step, round_to_step
from quorate.domain.votes import ExitPlan, Side, Target, Vote

ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilExits:
    """Numbers of the council's exit plan: fractions of what is left, distances in R and in ATR(1h)."""

    first_r: int = 1
    first_fraction: Decimal = Decimal("0.33")
    second_r: int = 2
    second_fraction: Decimal = Decimal("0.5")
    last_r: int = 3
    """Where the rest closes when the consensus target is not beyond the second."""
    trail_atr: Decimal = Decimal("1.5")


DEFAULT_EXITS = CouncilExits()


def exit_plan(
    call: Verdict | Vote,
    *,
    market: Market,
    atr: Decimal | None,
    expires_ms: int | None = None,
    exits: CouncilExits = DEFAULT_EXITS,
) -> ExitPlan:
    """The exit plan of a verdict, or of a single valid vote that is run on paper; R is its way from entry to stop.

    33 % at 1 R, half of the rest at 2 R, all at the consensus target if that is beyond 2 R, else at 3 R; break-even
    after the first, from the second on a stop that trails by 1.5 ATR. `atr` is that of the hour, in price units;
    without one nothing trails.

    Everything lies on the market's tick: a stop rounds away from the entry and is a tick from it at least, a target
    rounds towards it. Targets of a SHORT at or under zero are left out, and the last that is left takes all; if none is
    left, the wanted target does.
    """
    assert call.entry is not None, "a vote with a direction has an entry"
    assert call.stop is not None, "a vote with a direction has a stop"
    assert call.target is not None, "a vote with a direction has a target"
    assert (call.entry - call.stop) * call.side.sign > 0, "the stop lies on the losing side of the entry"
    sign, outward = call.side.sign, floor_to_step if call.side is Side.LONG else ceil_to_step
    entry, target = round_to_step(call.entry, market.tick), outward(call.target, market.tick)
    reach = max((entry - outward(call.stop, market.tick)) * sign, market.tick)

    def at(multiple: int) -> Decimal:
        return entry + sign * multiple * reach

    beyond_second = (target - at(exits.second_r)) * sign > 0
    wanted = (
        Target(at(exits.first_r), exits.first_fraction),
        Target(at(exits.second_r), exits.second_fraction),
        Target(target if beyond_second else at(exits.last_r), ONE),
    )
    targets = tuple(part for part in wanted if part.price >= market.tick) or (Target(target, ONE),)
    return ExitPlan(
        stop=entry - sign * reach,
        targets=(*targets[:-1], Target(targets[-1].price, ONE)),
        break_even_target=1,
        trail_target=2,
        trail_distance=_trail(market, atr, exits.trail_atr),
        expires_ms=expires_ms,
    )


def _trail(market: Market, atr: Decimal | None, multiple: Decimal) -> Decimal | None:
    """The trailing distance on the market's tick, one tick at least; None where there is no sensible ATR."""
    if atr is None or not atr.is_finite() or atr <= 0:
        return None
    return max(round_to_step(atr * multiple, market.tick), market.tick)
