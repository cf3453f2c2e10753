"""Orders, trades, shadow trades, and portfolios with what they hold."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Action, Direction, Exact, Instant, Pair, Shape, Tier

OrderState = Literal[
    "INTENDED",
    "DENIED",
    "SUBMITTED",
    "ACCEPTED",
    "PARTIALLY_FILLED",
    "FILLED",
    "CANCELLED",
    "REJECTED",
    "UNKNOWN",
    "VOID",
]
Funding = Annotated[Exact, Field(description="Funding received (positive) or paid, in the quote currency.")]
Leverage = Annotated[Exact, Field(description="Value at entry over margin; 1 on spot.", examples=["3"])]


class Order(Shape):
    """An order in its present state. `price` is the limit, the trigger, or the reference of a market order."""

    client_id: Annotated[str, Field(examples=["qAE7MVJ3XQ2N4KD5RTYU6WZBHCP"])]
    signal_id: str
    portfolio: Annotated[str, Field(examples=["aggressive"])]
    pair: Pair
    action: Action
    kind: Literal["market", "limit", "post_only", "stop"]
    purpose: Literal["entry", "stop", "target", "expiry", "manual", "advice", "liquidation"]
    price: Exact
    quantity: Exact
    filled: Exact
    state: OrderState
    reason: Annotated[str | None, Field(description="Why it was denied, rejected or cancelled, or is in doubt.")]
    at: Annotated[Instant, Field(description="When it was decided on.")]
    changed_at: Annotated[Instant, Field(description="When it came to its present state: in doubt since, ended at.")]
    venue_id: Annotated[str | None, Field(description="The venue's own id; null on paper, or until it is known.")]
    sent_at: Annotated[Instant | None, Field(description="When it was handed over; null while it was not sent.")]
    cancel_requested_at: Annotated[Instant | None, Field(description="When its end was last asked for.")]


class OrderPage(Shape):
    """Orders, the one that changed last first, and where the next page begins."""

    orders: list[Order]
    next: Annotated[str | None, Field(description="Pass as `before` for the next page; null on the last.")]


class Trade(Shape):
    """A position that came back to flat. `pnl` is net of fees and funding; `r` is in units of the initial risk."""

    id: str
    portfolio: str
    signal_id: str
    source: str
    pair: Pair
    side: Direction
    quantity: Exact
    entry: Exact
    exit: Exact
    opened_at: Instant
    closed_at: Instant
    fees: Exact
    funding: Funding
    leverage: Leverage
    pnl: Exact
    r: Exact
    reason: Annotated[str, Field(examples=["target"])]


class Trades(Shape):
    """Closed trades, newest first, and where the next page begins."""

    trades: list[Trade]
    next: Annotated[str | None, Field(description="Pass as `before` for the next page; null on the last.")]


class Shadow(Shape):
    """One analyst's vote run to its end on paper, whether or not anybody traded it."""

    id: str
    analyst: str
    pair: Pair
    side: Direction
    confidence: Exact
    state: Literal["open", "closed"]
    opened_at: Instant
    closed_at: Instant | None
    r: Annotated[Exact | None, Field(description="Result in R; null while open, or when the entry was never reached.")]
    reason: str | None
    record: Annotated[str, Field(description="Key of the record it belongs to.")]
    contaminated: Annotated[
        bool, Field(description="From a time the model may have read about: it counts for nothing.")
    ]
    hold_r: Annotated[Exact | None, Field(description="What buying and holding meanwhile earned, in the same R.")]


class Lesson(Shape):
    """What one closed trade taught: what was expected, what happened, and one sentence to remember."""

    trade: Annotated[str, Field(description="Id of the trade.")]
    portfolio: str
    pair: Pair
    side: Direction
    source: str
    r: Exact
    expected: str
    happened: str
    lesson: str
    by: Annotated[str, Field(description="`rules`, or the model that wrote the sentence.")]
    at: Instant


class Lessons(Shape):
    """Lessons, newest first, and where the next page begins."""

    lessons: list[Lesson]
    next: Annotated[str | None, Field(description="Pass as `before` for the next page; null on the last.")]


class PlannedTarget(Shape):
    """A target of an open position and whether it was taken."""

    price: Exact
    fraction: Exact
    hit: bool


class Position(Shape):
    """An open position, marked at the last close."""

    pair: Pair
    side: Direction
    quantity: Exact
    entry: Exact
    mark: Annotated[Exact | None, Field(description="Last close; null when none is known.")]
    stop: Exact
    initial_stop: Exact
    targets: list[PlannedTarget]
    leverage: Leverage
    liquidation: Annotated[
        Exact | None, Field(description="Price at which the venue closes it by force; null where it never does.")
    ]
    funding: Funding
    realized: Annotated[Exact, Field(description="Earned on closed parts and by funding, less every fee so far.")]
    unrealized: Exact | None
    r_now: Annotated[float | None, Field(description="Open profit in R.")]
    opened_at: Instant
    signal_id: str
    source: str


class Portfolio(Shape):
    """One book: what it trades, what it holds, what it is worth."""

    name: Annotated[str, Field(examples=["aggressive"])]
    sources: list[str]
    tiers: list[Tier]
    market: Literal["spot", "perp"]
    start_equity: Exact
    equity: Exact
    cash: Exact
    unrealized: Exact
    gross_exposure: Annotated[float, Field(description="Gross notional over equity.")]
    positions: list[Position]
    open_orders: list[Order]
    blocked: Annotated[bool, Field(description="Whether a breaker blocks every new position of this book.")]
    as_of: Annotated[Instant | None, Field(description="Feed time of the last mark; null before the first.")]


class Portfolios(Shape):
    """Every book of the account."""

    account: str
    portfolios: list[Portfolio]
