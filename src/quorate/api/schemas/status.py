"""Whether the desk is well, and what it is: health of every role, and the facts the page starts from."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import FeedKind, Instant, Mode, Shape, StreamId, Timeframe
from quorate.api.schemas.market import FeedState

PartState = Literal["up", "degraded", "down", "off", "unknown"]


class Part(Shape):
    """One part of the desk. `off` means that it is not configured, which is no fault."""

    name: Literal["feed", "worker", "api", "postgres", "redis"]
    state: PartState
    detail: str
    age_ms: Annotated[int | None, Field(description="Age of its last sign of life.")]
    since: Instant | None


class Health(Shape):
    """Health of the whole desk. Ready means that Postgres answers, a feed is fresh and a worker is alive."""

    status: Literal["ok", "degraded", "down"]
    live: Literal[True]
    ready: bool
    mode: Mode
    feed: FeedState
    account: str
    version: str
    parts: list[Part]


class Live(Shape):
    """The process answers."""

    live: Literal[True]
    version: str


class Desk(Shape):
    """What the page needs to know before it shows anything."""

    mode: Mode
    feed: FeedState
    account: str
    version: str
    portfolios: list[str]
    pairs: list[str]
    timeframe: Timeframe | None
    """The feed's own timeframe; None before a feed has reported."""
    timeframes: list[Timeframe]
    """Timeframes that candles can be asked for: the feed's own and longer ones; all before a feed has reported."""
    strategies: list[str]
    panel: list[str]


class Hello(Shape):
    """First event of every stream: where the stream begins and ends, and whether the resume found every event."""

    epoch: int
    first: StreamId | None
    last: StreamId | None
    resumed: bool


class Reset(Shape):
    """Events are missing between the id the client had and what follows: fetch the state again by REST."""

    reason: Literal["other_epoch", "too_old", "ahead", "gap"]
    first: StreamId | None
    last: StreamId | None


class Bye(Shape):
    """The server ends the stream; reconnect after `retry_ms` with the last id."""

    reason: Literal["max_age", "lagging", "stalled", "shutdown", "other_account"]
    retry_ms: int


__all__ = ["Bye", "Desk", "FeedKind", "FeedState", "Health", "Hello", "Live", "Part", "PartState", "Reset"]
