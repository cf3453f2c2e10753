"""Controls that look at one order by itself: its size, its price, its steps, its pair, what it would meet."""

from decimal import Decimal

from quorate.domain.money import plain
from quorate.domain.orders import OPEN_STATES, Intent, OrderKind
from quorate.domain.policy import Limits
from quorate.domain.votes import Action
from quorate.risk.book import Book, Reference
from quorate.risk.verdict import PASS, Deny, Verdict

BPS = 10_000
PPM_IN_BPS = 100
SHOWN_BPS = Decimal("0.1")
RESTING = frozenset({OrderKind.LIMIT, OrderKind.POST_ONLY})


def quantity_limit(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C1: refuse a quantity that is no positive number, and an entry above the largest allowed quantity."""
    quantity, most = intent.quantity, limits.order_quantity_max
    if not quantity.is_finite() or quantity <= 0:
        return Deny("C1", f"quantity {quantity}", "above zero")
    if intent.reduces or most is None or quantity <= most:
        return PASS
    return Deny("C1", f"quantity {plain(quantity)}", plain(most))


def notional_limit(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C2: refuse a price that is no positive number, and an entry too large by itself or for its pair.

    The pair is counted over the whole account: every portfolio's position at its mark, and every entry in flight.
    """
    price = intent.price
    if not price.is_finite() or price <= 0:
        return Deny("C2", f"price {price}", "above zero")
    if intent.reduces:
        return PASS
    notional = price * intent.quantity
    if notional > limits.order_notional_max:
        return Deny("C2", f"order notional {_money(notional)}", plain(limits.order_notional_max))
    total = book.pair_notional(intent.pair) + notional
    if total > limits.symbol_notional_max:
        return Deny("C2", f"{intent.pair} notional {_money(total)} with this order", plain(limits.symbol_notional_max))
    return PASS


def price_collar(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C3: refuse an entry further than `limits.collar_bps` from a fresh reference; without one, refuse every entry."""
    if intent.reduces:
        return PASS
    reference = _fresh(intent, book, limits)
    if reference is None:
        return Deny("C3", "no fresh reference price", f"{_age_max(book, limits)} ms old")
    drift = _bps_between(intent.price, reference.price)
    if drift <= limits.collar_bps:
        return PASS
    return Deny("C3", f"{_shown(drift)} bps from {plain(reference.price)}", f"{limits.collar_bps} bps")


def period_collar(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C4: refuse an entry whose price lies too far from where the reference was at any time within the period.

    Many small steps that each pass C3 add up here.
    """
    if intent.reduces:
        return PASS
    reference = book.references.get(intent.pair)
    if reference is None:
        return Deny("C4", "no reference price", f"{limits.period_collar_bps} bps")
    since = book.now_ms - limits.period_collar_ms
    for at_ms, price in reference.trail:
        if at_ms >= since and _bps_between(intent.price, price) > limits.period_collar_bps:
            drift = _shown(_bps_between(intent.price, price))
            ago = (book.now_ms - at_ms) // 1_000
            return Deny("C4", f"{drift} bps from {plain(price)}, {ago} s ago", f"{limits.period_collar_bps} bps")
    return PASS


def reference_sanity(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C5: refuse an entry on a reference that is missing, too old, from the future, no price, or a bad tick.

    A bad tick is one far from the reference before it. When the next tick stands at the new level the move is confirmed
    and entries are possible again: a real crash does not blind the desk. A first tick is confirmed by nothing. Where
    the venue's order book is followed, it has to be live too: behind one that is stale, gapped or crossed nobody knows
    the market.
    """
    if intent.reduces:
        return PASS
    fault = book.blocked.get(intent.pair)
    if fault is not None:
        return Deny("C5", f"order book of {intent.pair}: {fault}", "a live order book")
    reference = book.references.get(intent.pair)
    age_max = _age_max(book, limits)
    if reference is None:
        return Deny("C5", "no reference price", f"{age_max} ms old")
    age = book.now_ms - reference.at_ms
    if not 0 <= age <= age_max:
        return Deny("C5", f"reference is {age} ms old", f"{age_max} ms")
    if not reference.price.is_finite() or reference.price <= 0:
        return Deny("C5", f"reference price {reference.price}", "above zero")
    if not reference.trail:
        return Deny("C5", f"nothing confirms the first reference {plain(reference.price)}", "one earlier reference")
    before = reference.trail[-1][1]
    jump = _bps_between(reference.price, before)
    if jump > limits.bad_tick_bps:
        value = f"reference jumped {_shown(jump)} bps from {plain(before)} to {plain(reference.price)}"
        return Deny("C5", value, f"{limits.bad_tick_bps} bps")
    return PASS


def precision(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C6: refuse what the market cannot express: a price off the tick, a quantity off the lot, an entry too small.

    Also for exits, as such an order would be refused by the venue. A market order's price is a reference only, and need
    not lie on a tick. What is left of a position may be smaller than the minimum notional, so exits are free of that.
    """
    market = book.markets.get(intent.pair)
    if market is None:
        return PASS if intent.reduces else Deny("C6", f"{intent.pair} is not a known market", "a listed market")
    if _off_grid(intent.quantity, market.lot):
        return Deny("C6", f"quantity {plain(intent.quantity)}", f"a multiple of {plain(market.lot)}")
    if intent.kind is not OrderKind.MARKET and _off_grid(intent.price, market.tick):
        return Deny("C6", f"price {plain(intent.price)}", f"a multiple of {plain(market.tick)}")
    notional = intent.price * intent.quantity
    if not intent.reduces and notional < market.min_notional:
        return Deny("C6", f"notional {_money(notional)}", f"at least {plain(market.min_notional)}")
    return PASS


def duplicate(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C12: refuse an intent that was acted on before, and a client order id that was used before; exits too."""
    if intent.id in book.intent_ids:
        return Deny("C12", f"intent {intent.id} was acted on before", "once")
    if intent.client_id in book.client_ids:
        return Deny("C12", f"client order id {intent.client_id} was used before", "once")
    return PASS


def listed_pair(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C13: refuse an entry on a restricted pair, or on one that a non-empty allow list does not name."""
    if intent.reduces:
        return PASS
    if intent.pair in limits.restricted_pairs:
        return Deny("C13", f"{intent.pair} is restricted", "pairs that are not restricted")
    if limits.allowed_pairs and intent.pair not in limits.allowed_pairs:
        return Deny("C13", f"{intent.pair} is not on the allow list", f"{len(limits.allowed_pairs)} allowed pairs")
    return PASS


def self_match(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C14: refuse an entry that would trade with an order of the same portfolio that rests on the other side."""
    if intent.reduces or intent.kind is OrderKind.STOP:
        return PASS
    for client_id, order in book.orders.items():
        other = order.intent
        if (
            other.pair == intent.pair
            and other.portfolio == intent.portfolio
            and other.action is not intent.action
            and other.kind in RESTING
            and order.state in OPEN_STATES
            and _crosses(intent, other.price)
        ):
            return Deny("C14", f"would trade with the own order {client_id} at {plain(other.price)}", "no own order")
    return PASS


def slippage(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C15: refuse a market entry that would pay too much beyond the last price, or take more than is there.

    Where no book is known the cost is modelled: half the market's spread and the slippage of the settings.
    """
    if intent.reduces or intent.kind is not OrderKind.MARKET:
        return PASS
    market = book.markets.get(intent.pair)
    if market is None:
        return Deny("C15", f"{intent.pair} is not a known market", f"{limits.slippage_bps_max} bps")
    cost = Decimal(market.spread_ppm + 2 * book.slippage_ppm) / (2 * PPM_IN_BPS)
    if cost > limits.slippage_bps_max:
        return Deny("C15", f"expected slippage {_shown(cost)} bps", f"{limits.slippage_bps_max} bps")
    reference = book.references.get(intent.pair)
    depth = None if reference is None else reference.depth
    notional = intent.price * intent.quantity
    if depth is not None and notional > depth:
        return Deny("C15", f"notional {_money(notional)}", f"{_money(depth)} within {limits.slippage_bps_max} bps")
    return PASS


def _age_max(book: Book, limits: Limits) -> int:
    return limits.reference_age_ms_max if book.reference_age_ms_max is None else book.reference_age_ms_max


def _fresh(intent: Intent, book: Book, limits: Limits) -> Reference | None:
    reference = book.references.get(intent.pair)
    if reference is None or book.now_ms - reference.at_ms > _age_max(book, limits):
        return None
    return reference if reference.price.is_finite() and reference.price > 0 else None


def _crosses(intent: Intent, resting: Decimal) -> bool:
    if intent.kind is OrderKind.MARKET:
        return True
    return intent.price >= resting if intent.action is Action.BUY else intent.price <= resting


def _bps_between(price: Decimal, reference: Decimal) -> Decimal:
    return abs(price - reference) * BPS / reference


def _off_grid(value: Decimal, step: Decimal) -> bool:
    steps = value / step
    return steps != steps.to_integral_value()


def _shown(bps: Decimal) -> str:
    return plain(bps.quantize(SHOWN_BPS))


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
