"""What can happen to an order, and what a venue lets the desk know: a part of the kinds of journal entries.

They stand apart from the other events because they are a life cycle of their own (docs/orders.md): an intent is on disk
before it is on the wire, and each state ends on evidence only.
"""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.orders import ExternalOrder, Fill, Intent


@dataclass(frozen=True, slots=True)
class OrderIntended:
    """An order was decided on; nothing has left the house yet."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class OrderDenied:
    """A control refused an intent: which one, the value it saw and its limit."""

    client_id: str
    control: str
    value: str
    limit: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class OrderSubmitted:
    """The order was handed to the venue."""

    client_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The venue holds the order."""

    client_id: str
    at_ms: int
    venue_id: str = ""
    """The venue's own id; none on paper."""


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """An execution. `complete` tells whether the order is done; `realized` and `cash` are the ledger's side of it."""

    fill: Fill
    portfolio: str
    complete: bool
    realized: Decimal
    cash: Decimal
    """The portfolio's cash after this fill."""


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order is gone with the given quantity unfilled."""

    client_id: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The venue refused the order, in its own words."""

    client_id: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class OrderUnknown:
    """Nobody knows what became of an order that was sent: its risk stays reserved until the venue tells."""

    client_id: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class OrderVoided:
    """There is no such order: it never left, or the venue knows nothing of it anywhere; `evidence` says which."""

    client_id: str
    evidence: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The end of an order is to be asked for at the venue. What comes of it is an event of its own."""

    client_id: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class DustLeft:
    """What is left of a position is too small to be sold there; it stays on the account, at what it cost."""

    portfolio: str
    pair: str
    asset: str
    quantity: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True)
class ProtectionChanged:
    """Whether an open position has its stop at the venue. `protected` False is an alarm."""

    portfolio: str
    pair: str
    protected: bool
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class BookStatusChanged:
    """Whether the venue's order book of a pair is to be relied on. `live` False: nothing is opened on the pair."""

    pair: str
    live: bool
    reason: str
    """What is wrong with it; empty where it is live."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class DepthMeasured:
    """What a market entry that is about to be decided on would find in the live book."""

    pair: str
    action: str
    depth: Decimal
    """Notional that can be taken, in quote units, within `within_bps` of the middle of bid and ask."""
    within_bps: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class VenueAccountOpened:
    """The account at a real venue as it was found first: what later balances are reckoned from."""

    venue: str
    balances: tuple[tuple[str, Decimal], ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class ExternalOrderChanged:
    """Somebody else's order on the same account, as it stands now: counted in risk, never touched."""

    order: ExternalOrder


@dataclass(frozen=True, slots=True)
class ExternalFilled:
    """An execution on the account that no order of ours explains: balances follow.

    On perpetuals a venue has one position for each pair, so an execution against ours has made it smaller: a
    liquidation for one. Then `portfolio`, `realized` and `cash` are the ledger's side of it.
    """

    trade_id: str
    pair: str
    action: str
    price: Decimal
    quantity: Decimal
    flows: tuple[tuple[str, Decimal], ...]
    """asset -> change of its balance, fees included."""
    at_ms: int
    portfolio: str = ""
    """Whose position it made smaller; empty where it touched none."""
    realized: Decimal = Decimal(0)
    cash: Decimal = Decimal(0)
    """The portfolio's cash after it."""


@dataclass(frozen=True, slots=True)
class VenuePaid:
    """The venue moved the wallet by itself: funding of a perpetual position, or the price of its liquidation."""

    payment_id: str
    kind: str
    """As `quorate.domain.venue.PaymentKind`."""
    pair: str
    asset: str
    amount: Decimal
    """Positive when received."""
    at_ms: int
    """The venue's time of it."""
    portfolio: str = ""
    """Whose position it is about; empty where none of ours was on the pair."""
    cash: Decimal = Decimal(0)
    """The portfolio's cash after it."""


@dataclass(frozen=True, slots=True)
class BalancesRounded:
    """What rounding executions to the venue's units has come to: no break, and reckoned with from now on."""

    amounts: tuple[tuple[str, Decimal], ...]
    """asset -> what the venue has more (positive) or less than the executions add up to."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class BreakFound:
    """The venue and the ledger differ and nothing explains it: openings stop and a person is told."""

    subject: str
    """An asset for a balance, a pair for a position or an order."""
    expected: Decimal
    found: Decimal
    reason: str
    at_ms: int
    reckoned: bool = False
    """Whether the venue's figure is the one that is reckoned with from now on."""
