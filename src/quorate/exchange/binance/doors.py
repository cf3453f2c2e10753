"""The doors of the exchange as plain functions: a request comes in as a value and its answer goes out as one.

REST requests and those of the WebSocket API end in the same table of routes. Servers carry these values over sockets,
a simulator hands them over directly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.errors import NOT_FOUND, BinanceError, bad_key, missing
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.face import SPOT, Face
from quorate.exchange.binance.keys import (
    RECV_WINDOW_MS_DEFAULT,
    ApiKey,
    check_signature,
    check_time,
    signed_text,
)
from quorate.exchange.binance.parameters import Parameters, parse
from quorate.exchange.engine.refusals import OrderRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request. Names of headers are in lower case; `address` is where it comes from."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    address: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP answer with a JSON body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class RestDoor:
    """Answers REST requests."""

    def __init__(self, exchange: BinanceExchange, face: Face = SPOT) -> None:
        self._exchange = exchange
        self._face = face

    def answer(self, request: Request) -> Response:
        """Carry a request out. What is wrong with it stands in the answer; nothing is raised for it."""
        at_ms = self._exchange.now_ms()
        headers: dict[str, str] = {}
        try:
            told = self._told(request, at_ms, headers)
            return Response(status=HTTPStatus.OK, body=encoded(told), headers=headers)
        except OrderRefused as error:
            return _failed(self._face.refused(error), headers)
        except BinanceError as error:
            return _failed(error, headers)

    def _told(self, request: Request, at_ms: int, headers: dict[str, str]) -> object:
        exchange = self._exchange
        route = self._face.routes.get((request.method, request.path))
        if route is None:
            return _off_the_map(request, self._face)
        parameters = Parameters({**parse(request.query), **parse(request.body)})
        headers["X-MBX-USED-WEIGHT"] = headers["X-MBX-USED-WEIGHT-1M"] = str(
            exchange.rates.weigh(request.address, route.weight_of(parameters), at_ms)
        )
        key = self._let_in(request, route, parameters, at_ms)
        account = key.account if key else ""
        if route.orders:
            in_10s, longer = exchange.rates.count_order(account, at_ms, route.orders)
            headers["X-MBX-ORDER-COUNT-10S"] = str(in_10s)
            headers[f"X-MBX-ORDER-COUNT-{exchange.rates.limits.longer}"] = str(longer)
        call = Call(exchange=exchange, parameters=parameters, at_ms=at_ms, account=account, key=key)
        return route.handler(call)

    def _let_in(self, request: Request, route: Route, parameters: Parameters, at_ms: int) -> ApiKey | None:
        if route.security is Security.NONE:
            return None
        key = self._exchange.keys.find(request.headers.get("x-mbx-apikey", ""))
        if route.security is Security.KEY:
            return key
        query, in_query = signed_text(request.query)
        body, in_body = signed_text(request.body)
        check_signed(
            key, parameters, at_ms=at_ms, signed=query + body, signature=in_query or in_body, trades=_trades(route)
        )
        return key


def check_signed(key: ApiKey, parameters: Parameters, *, at_ms: int, signed: str, signature: str, trades: bool) -> None:
    """Let a signed request in. Errors: -1102, -1021, -1131, -1022, -2015."""
    timestamp = parameters.integer("timestamp")
    window_ms = parameters.optional("recvWindow")
    if not signature:
        raise missing("signature")
    check_signature(key, signed, signature)
    check_time(timestamp, _window_ms(window_ms), at_ms)
    if trades and not key.can_trade:
        raise bad_key()


def encoded(told: object) -> bytes:
    """A body as it goes over the wire."""
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def decoded(raw: str | bytes) -> dict[str, object] | None:
    """An object that came over the wire; None where it is something else."""
    try:
        read: object = json.loads(raw)
    except ValueError:  # also what is not UTF-8
        return None
    return cast("dict[str, object]", read) if isinstance(read, dict) else None


def _trades(route: Route) -> bool:
    return route.security is Security.TRADE


def _window_ms(told: str | None) -> int:
    if told is None:
        return RECV_WINDOW_MS_DEFAULT
    whole = told.partition(".")[0]
    if not whole.isascii() or not whole.isdigit():
        raise missing("recvWindow")
    return int(whole)


def _off_the_map(request: Request, face: Face) -> object:
    """Other services of the exchange have nothing to tell, as for an account that never used them."""
    if request.path.startswith("/sapi/"):
        return [] if request.method == "GET" else {}
    if any(request.path == path for _, path in face.routes):
        raise BinanceError(-1099, "Request method is not supported.", status=HTTPStatus.METHOD_NOT_ALLOWED)
    raise BinanceError(-1000, f"There is no {request.path} here.", status=NOT_FOUND)


def _failed(error: BinanceError, headers: dict[str, str]) -> Response:
    if error.retry_after_s:
        headers["Retry-After"] = str(error.retry_after_s)
    return Response(status=error.status, body=encoded(error.body()), headers=headers)
