"""Errors as RFC 9457 problems: one shape for everything that goes wrong, each with a stable code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from loguru import logger
from starlette.exceptions import HTTPException
from starlette.responses import Response

from quorate.api.schemas.common import Problem
from quorate.domain.errors import BadInput, QuorateError, Refused, Unavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:quorate:problem:"
RETRY_AFTER_S = 5
DATABASE_LOST: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)
"""What a query raises when the database went away."""
FIELDS_MAX = 20
"""Most single fields one problem lists."""
MESSAGE_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its stable code, its status, its title."""

    code: str
    status: int
    title: str


INVALID_PARAMETERS = Kind("invalid_parameters", 422, "Invalid parameters")
INVALID_BODY = Kind("invalid_body", 400, "Body is not valid JSON")
NOT_FOUND = Kind("not_found", 404, "Not found")
METHOD_NOT_ALLOWED = Kind("method_not_allowed", 405, "Method not allowed")
BODY_TOO_LARGE = Kind("body_too_large", 413, "Body too large")
RATE_LIMITED = Kind("rate_limited", 429, "Too many requests")
HOST_REFUSED = Kind("host_refused", 421, "Host not served here")
ORIGIN_REFUSED = Kind("origin_refused", 403, "Origin not allowed")
TOKEN_NEEDED = Kind("token_needed", 401, "Token needed")
SECOND_FACTOR_NEEDED = Kind("second_factor_needed", 403, "Second factor needed")
SECRET_NEEDED = Kind("cron_secret_needed", 401, "Secret needed")
STREAM_ID_MALFORMED = Kind("stream_id_malformed", 400, "Malformed event id")
STREAMS_FULL = Kind("streams_full", 503, "No room for another stream")
WORKER_ABSENT = Kind("worker_absent", 503, "No worker is running")
JOB_TIMED_OUT = Kind("job_timed_out", 504, "The job gave no reply in time")
JOB_FAILED = Kind("job_failed", 409, "The job did not succeed")
KEY_REUSED = Kind("idempotency_key_reused", 422, "Idempotency key used for another request")
DATABASE_UNREACHABLE = Kind("database_unreachable", 503, "Database unreachable")
TOO_MANY_RUNNING = Kind("too_many_running", 409, "Too many backtests")
NO_BACKTESTS_HERE = Kind("no_backtests_here", 503, "No backtests here")
RECORD_DAMAGED = Kind("record_damaged", 500, "Record damaged")
INTERNAL = Kind("internal", 500, "Internal error")
BAD_REQUEST = Kind("bad_request", 400, "Bad request")

JOB_PATHS = frozenset({"/api/scan", "/api/monitor-positions", "/api/evaluate-positions", "/api/optimize"})
"""Where jobs are run. Their older clients read `success` and `error`, whatever went wrong."""

_BY_STATUS = {400: BAD_REQUEST, 404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: BODY_TOO_LARGE}


class ProblemRaised(Exception):
    """Ends a request with a problem. `errors` lists (field, message), `extra` further members of the body."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


def problem_body(
    kind: Kind,
    detail: str,
    *,
    request_id: str,
    errors: Sequence[tuple[str, str]] = (),
    extra: Mapping[str, object] | None = None,
) -> bytes:
    """The problem as JSON."""
    body: dict[str, object] = {
        "type": TYPE_PREFIX + kind.code,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": kind.code,
        "request_id": request_id,
        **(extra or {}),
    }
    if errors:
        body["errors"] = [{"field": field, "message": message} for field, message in errors[:FIELDS_MAX]]
    return msgspec.json.encode(body)


def job_words(path: str, detail: str) -> dict[str, object]:
    """What a problem of a job says besides; nothing for any other path."""
    return {"success": False, "error": detail} if path in JOB_PATHS else {}


def field_problem(field: str, message: str) -> ProblemRaised:
    """One parameter that makes no sense."""
    return ProblemRaised(
        INVALID_PARAMETERS, f"The request has parameters that make no sense: {field}.", errors=[(field, message)]
    )


def documented(*kinds: Kind) -> dict[int | str, dict[str, object]]:
    """What OpenAPI says about the problems an endpoint may answer with."""
    grouped: dict[int | str, list[Kind]] = {}
    for kind in (*kinds, RATE_LIMITED, INTERNAL):
        grouped.setdefault(kind.status, []).append(kind)
    return {status: _documented_status(of_status) for status, of_status in grouped.items()}


def _documented_status(kinds: Sequence[Kind]) -> dict[str, object]:
    examples = {
        kind.code: {
            "value": {
                "type": TYPE_PREFIX + kind.code,
                "title": kind.title,
                "status": kind.status,
                "detail": f"{kind.title}.",
                "code": kind.code,
                "request_id": "q-7f3c2d5e9a104b8c",
            }
        }
        for kind in kinds
    }
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        "description": ", ".join(kind.title for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""

    async def raised(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemRaised)
        extra = {**job_words(request.url.path, error.detail), **error.extra}
        body = problem_body(error.kind, error.detail, request_id=_id_of(request), errors=error.errors, extra=extra)
        return Response(body, error.kind.status, headers=error.headers, media_type=MEDIA_TYPE)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _invalid(request, error)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = _BY_STATUS.get(error.status_code, Kind("http_error", error.status_code, str(error.detail)))
        return _response(request, kind, _sentence(kind, request), headers=error.headers)

    async def unreachable(request: Request, error: Exception) -> Response:
        logger.warning("the database cannot be reached: {}", type(error).__name__)
        detail = "The database does not answer just now. Try again in a moment; /v1/status/health says more."
        return _response(request, DATABASE_UNREACHABLE, detail, headers={"Retry-After": str(RETRY_AFTER_S)})

    async def crashed(request: Request, error: Exception) -> Response:
        log_crash(_id_of(request), request.method, request.url.path, error)
        return _response(
            request, INTERNAL, "Something went wrong inside the desk. The log has it under this request id."
        )

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, QuorateError)
        return _response(request, kind_of(error), str(error))

    app.add_exception_handler(ProblemRaised, raised)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(QuorateError, known)
    for lost in DATABASE_LOST:
        app.add_exception_handler(lost, unreachable)
    app.add_exception_handler(Exception, crashed)


def kind_of(error: QuorateError) -> Kind:
    """The problem that stands for an operating error of the desk."""
    if isinstance(error, BadInput):
        return Kind(error.code, 422, "Bad input")
    if isinstance(error, Refused):
        return Kind(error.code, 409, "Refused")
    if isinstance(error, Unavailable):
        return Kind(error.code, 503, "Unavailable")
    return Kind(error.code, 500, "Error")


def log_crash(request_id: str, method: str, path: str, error: BaseException) -> None:
    """Write an unexpected error down with its trace; the client learns only the request id."""
    logger.opt(exception=error).bind(request_id=request_id).error("{} {} failed", method, path)


def _response(
    request: Request,
    kind: Kind,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    extra = job_words(request.url.path, detail)
    body = problem_body(kind, detail, request_id=_id_of(request), errors=errors, extra=extra)
    return Response(body, kind.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _id_of(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


def _sentence(kind: Kind, request: Request) -> str:
    if kind is NOT_FOUND:
        return f"There is nothing at {request.url.path[:MESSAGE_CHARS_MAX]}."
    if kind is METHOD_NOT_ALLOWED:
        return f"{request.method} is not possible here."
    return f"{kind.title}."


def field_faults(faults: Sequence[Mapping[str, Any]], *, skip: int = 0) -> tuple[str, list[tuple[str, str]]]:
    """What pydantic found, as (names of the fields, [(field, message)]), without `skip` leading parts of each place."""
    errors = [
        (".".join(str(part) for part in fault["loc"][skip:]) or str(fault["loc"][0]), _words(fault)) for fault in faults
    ]
    names = ", ".join(dict.fromkeys(field for field, _ in errors[:FIELDS_MAX]))
    return names[:MESSAGE_CHARS_MAX], errors


def _invalid(request: Request, error: RequestValidationError) -> Response:
    faults = error.errors()
    if any(fault.get("type") == "json_invalid" for fault in faults):
        return _response(request, INVALID_BODY, "The body is not valid JSON.")
    names, errors = field_faults(faults, skip=1)
    detail = f"The request has parameters that make no sense: {names}."
    return _response(request, INVALID_PARAMETERS, detail, errors=errors)


def _words(fault: Mapping[str, object]) -> str:
    if fault.get("type") == "extra_forbidden":
        return "There is no such parameter."
    return str(fault.get("msg", ""))[:MESSAGE_CHARS_MAX]
