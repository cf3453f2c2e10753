"""Ollama on one's own machine: POST /api/chat, the answer's form by `format`.

Source: docs/api.md of ollama/ollama. A prompt longer than `num_ctx` would be shortened without a word, so the model's
window is always sent, and `truncate` and `shift` are switched off where the server knows them.
"""

from dataclasses import replace

from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Envelope, Fault, Received, Reply, dig
from quorate.minds.providers.schemas import as_sent
from quorate.minds.settings import ProviderSettings


class OllamaProtocol:
    """How Ollama is asked."""

    def __init__(self, provider: ProviderSettings) -> None:
        self._provider = provider

    def compose(self, spec: ModelSpec, request: MindRequest) -> Envelope:
        """A key is sent only where one is set, for a server behind a gate."""
        options: dict[str, object] = {"num_ctx": spec.context_tokens, "num_predict": spec.output_tokens_max}
        if spec.temperature is not None:
            options["temperature"] = float(spec.temperature)
        body: dict[str, object] = {
            "model": spec.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.prompt},
            ],
            "stream": False,
            "truncate": False,
            "shift": False,
            "options": options,
        }
        if self._provider.structured != "none":
            body["format"] = as_sent(request.schema) if self._provider.structured == "schema" else "json"
        key = self._provider.key
        return Envelope(
            url=f"{self._provider.address}/api/chat",
            headers={"authorization": f"Bearer {key}"} if key else {},
            body=protocol.encode(body),
        )

    def read(self, received: Received) -> Reply | Fault:
        """One object, or one a line where a proxy turned streaming on again."""
        if received.status != 200:
            said = protocol.decode(received.body)
            return _fault(received, dig(said, "error"))
        lines = [protocol.decode(line) for line in received.body.splitlines() if line.strip()]
        last = lines[-1] if lines else None
        if failed := next((error for line in lines if (error := dig(line, "error"))), None):
            why = protocol.sentence(failed, "it failed")
            return Fault(code=protocol.UNAVAILABLE, reason=why, free=True, passing=True)
        if dig(last, "done") is not True or None in lines:
            return protocol.not_understood(received)
        read = protocol.count_of(dig(last, "prompt_eval_count"))
        written = protocol.count_of(dig(last, "eval_count"))
        if dig(last, "done_reason") == "length":
            cut = protocol.cut_short(written)
            return Fault(code=protocol.MALFORMED, reason=cut, input_tokens=read, output_tokens=written)
        text = "".join(protocol.text_of(dig(line, "message", "content")) for line in lines)
        if not text:
            return protocol.not_understood(received)
        model = protocol.model_name(dig(last, "model"))
        return Reply(text=text, model=model, input_tokens=read, output_tokens=written)


def _fault(received: Received, error: object) -> Fault:
    fault = protocol.fault_of_status(received, error)
    if fault.code == protocol.UNKNOWN_MODEL:
        return replace(fault, reason=f"{fault.reason} (get it with ollama pull)")
    return fault
