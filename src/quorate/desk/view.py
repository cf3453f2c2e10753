"""The desk's state as controls and breakers see it."""

from decimal import Decimal

from quorate.desk.turn import Turn
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.promotion import Deployment
from quorate.risk.book import Book, Reference

CANDLE_GRACE_MS = 2_000
"""A candle feed is stale this long after its next close was due."""


def book_of(turn: Turn, pair: str, *, depth: Decimal | None = None) -> Book:
    """The account at this instant, for an intent on `pair`. Cheap: it refers to the state, it does not copy it.

    `depth`: what a market order would find, where a live book tells.
    """
    state = turn.state
    price = state.marks.get(pair)
    reference = None if price is None else Reference(price, state.marks_ms[pair], state.trails.get(pair, ()), depth)
    costs = turn.policy.costs
    return Book(
        now_ms=turn.at_ms,
        policies=turn.charter.policies,
        portfolios=state.portfolios,
        markets=state.markets,
        marks=state.marks,
        references={} if reference is None else {pair: reference},
        reference_age_ms_max=mark_age_ms_max(turn),
        positions=state.positions,
        orders=state.orders,
        sent=state.sent,
        intent_ids=state.sent_ids,
        client_ids=state.sent_ids,
        trading=state.trading,
        enabled_ms=state.enabled_ms,
        slippage_ppm=costs.slippage_ppm,
        fee_ppm=costs.taker_fee_ppm,
        perps=turn.policy.perps,
        deployment=deployment_of(turn),
        blocked=state.books_blocked,
    )


def deployment_of(turn: Turn) -> Deployment | None:
    """Whom the promotion ladder lets trade real money; None on paper."""
    charter = turn.charter
    if charter.stake is None:
        return None
    return Deployment(promotions=turn.state.promotions, keys=charter.keys, stake=charter.stake)


def mark_age_ms_max(turn: Turn) -> int:
    """Age from which a mark is no longer a price to decide on."""
    return TIMEFRAME_MS[turn.charter.timeframe] + CANDLE_GRACE_MS
