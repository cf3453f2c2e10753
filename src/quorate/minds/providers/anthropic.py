"""Anthropic Claude: POST /v1/messages, the answer's form by output_config.format.

Source: platform.claude.com/docs, "Messages" and "Structured outputs".
"""

from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Envelope, Fault, Received, Reply, dig
from quorate.minds.providers.schemas import as_sent, unbounded
from quorate.minds.settings import ProviderSettings

API_VERSION = "2023-06-01"
CUT_SHORT = frozenset({"max_tokens", "model_context_window_exceeded"})


class AnthropicProtocol:
    """How Claude is asked."""

    def __init__(self, provider: ProviderSettings) -> None:
        self._provider = provider

    def compose(self, spec: ModelSpec, request: MindRequest) -> Envelope:
        """There is no mode for JSON without a schema: json and none are the same here."""
        body: dict[str, object] = {
            "model": spec.model,
            "max_tokens": spec.output_tokens_max,
            "system": request.system,
            "messages": [{"role": "user", "content": request.prompt}],
        }
        if spec.temperature is not None:
            body["temperature"] = float(spec.temperature)
        if self._provider.structured == "schema":
            body["output_config"] = {"format": {"type": "json_schema", "schema": unbounded(as_sent(request.schema))}}
        return Envelope(
            url=f"{self._provider.address}/v1/messages",
            headers={"x-api-key": self._provider.key or "", "anthropic-version": API_VERSION},
            body=protocol.encode(body),
        )

    def read(self, received: Received) -> Reply | Fault:
        """The text blocks, one after the other."""
        said = protocol.decode(received.body)
        if received.status != 200:
            return _fault(received, said)
        usage = dig(said, "usage")
        cached = ("cache_creation_input_tokens", "cache_read_input_tokens")
        read = protocol.sum_of(*(protocol.count_of(dig(usage, name)) for name in ("input_tokens", *cached)))
        written = protocol.count_of(dig(usage, "output_tokens"))
        ended = protocol.text_of(dig(said, "stop_reason"))
        if ended == "refusal":
            why = "the model declined to answer"
            return Fault(code=protocol.REFUSED, reason=why, input_tokens=read, output_tokens=written)
        if ended in CUT_SHORT:
            cut = protocol.cut_short(written)
            return Fault(code=protocol.MALFORMED, reason=cut, input_tokens=read, output_tokens=written)
        blocks = protocol.items(dig(said, "content"))
        text = "".join(protocol.text_of(dig(block, "text")) for block in blocks if dig(block, "type") == "text")
        if not text:
            return protocol.not_understood(received)
        model = protocol.model_name(dig(said, "model"))
        return Reply(text=text, model=model, input_tokens=read, output_tokens=written)


def _fault(received: Received, said: object) -> Fault:
    fault = protocol.fault_of_status(received, dig(said, "error", "message"))
    if fault.code == protocol.BAD_REQUEST and "credit balance" in fault.reason:
        return protocol.told_as(fault, protocol.QUOTA)
    return fault
