"""What is asked of a model and what comes back: values, with every number that an honest record needs."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model on the panel. The first four fields are the key of its record: a change of any starts a new one."""

    analyst: str
    """Its name on the panel, in votes and records."""
    provider: str
    """gemini, anthropic, xai, openai, openrouter or ollama."""
    model: str
    """The provider's model id."""
    temperature: Decimal | None = Decimal(0)
    """None: not sent, for models that refuse to be told one."""
    knowledge_cutoff: str | None = None
    """ISO date; None where it is not known: then every decision counts as contaminated."""
    input_price: Decimal = Decimal(0)
    """USD per million tokens read."""
    output_price: Decimal = Decimal(0)
    """USD per million tokens written."""
    context_tokens: int = 128_000
    """The model's window."""
    output_tokens_max: int = 4_096

    def record_key(self, template: str) -> str:
        """Key of the record that its answers to prompts of this template belong to (RULES section 10)."""
        sampling = "default" if self.temperature is None else str(self.temperature)
        return f"{self.provider}/{self.model} {template} temperature {sampling}, {self.output_tokens_max} tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class MindRequest:
    """What is asked, the same bytes for every model: instructions, material, and the JSON schema of the answer."""

    system: str
    prompt: str
    schema: str
    """JSON Schema of the answer, canonical JSON text."""
    template: str
    """Version of the prompt template."""
    digest: str
    """SHA-256 over the canonical bytes of the four fields above."""
    cycle: str = ""
    """The slot it is asked for: asks of one slot share a budget. No part of what a model reads, nor of the digest."""
    ordinal: int = 0
    """How often the very same was asked before in this cycle: its answer is another one, with a record of its own.
    No part of what a model reads, nor of the digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MindAnswer:
    """A model's answer as it came, and what it cost. Not yet believed: `analysts/answer.py` reads it."""

    analyst: str
    answered_by: str
    """provider/model that really answered, as the provider tells it."""
    fallback: bool
    """Another model than the panel's answered: a fallback stepped in, or the provider put one in its place.
    Such an answer never counts in the panel's model's record."""
    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    latency_ms: int
    record: str
    """Content hash under which request and answer are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MindSilence:
    """Why a model did not answer; it abstains. `code`: timeout, over_budget, rate_limited, unavailable, refused,
    no_key, wrong_key, quota, unknown_model, bad_request, malformed, breaker_open."""

    analyst: str
    code: str
    reason: str
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingMade:
    """One asking of a model: hashes and figures, without a word of what was said."""

    request: str
    """Digest of the request."""
    record: str
    """Content hash under which request and answer are stored; empty where there was no answer."""
    answered_by: str
    """provider/model that really answered; empty where nobody did."""
    fallback: bool
    fault: str
    """Code of what was wrong; empty for a sound answer."""
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    latency_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """What became of asking one model of the panel at one slot: what an audit needs, and no text."""

    analyst: str
    provider: str
    model: str
    template: str
    """Version of the prompt; empty where no class of prompts fits the model."""
    prompt: str
    """Digest of the prompt's request, the same for all models of a class; empty where none was made."""
    code: str
    """`voted`, or why it abstains."""
    stood_in: str
    """provider/model that gave these votes in its place; empty where they are its own."""
    askings: tuple[AskingMade, ...]
    """In order. The first again, with the same digest of the request, is the repeat; another digest is a second asking
    with the fault of the first answer."""
    record: str = ""
    """Key of the record its votes belong to."""
    knowledge_cutoff: str | None = None
    repeats: int = 0
    """Pairs on which it took a side when it was asked, or when it was asked the very same again in this cycle, to see
    whether it stays with its word."""
    flips: int = 0
    """Those on which the two answers took different sides; not to name a pair is FLAT."""
