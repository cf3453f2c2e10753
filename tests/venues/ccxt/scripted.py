"""A venue that answers from a script: for what the loopback exchange does not speak, in the shapes of its documents."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from quorate.clock import SystemClock
from quorate.venues.ccxt.connect import RealVenue, connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport
from tests.venues.ccxt.lines import Sockets


@dataclass
class Script:
    """Answers by "METHOD /path". A list gives one after another, the last one for good; what can be called, is."""

    answers: dict[str, Any]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(
        self, method: str, url: str, _headers: Mapping[str, str], body: str | None
    ) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        name = f"{method} {parts.path}"
        self.asked.append((name, dict(parse_qsl(parts.query) + parse_qsl(body or ""))))
        told = self.answers[name]
        if isinstance(told, list) and told and isinstance(told[0], Told):
            told = told.pop(0) if len(told) > 1 else told[0]
        if callable(told):
            told = told()
        if not isinstance(told, Told):
            told = Told(told)
        return told.status, {}, json.dumps(told.body)

    def words(self, name: str) -> dict[str, str]:
        """What the newest request of this name said, without what every request says."""
        said = [words for asked, words in self.asked if asked == name][-1]
        return {
            key: value for key, value in said.items() if key not in ("timestamp", "recvWindow", "signature", "nonce")
        }

    def count(self, name: str) -> int:
        return sum(asked == name for asked, _ in self.asked)


@dataclass(frozen=True)
class Told:
    body: Any
    status: int = 200


class Silent:
    """The exchange's side of a stream that says only what a test makes it say."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def take(self, message: str) -> None:
        self._heard.append(message)

    def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def scripted(
    exchange: str, answers: dict[str, Any], **more: Any
) -> AsyncGenerator[tuple[RealVenue, Script, Sockets, list[str]]]:
    """A venue on a script: the venue, the script, its streams, and what was said on them."""
    script, heard = Script(answers), list[str]()
    sockets = Sockets(lambda _address, _tell: Silent(heard))
    settings = VenueSettings(exchange=exchange, key="demo", secret="ZGVtbw==", **more)  # leak-ok: nobody's key
    venue = await connect(
        settings, clock=SystemClock(), chance=lambda: 0.0, transport=DirectTransport(script), dialling=sockets.dial
    )
    yield venue, script, sockets, heard
    await venue.close()
