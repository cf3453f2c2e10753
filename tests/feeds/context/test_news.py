"""News APIs, feeds, channels and recorded files: small made answers in their real shapes, and hostile ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quorate.domain.errors import BadInput
from quorate.feeds.context.discord import DiscordChannel
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.items import ItemShelf
from quorate.feeds.context.lane import Lane
from quorate.feeds.context.news_api import NewsApi, parse_coindesk, parse_cryptocompare
from quorate.feeds.context.recorded_news import date_ms, read_news
from quorate.feeds.context.rss import RssFeed, parse_feed
from quorate.feeds.context.sentiment import HeadlineSentiment
from quorate.feeds.context.settings import DiscordSettings, FeedAddress, NewsSettings
from quorate.feeds.context.web import Web
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.stranger import Reply, Stranger

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Outlet</title>
<item><title>Bitcoin rises &amp; shines</title><link>https://example.org/1</link>
<pubDate>Thu, 09 Oct 2025 10:53:20 +0200</pubDate><description><![CDATA[<p>Up by <b>5</b> %</p>]]></description></item>
<item><title>Without a date</title></item>
</channel></rss>"""
ATOM = b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>newest submissions</title>
<entry><title>Anyone else buying?</title><link href="https://example.org/r/1"/><updated>2025-10-09T08:53:20+00:00</updated>
<content type="html">&lt;div&gt;Me &amp;amp; you&lt;/div&gt;</content></entry></feed>"""


def coindesk(**told: object) -> bytes:
    article = {
        "TYPE": "121",
        "ID": 1,
        "PUBLISHED_ON": NOW_MS // 1000,
        "TITLE": "Ether climbs",
        "BODY": "A lead.",
        "URL": "https://example.org/a",
        "SOURCE_DATA": {"NAME": "Outlet"},
    }
    return json.dumps({"Data": [article | told, {"TITLE": 5}], "Err": {}}).encode()


def cryptocompare(**told: object) -> bytes:
    article = {"id": "1", "published_on": NOW_MS // 1000, "title": "Ether climbs", "source_info": {"name": "Outlet"}}
    return json.dumps({"Type": 100, "Message": "News list successfully returned", "Data": [article | told]}).encode()


def test_both_news_apis_are_read():
    (item,) = parse_coindesk(coindesk())
    assert (item.title, item.source, item.published_ms, item.text) == ("Ether climbs", "Outlet", NOW_MS, "A lead.")
    (item,) = parse_cryptocompare(cryptocompare())
    assert (item.title, item.source, item.published_ms) == ("Ether climbs", "Outlet", NOW_MS)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            b'{"Response":"Error","Message":"You are over your rate limit please upgrade","Type":99,"Data":{}}',
            "throttled",
        ),
        (b'{"Response":"Error","Message":"Your API key is invalid","Type":99,"Data":{}}', "refused"),
        (b'{"Data":{"a":1}}', "malformed"),
        (b'{"Data":[1,2]}', "malformed"),
        (b"[]", "malformed"),
    ],
)
def test_an_error_that_comes_as_a_success_is_a_fault(body: bytes, kind: str):
    with pytest.raises(SourceFault) as caught:
        parse_cryptocompare(body)
    assert caught.value.kind == kind


def test_an_article_dated_nowhere_in_time_is_left_out():
    assert parse_coindesk(coindesk(PUBLISHED_ON=3)) == ()
    assert parse_cryptocompare(cryptocompare(published_on=10**15)) == ()
    with pytest.raises(SourceFault):
        parse_coindesk(b'{"Data":[],"Err":{"type":1,"message":"no"}}')


async def test_the_news_key_goes_into_its_header_only(web: Web, stranger: Stranger):
    stranger.answers("/news/v1/article/list", coindesk())
    settings = NewsSettings(url=stranger.url, key="hidden", api="coindesk")
    assert len(await NewsApi(web, settings, "coindesk").newest()) == 1
    assert stranger.asked[0].headers["Authorization"] == "Apikey hidden"
    assert "hidden" not in repr((settings, stranger.asked[0].query))


def test_rss_and_atom_are_read_in_utc():
    (item,) = parse_feed(RSS, "application/rss+xml", "Outlet")
    assert (item.title, item.published_ms, item.url) == ("Bitcoin rises & shines", NOW_MS, "https://example.org/1")
    (item,) = parse_feed(ATOM, "application/atom+xml", "Reddit")
    assert (item.title, item.published_ms, item.source) == ("Anyone else buying?", NOW_MS, "Reddit")


def test_a_feed_opens_no_file_and_no_entity(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    head = b'<!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY s SYSTEM "' + secret.as_uri().encode() + b'">' + laughs + b"]>"
    body = RSS.replace(b"<rss", head + b"<rss").replace(b"Bitcoin rises", b"Bitcoin &s; &l8;")
    titles = "".join(item.title for item in parse_feed(body, "text/xml", "Outlet"))
    assert "hidden" not in titles
    assert len(titles) < 1_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b'{"json": true}',
        b"<rss><channel><item>" + b"<b>" * 100_000,
        b"\x00" * 99,
    ],
)
def test_what_is_no_feed_is_malformed(body: bytes):
    with pytest.raises(SourceFault) as caught:
        parse_feed(body, "", "Outlet")
    assert caught.value.kind == "malformed"


async def test_a_feed_is_asked_only_for_what_changed(web: Web, stranger: Stranger):
    marks = {"ETag": '"v1"', "Last-Modified": "Thu, 09 Oct 2025 08:00:00 GMT"}
    stranger.answers("/moved", Reply(status=301, headers={"Location": "/rss"}))
    stranger.answers("/rss", Reply(RSS, headers=marks), Reply(b"", status=304))
    feed = RssFeed(web, FeedAddress(name="Outlet", url=f"{stranger.url}/moved"), bytes_max=100_000)
    assert await feed.newest() == await feed.newest()
    assert stranger.asked[-1].headers["If-None-Match"] == '"v1"'


@pytest.fixture
def messages(stranger: Stranger) -> str:
    told = [
        {
            "id": "3",
            "content": "wen moon",
            "timestamp": "2025-10-09T08:53:20.000000+00:00",
            "author": {"username": "a"},
        },
        {"id": "2", "content": "I am a bot", "timestamp": "2025-10-09T08:53:19+00:00", "author": {"bot": True}},
        {"id": "1", "content": "", "timestamp": "2025-10-09T08:53:18+00:00", "author": {}},
        {"id": "0", "content": "broken", "timestamp": "yesterday"},
    ]
    empty = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "4.5"}
    stranger.answers("/channels/42/messages", Reply(json.dumps(told).encode(), headers=empty))
    return stranger.url


async def test_a_channel_gives_what_people_wrote_without_their_names_and_honours_its_rate_limit(
    web: Web, stranger: Stranger, messages: str, lane: Callable[..., Lane], clock: FakeTime
):
    way = lane()
    settings = DiscordSettings(url=messages, token="hidden", channels=("42",))
    channel = DiscordChannel(web, "42", settings, lane=way)
    (item,) = await way.call(channel.newest)
    assert (item.title, item.published_ms, item.source) == ("wen moon", NOW_MS, "")
    assert stranger.asked[0].headers["Authorization"] == "Bot hidden"
    assert "hidden" not in repr(settings)
    await way.call(channel.newest)
    assert clock.slept == [4.5]


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_token_or_channel_is_refused_without_asking_again(
    web: Web, stranger: Stranger, lane: Callable[..., Lane], status: int
):
    stranger.answers("/channels/42/messages", Reply(b'{"message": "401: Unauthorized"}', status=status))
    settings = DiscordSettings(url=stranger.url, token="hidden", channels=("42",))
    way = lane()
    with pytest.raises(SourceFault) as caught:
        await way.call(DiscordChannel(web, "42", settings, lane=way).newest)
    assert caught.value.kind == "refused"
    assert len(stranger.asked) == 1


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("9-10-2025 08:53:20", NOW_MS),
        ("2025-10-09T08:53:20Z", NOW_MS),
        ("2025-10-09 10:53:20+02:00", NOW_MS),
        ("2025-10-09 08:53:20 UTC", NOW_MS),
        (str(NOW_MS), NOW_MS),
        (str(NOW_MS // 1000), NOW_MS),
        ("10-31-2025 00:00", None),
        ("yesterday", None),
        ("", None),
        ("0001-01-01", None),
        ("9" * 30, None),
    ],
)
def test_dates_of_recorded_news_are_read_as_utc(text: str, at_ms: int | None):
    assert date_ms(text) == at_ms


def test_recorded_news_say_how_many_rows_say_nothing(tmp_path: Path):
    path = tmp_path / "news.csv"
    path.write_text("date;title;source;url\n9-10-2025 08:53;A;X;\n;B;X;\n9-10-2025 08:00;;X;\n9-10-2025 08:00;C;Y;\n")
    news = read_news(path)
    assert ([item.title for item in news.items], news.rows_left_out) == (["C", "A"], 2)
    path.write_text("published_at,headline\n2025-10-09T08:53:20Z,D\n")
    assert read_news(path).items[0].title == "D"
    for text in ("", "a,b\n1,2\n", "\x00\x00"):
        path.write_text(text)
        with pytest.raises(BadInput):
            read_news(path)


@pytest.mark.real_data
def test_the_recorded_news_are_read_cleaned_and_told_as_of_their_minute(recorded: Path, sentiment: HeadlineSentiment):
    news = read_news(recorded / "news" / "cryptonews_2021-10_2022-07.csv")
    assert (len(news.items), news.rows_left_out) == (7_496, 28)
    shelf = ItemShelf("news", "recorded", sentiment, items_max=10_000)
    shelf.take(news.items, None)
    assert len(shelf) > 7_300
    for at_ms in range(news.items[0].published_ms, news.items[-1].published_ms, 7 * 86_400_000):
        shown = shelf.at(at_ms, span_ms=86_400_000, items_max=12)
        assert all(at_ms - 86_400_000 <= item.published_ms <= at_ms for item in shown)
