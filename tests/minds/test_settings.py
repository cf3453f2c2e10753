"""Settings that make no sense are told before anyone is asked."""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from quorate.minds.settings import (
    BudgetSettings,
    CallSettings,
    FallbackSettings,
    MindSettings,
    ModelSettings,
    ProviderSettings,
    complete,
    fault_in_minds,
)

PRICES: dict[str, Any] = {"input_price": Decimal(1), "output_price": Decimal(2)}
MODEL = ModelSettings(analyst="ada", provider="gemini", model="model-1", **PRICES)


def test_the_defaults_are_a_rule_based_panel_with_every_vendor_known() -> None:
    assert fault_in_minds(MindSettings()) is None
    assert MindSettings().specs() == ()
    assert MindSettings().providers["xai"].address == "https://api.x.ai/v1"


def test_a_file_of_settings_is_read_and_unknown_keys_refused() -> None:
    read = TypeAdapter(MindSettings).validate_python
    given = {
        "models": [{**asdict(MODEL), "fallbacks": [{"provider": "ollama", "model": "m", **PRICES}]}],
        "providers": {"mine": {"kind": "compatible", "base_url": "http://127.0.0.1:1234/v1/"}},
    }
    parsed = complete(read(given), {})
    assert fault_in_minds(parsed) is None
    assert parsed.fallbacks()["ada"][0].analyst == "ada"
    assert parsed.providers["mine"].address == "http://127.0.0.1:1234/v1"
    own = read({"models": [{**asdict(MODEL), "temperature": "own"}, {**asdict(MODEL), "temperature": "0.5"}]})
    assert [each.temperature for each in own.specs()] == [None, Decimal("0.5")]
    with pytest.raises(ValidationError):
        read({"models": [{**asdict(MODEL), "colour": "blue"}]})
    with pytest.raises(ValidationError):
        read({"models": [{"analyst": "ada", "provider": "gemini", "model": "m"}]})


def test_keys_come_from_the_vendors_variables_for_the_vendors_address_only() -> None:
    environment = {"GEMINI_API_KEY": "", "GOOGLE_API_KEY": "from-google", "OPENAI_API_KEY": "from-openai"}
    elsewhere = ProviderSettings(kind="openai", base_url="https://proxy.example/v1")
    own = ProviderSettings(kind="xai", key="own")
    done = complete(MindSettings(providers={"openai": elsewhere, "xai": own}), environment | {"XAI_API_KEY": "other"})
    assert done.providers["gemini"].key == "from-google"
    assert done.providers["openai"].key is None
    assert done.providers["xai"].key == "own"
    assert done.secrets() == ("from-google", "own")


@pytest.mark.parametrize(
    "senseless",
    [
        MindSettings(models=(MODEL, MODEL)),
        MindSettings(models=(replace(MODEL, provider="gemni"),)),
        MindSettings(models=(replace(MODEL, input_price=Decimal(-1)),)),
        MindSettings(models=(replace(MODEL, temperature=Decimal(3)),)),
        MindSettings(models=(replace(MODEL, output_tokens_max=200_000),)),
        MindSettings(models=(replace(MODEL, model=" "),)),
        MindSettings(models=(replace(MODEL, fallbacks=(FallbackSettings(provider="x", model="m", **PRICES),)),)),
        MindSettings(providers={"mine": ProviderSettings(kind="compatible")}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", base_url="ftp://example.org")}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", base_url="https://u:p@example.org")}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", base_url="https://example.org:x/v1")}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", key="two\nlines")}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", calls_at_once=0)}),
        MindSettings(providers={"mine": ProviderSettings(kind="openai", breaker_open_s=0)}),
        MindSettings(budget=BudgetSettings(day_usd=Decimal(-1))),
        MindSettings(call=CallSettings(attempts=0)),
        MindSettings(call=CallSettings(own_share=1.0)),
        MindSettings(call=CallSettings(reply_bytes_max=1)),
    ],
)
def test_what_makes_no_sense_is_said(senseless: MindSettings) -> None:
    fault = fault_in_minds(senseless)
    assert fault is not None
    assert "minds." in fault or "ada" in fault
