"""The outermost layer: one plain ASGI callable around API, streams and page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from loguru import logger
from starlette.exceptions import HTTPException

from quorate.api.boundary import rules
from quorate.api.boundary.rate import RateLimit
from quorate.api.boundary.request import REQUEST_ID, Asked, asked_of
from quorate.api.problems import (
    BODY_TOO_LARGE,
    INTERNAL,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    RATE_LIMITED,
    ProblemRaised,
    job_words,
    log_crash,
    problem_body,
)

if TYPE_CHECKING:
    from quorate.api.resources import Resources

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY: Headers = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
EXPOSED = b"X-Request-Id, RateLimit, RateLimit-Policy, Retry-After"
CORS_METHODS = b"GET, POST, DELETE"
CORS_HEADERS = b"Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id"
CORS_AGE_S = b"600"
SLOW_S = 1.0
"""A request that took longer is worth a line in the log."""
CLIENT, HEADERS, BEGUN = "quorate.client", "quorate.headers", "quorate.begun"
"""Keys in the scope: the client that is counted, the headers a stream has to send, and that it has begun to."""
DIGITS = re.compile(r"[0-9]{1,15}")
OTHER = "other"


class Guard:
    """Lets requests in or answers them with a problem, and signs every answer.

    `streams` are raw ASGI apps by path; they find HEADERS in their scope, the headers they have to send.
    """

    def __init__(
        self, app: AsgiApp, resources: Resources, streams: Mapping[str, AsgiApp], now_s: Callable[[], float]
    ) -> None:
        self._app = app
        self._resources = resources
        self._settings = resources.settings
        self._streams = streams
        self._now_s = now_s
        self._trusted = tuple(ip_network(network) for network in self._settings.trusted_proxies)
        self._rate = RateLimit(per_minute=self._settings.requests_per_minute, clients_max=self._settings.clients_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began_s = self._now_s()
        asked = asked_of(dict(scope), self._trusted)
        given_id = asked.headers.get("x-request-id", "")
        request_id = given_id if REQUEST_ID.fullmatch(given_id) else f"q-{self._resources.new_id()}"
        scope["request_id"] = request_id
        scope[CLIENT] = asked.client
        headers: Headers = [(b"x-request-id", request_id.encode()), *SECURITY]
        answer = _Answer(send, headers)
        method, path = asked.method, asked.path
        try:
            work = self._let_in(asked, scope, receive, answer)
            # A stream stays here for minutes, and there may be thousands: nothing is kept that is not needed.
            del asked, headers
            await work
        except ProblemRaised as problem:
            problem.extra = {**job_words(path, problem.detail), **problem.extra}
            await answer.problem(problem, request_id)
        except Exception as error:  # noqa: BLE001  the last line: nothing may leave this process unanswered
            # An answer of 500 was written by the application, which has told the log already.
            if answer.status != INTERNAL.status:
                log_crash(request_id, method, path, error)
            if not answer.status and BEGUN not in scope:
                detail = "Something went wrong inside the desk. The log has it under this request id."
                await answer.problem(ProblemRaised(INTERNAL, detail), request_id)
        if BEGUN not in scope:
            self._tell(method, path, scope, status=answer.status, seconds=self._now_s() - began_s)

    def _let_in(self, asked: Asked, scope: Scope, receive: Receive, answer: _Answer) -> Awaitable[None]:
        """What has to be done to answer; raises the problem that keeps the request out."""
        rules.check(asked, self._settings)
        origin = rules.allowed_origin(asked, self._settings)
        if self._settings.origins:
            answer.headers.append((b"vary", b"Origin"))
        if origin is not None:
            answer.headers.append((b"access-control-allow-origin", origin.encode()))
            answer.headers.append((b"access-control-expose-headers", EXPOSED))
            if asked.method == "OPTIONS" and "access-control-request-method" in asked.headers:
                return answer.preflight()
        stream = self._streams.get(asked.path)
        if stream is not None:
            if asked.method != "GET":
                sentence = f"{asked.method} is not possible here."
                raise ProblemRaised(METHOD_NOT_ALLOWED, sentence, headers={"Allow": "GET"})
            scope[HEADERS] = answer.headers
            # Past this point every delivery counts: the stream sends by itself, nothing is wrapped around it.
            return stream(scope, receive, answer.raw_send)
        if rules.is_counted(asked):
            admission = self._rate.admit(asked.client, self._now_s())
            answer.headers.extend(admission.headers)
            if not admission.allowed:
                detail = f"More than {admission.limit} requests a minute. Ask again in {admission.wait_s} s."
                raise ProblemRaised(RATE_LIMITED, detail)
        return self._app(scope, self._limited(asked, receive), answer.send)

    def _limited(self, asked: Asked, receive: Receive) -> Receive:
        """`receive`, refusing more body than allowed, whether it was announced or not."""
        limit = self._settings.body_bytes_max
        announced = asked.headers.get("content-length", "")
        if DIGITS.fullmatch(announced) and int(announced) > limit:
            sentence = f"A request body may have at most {limit} bytes."
            raise ProblemRaised(BODY_TOO_LARGE, sentence, headers={"Connection": "close"})
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                # The framework's own kind: it lets no other one through while it reads a body.
                raise HTTPException(BODY_TOO_LARGE.status, headers={"Connection": "close"})
            return message

        return limited

    def _tell(self, method: str, path: str, scope: Scope, *, status: int, seconds: float) -> None:
        """Count an answer. A stream that began is not one: its length says nothing about how quick we are."""
        route = getattr(scope.get("route"), "path", None)
        label = path if path in self._streams else route if isinstance(route, str) else OTHER
        known = method if method in KNOWN_METHODS else OTHER
        self._resources.telemetry.request_answered(route=label, method=known, status=status, seconds=seconds)
        if seconds > SLOW_S:
            logger.bind(request_id=scope["request_id"]).info("{} {} took {:.1f} s", known, label, seconds)


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Answer:
    """The way out: adds the headers every answer carries, and knows whether one was begun."""

    def __init__(self, send: Send, headers: Headers) -> None:
        self.raw_send = send
        self.headers = headers
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            own = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(each for each in self.headers if each[0] not in own)]
        await self.raw_send(message)

    async def problem(self, problem: ProblemRaised, request_id: str) -> None:
        body = problem_body(
            problem.kind, problem.detail, request_id=request_id, errors=problem.errors, extra=problem.extra
        )
        headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        headers += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        self.status = 0
        await self.send({"type": "http.response.start", "status": problem.kind.status, "headers": headers})
        await self.raw_send({"type": "http.response.body", "body": body})

    async def preflight(self) -> None:
        headers = [
            (b"access-control-allow-methods", CORS_METHODS),
            (b"access-control-allow-headers", CORS_HEADERS),
            (b"access-control-max-age", CORS_AGE_S),
        ]
        await self.send({"type": "http.response.start", "status": 204, "headers": headers})
        await self.raw_send({"type": "http.response.body", "body": b""})
