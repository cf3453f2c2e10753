"""Everything about models that a user may change, with its defaults. Plain values; settings.py reads them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from quorate.domain.minds import ModelSpec

Kind = Literal["gemini", "anthropic", "openai", "xai", "openrouter", "compatible", "ollama"]
Structured = Literal["schema", "json", "none"]

BASE_URLS: Mapping[Kind, str] = MappingProxyType(
    {
        "gemini": "https://generativelanguage.googleapis.com",
        "anthropic": "https://api.anthropic.com",
        "openai": "https://api.openai.com/v1",
        "xai": "https://api.x.ai/v1",
        "openrouter": "https://openrouter.ai/api/v1",
        "ollama": "http://127.0.0.1:11434",
    }
)
"""Where each kind of provider answers; `compatible` has no address of its own."""
KEY_VARIABLES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "anthropic": ("ANTHROPIC_API_KEY",),
        "openai": ("OPENAI_API_KEY",),
        "xai": ("XAI_API_KEY",),
        "openrouter": ("OPENROUTER_API_KEY",),
    }
)
"""Environment variables that each vendor's own tools read."""
CYCLE_S_MAX = 3_600.0
KEYLESS: frozenset[Kind] = frozenset({"compatible", "ollama"})
"""Kinds that may answer without a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One vendor, or one server that speaks a vendor's protocol."""

    __pydantic_config__ = {"extra": "forbid"}

    kind: Kind
    """The protocol it speaks; compatible is any server with OpenAI's /chat/completions."""
    base_url: str = ""
    """Empty: the vendor's own address."""
    key: str | None = field(default=None, repr=False)
    """Sent in a header only; never logged, recorded or shown."""
    structured: Structured = "schema"
    """How the answer's form is asked for. schema: held to the JSON schema while it is written; json: any JSON; none:
    by the prompt alone, for models that refuse the other two."""
    calls_at_once: int = 8
    """More wait. Keep it above the panel's size, so that a model that hangs leaves room for the others."""
    calls_per_minute: int = 60
    breaker_failures: int = 5
    """So many failures in a row stop all calls for `breaker_open_s`; then one call probes."""
    breaker_open_s: float = 60.0

    @property
    def address(self) -> str:
        """The base URL without a slash at its end."""
        return (self.base_url or BASE_URLS.get(self.kind, "")).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackSettings:
    """A model that answers where another does not."""

    __pydantic_config__ = {"extra": "forbid"}

    provider: str
    """A name among `providers`."""
    model: str
    """The provider's model id."""
    input_price: Decimal
    """USD per million tokens read. Without a default: a forgotten price would be a budget that stops nothing."""
    output_price: Decimal
    """USD per million tokens written."""
    temperature: Decimal | Literal["own"] = Decimal(0)
    """own: none is sent, for models that refuse to be told one."""
    knowledge_cutoff: str | None = None
    """ISO date up to which the model knows the world; None: every decision counts as contaminated."""
    context_tokens: int = 128_000
    output_tokens_max: int = 8_192
    """Thinking counts."""

    def spec(self, analyst: str) -> ModelSpec:
        """The model as the panel's `analyst`."""
        return ModelSpec(
            analyst=analyst,
            provider=self.provider,
            model=self.model,
            temperature=None if self.temperature == "own" else self.temperature,
            knowledge_cutoff=self.knowledge_cutoff,
            input_price=self.input_price,
            output_price=self.output_price,
            context_tokens=self.context_tokens,
            output_tokens_max=self.output_tokens_max,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings(FallbackSettings):
    """A model on the panel, and who answers in its place."""

    __pydantic_config__ = {"extra": "forbid"}

    analyst: str
    """Its name on the panel."""
    fallbacks: tuple[FallbackSettings, ...] = ()
    """Asked in this order; their answers never count in this model's record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSettings:
    """What may be spent: reserved before a call for its worst case, settled after it. Over it, a model abstains."""

    __pydantic_config__ = {"extra": "forbid"}

    call_usd: Decimal = Decimal(1)
    cycle_usd: Decimal = Decimal(2)
    day_usd: Decimal = Decimal(20)
    """By UTC day."""
    call_tokens: int = 250_000
    """Read and written together."""
    cycle_tokens: int = 1_000_000
    day_tokens: int = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """Limits of a single call."""

    __pydantic_config__ = {"extra": "forbid"}

    attempts: int = 3
    """Calls to one model, the first included, while the deadline allows."""
    backoff_s: float = 0.5
    """Wait before the second attempt at most; it doubles."""
    backoff_s_max: float = 8.0
    connect_s: float = 10.0
    own_share: float = 0.6
    """Share of the time left that a model may use up where a fallback stands behind it."""
    reply_bytes_max: int = 1_000_000
    """A longer reply is cut off and refused."""
    bytes_per_token: int = 2
    """For the worst case before a call: tables of figures take about two bytes a token, prose four."""


def _vendors() -> Mapping[str, ProviderSettings]:
    kinds: tuple[Kind, ...] = ("gemini", "anthropic", "openai", "xai", "openrouter", "ollama")
    return {kind: ProviderSettings(kind=kind) for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class MindSettings:
    """The panel's models and how they are asked."""

    __pydantic_config__ = {"extra": "forbid"}

    models: tuple[ModelSettings, ...] = ()
    """Those that `desk.council.panel` names sit on the panel; without one it is rule-based."""
    providers: Mapping[str, ProviderSettings] = field(default_factory=_vendors)
    """By name; those of the vendors are there already."""
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    call: CallSettings = field(default_factory=CallSettings)
    cycle_s: float = 120.0
    """From the question to the ballot, a second asking included; below jobs.limit_s."""
    call_s: float = 90.0
    """One asking of one model, its further attempts and fallbacks included."""
    repeat_every: int = 48
    """At one of so many slots on average each model is asked the very same twice, to see how often it changes its mind;
    three a day with the scanner's own schedule, 2 % of the cost. The second answer is no vote. 0: never."""
    replay_from: Path | None = None
    """Folder of records of an earlier run: models answer from it as they did then, without network, keys or cost. For a
    replay at full speed; what is not on record stops the desk."""

    def seated(self, panel: Collection[str]) -> tuple[ModelSettings, ...]:
        """The models that sit on this panel."""
        return tuple(model for model in self.models if model.analyst in panel)

    def key_is_missing(self, provider: str) -> bool:
        """Whether a provider cannot be asked for want of a key."""
        found = self.providers.get(provider) or _vendors().get(provider)
        if found is None or self.replay_from is not None:
            return False
        return not found.key and found.kind not in KEYLESS

    def specs(self) -> tuple[ModelSpec, ...]:
        """The panel's models."""
        return tuple(model.spec(model.analyst) for model in self.models)

    def fallbacks(self) -> Mapping[str, tuple[ModelSpec, ...]]:
        """Who answers in place of each analyst."""
        return {model.analyst: tuple(other.spec(model.analyst) for other in model.fallbacks) for model in self.models}

    def secrets(self) -> tuple[str, ...]:
        """Every key, so that nothing that leaves the gateway carries one."""
        return tuple(provider.key for provider in self.providers.values() if provider.key)


def complete(settings: MindSettings, environment: Mapping[str, str]) -> MindSettings:
    """The settings with the vendors that were not named, and with keys from the vendors' own environment variables."""
    providers = {**_vendors(), **settings.providers}
    for name, provider in providers.items():
        found = (environment.get(variable, "").strip() for variable in KEY_VARIABLES.get(provider.kind, ()))
        # A key of the vendor's goes to the vendor only, never to an address that a file names.
        if provider.key is None and not provider.base_url and (key := next(filter(None, found), None)):
            providers[name] = replace(provider, key=key)
    return replace(settings, providers=providers)


def fault_in_minds(settings: MindSettings) -> str | None:
    """What makes no sense in the settings, as a sentence for who wrote them; None where all is well."""
    analysts = [model.analyst for model in settings.models]
    if len(set(analysts)) != len(analysts):
        return "Two models on the panel have the same name (minds.models.analyst)"
    known = {**_vendors(), **settings.providers}
    for name, provider in known.items():
        if fault := _fault_in_provider(provider):
            return f"{fault} (minds.providers.{name})"
    for model in settings.models:
        for each in (model, *model.fallbacks):
            if each.provider not in known:
                return f"There is no provider {each.provider!r} for {model.analyst} (minds.providers)"
            if fault := _fault_in_model(each):
                return f"{fault} ({model.analyst}: {each.provider}/{each.model})"
    if not 0 < settings.call_s <= settings.cycle_s <= CYCLE_S_MAX:
        return f"call_s is above 0 and at most cycle_s, cycle_s at most {CYCLE_S_MAX:g} (minds)"
    if settings.repeat_every < 0:
        return "repeat_every is not below 0 (minds)"
    if settings.replay_from is not None and not settings.replay_from.is_dir():
        return f"There is no folder {settings.replay_from} of records to replay answers from (minds.replay_from)"
    return _fault_in_limits(settings.budget, settings.call)


def _fault_in_provider(provider: ProviderSettings) -> str | None:
    parts = _parts(provider.address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return "base_url is to be an address such as https://example.org/v1"
    if parts.username or parts.password or parts.query:
        return "base_url carries a user, a password or a query: a key belongs in `key`"
    if provider.calls_at_once < 1 or provider.calls_per_minute < 1 or provider.breaker_failures < 1:
        return "calls_at_once, calls_per_minute and breaker_failures are at least 1"
    if provider.key is not None and not (provider.key.isascii() and provider.key.isprintable() and provider.key):
        return "key holds characters that no key has; was it pasted whole?"
    return None if provider.breaker_open_s > 0 else "breaker_open_s is to be above 0"


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _fault_in_model(model: FallbackSettings) -> str | None:
    if model.input_price < 0 or model.output_price < 0:
        return "prices are not below 0"
    if model.temperature != "own" and not 0 <= model.temperature <= 2:
        return "temperature lies between 0 and 2"
    if not 1 <= model.output_tokens_max < model.context_tokens:
        return "output_tokens_max is at least 1 and below context_tokens"
    return None if model.model.strip() else "model is empty"


def _fault_in_limits(budget: BudgetSettings, call: CallSettings) -> str | None:
    if min(budget.call_usd, budget.cycle_usd, budget.day_usd) < 0:
        return "Budgets are not below 0 (minds.budget)"
    if not 1 <= call.attempts <= 10 or not 1 <= call.bytes_per_token <= 8:
        return "attempts lies between 1 and 10, bytes_per_token between 1 and 8 (minds.call)"
    if not 0 < call.own_share < 1 or min(call.backoff_s, call.backoff_s_max, call.connect_s) <= 0:
        return "own_share lies between 0 and 1, waits are above 0 (minds.call)"
    return (
        None
        if 1_000 <= call.reply_bytes_max <= 16_000_000
        else "reply_bytes_max lies between 1 kB and 16 MB (minds.call)"
    )
