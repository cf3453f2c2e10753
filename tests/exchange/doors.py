"""How ccxt is led to the exchanges of this machine, over sockets or in process: said once for every test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quorate.exchange.binance.doors import Request, RestDoor
from quorate.exchange.kraken import KrakenExchange, rest

Told = tuple[int, Mapping[str, str], str]
"""Status, headers and text of an answer."""


def binance_urls(http: str, ws: str) -> Mapping[str, Any]:
    """Where Binance's coins are, for ccxt's `urls.api`."""
    return {
        "public": f"{http}/api/v3",
        "private": f"{http}/api/v3",
        "sapi": f"{http}/sapi/v1",
        "ws": {"ws-api": {"spot": f"{ws}/ws-api/v3"}},
    }


def perpetual_urls(http: str, ws: str) -> Mapping[str, Any]:
    """Where Binance's futures are."""
    urls = {
        f"fapi{kind}{suffix}": f"{http}/fapi/v{version}"
        for kind in ("Public", "Private")
        for suffix, version in (("", 1), ("V2", 2), ("V3", 3))
    }
    return {**urls, "sapi": f"{http}/sapi/v1", "ws": {"linear": f"{ws}/private/ws"}}


def kraken_urls(http: str, ws: str) -> Mapping[str, Any]:
    """Where Kraken is."""
    return {"public": http, "private": http, "ws": {"privateV2": f"{ws}/v2"}}


def binance_answer(door: RestDoor, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Told:
    """What a door of Binance's kind, spot or futures, answers to a request as ccxt sends it."""
    path, query, lower = _parts(url, headers)
    told = door.answer(Request(method=method, path=path, query=query, headers=lower, body=body or ""))
    return told.status, {"content-type": "application/json", **told.headers}, told.body.decode()


def kraken_answer(
    exchange: KrakenExchange, _method: str, url: str, headers: Mapping[str, str], body: str | None
) -> Told:
    """What Kraken answers to a request as ccxt sends it."""
    path, query, lower = _parts(url, headers)
    asked = rest.RestRequest(path=path, query=query, headers=lower, body=(body or "").encode())
    return 200, {"content-type": "application/json"}, rest.answer(exchange, asked).decode()


def _parts(url: str, headers: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """Path, query, and headers with their names in lower case."""
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    return f"/{path}", query, {name.lower(): value for name, value in headers.items()}
