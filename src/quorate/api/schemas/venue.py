"""Where orders go: the venue's health, its balances, and everything of it that a person has to know at once."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Action, Direction, Exact, Instant, Mode, Pair, Shape


class Balance(Shape):
    """What the account has of one asset at the venue."""

    asset: Annotated[str, Field(examples=["BTC"])]
    total: Exact
    held: Annotated[Exact, Field(description="The part that open orders lock.")]
    expected: Annotated[
        Exact | None,
        Field(description="What the ledger expects where that differs from `total`; null where the two agree."),
    ]


class PositionDifference(Shape):
    """A perpetual position on which the venue and the ledger disagree; a positive quantity is long."""

    pair: Pair
    expected: Exact
    found: Exact


class UnprotectedPosition(Shape):
    """An open position that has no stop at the venue, or none of which anything is heard."""

    portfolio: str
    pair: Pair
    side: Annotated[Direction | None, Field(description="Null where the position is closed by now.")]
    quantity: Exact | None
    stop: Annotated[Exact | None, Field(description="Where its stop should be.")]
    unheard: Annotated[
        bool, Field(description="Its stop was last seen waiting, and nothing is heard since; else there is none.")
    ]
    since: Annotated[Instant, Field(description="When the alarm was raised.")]
    reason: Annotated[str, Field(examples=["no stop at the venue for 5.0 s"])]
    doing: Annotated[str, Field(description="What the desk is doing about it, in a sentence or two.")]


class BlockedBook(Shape):
    """A pair on which nothing is opened, because the venue's order book of it is not to be relied on."""

    pair: Pair
    reason: Annotated[str, Field(examples=["stale"])]
    since: Instant


class Break(Shape):
    """A difference between the venue and the ledger that nothing explains."""

    subject: Annotated[str, Field(description="An asset for a balance, a pair for a position or an order.")]
    expected: Exact
    found: Exact
    reason: str
    at: Instant
    stands: Annotated[
        bool, Field(description="Whether openings are stopped and nobody has let the account trade since.")
    ]
    reckoned: Annotated[bool, Field(description="Whether the venue's figure is reckoned with from then on.")]
    todo: Annotated[str, Field(description="What a person should do about it.")]


class ExternalOrder(Shape):
    """An open order on the account that is not the desk's: counted in its risk, never touched by it."""

    venue_id: str
    pair: Pair
    action: Action
    open_quantity: Exact
    price: Annotated[Exact | None, Field(description="Limit or trigger; null for a market order.")]
    at: Instant


class Venue(Shape):
    """The venue of an account, as its desk knows it. On paper there is none, and every list is empty."""

    account: str
    mode: Mode
    name: Annotated[str, Field(examples=["Kraken"])]
    network: Annotated[
        Literal["paper", "real", "test", "elsewhere"],
        Field(description="test: the venue's own test network; elsewhere: another address than the venue's own."),
    ]
    market: Annotated[Literal["paper", "spot", "perp"], Field(description="What is traded there.")]
    state: Annotated[
        Literal["paper", "streaming", "polling", "faulty", "silent"],
        Field(
            description="streaming: fills come by themselves; polling: the stream is away and the venue is asked; "
            "faulty: it refuses the desk as a whole; silent: no desk tells how it is."
        ),
    ]
    words: Annotated[str, Field(description="The state in a sentence for people.")]
    fault: Annotated[str, Field(description="What stands between the desk and the venue; empty where nothing does.")]
    heard_at: Annotated[Instant | None, Field(description="When the venue last said anything.")]
    reconciled_at: Annotated[
        Instant | None,
        Field(description="When orders, fills and balances were last compared and nothing was in doubt."),
    ]
    told_age_ms: Annotated[int | None, Field(description="How long ago the desk told this; null where it never did.")]
    stops_rest_there: Annotated[bool, Field(description="Whether protective stops rest at the venue.")]
    orders_open: Annotated[int, Field(description="Orders that may still change a position, those in doubt included.")]
    orders_in_doubt: Annotated[int, Field(description="Orders of which nobody knows what became.")]
    balances: list[Balance]
    balances_at: Annotated[Instant | None, Field(description="The venue's own instant of the balances.")]
    position_differences: list[PositionDifference]
    unprotected: list[UnprotectedPosition]
    blocked_books: list[BlockedBook]
    breaks: Annotated[list[Break], Field(description="Newest first.")]
    external_orders: list[ExternalOrder]
