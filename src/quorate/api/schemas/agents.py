"""The four agents by name: what each is made of, and what it decided, when and why."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Instant, Pair, Shape, StreamId

AgentName = Literal["regime_detector", "signal_analysts", "risk_manager", "position_manager"]


class Decision(Shape):
    """One decision, in sentences."""

    at: Annotated[Instant, Field(description="Feed time.")]
    subject: Annotated[str, Field(description="What it was about.", examples=["BTC/USDT"])]
    decided: Annotated[str, Field(examples=["Published LONG as gold."])]
    why: Annotated[str, Field(examples=["trend, breakout and momentum agree, confidence 0.71."])]
    entry: Annotated[StreamId, Field(description="The journal's entry that holds it.")]
    event: Annotated[str, Field(description="Kind of that entry.", examples=["VotesCast"])]
    pair: Pair | None = None
    portfolio: str | None = None
    signal: Annotated[str | None, Field(description="Id of the signal it is about.")] = None
    prompt: Annotated[
        str | None, Field(description="Digest of what a model was asked before it; leads to /v1/prompts.")
    ] = None


class Agent(Shape):
    """One agent, its newest decision, and those before it."""

    name: AgentName
    title: Annotated[str, Field(examples=["Regime detector"])]
    does: Annotated[str, Field(description="What it is for, in one sentence.")]
    made_of: Annotated[list[str], Field(description="The rules and models behind it.")]
    last: Decision | None
    decisions: Annotated[list[Decision], Field(description="Newest first.")]


class Agents(Shape):
    """All four, in the order in which a trade passes them."""

    agents: list[Agent]
