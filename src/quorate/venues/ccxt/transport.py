"""How a request gets to a venue: over a socket, or straight into an exchange in this process.

The one thing that matters of a failure is whether anything had left: *unsent* means that no byte of the request was
written, *unanswered* that the venue may have it. Nothing is ever sent a second time here, and no redirect is followed:
a signed request goes where it was addressed, once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from quorate.domain.errors import BadInput

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES_MAX = 64_000_000
"""The longest answer, a list of every market, has about 20 MB."""
CONNECTIONS_MAX = 64
KEEP_ALIVE_S = 60
LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")
WRITING = ("http11.send_request_headers.started", "http2.send_request_headers.started")
"""What the client library says just before the first byte of a request is written."""
PROXY_HINT = "Set HTTPS_PROXY to an http:// address, or unset ALL_PROXY, HTTP_PROXY and HTTPS_PROXY."


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, signed. Its parts hold the key and the signature, and are never shown."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


class Unsent(Exception):
    """No byte of the request left this machine."""


class Unanswered(Exception):
    """The request was written, in part at least, and no whole answer came."""


class Transport(Protocol):
    """Carries requests to a venue."""

    async def send(self, request: HttpRequest, *, deadline_s: float) -> HttpAnswer:
        """The whole answer within `deadline_s`. Errors: Unsent, Unanswered."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class SocketTransport:
    """Over HTTP. A proxy named by the environment is used, except for servers on this machine."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    def _open(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - where requests go to an exchange in this process, it is not needed

        if self._client is None:
            try:
                self._client = httpx.AsyncClient(
                    timeout=None,  # noqa: S113 - each request has a total deadline of its own
                    follow_redirects=False,
                    mounts=dict.fromkeys(LOOPBACK),
                    limits=httpx.Limits(
                        max_connections=CONNECTIONS_MAX,
                        max_keepalive_connections=CONNECTIONS_MAX,
                        keepalive_expiry=KEEP_ALIVE_S,
                    ),
                )
            except (ImportError, ValueError, httpx.InvalidURL) as error:
                raise BadInput("The proxy that the environment names cannot be used.", hint=PROXY_HINT) from error
        return self._client

    async def send(self, request: HttpRequest, *, deadline_s: float) -> HttpAnswer:
        """As the port says: what the client library tells of the connection decides between the two errors."""
        import httpx  # noqa: PLC0415

        client = self._open()
        written = False

        async def trace(event: str, _info: Mapping[str, object]) -> None:
            nonlocal written
            written = written or event in WRITING

        try:
            async with asyncio.timeout(deadline_s):
                async with client.stream(
                    request.method,
                    request.url,
                    headers=dict(request.headers),
                    content=None if request.body is None else request.body.encode(),
                    extensions={"trace": trace},
                ) as response:
                    return await _whole(response)
        except TimeoutError as error:
            raise (Unanswered if written else Unsent)(f"nothing within {deadline_s:.1f} s") from error
        except (OSError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise (Unanswered if written else Unsent)(_words(error)) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


async def _whole(response: httpx.Response) -> HttpAnswer:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise Unanswered(f"the answer is longer than {ANSWER_BYTES_MAX:,} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(response.status_code, headers, body.decode("utf-8", "replace"))


def _words(error: Exception) -> str:
    """What happened, without an address: addresses of signed requests carry the signature."""
    return type(error).__name__


Exchange = Callable[[str, str, Mapping[str, str], str | None], Awaitable[tuple[int, Mapping[str, str], str]]]
"""An exchange in this process: method, address, headers and body in; status, headers and text out."""


class DirectTransport:
    """Into an exchange in this process, without sockets: for simulations that own the clock.

    `exchange` says how a request fails by what it raises: ConnectionRefusedError and what DNS raises (socket.gaierror)
    before anything was written, any other OSError after that. It may also never answer.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def send(self, request: HttpRequest, *, deadline_s: float) -> HttpAnswer:
        """As the port says."""
        try:
            async with asyncio.timeout(deadline_s):
                status, headers, text = await self._exchange(request.method, request.url, request.headers, request.body)
        except (ConnectionRefusedError, socket.gaierror) as error:
            raise Unsent(_words(error)) from error
        except TimeoutError as error:
            raise Unanswered(f"nothing within {deadline_s:.1f} s") from error
        except OSError as error:
            raise Unanswered(_words(error)) from error
        return HttpAnswer(status, {name.lower(): value for name, value in headers.items()}, text)

    async def close(self) -> None:
        """There is nothing to let go of."""
