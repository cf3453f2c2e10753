"""Stopping the desk and letting it go on: what is asked for, and what came of it."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from quorate.api.schemas.common import Pair, Shape
from quorate.api.schemas.trading import Order

State = Literal["ACTIVE", "REDUCING", "HALTED"]
Code = Annotated[str, Field(min_length=6, max_length=12, description="Six digits of the second factor.")]


class PanicWanted(Shape):
    """Whether positions are to be closed too. Without it protective stops stay while their positions do."""

    flatten: bool = False


class PanicReply(Shape):
    """What the panic button did. Orders at a venue are on their way out; the desk's page shows when they are gone."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    state: Literal["HALTED"]
    ordersCancelled: int  # noqa: N815  the names that the jobs' clients read
    positionsOpen: int  # noqa: N815
    closing: Annotated[bool, Field(description="Whether every open position is being closed.")]


class UndoWanted(Shape):
    """The second factor, without which nobody lets a halted desk trade again."""

    code: Code


class TradingWanted(Shape):
    """A trading state for the account, or for one pair. ACTIVE needs the second factor, the others do not."""

    state: State
    pair: Pair | None = None
    code: Code | None = None


class TradingReply(Shape):
    """The trading state as it is now, and what it was before."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    scope: Annotated[str, Field(description="The pair; empty for the whole account.")]
    state: State
    before: State


class Orders(Shape):
    """Orders that may still change a position, oldest first."""

    orders: list[Order]
