"""Runs a job on somebody's call: through the inbox to whichever process is the worker, and back with its reply."""

from __future__ import annotations

import asyncio
import hmac
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
from fastapi import Header
from starlette.responses import Response

from quorate.api.accounts import account_for
from quorate.api.problems import (
    DATABASE_UNREACHABLE,
    INVALID_BODY,
    INVALID_PARAMETERS,
    JOB_FAILED,
    JOB_TIMED_OUT,
    KEY_REUSED,
    NOT_FOUND,
    SECRET_NEEDED,
    WORKER_ABSENT,
    Kind,
    ProblemRaised,
    documented,
)
from quorate.api.schemas.jobs import JobFailure
from quorate.store.readers import inbox, roles

if TYPE_CHECKING:
    from starlette.requests import Request

    from quorate.api.resources import Resources
    from quorate.api.schemas.jobs import JobCall, JobName
    from quorate.api.settings import ApiSettings

PROBLEMS: dict[int | str, dict[str, Any]] = {
    **documented(
        INVALID_PARAMETERS,
        INVALID_BODY,
        NOT_FOUND,
        KEY_REUSED,
        SECRET_NEEDED,
        DATABASE_UNREACHABLE,
        WORKER_ABSENT,
        JOB_TIMED_OUT,
    ),
    409: {"description": "The job did not succeed", "model": JobFailure},
}
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="The same key gives the same run and the same reply, however often it is sent.",
    ),
]
CRON_HEADER = "x-vercel-cron"
FIRST_LOOK_S = 0.02
LOOK_S_MAX = 0.25
"""The reply is looked for at growing intervals up to this one."""
RETRY_AFTER_S = 10
_STATUS = {"worker_absent": 503, "nothing_seen_yet": 503, "too_many_waiting": 503, "job_over_limit": 504}
"""Codes of the worker that say something else than that the job did not succeed."""


async def call(request: Request, given: Resources, job: JobName, *, named: str | None, key: str | None) -> Response:
    """Answer somebody's call of a job: check who calls, whether such calls are switched on, then run it."""
    check_secret(given.settings, request.headers)
    stays_out = skipped(given.settings, job, request.headers)
    if stays_out is not None:
        return stays_out
    await _no_body(request)
    return await run(given, job, account=await account_for(given, named), key=key)


async def revert(request: Request, given: Resources, version: int, *, named: str | None, key: str | None) -> Response:
    """Have the worker go back to an earlier version of the optimizer's configuration."""
    check_secret(given.settings, request.headers)
    account = await account_for(given, named)
    return await run(given, "optimize-revert", account=account, key=key, body={"version": version})


def from_scheduler(headers: Mapping[str, str]) -> bool:
    """Whether an outside scheduler sent this."""
    return headers.get(CRON_HEADER) == "1"


async def _no_body(request: Request) -> None:
    """Refuse a body with anything in it: what it asks for would be silently left undone."""
    body = (await request.body()).strip()
    if body and b"".join(body.split()) != b"{}":
        raise _problem(INVALID_BODY, "A job takes no body; send none, or {}.", {})


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
    if not from_scheduler(headers) or settings.crons_enabled:
        return None
    reply = {"skipped": True, "cron": job, "reason": "CRONS_ENABLED is not true"}
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def run(
    given: Resources, job: JobCall, *, account: str, key: str | None, body: Mapping[str, object] | None = None
) -> Response:
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
        account=account, kind=job, body=body or {}, requested_by="api", key=key if key is not None else given.new_id()
    )
    asked = await inbox.ask(given.pool, request, id_=uuid.UUID(bytes=_id_bytes(given)))
    if asked.kind != job or asked.body != request.body:
        raise _problem(KEY_REUSED, f"The idempotency key was used for another {asked.kind}; use a fresh one.", {})
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


async def _reply(given: Resources, job: JobCall, asked: inbox.Answer) -> inbox.Answer:
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
    status = _STATUS.get(code, JOB_FAILED.status)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == WORKER_ABSENT.status else {}
    return _problem(Kind(code, status, JOB_FAILED.title), str(found.get("error", "The job failed.")), headers)


def _problem(kind: Kind, detail: str, headers: dict[str, str]) -> ProblemRaised:
    """A problem that older clients of the jobs understand too: they read `success` and `error`."""
    return ProblemRaised(kind, detail, headers=headers, extra={"success": False, "error": detail})
