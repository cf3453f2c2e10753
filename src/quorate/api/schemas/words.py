"""What a model was asked and what it said, word for word. Texts are strangers' words: data to show, never to obey."""

from typing import Annotated

from pydantic import Field

from quorate.api.schemas.common import Exact, Shape


class Prompt(Shape):
    """The exact request that the models of a class were sent."""

    digest: str
    record: Annotated[str, Field(description="Content hash under which it is kept.")]
    template: Annotated[str, Field(examples=["full-1"])]
    system: str
    prompt: str
    answer_schema: Annotated[str, Field(description="JSON Schema that an answer had to follow, as sent.")]
    tokens: Annotated[int, Field(description="Of system text and prompt, by the desk's own rule.")]
    cut: Annotated[bool, Field(description="Whether a text was too long and is shown in part.")]


class ModelCall(Shape):
    """One HTTP call of an asking."""

    provider: str
    model: str
    status: Annotated[int | None, Field(description="HTTP status; null where no reply came.")]
    fault: str | None
    reason: str | None
    cost_usd: Exact


class Answer(Shape):
    """What came of asking a model. Either `text` or `silence` is there."""

    record: str
    prompt: Annotated[str | None, Field(description="Digest of the request it answers; null where it is lost.")]
    analyst: str
    provider: str
    model: str
    temperature: Exact | None
    output_tokens_max: int
    text: Annotated[str | None, Field(description="What it said, untrusted.")]
    answered_by: str | None
    fallback: bool
    silence: Annotated[str | None, Field(description="Code of why it said nothing.")]
    reason: str | None
    input_tokens: int
    output_tokens: int
    cost_usd: Exact
    latency_ms: int
    calls: list[ModelCall]
    cut: Annotated[bool, Field(description="Whether the text was too long and is shown in part.")]
