"""Controls that look at an order beside everything the account holds and has done lately."""

from decimal import Decimal

from quorate.domain.market import MarketKind
from quorate.domain.money import PPM, ZERO, from_ppm, plain
from quorate.domain.orders import OPEN_STATES, Intent, OrderKind
from quorate.domain.policy import Limits, PortfolioPolicy
from quorate.domain.votes import Action, Side, opening_action
from quorate.risk.book import WHOLE_ACCOUNT, Book, TradingState
from quorate.risk.leverage import stop_fault
from quorate.risk.verdict import PASS, Deny, Verdict


def margin(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C7: refuse an entry that equity cannot carry: positions, entries in flight, this order and its fee.

    A perpetual needs its notional divided by the leverage, spot all of it. Spot can only sell what it holds. A stop
    that the venue's liquidation would forestall protects nothing, so an entry with one is refused too.
    """
    if intent.reduces:
        return PASS
    policy, worth = book.policies.get(intent.portfolio), book.portfolios.get(intent.portfolio)
    if policy is None or worth is None:
        return Deny("C7", f"portfolio {intent.portfolio} is not known", "a known portfolio")
    if policy.market is MarketKind.SPOT and intent.action is Action.SELL:
        return Deny("C7", "a spot portfolio cannot sell short", "what it holds")
    fault = _stop_fault(intent, book, policy)
    if fault is not None:
        reserve = plain(from_ppm(book.perps.liquidation_reserve_ppm) * 100)
        return Deny("C7", fault, f"a stop more than {reserve} % of the entry price before the liquidation")
    notional = intent.price * intent.quantity
    needed = (book.exposure(intent.portfolio).gross + notional) / book.leverage(intent.portfolio)
    needed += notional * book.fee_ppm / PPM
    if needed <= worth.equity:
        return PASS
    return Deny("C7", f"margin {_money(needed)} with this order and its fee", f"{_money(worth.equity)} of equity")


def exposure(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C8: refuse an entry over the portfolio's gross, net or single-coin cap, and an exit larger than its position.

    An exit that closed more than is open would turn the position round: it must stand against the position, and fit
    beside other exits at market that are still in flight. Resting stops and targets of the same position share it.
    """
    if intent.reduces:
        return _reduce_only(intent, book)
    policy, worth = book.policies.get(intent.portfolio), book.portfolios.get(intent.portfolio)
    if policy is None or worth is None:
        return Deny("C8", f"portfolio {intent.portfolio} is not known", "a known portfolio")
    held, equity, notional = book.exposure(intent.portfolio), worth.equity, intent.price * intent.quantity
    coin = intent.pair.partition("/")[0]
    net_cap = policy.gross_exposure_cap if policy.net_exposure_cap is None else policy.net_exposure_cap
    coin_cap = policy.final_risk_cap if policy.coin_exposure_cap is None else policy.coin_exposure_cap
    for name, after, cap in (
        ("gross", held.gross + notional, policy.gross_exposure_cap),
        ("net", abs(held.net + notional * intent.action.sign), net_cap),
        (coin, held.coins.get(coin, ZERO) + notional, coin_cap),
    ):
        if after > cap * equity:
            return Deny("C8", f"{name} exposure {_money(after)} with this order", _capped(cap, equity))
    return PASS


def position_cap(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C9: refuse an entry that makes one position larger than the portfolio's hard cap, 40 % of equity at most."""
    if intent.reduces:
        return PASS
    policy, worth = book.policies.get(intent.portfolio), book.portfolios.get(intent.portfolio)
    if policy is None or worth is None:
        return Deny("C9", f"portfolio {intent.portfolio} is not known", "a known portfolio")
    after = book.exposure(intent.portfolio).pairs.get(intent.pair, ZERO) + intent.price * intent.quantity
    if after > policy.final_risk_cap * worth.equity:
        return Deny("C9", f"position {_money(after)} with this order", _capped(policy.final_risk_cap, worth.equity))
    return PASS


def throttle(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C10: refuse an entry when too many orders are open, or too many were sent within the window."""
    if intent.reduces:
        return PASS
    if len(book.orders) >= limits.open_orders_max:
        return Deny("C10", f"{len(book.orders)} open orders", str(limits.open_orders_max))
    count, since = 0, book.now_ms - limits.throttle_window_ms
    for sent in reversed(book.sent):
        if sent.at_ms <= since:
            break
        count += 1
    if count >= limits.throttle_orders_max:
        seconds = limits.throttle_window_ms // 1_000
        return Deny("C10", f"{count} orders within {seconds} s", str(limits.throttle_orders_max))
    return PASS


def repetition(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C11: refuse an entry on a pair that was entered too often within the window, until a person opens it again."""
    if intent.reduces:
        return PASS
    since = max(book.now_ms - limits.repeats_window_ms, book.enabled_ms.get(intent.pair, 0))
    count = 0
    for sent in reversed(book.sent):
        if sent.at_ms <= since:
            break
        count += sent.entry and sent.pair == intent.pair
    if count < limits.repeats_max:
        return PASS
    minutes = limits.repeats_window_ms // 60_000
    return Deny("C11", f"{count} entries on {intent.pair} within {minutes} min", str(limits.repeats_max), intent.pair)


def trading_state(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C16: refuse entries unless the account and the pair are ACTIVE, and while an order on the pair is UNKNOWN."""
    if intent.reduces:
        return PASS
    for scope, name in ((WHOLE_ACCOUNT, "the account"), (intent.pair, intent.pair)):
        state = book.trading.get(scope, TradingState.ACTIVE)
        if state != TradingState.ACTIVE:
            return Deny("C16", f"{name} is {state}", TradingState.ACTIVE)
    unknown = book.unknown_on(intent.pair)
    if unknown is not None:
        return Deny("C16", f"the outcome of order {unknown} is unknown", "every outcome known")
    return PASS


def _stop_fault(intent: Intent, book: Book, policy: PortfolioPolicy) -> str | None:
    market = book.markets.get(intent.pair)
    if market is None or intent.plan is None:
        return None
    side = Side.LONG if intent.action is Action.BUY else Side.SHORT
    return stop_fault(policy, book.perps, market, side=side, entry=intent.price, stop=intent.plan.stop)


def _reduce_only(intent: Intent, book: Book) -> Verdict:
    position = book.position(intent.portfolio, intent.pair)
    if position is None:
        return Deny("C8", f"nothing is open on {intent.pair} to reduce", "an open position")
    if intent.action is opening_action(position.side):
        return Deny("C8", f"{intent.action} would add to a {position.side} position", "the other side")
    in_flight = ZERO
    for order in book.orders.values():
        other = order.intent
        if (
            other.pair == intent.pair
            and other.portfolio == intent.portfolio
            and other.reduces
            and other.kind is OrderKind.MARKET
            and order.state in OPEN_STATES
        ):
            in_flight += order.open_quantity
    if intent.quantity + in_flight > position.quantity:
        closing = plain(intent.quantity + in_flight)
        return Deny("C8", f"would close {closing} with exits in flight", f"{plain(position.quantity)} open")
    return PASS


def _capped(cap: Decimal, equity: Decimal) -> str:
    return f"{plain(cap)} × equity {_money(equity)}"


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
