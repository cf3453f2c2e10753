"""Which protocol each kind of provider speaks."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from quorate.minds.providers.anthropic import AnthropicProtocol
from quorate.minds.providers.gemini import GeminiProtocol
from quorate.minds.providers.ollama import OllamaProtocol
from quorate.minds.providers.openai import OpenAiProtocol
from quorate.minds.providers.protocol import VendorProtocol
from quorate.minds.settings import Kind, ProviderSettings

PROTOCOLS: Mapping[Kind, Callable[[ProviderSettings], VendorProtocol]] = MappingProxyType(
    {
        "gemini": GeminiProtocol,
        "anthropic": AnthropicProtocol,
        "openai": OpenAiProtocol,
        "xai": OpenAiProtocol,
        "openrouter": OpenAiProtocol,
        "compatible": OpenAiProtocol,
        "ollama": OllamaProtocol,
    }
)


def protocol_of(provider: ProviderSettings) -> VendorProtocol:
    """The protocol of a provider, with its address and key."""
    return PROTOCOLS[provider.kind](provider)
