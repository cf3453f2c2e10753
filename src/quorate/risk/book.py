"""The narrow view of an account that a control may look at: one instant of it, as plain mappings.

A `Book` holds references to the desk's own dictionaries and costs no copying. It shows the account as it is before the
intent is written down, and is valid until one of those dictionaries changes: build a new one for the next intent. Sums
over positions and orders are made once for each book, and only when asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from quorate.domain.market import Market
from quorate.domain.money import ZERO
from quorate.domain.orders import OPEN_STATES, Order, OrderState
from quorate.domain.policy import PerpPolicy, PortfolioPolicy
from quorate.domain.portfolio import Position
from quorate.domain.promotion import Deployment
from quorate.risk.leverage import leverage_of

WHOLE_ACCOUNT = ""
"""The scope of a trading state that holds for every pair."""


class TradingState(StrEnum):
    """What the desk may do. Neither REDUCING nor HALTED stops an exit: closing is always possible.

    REDUCING refuses entries; HALTED says that it is the whole desk that stands still, until a person starts it again.
    """

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


@dataclass(frozen=True, slots=True)
class Reference:
    """The last price the feed gave for a pair, and what it was before.

    `trail` holds (instant, price) of earlier references, oldest first: at least the one just before this, and as many
    as the feed gives within the period of C4. It may be empty only for the first price a feed ever gave.
    """

    price: Decimal
    at_ms: int
    trail: Sequence[tuple[int, Decimal]]
    depth: Decimal | None = None
    """Notional that can be taken within the slippage limit, from a book or a named model; None where nobody knows."""


class Sent(Protocol):
    """An order that left the house lately."""

    @property
    def at_ms(self) -> int:
        """When it was sent, feed time in UTC milliseconds."""
        ...

    @property
    def pair(self) -> str:
        """What it trades."""
        ...

    @property
    def entry(self) -> bool:
        """Whether it opens or adds to a position."""
        ...


class Worth(Protocol):
    """What a portfolio is worth."""

    @property
    def equity(self) -> Decimal:
        """Cash plus unrealised profit, marked to market."""
        ...


@dataclass(slots=True)
class Exposure:
    """What one portfolio holds and has in flight, in quote units. Orders in flight count as if they were filled."""

    gross: Decimal = ZERO
    net: Decimal = ZERO
    pairs: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """pair -> gross notional."""
    coins: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """base coin -> gross notional over all its pairs."""

    def add(self, pair: str, notional: Decimal, sign: int) -> None:
        """Count a position, or an order that may become one."""
        self.gross += notional
        self.net += notional * sign
        self.pairs[pair] = self.pairs.get(pair, ZERO) + notional
        coin = pair.partition("/")[0]
        self.coins[coin] = self.coins.get(coin, ZERO) + notional


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The account at one instant, as far as a control may see it."""

    now_ms: int
    policies: Mapping[str, PortfolioPolicy]
    portfolios: Mapping[str, Worth]
    markets: Mapping[str, Market]
    marks: Mapping[str, Decimal]
    """pair -> last price; positions without one are valued at their entry."""
    references: Mapping[str, Reference]
    """pair -> reference; only the pair of the intent is looked up."""
    reference_age_ms_max: int | None
    """The feed's own limit of a reference's age; None: the limit of the settings, made for feeds of ticks."""
    positions: Mapping[str, Mapping[str, Position]]
    """pair -> portfolio -> open position."""
    orders: Mapping[str, Order]
    """client id -> order, those that may still change a position; others are passed over."""
    sent: Sequence[Sent]
    """Orders sent lately, oldest first, at least as far back as the longest window of the limits."""
    intent_ids: Collection[str]
    """Ids of intents that were ever acted on."""
    client_ids: Collection[str]
    """Client order ids that were ever used."""
    trading: Mapping[str, str]
    """Scope (the whole account, or a pair) -> trading state; ACTIVE where absent."""
    enabled_ms: Mapping[str, int]
    """pair -> when a person last opened it to entries again; C11 counts from there."""
    slippage_ppm: int
    """What an order that takes loses beyond half the spread."""
    fee_ppm: int
    """The fee of an order that takes."""
    perps: PerpPolicy
    """Terms of perpetual contracts."""
    deployment: Deployment | None = None
    """Whom the promotion ladder lets trade real money; None on paper."""
    blocked: Mapping[str, str] = field(default_factory=dict[str, str])
    """pair -> what is wrong with the venue's order book of it; a pair that is not there has none, or a live one."""
    _exposures: dict[str, Exposure] = field(default_factory=dict[str, Exposure], init=False, repr=False, compare=False)

    def position(self, portfolio: str, pair: str) -> Position | None:
        """The portfolio's open position on the pair, if any."""
        held = self.positions.get(pair)
        return None if held is None else held.get(portfolio)

    def leverage(self, portfolio: str) -> Decimal:
        """How many times its margin a portfolio may hold: 1 on spot, never less."""
        return leverage_of(self.policies[portfolio])

    def exposure(self, portfolio: str) -> Exposure:
        """The portfolio's positions at their marks, and its entries in flight at their own prices."""
        known = self._exposures.get(portfolio)
        if known is not None:
            return known
        exposure = Exposure()
        for pair, held in self.positions.items():
            position = held.get(portfolio)
            if position is not None:
                exposure.add(pair, position.notional(self.marks.get(pair, position.entry)), position.side.sign)
        for order in self.orders.values():
            intent = order.intent
            if intent.portfolio == portfolio and not intent.reduces and order.state in OPEN_STATES:
                exposure.add(intent.pair, order.open_quantity * intent.price, intent.action.sign)
        self._exposures[portfolio] = exposure
        return exposure

    def pair_notional(self, pair: str) -> Decimal:
        """What the whole account holds and has in flight on one pair, over all portfolios, in quote units."""
        total = ZERO
        for position in self.positions.get(pair, {}).values():
            total += position.notional(self.marks.get(pair, position.entry))
        for order in self.orders.values():
            if order.intent.pair == pair and not order.intent.reduces and order.state in OPEN_STATES:
                total += order.open_quantity * order.intent.price
        return total

    def in_play(self, *, portfolio: str, source: str) -> Decimal:
        """What a source holds in a portfolio and has on the way to it, in quote units."""
        total = ZERO
        for pair, held in self.positions.items():
            position = held.get(portfolio)
            if position is not None and position.source == source:
                total += position.notional(self.marks.get(pair, position.entry))
        for order in self.orders.values():
            intent = order.intent
            ours = (intent.portfolio, intent.source) == (portfolio, source)
            if ours and not intent.reduces and order.state in OPEN_STATES:
                total += order.open_quantity * intent.price
        return total

    def unknown_on(self, pair: str) -> str | None:
        """Client id of an order on the pair whose outcome nobody knows, if there is one."""
        for client_id, order in self.orders.items():
            if order.state is OrderState.UNKNOWN and order.intent.pair == pair:
                return client_id
        return None
