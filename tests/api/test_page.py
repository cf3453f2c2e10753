"""The built page, its routes, its hashed assets; and one sentence where it was not built."""

import gzip

import pytest


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>desk</title>" + " " * 2_000)
    (folder / "assets" / "app-1234.js").write_text("console.log(1)" + " " * 2_000)
    (folder / "assets" / "app-1234.js.br").write_bytes(b"brotli bytes")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "secret.js.map").write_text("{}")
    return folder


async def test_not_built_is_said_in_one_sentence(api):
    response = await api.get("/")
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "has not been built" in response.text


async def test_every_route_of_the_page_is_its_index(api, built):
    for path in ("/", "/market", "/market/BTC-USDT", "/index.html"):
        response = await api.get(path)
        assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")
        assert "<title>desk</title>" in response.text


async def test_hashed_assets_are_kept_for_ever_and_sent_small(api, built):
    response = await api.get("/assets/app-1234.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["vary"] == "Accept-Encoding"
    async with api.stream("GET", "/assets/app-1234.js", headers={"Accept-Encoding": "br, gzip"}) as raw:
        assert raw.headers["content-encoding"] == "br"
        assert b"".join([piece async for piece in raw.aiter_raw()]) == b"brotli bytes"
    async with api.stream("GET", "/", headers={"Accept-Encoding": "gzip;q=1"}) as raw:
        assert b"desk" in gzip.decompress(b"".join([piece async for piece in raw.aiter_raw()]))


async def test_an_unchanged_file_is_not_sent_again(api, built):
    etag = (await api.get("/")).headers["etag"]
    response = await api.get("/", headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")


async def test_head_tells_the_length(api, built):
    response = await api.head("/favicon.svg")
    assert (response.status_code, response.headers["content-length"], response.content) == (200, "6", b"")


async def test_a_page_built_again_is_served_without_a_restart(api, built):
    import os

    assert "desk" in (await api.get("/")).text
    (built / "index.html").write_text("<title>newer</title>")
    os.utime(built / "index.html", ns=(1, 1))
    assert "newer" in (await api.get("/")).text


async def test_what_is_not_there_is_a_404(api, built):
    for path in ("/assets/gone.js", "/secret.js.map", "/../../etc/passwd.txt", "/%2e%2e/%2e%2e/etc/hosts.txt"):
        assert (await api.get(path)).status_code == 404
