"""Who is let in, how often, and what every answer carries."""

import json

import pytest

from quorate.api.boundary.rate import RateLimit
from quorate.api.boundary.request import Asked, asked_of, client_of, host_name
from quorate.api.boundary.rules import check_bind
from quorate.api.serving import BindRefused, PortInUse, listen
from quorate.api.settings import ApiSettings
from quorate.domain.errors import BadInput, QuorateError, Refused, Unavailable

TOKEN = "a-token-of-some-length"


def problem(response, status, code):
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:quorate:problem:{code}")
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


NONSENSE = [
    ("/v1/signals?limit=0", "limit"),
    ("/v1/signals?limit=1001", "limit"),
    ("/v1/signals?limit=banana", "limit"),
    ("/v1/signals?limit=1e3", "limit"),
    ("/v1/signals?mode=PAPER", "mode"),
    ("/v1/signals?tier=bronze", "tier"),
    ("/v1/signals?pair=BTCUSDT", "pair"),
    ("/v1/signals?pair=%27;drop table signals--", "pair"),
    ("/v1/signals?since=yesterday", "since"),
    ("/v1/signals?since=2025-01-01T00:00:00", "since"),
    ("/v1/signals?cursor=..", "cursor"),
    ("/v1/signals?cursor=9-9999999999999999999", "cursor"),
    ("/v1/signals?banana=1", "banana"),
    ("/v1/signals?account=../../etc", "account"),
    ("/v1/signals/%20", "signal_id"),
    ("/v1/pnl?n=10001", "n"),
    ("/v1/pnl?n=-1", "n"),
    ("/api/candles", "pair"),
    ("/api/candles?pair=BTC/USDT&timeframe=7m", "timeframe"),
    ("/api/candles?pair=BTC/USDT&limit=1501", "limit"),
    ("/api/candles?pair=BTC/USDT&before=5", "before"),
    ("/api/candles/indicators?pair=BTC/USDT&names=EMA 20", "names"),
    ("/api/prices?pairs=,,", "pairs"),
    ("/api/jobs?limit=1000", "limit"),
    ("/v1/status/health?account=%00", "account"),
]


async def test_nonsense_parameters_get_one_clear_problem_that_names_them(api, desk):
    for path, field in NONSENSE:
        body = problem(await api.get(path), 422, "invalid_parameters")
        assert [error["field"] for error in body["errors"]] == [field], path
        assert field in body["detail"]


async def test_huge_cursor_numbers_are_no_crash(api, desk):
    assert (await api.get("/v1/signals?cursor=999999999-999999999999999999")).status_code == 200


async def test_paths_that_are_not_there(api):
    for path in ("/v1/nothing", "/api/", "/api/scan/", "/assets/nothing.js"):
        problem(await api.get(path), 404, "not_found")


async def test_methods_that_are_not_possible(api):
    for method, path in (
        ("POST", "/v1/signals"),
        ("DELETE", "/api/scan"),
        ("POST", "/v1/signals/stream"),
        ("PUT", "/"),
    ):
        response = await api.request(method, path)
        problem(response, 405, "method_not_allowed")
        assert response.headers["allow"]


async def test_a_sane_request_id_is_kept_and_an_insane_one_is_not(api):
    response = await api.get("/v1/status/live", headers={"X-Request-Id": "my-request.1"})
    assert response.headers["x-request-id"] == "my-request.1"
    response = await api.get("/v1/status/live", headers={"X-Request-Id": "x" * 65})
    assert response.headers["x-request-id"].startswith("q-")


async def test_every_answer_carries_the_security_headers(api):
    for path in ("/v1/status/live", "/v1/nothing", "/", "/v1/signals/stream?last_event_id=x"):
        headers = (await api.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


async def test_a_body_too_large_is_refused_announced_or_not(serve):
    api = await serve(body_bytes_max=2_000)
    problem(await api.post("/api/scan", content=b"x" * 2_001), 413, "body_too_large")


async def test_the_rate_limit_says_what_is_left_and_when_to_come_back(serve):
    api = await serve(requests_per_minute=2)
    first = await api.get("/metrics")
    assert first.headers["ratelimit-policy"] == '"default";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"default";r=1;')
    await api.get("/metrics")
    response = await api.get("/v1/signals")
    problem(response, 429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 30
    for path in ("/v1/status/live", "/"):
        assert (await api.get(path)).status_code != 429
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert (await api.get("/v1/status/health", headers=own)).status_code == 503, "the desk's own page is not counted"
    proxied = {**own, "X-Forwarded-For": "203.0.113.9"}
    assert (await api.get("/v1/status/health", headers=proxied)).status_code == 429


def test_a_bucket_fills_again_and_forgets_the_longest_silent():
    limit = RateLimit(per_minute=2, clients_max=2)
    assert [limit.admit("a", 0.0).allowed for _ in range(3)] == [True, True, False]
    assert limit.admit("a", 29.0).wait_s == 1
    assert limit.admit("a", 30.1).allowed
    limit.admit("b", 31.0)
    limit.admit("c", 32.0)
    assert limit.admit("a", 33.0).remaining == 1, "a was forgotten and begins anew"


async def test_only_loopback_names_are_served(api):
    for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8420"):
        problem(await api.get("/v1/status/live", headers={"Host": host}), 421, "host_refused")
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8420", "[::1]:8420"):
        assert (await api.get("/v1/status/live", headers={"Host": host})).status_code == 200


async def test_requests_from_other_sites_are_refused(api):
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:5173"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ):
        problem(await api.get("/api/scan", headers=headers), 403, "origin_refused")


async def test_a_link_from_another_site_opens_the_page(api):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await api.get("/", headers=headers)).status_code == 503, "which is not built here"


async def test_cors_is_for_listed_origins_only(serve):
    api = await serve(origins=("https://desk.example",))
    response = await api.get("/v1/status/live", headers={"Origin": "https://desk.example"})
    assert response.headers["access-control-allow-origin"] == "https://desk.example"
    assert "Origin" in response.headers["vary"]
    preflight = await api.options(
        "/api/scan", headers={"Origin": "https://desk.example", "Access-Control-Request-Method": "POST"}
    )
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "GET, POST, DELETE")
    assert "access-control-allow-origin" not in (await api.get("/v1/status/live")).headers
    refused = await api.get("/v1/status/live", headers={"Origin": "https://desk.example.evil"})
    assert refused.status_code == 403


async def test_with_a_token_nothing_but_the_sign_of_life_is_answered_without_it(serve):
    api = await serve(token=TOKEN)
    assert (await api.get("/v1/status/live")).status_code == 200
    for path in ("/v1/signals", "/metrics", "/", "/v1/signals/stream"):
        response = await api.get(path, headers={"Sec-Fetch-Site": "same-origin"})
        problem(response, 401, "token_needed")
        assert response.headers["www-authenticate"].startswith("Bearer")
    for wrong in ("Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"):
        given = {"Authorization": wrong.encode("latin-1")}
        assert (await api.get("/metrics", headers=given)).status_code == 401
    assert (await api.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})).status_code == 200


async def test_a_crash_tells_its_request_id_and_nothing_else(serve, resources, monkeypatch):
    api = await serve()

    async def broken(*_, **__):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("quorate.api.routers.portfolios.books_of", broken)
    response = await api.get("/v1/portfolios")
    body = problem(response, 500, "internal")
    assert "42" not in json.dumps(body)


async def test_an_operating_error_of_the_desk_keeps_its_code_and_says_what_to_do(serve, monkeypatch):
    api = await serve()
    for error, status in ((BadInput, 422), (Refused, 409), (Unavailable, 503), (QuorateError, 500)):

        async def refuse(*_, error=error, **__):
            raise error("It cannot be done.", hint="Do something else.")

        monkeypatch.setattr("quorate.api.routers.portfolios.books_of", refuse)
        body = problem(await api.get("/v1/portfolios"), status, error.code)
        assert body["detail"] == "It cannot be done. Do something else."


async def test_f17_a_database_that_is_gone_is_a_503_and_health_still_answers(serve, pool):
    api = await serve()
    pool.terminate()
    problem(await api.get("/v1/signals"), 503, "database_unreachable")
    health = await api.get("/v1/status/health")
    assert (health.status_code, health.json()["status"]) == (503, "down")
    assert (await api.get("/v1/status/live")).status_code == 200
    assert (await api.get("/metrics")).status_code == 200


def test_a_client_is_the_first_address_that_is_not_a_trusted_proxy():
    from ipaddress import ip_network

    trusted = (ip_network("10.0.0.0/8"),)
    assert client_of("203.0.113.1", "198.51.100.7", trusted) == "203.0.113.1", "not said by a trusted proxy"
    assert client_of("10.0.0.1", "198.51.100.7", trusted) == "198.51.100.7"
    assert client_of("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", trusted) == "198.51.100.7"
    assert client_of("10.0.0.1", "10.0.0.3, 10.0.0.2", trusted) == "10.0.0.3"
    assert client_of("10.0.0.1", "banana", trusted) == "10.0.0.1"
    assert client_of("10.0.0.1", None, trusted) == "10.0.0.1"
    assert client_of("::ffff:10.0.0.1", "198.51.100.7", trusted) == "198.51.100.7"


def test_the_own_page_is_a_browser_on_this_machine_and_nobody_else():
    def asked(peer="127.0.0.1", **headers):
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return asked_of({"method": "GET", "path": "/", "headers": named, "client": (peer, 1)}, ())

    own = {"host": "127.0.0.1:8420", "sec_fetch_site": "same-origin"}
    assert asked(**own).own_page
    assert asked(host="localhost:8420", origin="http://localhost:8420").own_page
    assert not asked("203.0.113.1", **own).own_page
    assert not asked(**{**own, "host": "desk.example"}).own_page
    assert not asked(**own, x_forwarded_for="203.0.113.1").own_page
    assert not asked(host="127.0.0.1:8420").own_page
    assert isinstance(asked(), Asked)


def test_host_names_without_port_and_brackets():
    assert [host_name(text) for text in ("A.Example:80", "[::1]:8420", "a.example.", "")] == [
        "a.example",
        "::1",
        "a.example",
        "",
    ]


def test_listening_beyond_loopback_needs_a_token():
    assert check_bind(ApiSettings(host="0.0.0.0")) is not None
    assert check_bind(ApiSettings(host="0.0.0.0", token=TOKEN)) is None
    with pytest.raises(BindRefused, match="without asking who they are"):
        listen(ApiSettings(host="0.0.0.0", port=0))


def test_a_port_in_use_is_said_in_one_sentence():
    taken = listen(ApiSettings(port=0))
    port = taken.getsockname()[1]
    with pytest.raises(PortInUse, match=f"Port {port} on 127.0.0.1 is in use"):
        listen(ApiSettings(port=port))
    taken.close()


def test_an_address_of_somebody_else_is_refused():
    with pytest.raises(BindRefused):
        listen(ApiSettings(host="203.0.113.1", port=0, token=TOKEN))
    with pytest.raises(BindRefused, match="no address"):
        listen(ApiSettings(host="no.such.host.invalid", port=0, token=TOKEN))
