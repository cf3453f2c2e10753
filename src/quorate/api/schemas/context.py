"""What is known of the world besides candles, as models are told it: figures with ages, texts by strangers, gaps."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Exact, Instant, Pair, Shape

ContextPartName = Literal["dominance", "coins", "funding", "open_interest", "fear_greed", "news", "social", "community"]
TextKind = Literal["news", "social", "community"]


class ContextFigure(Shape):
    """One number. `told` is false for what is known but not said to models."""

    part: ContextPartName
    name: Annotated[str, Field(examples=["BTC dominance"])]
    pair: Pair | None
    value: Exact
    unit: Annotated[str, Field(examples=["percent"])]
    age_ms: Annotated[int, Field(description="At the instant of this context.")]
    told: bool


class ContextText(Shape):
    """A text by a stranger, made one line and cut: it can inform, never instruct."""

    kind: TextKind
    source: str
    title: str
    text: str
    url: Annotated[str | None, Field(description="http or https.")]
    at: Annotated[Instant, Field(description="When it was published, as told.")]
    age_ms: int
    tone: Annotated[float, Field(ge=-1, le=1, description="A baseline by words of the title alone.")]


class ContextPart(Shape):
    """One part: present, missing (a source is set, nothing young enough is known), or off (no source is set)."""

    name: ContextPartName
    state: Literal["present", "missing", "off"]
    age_ms: int | None
    why: str


class WorldContext(Shape):
    """The newest context of the running desk. `available` is false where it has none; `why` says what is left out."""

    available: bool
    why: str
    at: Annotated[Instant | None, Field(description="Feed time it is of.")]
    told_age_ms: Annotated[int | None, Field(description="Wall time since the worker told it.")]
    parts: list[ContextPart]
    figures: list[ContextFigure]
    texts: Annotated[list[ContextText], Field(description="Newest first within each kind.")]


class News(Shape):
    """The texts of the newest context, newest first. `available` is false where the desk has no source of texts."""

    available: bool
    why: str
    at: Instant | None
    told_age_ms: int | None
    items: list[ContextText]
