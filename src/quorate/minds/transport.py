"""One HTTP POST with every limit on it, and nothing secret in what comes back.

A reply is read raw and counted: an endless or a swollen one is cut off. Redirects are not followed, so that a key goes
where the settings say and nowhere else. How long it may all take is the caller's deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import httpx

import quorate
from quorate.domain.errors import BadInput
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Fault, Received

if TYPE_CHECKING:
    from quorate.minds.providers.protocol import Envelope

HIDDEN = "***"
SECRET_CHARS_MIN = 8
"""A shorter key would hide ordinary words."""
HEADERS = {
    "user-agent": f"quorate/{quorate.__version__}",
    "accept": "application/json",
    "accept-encoding": "identity",
    "content-type": "application/json",
}
LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class Scrubber:
    """Takes every configured key out of text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: one key may begin with another.
        self._secrets = sorted({key for key in secrets if len(key) >= SECRET_CHARS_MIN}, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Scrubber({len(self._secrets)} keys)"

    def text(self, text: str) -> str:
        """The text without keys."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def body(self, body: bytes) -> bytes:
        """The bytes without keys."""
        for secret in self._secrets:
            body = body.replace(secret.encode(), HIDDEN.encode())
        return body

    def finds(self, *texts: str) -> bool:
        """Whether any of the texts holds a key."""
        return any(secret in text for text in texts for secret in self._secrets)


def open_client(*, connect_s: float) -> httpx.AsyncClient:
    """The client for all vendors. A proxy named by the environment is used, except for servers on this machine."""
    try:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=connect_s),
            follow_redirects=False,
            mounts=dict.fromkeys(LOOPBACK),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=30),
            headers=HEADERS,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise BadInput(
            "The proxy that the environment names cannot be used.",
            hint="Set HTTPS_PROXY to an http:// address, or unset ALL_PROXY, HTTP_PROXY and HTTPS_PROXY.",
        ) from error


async def post(client: httpx.AsyncClient, envelope: Envelope, *, bytes_max: int, scrub: Scrubber) -> Received | Fault:
    """Send it and read the whole reply, at most `bytes_max` of it."""
    try:
        async with client.stream("POST", envelope.url, headers=envelope.headers, content=envelope.body) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                return Fault(code=protocol.MALFORMED, reason="the reply is compressed, and we asked for it plain")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > bytes_max:
                    return Fault(code=protocol.MALFORMED, reason=f"the reply is longer than {bytes_max} bytes")
            headers = {name.lower(): scrub.text(value) for name, value in response.headers.items()}
            return Received(status=response.status_code, headers=headers, body=scrub.body(bytes(body)))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        reason = f"{_host(envelope.url)} cannot be reached: {_words(error)}"
        return Fault(code=protocol.UNAVAILABLE, reason=scrub.text(reason), passing=True, free=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = f"the connection to {_host(envelope.url)} broke: {_words(error)}"
        return Fault(code=protocol.UNAVAILABLE, reason=scrub.text(reason), passing=True)


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return "the address"


def _words(error: Exception) -> str:
    return protocol.sentence(str(error), type(error).__name__)
