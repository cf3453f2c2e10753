"""Headlines from the news API of CoinDesk Data, or from its older form, CryptoCompare's."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from quorate.feeds.context.answers import decoded, rows_of
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.items import RawItem, clean
from quorate.feeds.context.numbers import stamp_ms
from quorate.feeds.context.settings import NewsSettings, NewsShape
from quorate.feeds.context.web import Web

ITEMS_PER_ANSWER_MAX = 100


class _Outlet(msgspec.Struct):
    NAME: str = ""


class _CoinDeskArticle(msgspec.Struct):
    TITLE: str
    PUBLISHED_ON: int
    BODY: str = ""
    URL: str = ""
    SOURCE_DATA: _Outlet | None = None


class _CoinDeskAnswer(msgspec.Struct):
    Data: list[msgspec.Raw] = []
    Err: msgspec.Raw = msgspec.Raw(b"{}")


class _CryptoCompareOutlet(msgspec.Struct):
    name: str = ""


class _CryptoCompareArticle(msgspec.Struct):
    title: str
    published_on: int
    body: str = ""
    url: str = ""
    source_info: _CryptoCompareOutlet | None = None


class _CryptoCompareAnswer(msgspec.Struct):
    Data: msgspec.Raw = msgspec.Raw(b"[]")
    Response: str = ""
    Message: str = ""


class NewsApi:
    """Asks for the newest articles. Errors: SourceFault."""

    def __init__(self, web: Web, settings: NewsSettings, shape: NewsShape) -> None:
        self._web = web
        self._settings = settings
        self._shape: NewsShape = shape
        self._headers = {"Authorization": f"Apikey {settings.key}"} if settings.key else {}

    async def newest(self) -> tuple[RawItem, ...]:
        """The newest articles, in no particular order."""
        path, params, parse = QUESTIONS[self._shape]
        answer = await self._web.get(
            self._settings.url.rstrip("/") + path,
            params=params,
            headers=self._headers,
            bytes_max=self._settings.limits.body_bytes_max,
        )
        return parse(answer.body)


def parse_coindesk(body: bytes) -> tuple[RawItem, ...]:
    """GET /news/v1/article/list."""
    answer = decoded(body, _CoinDeskAnswer)
    if not answer.Data and bytes(answer.Err) not in (b"{}", b"null"):
        raise SourceFault("refused", "It answers with an error.", hint="Check the key and its quota.")
    rows = rows_of(answer.Data, _CoinDeskArticle, rows_max=ITEMS_PER_ANSWER_MAX)
    return tuple(
        RawItem(
            title=row.TITLE,
            text=row.BODY,
            source="" if row.SOURCE_DATA is None else row.SOURCE_DATA.NAME,
            url=row.URL,
            published_ms=at_ms,
        )
        for row in rows
        if (at_ms := stamp_ms(row.PUBLISHED_ON)) is not None
    )


def parse_cryptocompare(body: bytes) -> tuple[RawItem, ...]:
    """GET /data/v2/news/. An error comes as 200 with `Response: Error`."""
    answer = decoded(body, _CryptoCompareAnswer)
    if answer.Response == "Error":
        if "rate limit" in answer.Message.lower():
            raise SourceFault("throttled", "It wants fewer questions.")
        raise SourceFault("refused", f"It says: {clean(answer.Message, 120)}", hint="Check the key and its quota.")
    rows = rows_of(decoded(answer.Data, list[msgspec.Raw]), _CryptoCompareArticle, rows_max=ITEMS_PER_ANSWER_MAX)
    return tuple(
        RawItem(
            title=row.title,
            text=row.body,
            source="" if row.source_info is None else row.source_info.name,
            url=row.url,
            published_ms=at_ms,
        )
        for row in rows
        if (at_ms := stamp_ms(row.published_on)) is not None
    )


QUESTIONS: dict[NewsShape, tuple[str, dict[str, str], Callable[[bytes], tuple[RawItem, ...]]]] = {
    "coindesk": ("/news/v1/article/list", {"lang": "EN", "limit": str(ITEMS_PER_ANSWER_MAX)}, parse_coindesk),
    "cryptocompare": ("/data/v2/news/", {"lang": "EN"}, parse_cryptocompare),
}
