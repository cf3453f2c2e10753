"""One REST request of Kraken's kind, from its parts to the bytes of the answer; anything may carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec

from quorate.exchange import OrderRefused
from quorate.exchange.kraken.accounts import PRIVATE
from quorate.exchange.kraken.errors import INVALID, KrakenRefusal, words_for
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.keys import nonce_of, require
from quorate.exchange.kraken.private import Call
from quorate.exchange.kraken.public import PUBLIC

PUBLIC_PREFIX, PRIVATE_PREFIX = "/0/public/", "/0/private/"
BODY_MAX = 262_144
FIELDS_MAX = 200
UNKNOWN_METHOD = "EGeneral:Unknown method"
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """A request as it arrived. Header names are lower case."""

    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""


def answer(exchange: KrakenExchange, request: RestRequest) -> bytes:
    """The JSON that Kraken would answer, errors included; never raises on what a client sends."""
    try:
        if len(request.body) > BODY_MAX or len(request.query) > BODY_MAX:
            raise KrakenRefusal("EGeneral:Too large")
        if request.path.startswith(PUBLIC_PREFIX):
            result = _public(exchange, request)
        elif request.path.startswith(PRIVATE_PREFIX):
            result = _private(exchange, request)
        else:
            raise KrakenRefusal(UNKNOWN_METHOD)
    except KrakenRefusal as refusal:
        return failure(refusal.words)
    except OrderRefused as refusal:
        return failure(words_for(refusal))
    return _ENCODER.encode({"error": [], "result": result})


def failure(words: str) -> bytes:
    """An answer that is an error."""
    return _ENCODER.encode({"error": [words]})


def _public(exchange: KrakenExchange, request: RestRequest) -> Any:
    name = request.path.removeprefix(PUBLIC_PREFIX)
    method = PUBLIC.get(name)
    if method is None:
        raise KrakenRefusal(UNKNOWN_METHOD)
    arguments = {**_pairs_of(request.query), **_arguments(request)}
    if name not in {"Time", "SystemStatus"}:
        exchange.refuse_in_maintenance()
    return method(exchange, arguments)


def _private(exchange: KrakenExchange, request: RestRequest) -> Any:
    name = request.path.removeprefix(PRIVATE_PREFIX)
    arguments = _arguments(request)
    at_ms = exchange.now_ms()
    key_name, sign = request.headers.get("api-key", ""), request.headers.get("api-sign", "")
    key = exchange.keys.proved(key=key_name, sign=sign, path=request.path, nonce=nonce_of(arguments), body=request.body)
    method = PRIVATE.get(name)
    if method is None:
        raise KrakenRefusal(UNKNOWN_METHOD)
    exchange.refuse_in_maintenance()
    exchange.rates.call(key.key, method.cost, at_ms)
    require(key, *method.permissions)
    if key.account not in exchange.engine.accounts:
        raise KrakenRefusal("EAPI:Invalid key")
    return method.answer(Call(exchange, key, arguments, at_ms))


def _arguments(request: RestRequest) -> dict[str, object]:
    """The fields of a body, form or JSON. Errors: EGeneral:Invalid arguments."""
    if not request.body:
        return {}
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            told: Any = msgspec.json.decode(request.body, strict=True)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise KrakenRefusal(INVALID) from error
        if not isinstance(told, dict):
            raise KrakenRefusal(INVALID)
        return cast("dict[str, object]", told)
    try:
        return _pairs_of(request.body.decode())
    except UnicodeDecodeError as error:
        raise KrakenRefusal(INVALID) from error


def _pairs_of(text: str) -> dict[str, object]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError as error:
        raise KrakenRefusal(INVALID) from error
