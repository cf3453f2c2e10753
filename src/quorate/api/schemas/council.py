"""What the council said, cycle by cycle: votes, disagreement, what came of it, and how its models were asked."""

from typing import Annotated

from pydantic import Field

from quorate.api.schemas.common import Direction, Exact, Instant, Pair, Shape, StreamId, Tier
from quorate.api.schemas.signals import Vote

Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" + "a" * 32])]


class VerdictOutcome(Shape):
    """What became of a quorum: the signal it was published as, or why it was kept back."""

    side: Direction
    tier: Tier
    confidence: Share
    agreeing: list[str]
    dissenting: list[str]
    signal: Annotated[str | None, Field(description="Id of the signal; null where it was kept back.")]
    kept_back: Annotated[str | None, Field(examples=["The pair cools down for 3.5 h more."])]


class PairVotes(Shape):
    """Every opinion on one pair on which somebody took a side."""

    pair: Pair
    votes: Annotated[list[Vote], Field(description="By analyst; sides taken and abstentions.")]
    flat: Annotated[list[str], Field(description="Members of the panel who saw nothing to do here.")]
    disagreement: Annotated[
        Share, Field(description="Share of those who answered, FLAT included, that did not take the commonest stance.")
    ]
    opposed: Annotated[bool, Field(description="Whether there was a LONG and a SHORT.")]
    outcome: VerdictOutcome | None


class Silence(Shape):
    """An analyst that abstained: on how many pairs, and why."""

    analyst: str
    pairs: int
    reasons: Annotated[list[str], Field(description="The commonest first, three at most.")]


class ModelAsking(Shape):
    """One asking of a model. `prompt` leads to /v1/prompts, `record` to /v1/answers."""

    prompt: Annotated[str, Field(description="Digest of the request.")]
    record: Annotated[str | None, Field(description="Hash under which the answer lies; null where there was none.")]
    answered_by: Annotated[str | None, Field(description="provider/model that really answered.")]
    fallback: Annotated[bool, Field(description="Another model than the panel's answered: it counts for nobody.")]
    fault: Annotated[str | None, Field(description="Code of what was wrong; null for a sound answer.")]
    input_tokens: int
    output_tokens: int
    cost_usd: Exact
    latency_ms: int


class AskedModel(Shape):
    """What became of asking one model of the panel."""

    analyst: str
    provider: str
    model: str
    template: Annotated[str | None, Field(examples=["full-1"])]
    code: Annotated[str, Field(description="`voted`, or why it abstained.", examples=["voted"])]
    prompt: Annotated[str | None, Field(description="Digest of its prompt, the same for all models of a class.")]
    stood_in: Annotated[str | None, Field(description="provider/model whose answer was taken for its vote.")]
    record: Annotated[str, Field(description="Key of the record its votes belong to.")]
    input_tokens: int
    output_tokens: int
    cost_usd: Exact
    latency_ms: int
    askings: list[ModelAsking]


class CouncilCycle(Shape):
    """One asking of the council."""

    id: StreamId
    slot: str
    at: Annotated[Instant, Field(description="Feed time.")]
    panel: list[str]
    pairs: list[PairVotes]
    silences: list[Silence]
    models: Annotated[list[AskedModel], Field(description="By analyst; empty where no model was asked.")]
    cost_usd: Exact


class PairAgreement(Shape):
    """How often the panel agreed on a pair, over the cycles of this answer in which somebody took a side on it."""

    pair: Pair
    cycles: int
    long_votes: int
    short_votes: int
    quorums: int
    published: int
    opposed: int
    disagreement: Annotated[Share, Field(description="Mean over those cycles.")]


class Council(Shape):
    """Cycles, newest first, and where the next page begins."""

    cycles: list[CouncilCycle]
    agreement: list[PairAgreement]
    next: Annotated[str | None, Field(description="Pass as `before` for the next page; null on the last.")]
