"""Where each venue streams its books and is asked for their snapshots: the venues' own addresses, or those laid over.

An exchange whose requests were sent elsewhere is never followed at the venue's own streams: two exchanges' books say
nothing of each other. Where only the address of requests was laid over, streams are looked for on the same machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from quorate.venues.books.binance import Numbering


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPlace:
    """Where one venue's books are."""

    stream: str
    """Address of the socket."""
    depth: str = ""
    """Address of GET depth, where snapshots are asked for by REST."""
    numbering: Numbering | None = None
    """How updates follow one another, where they are numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Venue:
    """One venue's addresses, and under which names in ccxt's `urls.api` others are laid over them."""

    requests: str
    stream: str
    requests_under: tuple[str, ...]
    stream_under: tuple[str, ...]
    stream_path: str
    sandbox: tuple[str, str] | None = None
    """The test network's addresses for requests and streams."""
    numbering: Numbering | None = None


_VENUES = {
    "binance": _Venue(
        requests="https://api.binance.com/api/v3",
        stream="wss://stream.binance.com:9443/stream",
        requests_under=("public",),
        stream_under=("ws", "spot"),
        stream_path="/stream",
        sandbox=("https://testnet.binance.vision/api/v3", "wss://stream.testnet.binance.vision/stream"),
        numbering=Numbering.SPOT,
    ),
    "binanceusdm": _Venue(
        requests="https://fapi.binance.com/fapi/v1",
        stream="wss://fstream.binance.com/public/stream",
        requests_under=("fapiPublic",),
        stream_under=("ws", "linear"),
        stream_path="/public/stream",
        sandbox=("https://testnet.binancefuture.com/fapi/v1", "wss://fstream.binancefuture.com/public/stream"),
        numbering=Numbering.FUTURES,
    ),
    "kraken": _Venue(
        requests="https://api.kraken.com",
        stream="wss://ws.kraken.com/v2",
        requests_under=("public",),
        stream_under=("ws", "publicV2"),
        stream_path="/v2",
    ),
}


def place_of(venue: str, *, urls: Mapping[str, object], testnet: bool) -> BookPlace:
    """Where the books of a venue (binance, binanceusdm, kraken) are; `urls` as laid over ccxt's own."""
    known = _VENUES[venue]
    own = known.sandbox if testnet and known.sandbox is not None else (known.requests, known.stream)
    requests = _laid_over(urls, known.requests_under)
    stream = _laid_over(urls, known.stream_under)
    if stream:
        stream = _rooted(stream, known.stream_path)
    elif requests:
        stream = _rooted(requests, known.stream_path)
    depth = f"{requests or own[0]}/depth" if known.numbering is not None else ""
    return BookPlace(stream=stream or own[1], depth=depth, numbering=known.numbering)


def _laid_over(urls: Mapping[str, object], path: tuple[str, ...]) -> str:
    told: object = urls.get("api")
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return told if isinstance(told, str) else ""


def _rooted(address: str, path: str) -> str:
    """A socket at this path of the same machine."""
    parts = urlsplit(address)
    scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}{path}"
