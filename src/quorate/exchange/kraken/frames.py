"""The parts of WebSocket v2 messages: numbers that stay numbers, instants, envelopes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from quorate.exchange.kraken.figures import fixed, rfc3339

_ENCODER = msgspec.json.Encoder()
Body = dict[str, Any]


def figure(units: int, decimals: int) -> msgspec.Raw:
    """So many units of a scale as a JSON number, written out."""
    return decimal_figure(Decimal(units).scaleb(-decimals), decimals)


def decimal_figure(value: Decimal, decimals: int) -> msgspec.Raw:
    """A decimal as a JSON number at so many decimals."""
    return msgspec.Raw(fixed(value, decimals).encode())


def encode(body: Body) -> bytes:
    """A message as it goes over the wire."""
    return _ENCODER.encode(body)


def channel_message(channel: str, kind: str, data: Sequence[Body] | Body, **more: Any) -> Body:
    """A message of a channel: a snapshot or an update."""
    return {"channel": channel, "type": kind, "data": data, **more}


def succeeded(method: str, result: Body, *, req_id: int | None, at_ms: int) -> Body:
    """The answer to a request that was carried out."""
    return _timed({"method": method, "result": result, "success": True}, req_id, at_ms)


def failed(method: str, error: str, *, req_id: int | None, at_ms: int, **more: Any) -> Body:
    """The answer to a request that was not."""
    return _timed({"error": error, "method": method, "success": False, **more}, req_id, at_ms)


def pong(req_id: int | None, at_ms: int) -> Body:
    """The answer to a ping."""
    return _timed({"method": "pong"}, req_id, at_ms)


def _timed(body: Body, req_id: int | None, at_ms: int) -> Body:
    stamp = rfc3339(at_ms)
    body |= {"time_in": stamp, "time_out": stamp}
    return body if req_id is None else {**body, "req_id": req_id}
