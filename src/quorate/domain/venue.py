"""What is said between the desk and a real venue: requests, the venue's word on orders, executions, balances.

Nothing here is believed because it was hoped for: what is known of an order at a venue is what the venue has said.
Ids of orders are *tags*: the form that the venue's own rules leave of our client order id (`Venue.tag`).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quorate.domain.errors import QuorateError, Unavailable
from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.votes import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An order as it is sent. Quantities are whole lots, prices whole ticks of its market."""

    tag: str
    pair: str
    action: Action
    kind: OrderKind
    quantity: Decimal
    """In base units."""
    price: Decimal | None
    """Limit of LIMIT and POST_ONLY, trigger of STOP; None for MARKET."""
    reduce_only: bool
    """Only ever makes a position smaller; on spot a matter of what is sold, on perpetuals the venue's own flag."""


class VenueStatus(StrEnum):
    """Where an order is, in the venue's word."""

    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    """Ended with something unfilled, whoever ended it: also expired, killed, or kept from matching itself."""
    REJECTED = "REJECTED"

    @property
    def final(self) -> bool:
        """Whether nothing more can come of it."""
        return self is not VenueStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order as the venue has it now."""

    tag: str
    """Empty where it was placed without one: not ours."""
    venue_id: str
    pair: str
    action: Action
    kind: OrderKind
    quantity: Decimal
    filled: Decimal
    price: Decimal | None
    status: VenueStatus
    at_ms: int
    """The venue's time of this state, UTC milliseconds."""
    reason: str = ""
    """The venue's own words, where it gives any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One execution, in the venue's word. The same `trade_id` may be heard any number of times, in any order."""

    trade_id: str
    """Unique within the venue and the pair."""
    tag: str
    venue_id: str
    """Of the order: where an execution is told without our tag, this is how it is found."""
    pair: str
    action: Action
    price: Decimal
    quantity: Decimal
    fee: Decimal
    """Positive when paid, in `fee_asset`."""
    fee_asset: str
    liquidity: Liquidity
    at_ms: int
    gained: Decimal | None = None
    """On perpetuals: the profit (negative: loss) that the venue booked to the wallet, in the quote currency, before the
    fee; 0 of an execution that only opens. None on spot, where coins themselves change hands."""


class PaymentKind(StrEnum):
    """Why a venue moves a wallet by itself."""

    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    """What it takes for a liquidation, or what it makes good where one lost more than there was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletPayment:
    """A perpetuals wallet moved by no execution, in the venue's word."""

    payment_id: str
    """Unique within the venue and the kind."""
    kind: PaymentKind
    pair: str
    asset: str
    amount: Decimal
    """Positive when received."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has of one asset: `total` is everything, `held` the part that open orders lock."""

    asset: str
    total: Decimal
    held: Decimal

    @property
    def free(self) -> Decimal:
        """What can still be used."""
        return self.total - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """A perpetual position at the venue; a positive quantity is long. On spot the balance is the position."""

    pair: str
    quantity: Decimal
    entry: Decimal
    liquidation: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccount:
    """Everything the venue says of the account at one instant."""

    at_ms: int
    """The venue's clock."""
    balances: tuple[Balance, ...]
    """Sorted by asset; none that is zero."""
    positions: tuple[VenuePosition, ...] = ()
    """Sorted by pair; none that is flat."""
    units: tuple[tuple[str, Decimal], ...] = ()
    """(asset, smallest unit in which the venue keeps it), where executions may be told finer than that. What each does
    to a balance is then rounded, in a way that the venue does not tell."""

    def balance(self, asset: str) -> Balance:
        """What there is of an asset; nothing where the venue names none."""
        return next((each for each in self.balances if each.asset == asset), Balance(asset, Decimal(0), Decimal(0)))


@dataclass(frozen=True, slots=True)
class StreamLost:
    """The private stream was interrupted: what happened meanwhile has to be asked for."""

    reason: str


@dataclass(frozen=True, slots=True)
class StreamUp:
    """The private stream hears from now on."""


Report = VenueOrder | VenueFill | StreamLost | StreamUp
"""What a private stream brings."""


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do. None: the venue does not say."""

    trade: bool | None
    withdraw: bool | None
    """Must be False: a key that can withdraw is refused."""
    ip_bound: bool | None
    words: tuple[str, ...] = ()
    """What else the venue says of it, for people."""


class VenueFault(QuorateError):
    """Whatever a venue, or the way to it, has answered instead of what was asked for: the base of all the others."""

    code = "venue_fault"
    exit_code = 3


class VenueUnreachable(VenueFault, Unavailable):
    """A question got no answer that can be read. Asking again is harmless."""

    code = "venue_unreachable"


class OutcomeUnknown(VenueFault):
    """The request may have reached the venue, and nobody knows what became of it. Only the venue can tell."""

    code = "outcome_unknown"
    exit_code = 3


class NotSent(VenueFault, Unavailable):
    """The request surely never left, or the venue surely did not take it up: trying again later doubles nothing."""

    code = "not_sent"


class VenueRefused(VenueFault):
    """The venue looked at the request and refused it. `code_there` is its own code or error string."""

    code = "venue_refused"

    def __init__(self, message: str, *, code_there: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code_there = code_there


class OrderGone(VenueRefused):
    """There is no such open order to cancel: it was filled, cancelled, or never there. Evidence has to be asked for."""

    code = "order_gone"


class VenueBusy(VenueFault, Unavailable):
    """The venue asks to be left alone (429, 418), or is down for maintenance. `retry_after_s` says for how long."""

    code = "venue_busy"

    def __init__(self, message: str, *, retry_after_s: float, maintenance: bool = False) -> None:
        super().__init__(message, hint="It is asked again later; exits and cancels go first.")
        self.retry_after_s = retry_after_s
        self.maintenance = maintenance


class KeyFault(VenueFault):
    """The venue does not accept the key: wrong, expired, without the right to trade, or from the wrong address."""

    code = "key_fault"
    exit_code = 4


class ClockSkew(VenueFault, Unavailable):
    """Our clock and the venue's are too far apart for a signed request; it was not taken up."""

    code = "clock_skew"
