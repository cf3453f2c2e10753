"""Google Gemini: POST /v1beta/models/{model}:generateContent.

Source: ai.google.dev/api/generate-content, and google.rpc.Status for errors.
"""

import re
from dataclasses import replace
from urllib.parse import quote

from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Envelope, Fault, Received, Reply, dig
from quorate.minds.providers.schemas import as_sent
from quorate.minds.settings import ProviderSettings

BLOCKED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"})
DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


class GeminiProtocol:
    """How Gemini is asked."""

    def __init__(self, provider: ProviderSettings) -> None:
        self._provider = provider

    def compose(self, spec: ModelSpec, request: MindRequest) -> Envelope:
        """The key travels in a header, never in the address."""
        generation: dict[str, object] = {"maxOutputTokens": spec.output_tokens_max}
        if spec.temperature is not None:
            generation["temperature"] = float(spec.temperature)
        if self._provider.structured != "none":
            generation["responseMimeType"] = "application/json"
        if self._provider.structured == "schema":
            generation["responseJsonSchema"] = as_sent(request.schema)
        body = {
            "systemInstruction": {"parts": [{"text": request.system}]},
            "contents": [{"role": "user", "parts": [{"text": request.prompt}]}],
            "generationConfig": generation,
        }
        model = quote(spec.model.removeprefix("models/"), safe="")
        return Envelope(
            url=f"{self._provider.address}/v1beta/models/{model}:generateContent",
            headers={"x-goog-api-key": self._provider.key or ""},
            body=protocol.encode(body),
        )

    def read(self, received: Received) -> Reply | Fault:
        """The first candidate's text; thinking is not part of it, but of its tokens."""
        said = protocol.decode(received.body)
        if received.status != 200:
            return _fault(received, said)
        usage = dig(said, "usageMetadata")
        read = protocol.count_of(dig(usage, "promptTokenCount"))
        thought = protocol.count_of(dig(usage, "thoughtsTokenCount"))
        written = protocol.sum_of(protocol.count_of(dig(usage, "candidatesTokenCount")), thought)
        blocked = dig(said, "promptFeedback", "blockReason")
        ended = protocol.text_of(dig(said, "candidates", 0, "finishReason"))
        if blocked or ended in BLOCKED:
            why = protocol.sentence(blocked or ended, "blocked")
            return Fault(code=protocol.REFUSED, reason=f"blocked: {why}", input_tokens=read, output_tokens=written)
        if ended == "MAX_TOKENS":
            cut = protocol.cut_short(written)
            return Fault(code=protocol.MALFORMED, reason=cut, input_tokens=read, output_tokens=written)
        parts = protocol.items(dig(said, "candidates", 0, "content", "parts"))
        text = "".join(protocol.text_of(dig(part, "text")) for part in parts if dig(part, "thought") is not True)
        if not text:
            return protocol.not_understood(received)
        model = protocol.model_name(dig(said, "modelVersion"))
        return Reply(text=text, model=model, input_tokens=read, output_tokens=written)


def _fault(received: Received, said: object) -> Fault:
    fault = protocol.fault_of_status(received, dig(said, "error", "message"))
    details = protocol.items(dig(said, "error", "details"))
    reasons = {protocol.text_of(dig(detail, "reason")) for detail in details}
    if "API_KEY_INVALID" in reasons:
        return protocol.told_as(fault, protocol.WRONG_KEY)
    violations = [violation for detail in details for violation in protocol.items(dig(detail, "violations"))]
    if any("PerDay" in protocol.text_of(dig(violation, "quotaId")) for violation in violations):
        return protocol.told_as(fault, protocol.QUOTA)
    delays = (DELAY.fullmatch(protocol.text_of(dig(detail, "retryDelay"))) for detail in details)
    delay = next((float(match[1]) for match in delays if match), None)
    return replace(fault, retry_after_s=delay)
