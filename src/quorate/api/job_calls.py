"""Runs a job on somebody's call: through the inbox to whichever process is the worker, and back with its reply."""

from __future__ import annotations

import asyncio
import hmac
import uuid
from typing import TYPE_CHECKING, Any, cast

import msgspec
from starlette.responses import Response

from quorate.api.problems import (
    JOB_FAILED,
    JOB_TIMED_OUT,
    KEY_REUSED,
    SECRET_NEEDED,
    WORKER_ABSENT,
    Kind,
    ProblemRaised,
)
from quorate.store.readers import inbox, roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.api.resources import Resources
    from quorate.api.schemas.jobs import JobName
    from quorate.api.settings import ApiSettings

CRON_HEADER = "x-vercel-cron"
FIRST_LOOK_S = 0.02
LOOK_S_MAX = 0.25
"""The reply is looked for at growing intervals up to this one."""
RETRY_AFTER_S = 10
_UNAVAILABLE = frozenset({"worker_absent", "nothing_seen_yet"})


def check_secret(settings: ApiSettings, headers: Mapping[str, str]) -> None:
    """With CRON_SECRET set, refuse a call that does not carry it (or the API's own token) as bearer."""
    if settings.cron_secret is None:
        return
    scheme, _, given = headers.get("authorization", "").partition(" ")
    accepted = [secret for secret in (settings.cron_secret, settings.token) if secret is not None]
    if scheme.lower() != "bearer" or not any(hmac.compare_digest(given.encode(), each.encode()) for each in accepted):
        raise _problem(SECRET_NEEDED, "This call needs CRON_SECRET as bearer token.", {"WWW-Authenticate": "Bearer"})


def skipped(settings: ApiSettings, job: JobName, headers: Mapping[str, str]) -> Response | None:
    """The reply to an outside scheduler's call while such calls are switched off; None where the job shall run."""
    if headers.get(CRON_HEADER) != "1" or settings.crons_enabled:
        return None
    reply = {"skipped": True, "cron": job, "reason": "CRONS_ENABLED is not true"}
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def run(given: Resources, job: JobName, *, account: str, key: str | None) -> Response:
    """Ask the worker of `account` to run `job` and wait for its reply, at most the job's limit.

    With `key` a repeated call waits for, or repeats, the reply of the first one.
    """
    if not await _worker_alive(given, account):
        raise _problem(
            WORKER_ABSENT,
            f"No worker of account {account} is running. Start `quorate up` or `quorate worker`.",
            {"Retry-After": str(RETRY_AFTER_S)},
        )
    request = inbox.Request(
        account=account, kind=job, body={}, requested_by="api", key=key if key is not None else given.new_id()
    )
    asked = await inbox.ask(given.pool, request, id_=uuid.UUID(bytes=_id_bytes(given)))
    if asked.kind != job:
        raise _problem(KEY_REUSED, f"The idempotency key was used for {asked.kind}; use a fresh one for {job}.", {})
    answer = await _reply(given, job, asked)
    reply = answer.reply or "{}"
    if answer.status == "failed":
        raise _failure(reply)
    return Response(reply, media_type="application/json")


def _id_bytes(given: Resources) -> bytes:
    """Sixteen bytes that nobody can guess, out of the id source that wiring gave."""
    return uuid.uuid5(uuid.NAMESPACE_OID, given.new_id()).bytes


async def _worker_alive(given: Resources, account: str) -> bool:
    return any(
        row.role == "worker" and row.state.account == account and row.age_ms <= given.settings.worker_lost_ms
        for row in await roles.newest(given.pool)
    )


async def _reply(given: Resources, job: JobName, asked: inbox.Answer) -> inbox.Answer:
    answer: inbox.Answer | None = asked
    wait_s = FIRST_LOOK_S
    try:
        async with asyncio.timeout(given.settings.job_timeout_s):
            while answer is not None and answer.status not in ("done", "failed"):
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LOOK_S_MAX)
                answer = await inbox.answer(given.pool, asked.id)
    except TimeoutError as error:
        raise _problem(
            JOB_TIMED_OUT, f"The worker gave no reply to {job} within {given.settings.job_timeout_s:g} s.", {}
        ) from error
    assert answer is not None, "requests are never deleted while somebody waits"
    return answer


def _failure(reply: str) -> ProblemRaised:
    found = cast("dict[str, Any]", msgspec.json.decode(reply))
    code = str(found.get("code", JOB_FAILED.code))
    status = 503 if code in _UNAVAILABLE else JOB_FAILED.status
    return _problem(Kind(code, status, JOB_FAILED.title), str(found.get("error", "The job failed.")), {})


def _problem(kind: Kind, detail: str, headers: dict[str, str]) -> ProblemRaised:
    """A problem that older clients of the jobs understand too: they read `success` and `error`."""
    return ProblemRaised(kind, detail, headers=headers, extra={"success": False, "error": detail})
