"""What leverage means for a position: its margin, and the price at which the venue would close it by force.

All positions of a portfolio have one leverage, that of its policy. C7 asks whether equity carries the margins that
follow from it; a position is opened with the same one. Formulas and rounding are those of `rules/margin.py`.
"""

from decimal import Decimal

from quorate.domain.market import Market, MarketKind
from quorate.domain.money import plain, to_ppm
from quorate.domain.policy import PerpPolicy, PortfolioPolicy
from quorate.domain.votes import Side
from quorate.rules import margin

ONE = Decimal(1)


def leverage_of(policy: PortfolioPolicy) -> Decimal:
    """How many times its margin a position of the portfolio is worth: 1 on spot, and never less."""
    return ONE if policy.market is MarketKind.SPOT else max(policy.leverage, ONE)


def liquidation_of(
    policy: PortfolioPolicy, perps: PerpPolicy, market: Market, *, side: Side, entry: Decimal
) -> Decimal | None:
    """Price at which a position entered at `entry` is closed by force; None on spot and for a long without leverage."""
    if policy.market is MarketKind.SPOT:
        return None
    ticks = margin.liquidation_price(
        side.sign, market.ticks_nearest(entry), to_ppm(leverage_of(policy)), perps.maintenance_margin_ppm
    )
    return None if ticks == margin.NEVER else market.price(ticks)


def stop_fault(
    policy: PortfolioPolicy, perps: PerpPolicy, market: Market, *, side: Side, entry: Decimal, stop: Decimal
) -> str | None:
    """Why a stop cannot protect a position entered at `entry`, in words; None where it can.

    The stop has to come before the liquidation price, with the reserve between them: what lies beyond it would never be
    reached. The leverage is not lowered to make room; who wants wide stops lowers it in the settings.
    """
    if not 0 < market.ticks_nearest(entry) <= margin.PRICE_TICKS_MAX:
        return f"entry {plain(entry)} cannot be counted in ticks of {plain(market.tick)}"
    liquidation = liquidation_of(policy, perps, market, side=side, entry=entry)
    if liquidation is None:
        return None
    at, stopped, forced = (market.ticks_nearest(price) for price in (entry, stop, liquidation))
    if margin.stop_is_safe(side.sign, at, stopped, forced, perps.liquidation_reserve_ppm):
        return None
    return f"stop {plain(stop)}, liquidation at {plain(liquidation)} with leverage {plain(leverage_of(policy))}"
