"""ccxt as this house uses it: it signs, knows the addresses and names the markets; requests go where we say.

The library takes seconds to import, so it is imported when the first venue is made, in a thread. Its own client, its
throttle and its retries are not used: who may be asked when, and what an answer means, is decided in this package.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from quorate.domain.errors import BadInput

LIBRARY = "ccxt.async_support"
NUMBERED = frozenset({"kraken"})
"""Where each request has a number above that of the one before."""
LEAP_US = 1_100_000
"""More than two measurements of a clock that is told in seconds can differ by."""
Fetch = Callable[[str, str, Mapping[str, str], str | None], Awaitable[object]]
"""Address, method, headers and body of a signed request in; the decoded answer out, or an exception."""


class Settings(Protocol):
    """What the library has to know."""

    @property
    def exchange(self) -> str:
        """The exchange, as ccxt calls it."""
        ...

    @property
    def sandbox(self) -> bool:
        """Whether the venue's test network is meant."""
        ...

    @property
    def urls(self) -> Mapping[str, object]:
        """Laid over the library's own addresses."""
        ...

    def unsealed(self) -> tuple[str, str]:
        """The key and its secret."""
        ...


async def load() -> Any:
    """The library. In a thread where it is not there yet: importing it takes seconds."""
    if LIBRARY in sys.modules:
        return sys.modules[LIBRARY]
    return await asyncio.to_thread(importlib.import_module, LIBRARY)


def adapted(library: Any, settings: Settings, *, fetch: Fetch, now_us: Callable[[], int]) -> Any:
    """The library's exchange, whose requests go through `fetch` and whose clock is `now_us`. Errors: BadInput.

    Where requests are numbered (Kraken), the numbers are microseconds: two programs with one key do not meet.
    """
    base: Any = getattr(library, settings.exchange)
    numbered = settings.exchange in NUMBERED

    class Adapted(base):
        async def fetch(
            self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None
        ) -> object:
            return await fetch(url, method, self.prepare_request_headers(headers), body)

        def milliseconds(self) -> int:
            return now_us() // 1000

        def nonce(self) -> int:
            return now_us() if numbered else now_us() // 1000

        def set_last_rest_request_timestamp(self) -> None:
            """Nobody asks for it."""

    key, secret = settings.unsealed()
    exchange = Adapted(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "options": {"maxRetriesOnFailure": 0, "fetchCurrencies": False, "fetchMargins": False},
        }
    )
    exchange.has["fetchCurrencies"] = False
    if settings.sandbox:
        _use_sandbox(exchange, settings.exchange)
    if settings.urls:
        exchange.urls = exchange.deep_extend(exchange.urls, settings.urls)
    return exchange


def leap(exchange: Any) -> None:
    """Number the next requests LEAP_US further on: a session before ours has used higher numbers than ours.

    Only for a session that has just begun. Two that did so all the time would drive each other on without end.
    """
    if exchange.id in NUMBERED:
        exchange.options["lastNonce"] = max(int(exchange.options.get("lastNonce", 0)), exchange.nonce()) + LEAP_US


def _use_sandbox(exchange: Any, name: str) -> None:
    if name == "binanceusdm":
        exchange.enable_demo_trading(True)
        return
    if not exchange.urls.get("test"):
        raise BadInput(f"{name} has no test network.", hint="Use `quorate exchange`, which is one on your machine.")
    exchange.set_sandbox_mode(True)
