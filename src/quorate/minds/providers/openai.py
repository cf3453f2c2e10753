"""OpenAI's POST /chat/completions, which xAI, OpenRouter and many servers of one's own speak too.

Sources: platform.openai.com/docs/api-reference/chat, docs.x.ai, openrouter.ai/docs.
"""

from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Envelope, Fault, Received, Reply, dig
from quorate.minds.providers.schemas import as_sent, closed, unbounded
from quorate.minds.settings import ProviderSettings

ANSWER_NAME = "answer"
NO_MONEY = ("insufficient_quota", "billing", "all available credits", "spending limit", "insufficient credits")
NO_SUCH_MODEL = ("model_not_found", "not a valid model", "does not have access to model", "model not found")
NO_SUCH_KEY = ("incorrect api key", "invalid api key", "invalid_api_key")


class OpenAiProtocol:
    """How OpenAI and those like it are asked."""

    def __init__(self, provider: ProviderSettings) -> None:
        self._provider = provider

    def compose(self, spec: ModelSpec, request: MindRequest) -> Envelope:
        """Strict where the schema allows it; OpenRouter is told to choose only hosts that know every parameter."""
        kind = self._provider.kind
        limit = "max_completion_tokens" if kind in {"openai", "xai"} else "max_tokens"
        body: dict[str, object] = {
            "model": spec.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.prompt},
            ],
            limit: spec.output_tokens_max,
            "stream": False,
        }
        if spec.temperature is not None:
            body["temperature"] = float(spec.temperature)
        if self._provider.structured == "schema":
            schema = unbounded(as_sent(request.schema))
            form = {"name": ANSWER_NAME, "strict": closed(schema), "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self._provider.structured == "json":
            body["response_format"] = {"type": "json_object"}
        if kind == "openrouter":
            body["provider"] = {"require_parameters": True}
        key = self._provider.key
        return Envelope(
            url=f"{self._provider.address}/chat/completions",
            headers={"authorization": f"Bearer {key}"} if key else {},
            body=protocol.encode(body),
        )

    def read(self, received: Received) -> Reply | Fault:
        """The first choice's text. Some hosts tell a failure with status 200."""
        said = protocol.decode(received.body)
        failed = dig(said, "error") or dig(said, "choices", 0, "error")
        if received.status != 200 or failed:
            return _fault(received, said, failed)
        usage = dig(said, "usage")
        read = protocol.count_of(dig(usage, "prompt_tokens"))
        written = _written(usage, read)
        choice = dig(said, "choices", 0)
        ended, refusal = dig(choice, "finish_reason"), dig(choice, "message", "refusal")
        if ended == "content_filter" or refusal:
            why = protocol.sentence(refusal, "a content filter stopped the answer")
            return Fault(code=protocol.REFUSED, reason=why, input_tokens=read, output_tokens=written)
        if ended == "length":
            cut = protocol.cut_short(written)
            return Fault(code=protocol.MALFORMED, reason=cut, input_tokens=read, output_tokens=written)
        content = dig(choice, "message", "content")
        parts = [dig(part, "text") for part in protocol.items(content)]
        text = protocol.text_of(content) or "".join(protocol.text_of(part) for part in parts)
        if not text:
            return protocol.not_understood(received)
        model = protocol.model_name(dig(said, "model"))
        return Reply(text=text, model=model, input_tokens=read, output_tokens=written)


def _written(usage: object, read: int | None) -> int | None:
    """Tokens written, thinking included: xAI counts thinking in the total only."""
    written = protocol.count_of(dig(usage, "completion_tokens"))
    total = protocol.count_of(dig(usage, "total_tokens"))
    if written is None or total is None or read is None:
        return written
    return max(written, total - read)


def _fault(received: Received, said: object, failed: object) -> Fault:
    message = dig(failed, "message") or (failed if isinstance(failed, str) else dig(said, "message"))
    status = dig(failed, "code") if received.status == 200 else received.status
    if not isinstance(status, int) or status == 200:
        status = 502
    fault = protocol.fault_of_status(Received(status=status, headers={}, body=received.body), message)
    words = f"{protocol.text_of(dig(failed, 'code'))} {protocol.text_of(dig(failed, 'type'))} {fault.reason}".lower()
    if any(sign in words for sign in NO_MONEY):
        return protocol.told_as(fault, protocol.QUOTA)
    if any(sign in words for sign in NO_SUCH_MODEL):
        return protocol.told_as(fault, protocol.UNKNOWN_MODEL)
    if any(sign in words for sign in NO_SUCH_KEY):
        return protocol.told_as(fault, protocol.WRONG_KEY)
    if dig(failed, "metadata", "reasons"):
        return protocol.told_as(fault, protocol.REFUSED)
    return fault
