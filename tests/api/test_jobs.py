"""Jobs by hand and by an outside scheduler, through the inbox."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from quorate.journal.inbox import CommandInbox

JOBS = ["scan", "monitor-positions", "evaluate-positions", "optimize"]
REPLY = {"success": True, "cycle": "manual-1", "scannedPairs": 3, "elapsedMs": 5}


@asynccontextmanager
async def worker(database, pool, *, reply=REPLY, failed=False, bodies=None):
    """A worker that answers every command alike; gives the list of what it was asked."""
    inbox = CommandInbox(database, pool, account="paper")
    obeyed = []
    bodies = [] if bodies is None else bodies

    async def obey():
        async for command in inbox.commands():
            obeyed.append(command.kind)
            bodies.append(command.body)
            await inbox.answer(command, reply, failed=failed)

    task = asyncio.create_task(obey())
    try:
        yield obeyed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("job", JOBS)
async def test_a_job_by_hand_is_run_by_the_worker_and_its_reply_comes_back(api, desk, database, pool, method, job):
    await desk.beat()
    params = {"run": "true"} if (method, job) == ("GET", "optimize") else {}
    async with worker(database, pool) as obeyed:
        response = await api.request(method, f"/api/{job}", params=params)
    assert (response.status_code, response.json()) == (200, REPLY)
    assert obeyed == [job]


async def test_f13_the_same_key_runs_once_and_repeats_the_reply(api, desk, database, pool):
    await desk.beat()
    key = {"Idempotency-Key": "one"}
    async with worker(database, pool) as obeyed:
        replies = await asyncio.gather(*(api.post("/api/scan", headers=key) for _ in range(3)))
        assert [reply.json() for reply in replies] == [REPLY] * 3
        assert obeyed == ["scan"]
        other = await api.post("/api/monitor-positions", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_without_a_worker_it_says_so_at_once(api, desk, pool):
    response = await api.post("/api/scan")
    body = response.json()
    assert (response.status_code, body["code"], body["success"]) == (503, "worker_absent", False)
    assert "quorate up" in body["error"]
    assert response.headers["retry-after"]
    await desk.beat()
    await pool.execute("update roles set seen_at = seen_at - interval '1 hour'")
    assert (await api.post("/api/scan")).status_code == 503


async def test_a_worker_that_gives_no_reply_in_time(serve, desk):
    await desk.beat()
    api = await serve(job_timeout_s=0.1)
    response = await api.post("/api/scan")
    assert (response.status_code, response.json()["code"]) == (504, "job_timed_out")


@pytest.mark.parametrize(
    ("code", "status"),
    [("nothing_seen_yet", 503), ("too_many_waiting", 503), ("job_over_limit", 504), ("bad_input", 409)],
)
async def test_a_job_that_fails_says_why(api, desk, database, pool, code, status):
    await desk.beat()
    async with worker(database, pool, reply={"success": False, "error": "No.", "code": code}, failed=True):
        response = await api.get("/api/scan")
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body = response.json()
    assert (body["success"], body["error"], body["code"]) == (False, "No.", code)


async def test_an_outside_schedulers_call_obeys_crons_enabled(serve, desk, database, pool):
    await desk.beat()
    api = await serve()
    response = await api.get("/api/scan", headers={"x-vercel-cron": "1"})
    assert (response.status_code, response.json()) == (
        200,
        {"skipped": True, "cron": "scan", "reason": "CRONS_ENABLED is not true"},
    )
    enabled = await serve(crons_enabled=True)
    async with worker(database, pool) as obeyed:
        assert (await enabled.get("/api/scan", headers={"x-vercel-cron": "1"})).json() == REPLY
    assert obeyed == ["scan"]


@pytest.mark.parametrize("job", JOBS)
async def test_the_cron_secret_is_needed_where_it_is_set(serve, desk, job):
    api = await serve(cron_secret="a-secret")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"x-vercel-cron": "1"}):
        response = await api.post(f"/api/{job}", headers=headers)
        body = response.json()
        assert (response.status_code, body["code"], body["success"]) == (401, "cron_secret_needed", False)
    response = await api.get(f"/api/{job}", headers={"x-vercel-cron": "1", "Authorization": "Bearer a-secret"})
    assert response.json() == {"skipped": True, "cron": job, "reason": "CRONS_ENABLED is not true"}


async def test_the_cron_secret_opens_the_jobs_and_nothing_else_where_there_is_a_token(serve):
    api = await serve(cron_secret="a-secret", token="a-token-of-some-length")
    secret = {"Authorization": "Bearer a-secret", "x-vercel-cron": "1"}
    assert (await api.get("/api/scan", headers=secret)).json()["skipped"] is True
    assert (await api.get("/v1/signals", headers=secret)).status_code == 401


async def test_a_key_that_is_no_key(api):
    response = await api.post("/api/scan", headers={"Idempotency-Key": "with space"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "idempotency-key")


@pytest.mark.parametrize("body", [b'{"pairs": ["BTC/USDT"]}', b"[]", b"null", b"{", b"\xff\xfe", b"run=true"])
async def test_a_job_refuses_a_body_that_it_would_leave_undone(api, desk, body):
    await desk.beat()

    async def chunks():
        for place in range(0, len(body), 3):
            yield body[place : place + 3]

    for content in (body, chunks()):
        response = await api.post("/api/scan", content=content)
        told = response.json()
        assert (response.status_code, told["code"], told["success"]) == (400, "invalid_body", False)


@pytest.mark.parametrize("body", [b"", b"{}", b" { }\n"])
async def test_an_empty_body_asks_for_nothing_more(api, desk, database, pool, body):
    await desk.beat()
    async with worker(database, pool):
        assert (await api.post("/api/scan", content=body)).json() == REPLY


async def test_an_endless_body_is_cut_off(api, desk):
    await desk.beat()

    async def chunks():
        for _ in range(66):
            yield b" " * 1_000

    response = await api.post("/api/scan", content=chunks())
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_an_outside_schedulers_call_of_the_optimizer_is_a_run(serve, desk, database, pool):
    await desk.beat()
    api = await serve(crons_enabled=True)
    async with worker(database, pool) as obeyed:
        assert (await api.get("/api/optimize", headers={"x-vercel-cron": "1"})).json() == REPLY
    assert obeyed == ["optimize"]


@pytest.mark.parametrize("job", JOBS)
async def test_whatever_goes_wrong_a_job_says_so_in_the_words_of_older_clients(serve, desk, job):
    api = await serve(token="a-token-of-some-length", requests_per_minute=2)
    token = {"Authorization": "Bearer a-token-of-some-length"}
    answers = [
        await api.post(f"/api/{job}"),
        await api.post(f"/api/{job}", params={"banana": 1}, headers=token),
        await api.post(f"/api/{job}", params={"account": "nobody"}, headers=token),
        await api.post(f"/api/{job}", headers=token),
    ]
    assert [answer.status_code for answer in answers] == [401, 422, 404, 429]
    for answer in answers:
        told = answer.json()
        assert (told["success"], told["error"], told["status"]) == (False, told["detail"], answer.status_code)
    assert "success" not in (await api.get("/v1/signals", params={"banana": 1}, headers=token)).json()


async def test_going_back_to_a_version_is_asked_of_the_worker_once(api, desk, database, pool):
    await desk.beat()
    reply = {"success": True, "version": 4, "revertsTo": 2, "changed": True, "elapsedMs": 3}
    key, bodies = {"Idempotency-Key": "back"}, []
    async with worker(database, pool, reply=reply, bodies=bodies) as obeyed:
        for _ in range(2):
            response = await api.post("/api/optimize/revert", json={"version": 2}, headers=key)
            assert (response.status_code, response.json()) == (200, reply)
        other = await api.post("/api/optimize/revert", json={"version": 1}, headers=key)
    assert (obeyed, bodies) == (["optimize-revert"], [{"version": 2}])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("wanted", [{}, {"version": -1}, {"version": "x"}, {"version": 1, "by": "me"}, []])
async def test_going_back_needs_a_version(api, desk, wanted):
    response = await api.post("/api/optimize/revert", json=wanted)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_parameters")


async def test_the_cron_secret_alone_does_not_go_back_where_there_is_a_token(serve, desk):
    api = await serve(cron_secret="a-secret", token="a-token-of-some-length")
    headers = {"Authorization": "Bearer a-secret"}
    assert (await api.post("/api/optimize/revert", json={"version": 1}, headers=headers)).status_code == 401
