"""One bounded question over HTTP, to a real server that means no good."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from quorate.feeds.context.answers import decoded
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.web import Web, open_client, retry_after_s
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.stranger import Reply, Stranger, packed

LIMIT = 10_000


async def fault_of(web: Web, url: str, redirects_max: int = 0) -> SourceFault:
    with pytest.raises(SourceFault) as caught:
        await web.get(url, bytes_max=LIMIT, redirects_max=redirects_max)
    return caught.value


async def test_an_answer_comes_with_its_bytes_plain_or_packed(web: Web, stranger: Stranger):
    stranger.answers("/a", b"plain")
    stranger.answers("/b", packed(b"packed" * 100))
    assert (await web.get(f"{stranger.url}/a", bytes_max=LIMIT)).body == b"plain"
    assert (await web.get(f"{stranger.url}/b", bytes_max=LIMIT)).body == b"packed" * 100


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=500), "down"),
        (Reply(status=503), "down"),
        (Reply(status=429), "throttled"),
        (Reply(status=401), "refused"),
        (Reply(status=403), "refused"),
        (Reply(status=404), "refused"),
        (Reply(cut=True), "down"),
        (Reply(b"x" * (LIMIT + 1)), "too_large"),
        (packed(b"0" * 50_000_000), "too_large"),
        (Reply(b"not gzip", headers={"Content-Encoding": "gzip"}), "malformed"),
        (Reply(b"x", headers={"Content-Encoding": "br"}), "malformed"),
        (Reply(status=302, headers={"Location": "/elsewhere"}), "refused"),
    ],
)
async def test_every_bad_answer_is_a_fault_of_a_kind(web: Web, stranger: Stranger, reply: Reply, kind: str):
    stranger.answers("/a", reply)
    assert (await fault_of(web, f"{stranger.url}/a")).kind == kind


async def test_nobody_listening_is_down(web: Web, stranger: Stranger):
    url = stranger.url
    await stranger.__aexit__(None, None, None)
    try:
        assert (await fault_of(web, url)).kind == "down"
    finally:
        await stranger.__aenter__()


async def test_no_fault_tells_the_address_or_a_key(stranger: Stranger, clock: FakeTime):
    async with open_client() as client:
        web = Web(client, clock=clock)
        for url in (f"{stranger.url}/secret-path?key=hidden", "http://127.0.0.1:1/secret-path?key=hidden"):
            with pytest.raises(SourceFault) as caught:
                await web.get(url, headers={"Authorization": "Bot hidden"}, bytes_max=LIMIT)
            assert "hidden" not in str(caught.value)
            assert "secret" not in str(caught.value)
        with pytest.raises(SourceFault) as caught:
            await web.get(stranger.url, headers={"Authorization": "Bot hidden\n"}, bytes_max=LIMIT)
        assert "hidden" not in str(caught.value)


async def test_redirects_are_followed_where_allowed_and_not_for_ever(web: Web, stranger: Stranger):
    stranger.answers("/old", Reply(status=301, headers={"Location": "/new"}))
    stranger.answers("/new", b"here")
    stranger.answers("/loop", Reply(status=302, headers={"Location": "/loop"}))
    assert (await web.get(f"{stranger.url}/old", bytes_max=LIMIT, redirects_max=1)).body == b"here"
    assert (await fault_of(web, f"{stranger.url}/loop", redirects_max=3)).kind == "refused"
    assert stranger.times("/loop") == 4


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/", "http://[::1]/", "http://localhost/", "http://169.254.169.254/latest", "file:///etc/passwd"],
)
async def test_a_redirect_into_this_network_is_refused(web: Web, stranger: Stranger, location: str):
    stranger.answers("/a", Reply(status=302, headers={"Location": location}))
    assert (await fault_of(web, f"{stranger.url}/a", redirects_max=3)).kind == "refused"


async def test_the_distance_between_the_clocks_is_measured(web: Web, stranger: Stranger):
    stranger.answers("/a", Reply(headers={"Date": formatdate(NOW_MS / 1000 + 3600, usegmt=True)}))
    assert web.skew_ms is None
    await web.get(f"{stranger.url}/a", bytes_max=LIMIT)
    assert web.skew_ms == 3_600_000


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("soon", 30.0),
        ("inf", 30.0),
        ("nan", 30.0),
        ("", 30.0),
        (formatdate(NOW_MS / 1000 + 90, usegmt=True), 90.0),
        (formatdate(NOW_MS / 1000 - 90, usegmt=True), 0.0),
    ],
)
def test_retry_after_is_read_in_all_its_forms(told: str, seconds: float):
    assert retry_after_s({"retry-after": told}, NOW_MS) == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"a":',
        b'{"a":' * 200_000,
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "x"}',
        b"[]",
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_not_the_shape_is_malformed(body: bytes):
    with pytest.raises(SourceFault) as caught:
        decoded(body, dict[str, int])
    assert caught.value.kind == "malformed"
