"""Whether the desk is well, and what it is: health of every role, and the facts the page starts from."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Exact, FeedKind, Instant, Mode, Shape, StreamId, Timeframe
from quorate.api.schemas.market import FeedState

PartState = Literal["up", "degraded", "down", "off", "unknown"]


class Part(Shape):
    """One part of the desk. `off` means that it is not configured, which is no fault."""

    name: Literal["feed", "worker", "api", "postgres", "redis"]
    state: PartState
    detail: str
    age_ms: Annotated[int | None, Field(description="Age of its last sign of life.")]
    since: Instant | None


class ContextSource(Shape):
    """A source of context as the worker sees it. What is wrong with one degrades prompts, never the desk."""

    name: Annotated[str, Field(examples=["coingecko"])]
    state: Annotated[
        Literal["waiting", "ok", "stale", "down", "recorded"],
        Field(description="stale: the last good answer is still used; recorded: read from a file."),
    ]
    age_ms: Annotated[int | None, Field(description="Age of its last good answer.")]
    breaker: Literal["closed", "open", "half_open"]
    failures: Annotated[int, Field(description="In a row.")]
    fault: Annotated[
        Literal["timeout", "throttled", "down", "malformed", "too_large", "refused", "resting"] | None,
        Field(description="Kind of its last error; null where nothing is wrong."),
    ]
    why: str


class ModelProvider(Shape):
    """A provider of models as the worker sees it."""

    name: Annotated[str, Field(examples=["gemini"])]
    breaker: Literal["closed", "open", "probing"]
    failures: Annotated[int, Field(description="In a row.")]
    under_way: Annotated[int, Field(description="Calls that are waiting for their answer.")]
    waits_s: Annotated[float, Field(description="How long it has asked us to wait from now on.")]
    last_latency_ms: Annotated[int | None, Field(description="Of its last answered call; null before one.")]
    last_fault: str


class ModelBudget(Shape):
    """Money and tokens of this UTC day for all models of the desk together, reservations included."""

    spent_usd: Exact
    left_usd: Exact
    limit_usd: Exact
    spent_tokens: int
    left_tokens: int
    limit_tokens: int


class Health(Shape):
    """Health of the whole desk. Ready means that Postgres answers, a feed is fresh and a worker is alive.

    What the desk does without, context and models, never makes it unready.
    """

    status: Literal["ok", "degraded", "down"]
    live: Literal[True]
    ready: bool
    mode: Mode
    feed: FeedState
    account: str
    version: str
    parts: list[Part]
    context: Annotated[list[ContextSource], Field(description="Empty where the running feed has no context.")]
    providers: Annotated[list[ModelProvider], Field(description="Empty where no model sits on the panel.")]
    budget: Annotated[ModelBudget | None, Field(description="Null where no model sits, or its book is unreadable.")]


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

    reason: Literal["max_age", "lagging", "stalled", "shutdown", "other_account", "ended"]
    retry_ms: int


__all__ = ["Bye", "Desk", "FeedKind", "FeedState", "Health", "Hello", "Live", "Part", "PartState", "Reset"]
