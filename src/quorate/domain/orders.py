"""The life of an order, as a table a trader can check line by line."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quorate.domain.votes import Action, ExitPlan, Regime


class OrderState(StrEnum):
    """Where an order is in its life; UNKNOWN is a state, left only on evidence from the venue."""

    INTENDED = "INTENDED"
    DENIED = "DENIED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    VOID = "VOID"


_S = OrderState
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    _S.INTENDED: frozenset({_S.SUBMITTED, _S.DENIED}),
    _S.SUBMITTED: frozenset(
        {_S.ACCEPTED, _S.REJECTED, _S.UNKNOWN, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.VOID}
    ),
    _S.ACCEPTED: frozenset({_S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.UNKNOWN}),
    _S.PARTIALLY_FILLED: frozenset({_S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.ACCEPTED, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.REJECTED, _S.VOID}),
    _S.DENIED: frozenset(),
    _S.FILLED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.VOID: frozenset(),
}
OPEN_STATES = frozenset(state for state, nexts in TRANSITIONS.items() if nexts)
"""States in which an order may still change the position: its risk stays reserved."""


def advance(state: OrderState, to: OrderState) -> OrderState:
    """`to`, when the table allows it; anything else is a programming error and raises."""
    assert to in TRANSITIONS[state], f"an order cannot go from {state} to {to}"
    return to


class OrderKind(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    POST_ONLY = "post_only"
    STOP = "stop"


class Purpose(StrEnum):
    """Why an order exists: the name that trades carry as the reason they ended."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    EXPIRY = "expiry"
    MANUAL = "manual"
    ADVICE = "advice"
    """The position manager advised to get out."""
    LIQUIDATION = "liquidation"
    """The venue closed it by force."""

    @property
    def reduces(self) -> bool:
        """Whether the order can only make a position smaller."""
        return self is not Purpose.ENTRY


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish to trade, before any control has seen it. Only the desk turns it into an order.

    `price` is the limit of a limit order, the trigger of a stop, and the reference for a market order's collar.
    """

    id: str
    client_id: str
    signal_id: str
    portfolio: str
    pair: str
    action: Action
    kind: OrderKind
    purpose: Purpose
    price: Decimal
    quantity: Decimal
    at_ms: int
    source: str = ""
    plan: ExitPlan | None = None
    """An entry carries the way out: there is no position without one."""
    regime: Regime = Regime.NEUTRAL
    """Regime of the pair when it was decided on."""
    thesis: str = ""
    """What is expected of it, in one sentence; an entry's."""

    @property
    def reduces(self) -> bool:
        """Whether this can only make exposure smaller."""
        return self.purpose.reduces


@dataclass(frozen=True, slots=True)
class Order:
    """An order the desk has sent, or is about to send."""

    intent: Intent
    state: OrderState
    filled: Decimal = Decimal(0)
    venue_id: str = ""
    """The venue's own id, as soon as it is known; none on paper."""
    sent_ms: int = 0
    """When it was handed to a real venue; 0 on paper."""
    cancel_ms: int | None = None
    """When its end was last asked for."""
    ended_ms: int | None = None
    """When its end was heard of."""

    @property
    def open_quantity(self) -> Decimal:
        """What may still fill, in base units."""
        return self.intent.quantity - self.filled


class Liquidity(StrEnum):
    """Whether a fill made the price or took it: decides the fee."""

    MAKER = "maker"
    TAKER = "taker"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order at a venue. `trade_id` is the venue's; the same one is never applied twice."""

    trade_id: str
    client_id: str
    pair: str
    action: Action
    price: Decimal
    quantity: Decimal
    fee: Decimal
    """In the quote currency, positive when paid."""
    liquidity: Liquidity
    at_ms: int
    fee_asset: str = ""
    """What the fee was really paid in, where that is not the quote currency."""
    fee_paid: Decimal = Decimal(0)
    """How much of `fee_asset`; `fee` is its worth."""
    venue_id: str = ""
    """The venue's own id of the order; none on paper."""
    gained: Decimal | None = None
    """Perpetuals at a real venue: the profit it booked to the wallet for this execution, before the fee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalOrder:
    """An open order on our account that is not ours: a person's, or another program's."""

    venue_id: str
    pair: str
    action: Action
    open_quantity: Decimal
    """0 once it has ended."""
    price: Decimal | None
    at_ms: int
