"""Messages of a community's own Discord channels, by a bot that was invited there. Opt-in; reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from quorate.feeds.context.answers import decoded, rows_of
from quorate.feeds.context.items import RawItem
from quorate.feeds.context.lane import Lane
from quorate.feeds.context.settings import DiscordSettings
from quorate.feeds.context.web import Web

MESSAGES_PER_ANSWER_MAX = 100


class _Author(msgspec.Struct):
    bot: bool = False


class _Message(msgspec.Struct):
    id: str
    content: str
    timestamp: datetime
    author: _Author = msgspec.field(default_factory=_Author)


class DiscordChannel:
    """One channel. Errors: SourceFault.

    Nothing of who wrote a message is kept. `lane` is the way to Discord that all channels share: it is held when the
    answer's headers say that the next question would be one too many.
    """

    def __init__(self, web: Web, channel: str, settings: DiscordSettings, *, lane: Lane) -> None:
        assert settings.token, "a channel is opened only with a token"
        self._web = web
        self._settings = settings
        self._lane = lane
        self._url = f"{settings.url.rstrip('/')}/channels/{channel}/messages"
        self._headers = {"Authorization": f"Bot {settings.token}"}

    async def newest(self) -> tuple[RawItem, ...]:
        """The newest messages that people wrote, at most a hundred; the shelf knows which of them are new."""
        params = {"limit": str(MESSAGES_PER_ANSWER_MAX)}
        answer = await self._web.get(
            self._url, params=params, headers=self._headers, bytes_max=self._settings.limits.body_bytes_max
        )
        self._lane.hold(_hold_s(answer.headers))
        messages = rows_of(decoded(answer.body, list[msgspec.Raw]), _Message, rows_max=MESSAGES_PER_ANSWER_MAX)
        return tuple(
            RawItem(title=message.content, published_ms=round(message.timestamp.timestamp() * 1000))
            for message in messages
            if message.content.strip() and not message.author.bot
        )


def _hold_s(headers: Mapping[str, str]) -> float:
    """How long the bucket of this answer is empty: 0 while questions remain in it."""
    try:
        empty = int(headers.get("x-ratelimit-remaining", "1")) <= 0
        wait_s = float(headers.get("x-ratelimit-reset-after", "0"))
    except ValueError:
        return 0.0
    return wait_s if empty and 0 <= wait_s < float("inf") else 0.0
