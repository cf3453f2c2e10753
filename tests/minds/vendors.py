"""A loopback server that speaks every vendor's protocol and misbehaves on demand, and what tests ask of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiohttp import web

from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.budget import MemorySpendBook, SpendBook
from quorate.minds.gateway import Gateway
from quorate.minds.records import MemoryRecords, RecordStore
from quorate.minds.settings import (
    BudgetSettings,
    CallSettings,
    FallbackSettings,
    MindSettings,
    ModelSettings,
    ProviderSettings,
)

Behaviour = Callable[["LoopbackVendors", web.Request, str], Awaitable[web.StreamResponse]]
KINDS = ("gemini", "anthropic", "openai", "xai", "openrouter", "compatible", "ollama")
KEY = "key-of-nobody-0123456789"
ANSWER = '{"votes":[{"symbol":"BTC/USDT","side":"LONG","confidence":0.7}]}'
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "votes": {
                "type": "array",
                "maxItems": 80,
                "items": {
                    "type": "object",
                    "properties": {
                        "symbol": {"type": "string", "maxLength": 20},
                        "side": {"enum": ["LONG", "SHORT", "FLAT"]},
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    },
                    "required": ["symbol", "side", "confidence"],
                },
            }
        },
        "required": ["votes"],
    },
    separators=(",", ":"),
)


class JumpClock:
    """Nobody waits: whoever sleeps moves the clock, and how long is written down."""

    def __init__(self, now_ms: int = 1_763_600_000_000) -> None:
        self.ms = now_ms
        self.passed_s = 0.0
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self.passed_s += seconds
        self.ms += round(seconds * 1_000)


@dataclass
class Heard:
    kind: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes


class LoopbackVendors:
    """Answers `text` as the vendor at that path would; `script` names what happens to the next calls instead."""

    def __init__(self) -> None:
        self.text = ANSWER
        self.told_model: str | None = None
        self.latency_s = 0.0
        self.usage: tuple[Any, Any] = (1_000, 50)
        self.script: list[Behaviour] = []
        self.heard: list[Heard] = []
        self.called = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw)
        kind = _kind_of(request.path)
        model = body.get("model") or request.path.rsplit("/", 1)[1].removesuffix(":generateContent")
        self.heard.append(Heard(kind, request.path, dict(request.headers), body, raw))
        self.called.set()
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if self.script:
            return await self.script.pop(0)(self, request, kind)
        return web.json_response(wrap(kind, self.text, model=self.told_model or model, usage=self.usage))


def _kind_of(path: str) -> str:
    if path.startswith("/v1beta/"):
        return "gemini"
    return {"/v1/messages": "anthropic", "/v1/chat/completions": "openai", "/api/chat": "ollama"}[path]


def wrap(kind: str, text: str, *, model: str, usage: tuple[Any, Any], ended: str | None = None) -> dict[str, Any]:
    """The vendor's envelope around a text."""
    read, written = usage
    if kind == "gemini":
        return {
            "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": ended or "STOP"}],
            "usageMetadata": {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": 0},
            "modelVersion": model,
        }
    if kind == "anthropic":
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": text}], "stop_reason": ended or "end_turn",
            "usage": {"input_tokens": read, "output_tokens": written},
        }  # fmt: skip
    if kind == "ollama":
        return {
            "model": model, "message": {"role": "assistant", "content": text}, "done": True,
            "done_reason": ended or "stop", "prompt_eval_count": read, "eval_count": written,
        }  # fmt: skip
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": ended or "stop"}],
        "usage": {"prompt_tokens": read, "completion_tokens": written},
    }  # fmt: skip


def error_body(kind: str, message: str, *, code: str = "", details: list[Any] | None = None) -> Any:
    """How the vendor words a failure."""
    if kind == "gemini":
        return {"error": {"code": 400, "message": message, "status": code, "details": details or []}}
    if kind == "anthropic":
        return {"type": "error", "error": {"type": code, "message": message}}
    if kind == "ollama":
        return {"error": message}
    return {"error": {"message": message, "type": code, "code": code}}


def fails(status: int, message: str = "it failed", *, code: str = "", **headers: str) -> Behaviour:
    """A failure as the vendor words it."""

    async def behave(_vendors: LoopbackVendors, _request: web.Request, kind: str) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(error_body(kind, message, code=code), status=status, headers=named)

    return behave


def says(body: Any, status: int = 200) -> Behaviour:
    """Exactly this: bytes as they are, anything else as JSON."""

    async def behave(_vendors: LoopbackVendors, _request: web.Request, _kind: str) -> web.StreamResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=data, status=status, content_type="application/json")

    return behave


def drips(*, every_s: float, chunk: bytes = b" ") -> Behaviour:
    """A reply that never ends: one chunk at a time."""

    async def behave(_vendors: LoopbackVendors, request: web.Request, _kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(chunk)
            await asyncio.sleep(every_s)

    return behave


async def hangs(_vendors: LoopbackVendors, _request: web.Request, _kind: str) -> web.StreamResponse:
    """Takes the call and says nothing."""
    await asyncio.Event().wait()
    raise AssertionError


async def resets(_vendors: LoopbackVendors, request: web.Request, _kind: str) -> web.StreamResponse:
    """The connection is gone in the middle."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def breaks_off(_vendors: LoopbackVendors, request: web.Request, _kind: str) -> web.StreamResponse:
    """Half a reply, then nothing."""
    response = web.StreamResponse(headers={"content-length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices":[')
    assert request.transport is not None
    request.transport.abort()
    return response


@asynccontextmanager
async def served() -> AsyncGenerator[LoopbackVendors]:
    """Vendors that listen."""
    vendors = LoopbackVendors()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_post("/{path:.*}", vendors.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    vendors.url = f"http://{host}:{port}"
    try:
        yield vendors
    finally:
        await runner.cleanup()


def provider(kind: Any, url: str, **changes: Any) -> ProviderSettings:
    """That kind of provider at the loopback address."""
    path = "" if kind in {"gemini", "anthropic", "ollama"} else "/v1"
    given: dict[str, Any] = {"kind": kind, "base_url": url + path, "key": KEY}
    return ProviderSettings(**{**given, **changes})


def settings(
    url: str,
    *,
    budget: BudgetSettings | None = None,
    fallbacks: tuple[FallbackSettings, ...] = (),
    call: CallSettings | None = None,
    **changes: Any,
) -> MindSettings:
    """Every kind of provider at the loopback address, and a panel of one with its fallbacks."""
    model = ModelSettings(
        analyst="ada",
        provider="openai",
        model="model-1",
        input_price=Decimal(1),
        output_price=Decimal(4),
        fallbacks=fallbacks,
    )
    return MindSettings(
        models=(model,),
        providers={kind: provider(kind, url, **changes) for kind in KINDS},
        budget=budget or BudgetSettings(),
        call=call or CallSettings(),
    )


def gateway(
    of: MindSettings,
    *,
    clock: Any = None,
    records: RecordStore | None = None,
    spending: SpendBook | None = None,
) -> Gateway:
    """A gateway over memory, with a clock that jumps."""
    return Gateway(
        of,
        records=records or MemoryRecords(),
        spending=spending or MemorySpendBook(),
        clock=clock or JumpClock(),
        chance=lambda: 1.0,
    )


def spec(kind: str = "openai", **changes: Any) -> ModelSpec:
    """A model of that provider, at prices that are easy to reckon with."""
    given: dict[str, Any] = {
        "analyst": "ada",
        "provider": kind,
        "model": "model-1",
        "input_price": Decimal(1),
        "output_price": Decimal(4),
    }
    return ModelSpec(**{**given, **changes})


def request(prompt: str = "BTC/USDT 65000 +1.2 %", *, cycle: str = "") -> MindRequest:
    """A question, as the prompt's builder makes it."""
    parts: dict[str, Any] = {
        "prompt": prompt,
        "schema": SCHEMA,
        "system": "You are an analyst.",
        "template": "council-1",
    }
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return MindRequest(**parts, digest=hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest(), cycle=cycle)
