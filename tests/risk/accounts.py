"""Accounts, books and intents as the tests of risk need them: a healthy one, with what a test names changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quorate.domain.market import Market, MarketKind
from quorate.domain.orders import Intent, Order, OrderKind, OrderState, Purpose
from quorate.domain.policy import DEFAULT_PORTFOLIOS, Limits, PerpPolicy, PortfolioPolicy
from quorate.domain.portfolio import Position
from quorate.domain.votes import Action, ExitPlan, Side, Target
from quorate.risk.book import Book, Reference
from quorate.risk.verdict import Deny, Verdict

D = Decimal
NOW = 1_736_000_000_000
BTC = Market("BTC/USDT", tick=D("0.1"), lot=D("0.001"), min_notional=D(5), spread_ppm=200)
ETH = Market("ETH/USDT", tick=D("0.01"), lot=D("0.01"), min_notional=D(5), spread_ppm=200)
AGGRESSIVE = DEFAULT_PORTFOLIOS[0]
SPOT = PortfolioPolicy(name="spot", market=MarketKind.SPOT, gross_exposure_cap=D(1), leverage=D(3))
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Worth:
    """What a portfolio is worth."""

    equity: Decimal


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that was sent."""

    at_ms: int
    pair: str = "BTC/USDT"
    entry: bool = True


def reference(
    price: str = "50000", *, age_ms: int = 0, before: Sequence[str] = ("49990",), depth: str | None = None
) -> Reference:
    """A reference of BTC/USDT with earlier ones a minute apart."""
    trail = tuple((NOW - age_ms - 60_000 * (len(before) - i), D(text)) for i, text in enumerate(before))
    return Reference(D(price), NOW - age_ms, trail, None if depth is None else D(depth))


def intent(
    quantity: str = "0.02",
    price: str = "50000",
    *,
    pair: str = "BTC/USDT",
    action: Action = Action.BUY,
    kind: OrderKind = OrderKind.MARKET,
    purpose: Purpose = Purpose.ENTRY,
    portfolio: str = "aggressive",
    name: str = "i-1",
) -> Intent:
    """An entry of 1,000 USD in BTC unless told otherwise."""
    return Intent(
        id=name,
        client_id=f"q-{name}",
        signal_id="s-1",
        portfolio=portfolio,
        pair=pair,
        action=action,
        kind=kind,
        purpose=purpose,
        price=D(price),
        quantity=D(quantity),
        at_ms=NOW,
    )


def exit_of(quantity: str = "0.02", **changes: Any) -> Intent:
    """A stop of a long position."""
    fields: dict[str, Any] = {"action": Action.SELL, "purpose": Purpose.STOP, **changes}
    return intent(quantity, **fields)


def position(
    quantity: str = "0.02", *, pair: str = "BTC/USDT", side: Side = Side.LONG, entry: str = "50000"
) -> Position:
    """An open position of the aggressive portfolio."""
    price = D(entry)
    return Position(
        portfolio="aggressive",
        pair=pair,
        side=side,
        signal_id="s-0",
        source="council",
        quantity=D(quantity),
        opened_quantity=D(quantity),
        entry=price,
        initial_stop=price * D("0.98"),
        stop=price * D("0.98"),
        plan=ExitPlan(price * D("0.98"), (Target(price * D("1.05"), D(1)),)),
        targets_hit=0,
        trailing=False,
        realized=D(0),
        fees=D(0),
        opened_ms=NOW - 1,
    )


def orders(*open_ones: Order) -> dict[str, Order]:
    """Orders by client id."""
    return {order.intent.client_id: order for order in open_ones}


def open_order(wish: Intent, state: OrderState = OrderState.ACCEPTED) -> Order:
    """An order of the wish in the given state."""
    return Order(wish, state)


def book(
    *positions: Position,
    equity: str = "10000",
    open_orders: Mapping[str, Order] | None = None,
    sent: Sequence[Sent] = (),
    **changes: Any,
) -> Book:
    """A healthy account with a fresh, confirmed reference, and whatever a test changes."""
    held: dict[str, dict[str, Position]] = {}
    for one in positions:
        held.setdefault(one.pair, {})[one.portfolio] = one
    fields: dict[str, Any] = {
        "now_ms": NOW,
        "policies": {"aggressive": AGGRESSIVE, "spot": SPOT},
        "portfolios": {"aggressive": Worth(D(equity)), "spot": Worth(D(equity))},
        "markets": {"BTC/USDT": BTC, "ETH/USDT": ETH},
        "marks": {"BTC/USDT": D(50000), "ETH/USDT": D(2500)},
        "references": {"BTC/USDT": reference()},
        "reference_age_ms_max": None,
        "positions": held,
        "orders": open_orders or {},
        "sent": sent,
        "intent_ids": frozenset[str](),
        "client_ids": frozenset[str](),
        "trading": {},
        "enabled_ms": {},
        "slippage_ppm": 100,
        "fee_ppm": 500,
        "perps": PerpPolicy(),
    }
    return Book(**{**fields, **changes})


def denied(verdict: Verdict, control: str) -> Deny:
    """The refusal, which has to come from `control`."""
    assert isinstance(verdict, Deny), "expected a refusal"
    assert verdict.control == control
    assert verdict.value
    assert verdict.limit
    return verdict
