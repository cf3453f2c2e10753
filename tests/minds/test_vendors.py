"""Every vendor's protocol against a server that speaks it."""

import gzip
import json

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.providers.protocol import Fault, Received, same_model
from quorate.minds.providers.schemas import as_sent, closed, unbounded
from quorate.minds.providers.vendors import protocol_of
from quorate.minds.transport import open_client
from tests.minds.vendors import (
    ANSWER,
    KEY,
    KINDS,
    LoopbackVendors,
    error_body,
    fails,
    gateway,
    provider,
    request,
    says,
    settings,
    spec,
    wrap,
)

NAMES = [
    "candidates", "content", "parts", "text", "finishReason", "promptFeedback", "blockReason", "usageMetadata",
    "promptTokenCount", "thoughtsTokenCount", "error", "message", "details", "reason", "violations", "quotaId",
    "retryDelay", "choices", "finish_reason", "refusal", "usage", "prompt_tokens", "total_tokens", "code", "metadata",
    "reasons", "type", "stop_reason", "done", "done_reason", "eval_count", "model", "modelVersion", "thought",
]  # fmt: skip


async def ask(
    vendors: LoopbackVendors, kind: str, *, structured: str = "schema", **changes: object
) -> MindAnswer | MindSilence:
    mind = gateway(settings(vendors.url, structured=structured))
    try:
        return await mind.ask(spec(kind, **changes), request(), deadline_s=5)
    finally:
        await mind.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_every_vendor_answers_with_text_tokens_and_cost(vendors: LoopbackVendors, kind: str) -> None:
    answer = await ask(vendors, kind)
    assert isinstance(answer, MindAnswer)
    assert (answer.text, answer.answered_by, answer.fallback) == (ANSWER, f"{kind}/model-1", False)
    assert (answer.input_tokens, answer.output_tokens) == (1_000, 50)
    assert str(answer.cost_usd) == "0.0012"
    assert len(answer.record) == 64


def texts_read(kind: str, body: dict) -> tuple[str, str]:
    if kind == "gemini":
        return body["systemInstruction"]["parts"][0]["text"], body["contents"][0]["parts"][0]["text"]
    if kind == "anthropic":
        return body["system"], body["messages"][0]["content"]
    return body["messages"][0]["content"], body["messages"][1]["content"]


async def test_all_models_read_the_same_words(vendors: LoopbackVendors) -> None:
    for kind in KINDS:
        await ask(vendors, kind)
    asked = request()
    read = {texts_read(heard.kind, heard.body) for heard in vendors.heard}
    assert read == {(asked.system, asked.prompt)}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_question_is_the_same_bytes(vendors: LoopbackVendors, kind: str) -> None:
    await ask(vendors, kind)
    await ask(vendors, kind)
    assert vendors.heard[0].raw == vendors.heard[1].raw


async def test_each_vendor_is_held_to_the_schema_in_its_own_way(vendors: LoopbackVendors) -> None:
    for kind in KINDS:
        await ask(vendors, kind)
    gemini, anthropic, openai, xai, openrouter, compatible, ollama = (heard.body for heard in vendors.heard)
    assert gemini["generationConfig"]["responseJsonSchema"] == json.loads(request().schema)
    assert ollama["format"] == json.loads(request().schema)
    sent = anthropic["output_config"]["format"]["schema"]
    assert sent["additionalProperties"] is False
    assert "minimum" not in json.dumps(sent)
    assert set(sent["properties"]["votes"]["items"]["properties"]) == {"symbol", "side", "confidence"}
    for body in (openai, xai, openrouter, compatible):
        assert body["response_format"]["json_schema"]["strict"] is True
    assert "max_completion_tokens" in openai
    assert "max_completion_tokens" in xai
    assert "max_tokens" in openrouter
    assert openrouter["provider"] == {"require_parameters": True}
    assert ollama["options"]["num_ctx"] == 128_000
    assert ollama["truncate"] is False


@pytest.mark.parametrize(("structured", "grammars"), [("json", 6), ("none", 0)])
async def test_models_that_know_no_schema_are_asked_for_less(
    vendors: LoopbackVendors, structured: str, grammars: int
) -> None:
    for kind in KINDS:
        assert isinstance(await ask(vendors, kind, structured=structured), MindAnswer)
    asked = [json.dumps(heard.body) for heard in vendors.heard]
    assert sum("json_object" in text or "application/json" in text or '"format": "json"' in text for text in asked) == (
        grammars
    )
    assert not any('"confidence"' in text for text in asked)


def test_a_schema_keeps_its_names_and_loses_its_bounds() -> None:
    schema = {
        "type": "object",
        "properties": {"format": {"type": "string", "pattern": "x"}, "default": {"$ref": "#/$defs/title"}},
        "required": ["format", "default"],
        "$defs": {"title": {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["minimum"]}]}},
    }
    sent = unbounded(schema)
    assert sent == {
        "type": "object",
        "properties": {"format": {"type": "string"}, "default": {"$ref": "#/$defs/title"}},
        "required": ["format", "default"],
        "$defs": {"title": {"anyOf": [{"type": "integer"}, {"enum": ["minimum"]}]}},
        "additionalProperties": False,
    }
    assert closed(sent)
    assert not closed({"type": "object", "properties": {"a": {}}, "required": []})
    assert not closed({"anyOf": [{"type": "object"}]})
    assert as_sent("[") == as_sent("[]") == {}


async def test_a_compressed_reply_is_refused(vendors: LoopbackVendors) -> None:
    """What swells when it is unpacked cannot be counted before."""

    async def bomb(_vendors: LoopbackVendors, _request: web.Request, _kind: str) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b" " * 1_000_000), headers={"content-encoding": "gzip"})

    vendors.script = [bomb]
    silence = await ask(vendors, "openai")
    assert isinstance(silence, MindSilence)
    assert silence.code == "malformed"


async def test_a_server_on_this_machine_is_reached_without_the_proxy(
    vendors: LoopbackVendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert isinstance(await ask(vendors, "ollama"), MindAnswer)


def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks9://127.0.0.1:9")
    with pytest.raises(BadInput, match="ALL_PROXY"):
        open_client(connect_s=1)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@given(said=NESTED | st.binary(max_size=200), status=st.sampled_from([200, 200, 200, 400, 403, 404, 429, 500]))
def test_f31_no_reply_makes_a_protocol_stumble(said: object, status: int) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    for kind in KINDS:
        result = protocol_of(provider(kind, "http://127.0.0.1")).read(Received(status=status, headers={}, body=body))
        assert isinstance(result, Fault) or (status == 200 and result.text)


async def test_a_temperature_of_none_is_not_sent(vendors: LoopbackVendors) -> None:
    for kind in KINDS:
        await ask(vendors, kind, temperature=None)
    assert "temperature" not in json.dumps([heard.body for heard in vendors.heard])


async def test_keys_travel_in_headers_only(vendors: LoopbackVendors) -> None:
    for kind in KINDS:
        await ask(vendors, kind)
    for heard in vendors.heard:
        assert KEY not in heard.path
        assert KEY.encode() not in heard.raw
        assert any(KEY in value for value in heard.headers.values())


GOOGLE_KEY = error_body("gemini", "API key not valid.", details=[{"reason": "API_KEY_INVALID"}])
GOOGLE_DAY = error_body(
    "gemini", "You exceeded your quota.", details=[{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}]
)


@pytest.mark.parametrize(
    ("kind", "behaviour", "code"),
    [
        ("openai", fails(401, "Incorrect API key provided"), "wrong_key"),
        ("anthropic", fails(403, "no permission", code="permission_error"), "wrong_key"),
        ("xai", fails(400, "Incorrect API key provided: xa***"), "wrong_key"),
        ("gemini", says(GOOGLE_KEY, 400), "wrong_key"),
        ("openai", fails(429, "You exceeded your current quota", code="insufficient_quota"), "quota"),
        ("xai", fails(403, "Your team has used all available credits"), "quota"),
        ("openrouter", fails(402, "Insufficient credits"), "quota"),
        ("anthropic", fails(400, "Your credit balance is too low"), "quota"),
        ("gemini", says(GOOGLE_DAY, 429), "quota"),
        ("openai", fails(404, "The model does not exist", code="model_not_found"), "unknown_model"),
        ("anthropic", fails(404, "model: model-1", code="not_found_error"), "unknown_model"),
        ("gemini", fails(404, "models/model-1 is not found"), "unknown_model"),
        ("openrouter", fails(400, "model-1 is not a valid model ID"), "unknown_model"),
        ("ollama", fails(404, "model 'model-1' not found"), "unknown_model"),
        ("openai", says(b"<html>not here</html>", 404), "unavailable"),
        ("openai", says(b"", 302), "unavailable"),
        ("anthropic", fails(400, "temperature is deprecated for this model."), "bad_request"),
        ("openrouter", says({"error": {"code": 403, "message": "m", "metadata": {"reasons": ["x"]}}}), "refused"),
        ("openai", says({"error": {"code": 402, "message": "no credits"}}), "quota"),
        ("anthropic", says(wrap("anthropic", "No.", model="m", usage=(1, 1), ended="refusal")), "refused"),
        ("gemini", says({"promptFeedback": {"blockReason": "SAFETY"}}), "refused"),
        ("openai", says(wrap("openai", "x", model="m", usage=(1, 1), ended="content_filter")), "refused"),
        ("openai", says(wrap("openai", "{", model="m", usage=(1, 9), ended="length")), "malformed"),
        ("anthropic", says(wrap("anthropic", "{", model="m", usage=(1, 9), ended="max_tokens")), "malformed"),
        ("gemini", says(wrap("gemini", "{", model="m", usage=(1, 9), ended="MAX_TOKENS")), "malformed"),
        ("ollama", says(wrap("ollama", "{", model="m", usage=(1, 9), ended="length")), "malformed"),
        *((kind, says(b'{"choices": [{"message"'), "malformed") for kind in KINDS),
        *((kind, says(b"[" * 200_000), "malformed") for kind in KINDS),
        *((kind, says(b"Surely! Here is what I think."), "malformed") for kind in KINDS),
        *(
            (kind, says({"candidates": 7, "choices": [None], "content": "x", "message": []}), "malformed")
            for kind in KINDS
        ),
    ],
)
async def test_f31_each_failure_has_its_name(vendors: LoopbackVendors, kind: str, behaviour: object, code: str) -> None:
    vendors.script = [behaviour]  # type: ignore[list-item]
    silence = await ask(vendors, kind)
    assert isinstance(silence, MindSilence)
    assert silence.code == code, silence.reason
    assert len(vendors.heard) == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("openrouter", {"choices": [{"error": {"code": "x", "message": "lost"}}]}),
        ("openai", {"error": "no worker is free"}),
        ("ollama", {"error": "out of memory"}),
    ],
)
async def test_a_failure_told_with_status_200_is_tried_again(vendors: LoopbackVendors, kind: str, said: object) -> None:
    vendors.script = [says(said)] * 3
    silence = await ask(vendors, kind)
    assert isinstance(silence, MindSilence)
    assert (silence.code, silence.cost_usd, len(vendors.heard)) == ("unavailable", 0, 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    ["I would rather buy.", '{"entry": Infinity}', '{"entry": NaN, "stop": 1e308}', '{"a": 4333E4333}', "\x00é€😀"],
)
async def test_f31_what_a_model_says_is_handed_on_as_it_is(vendors: LoopbackVendors, kind: str, text: str) -> None:
    vendors.text = text
    answer = await ask(vendors, kind)
    assert isinstance(answer, MindAnswer)
    assert answer.text == text


async def test_a_lone_surrogate_is_replaced(vendors: LoopbackVendors) -> None:
    vendors.text = "odd \ud83d end"
    answer = await ask(vendors, "openai")
    assert isinstance(answer, MindAnswer)
    assert answer.text == "odd ? end"


@pytest.mark.parametrize(
    "usage", [("inf", None), (1e308, -5), (float("nan"), float("inf")), (10**30, "many"), (True, [])]
)
@pytest.mark.parametrize("kind", ["gemini", "anthropic", "openai", "ollama"])
async def test_senseless_usage_counts_as_the_worst_case(vendors: LoopbackVendors, kind: str, usage: tuple) -> None:
    vendors.usage = usage
    answer = await ask(vendors, kind)
    assert isinstance(answer, MindAnswer)
    assert answer.output_tokens == 4_096
    assert answer.cost_usd > 4_096 * 4 / 1e6


async def test_thinking_is_paid_for(vendors: LoopbackVendors) -> None:
    body = wrap("openai", ANSWER, model="grok", usage=(1_000, 50))
    body["usage"]["total_tokens"] = 1_450
    vendors.script = [says(body)]
    answer = await ask(vendors, "xai")
    assert isinstance(answer, MindAnswer)
    assert answer.output_tokens == 450


async def test_f31_a_model_put_in_anothers_place_is_told_and_counts_as_fallback(vendors: LoopbackVendors) -> None:
    vendors.told_model = "cheaper-model"
    answer = await ask(vendors, "openrouter")
    assert isinstance(answer, MindAnswer)
    assert (answer.answered_by, answer.fallback) == ("openrouter/cheaper-model", True)


@pytest.mark.parametrize(
    ("asked", "told", "same"),
    [
        ("gpt-5", "gpt-5-2025-08-07", True),
        ("grok-4", "grok-4-0709", True),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", True),
        ("gemini-flash-latest", "gemini-flash", True),
        ("llama3.2", "llama3.2:latest", True),
        ("google/gemini-2.5-pro", "google/gemini-2.5-pro", True),
        ("gpt-5", "gpt-5-mini", False),
        ("gpt-5", "gpt-5-mini-2025-08-07", False),
        ("claude-sonnet-4-5", "claude-haiku-4-5", False),
        ("llama3.2:70b", "llama3.2:1b", False),
    ],
)
def test_a_dated_version_is_the_same_model(asked: str, told: str, same: bool) -> None:
    assert same_model(asked, told) is same
