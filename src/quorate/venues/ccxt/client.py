"""The one place that speaks to a venue's REST interface: each request under a total deadline and the rate budget.

A request is signed once and sent once. Whatever fails is one of the port's errors before it leaves here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from quorate.domain.venue import ClockSkew, KeyFault, NotSent, VenueBusy, VenueFault
from quorate.venues.ccxt import answers, library, outcomes
from quorate.venues.ccxt.answers import Malformed
from quorate.venues.ccxt.budget import Budget, Rate
from quorate.venues.ccxt.outcomes import Declined, Errand, Meaning
from quorate.venues.ccxt.transport import HttpAnswer, HttpRequest, SocketTransport, Transport, Unanswered, Unsent
from quorate.venues.ccxt.venue_clock import MEASURED_AGAIN_S, MEASURED_MAX_S, VenueClock

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.venues.ccxt.settings import VenueSettings

T = TypeVar("T")
Parameters = Mapping[str, object] | Callable[[], Mapping[str, object]]
REQUEST_S = 30.0
"""Deadline of a request that no call of ours set one for: the library's own, when it lists the markets."""
MARKETS_S = 60.0
CLOCK_S = 5.0
ED25519_CHARS_MAX = 120
"""A private key in a longer text is an RSA key."""
SURE = (NotSent, VenueBusy, ClockSkew, KeyFault)
"""Errors that say by themselves that nothing was taken up."""
NONSENSE = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What surfaces from ccxt where an answer, or a key, has not the shape it expects: it does not check."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request a venue knows: ccxt's name for it, and what it costs under the venue's limits."""

    name: str
    cost: float = 1.0
    orders: float = 0.0
    signed: bool = True
    """Whether it needs the key, and with it the right time."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What differs between venues when they are spoken to."""

    name: str
    """As people know it."""
    judge: Callable[[HttpAnswer, object, int], outcomes.Verdict | None]
    """Reads an answer and its decoded body, at the venue's time; None for a success."""
    time: Endpoint
    read_time: Callable[[object], int]
    """The venue's clock in what `time` answered, UTC milliseconds."""
    time_step_ms: int
    """How finely it tells the time."""
    requests: Rate
    orders: Rate
    numbered: bool
    """Whether requests are numbered. Then an order that is out of time proves nothing: what stands between us and the
    venue may have sent it twice, and the answer may be that to its second copy."""
    used: Callable[[HttpAnswer], tuple[float | None, float | None]]
    """How much of `requests` and of `orders` the venue says is used; None where it does not say."""


@dataclass(slots=True)
class _Sending:
    """A call on its way through ccxt: when it is due, and whether anything was handed to the transport."""

    due_s: float
    begun: bool = False


_sending: ContextVar[_Sending | None] = ContextVar("venue_request", default=None)


class VenueClient:
    """Requests to one venue with one key."""

    def __init__(
        self, settings: VenueSettings, manners: Manners, module: Any, *, clock: Clock, transport: Transport | None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.settings = settings
        self.name = manners.name
        self.manners = manners
        self.time = VenueClock(clock.now_ms, loop.time)
        self.budget = Budget(manners.name, loop.time, requests=manners.requests, orders=manners.orders)
        self._module = module
        self.ccxt: Any = library.adapted(module, settings, fetch=self._fetch, now_us=self.time.now_us)
        self._transport: Transport = transport or SocketTransport()
        self._monotonic = loop.time
        self._measuring, self._listing = asyncio.Lock(), asyncio.Lock()
        self._heeded = False
        """Whether a numbered request was taken: before, its number may be below that of a session before ours."""

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()

    async def markets(self, *, fresh: bool = False) -> Mapping[str, Mapping[str, Any]]:
        """Every market by ccxt's name. Asked for once, or again when `fresh`. Errors: those of the port."""
        async with self._listing:  # ccxt lets all who wait for its list share the fate of the first
            if fresh or not self.ccxt.markets:
                due_s = self._monotonic() + MARKETS_S
                await self._within(self.ccxt.load_markets(fresh), Errand.QUESTION, "list its markets", due_s)
        return self.ccxt.markets

    async def ask(self, endpoint: Endpoint, parameters: Parameters, *, what: str, errand: Errand) -> Any:
        """Send one request and give its decoded answer. Errors: those of the port, as `outcomes` says.

        `what` ends the sentence "the venue did not ...". Parameters go out as they are, numbers as text; where they
        depend on the time of sending, they are made just before.
        """
        due_s = self._monotonic() + self._deadline_s(errand)
        try:
            return await self._ask_once(endpoint, parameters, what=what, errand=errand, due_s=due_s)
        except ClockSkew:
            # Surely not taken up. A cancel or a question is put once more with the time right; an order is the desk's.
            if errand.places:
                raise
            return await self._ask_once(endpoint, parameters, what=what, errand=errand, due_s=due_s)

    def signed(self, parameters: Mapping[str, object]) -> Mapping[str, object]:
        """Parameters of a request over a WebSocket, with the key and the signature that Binance wants there."""
        key, secret = self.settings.unsealed()
        words = dict(sorted({**parameters, "apiKey": key}.items()))
        query = "&".join(f"{name}={value}" for name, value in words.items())
        if "PRIVATE KEY" not in secret:
            return {**words, "signature": hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()}
        sign = self.ccxt.rsa if len(secret) > ED25519_CHARS_MAX else self.ccxt.eddsa
        kind = "sha256" if len(secret) > ED25519_CHARS_MAX else "ed25519"
        return {**words, "signature": sign(query if kind == "sha256" else query.encode(), secret, kind)}

    def _deadline_s(self, errand: Errand) -> float:
        if errand.places:
            return self.settings.place_s
        return self.settings.cancel_s if errand is Errand.CANCEL else self.settings.question_s

    async def _ask_once(
        self, endpoint: Endpoint, parameters: Parameters, *, what: str, errand: Errand, due_s: float
    ) -> Any:
        async with self._turn(endpoint, errand, what, due_s):
            if endpoint.signed:
                await self._right_time(errand)
        made = parameters() if callable(parameters) else parameters
        return await self._send(endpoint, made, errand, what, due_s)

    @contextlib.asynccontextmanager
    async def _turn(self, endpoint: Endpoint, errand: Errand, what: str, due_s: float) -> AsyncGenerator[None]:
        """Everything before a request is sent: whatever fails in here, nothing was."""
        try:
            async with asyncio.timeout_at(due_s):
                yield
                await self.budget.turn(errand, cost=endpoint.cost, orders=endpoint.orders)
        except TimeoutError as error:
            raise outcomes.unsent(errand, venue=self.name, what=what, why="its turn did not come") from error
        except SURE:
            raise
        except VenueFault as error:
            raise outcomes.unsent(errand, venue=self.name, what=what, why=error.message.rstrip(".")) from error

    async def _right_time(self, errand: Errand) -> None:
        """Know the venue's time before anything is signed with it. Errors: ClockSkew, VenueUnreachable, VenueBusy."""
        if self.time.due(MEASURED_MAX_S if errand.changes else MEASURED_AGAIN_S):
            await self.measure_time()
        if errand is not Errand.ENTRY or abs(self.time.skew_ms()) <= self.settings.skew_ms_max:
            return
        await self.measure_time()
        skew_ms = self.time.skew_ms()
        if abs(skew_ms) > self.settings.skew_ms_max:
            raise ClockSkew(
                f"This machine's clock is {abs(skew_ms):,} ms {'ahead of' if skew_ms > 0 else 'behind'} {self.name}'s; "
                f"{self.settings.skew_ms_max:,} ms are allowed.",
                hint="Set this machine's clock. Exits and cancels go on.",
            )

    async def measure_time(self) -> int:
        """Ask the venue for its time. Gives how far this machine's clock is ahead, in ms.

        Errors: VenueUnreachable, VenueBusy.
        """
        before = self.time.measurements
        async with self._measuring:
            if self.time.measurements == before:
                asked_s = self._monotonic()
                due_s = asked_s + CLOCK_S
                told = await self._send(self.manners.time, {}, Errand.QUESTION, "tell the time", due_s)
                with self.reading(Errand.QUESTION, "tell the time"):
                    venue_ms = self.manners.read_time(told)
                self.time.measured(
                    venue_ms, step_ms=self.manners.time_step_ms, asked_s=asked_s, heard_s=self._monotonic()
                )
        return self.time.skew_ms()

    @contextlib.contextmanager
    def reading(self, errand: Errand, what: str) -> Generator[None]:
        """Around the reading of an answer: nonsense proves nothing. Errors: OutcomeUnknown, VenueUnreachable."""
        try:
            yield
        except Malformed as error:
            raise outcomes.unknown(errand, venue=self.name, what=what, why=f"nonsense, {error}") from error

    async def _send(
        self, endpoint: Endpoint, parameters: Mapping[str, object], errand: Errand, what: str, due_s: float
    ) -> Any:
        call = getattr(self.ccxt, endpoint.name)
        return await self._within(call(dict(parameters)), errand, what, due_s)

    async def _within(self, call: Awaitable[T], errand: Errand, what: str, due_s: float) -> T:
        sending = _Sending(due_s)
        token = _sending.set(sending)
        try:
            return await call
        except Unsent as error:
            raise outcomes.unsent(errand, venue=self.name, what=what, why=str(error)) from error
        except Unanswered as error:
            raise outcomes.unknown(errand, venue=self.name, what=what, why=str(error)) from error
        except Malformed as error:
            raise outcomes.unknown(errand, venue=self.name, what=what, why=f"nonsense, {error}") from error
        except Declined as error:
            raise self._declined(error.verdict, errand, what) from None
        except (self._module.BaseError, *NONSENSE) as error:
            raise self._failed(error, errand, what, begun=sending.begun) from error
        finally:
            _sending.reset(token)

    def _failed(self, error: Exception, errand: Errand, what: str, *, begun: bool) -> Exception:
        """ccxt itself failed: before anything was sent it is the key that cannot be signed with, or our parameters."""
        why = type(error).__name__
        if begun:
            return outcomes.unknown(errand, venue=self.name, what=what, why=f"the answer cannot be read ({why})")
        if isinstance(error, self._module.AuthenticationError | ValueError):
            return KeyFault(f"Nothing can be signed with the key for {self.name}.", hint=outcomes.KEY_HINT)
        return outcomes.unsent(errand, venue=self.name, what=what, why=f"it cannot be put into words ({why})")

    def _declined(self, verdict: outcomes.Verdict, errand: Errand, what: str) -> Exception:
        if verdict.meaning is Meaning.BUSY:
            self.budget.back_off(verdict.retry_after_s)
        if verdict.meaning is Meaning.CLOCK:
            self.time.doubt()
            if not self._heeded:
                library.leap(self.ccxt)
            if errand.places and self.manners.numbered:
                verdict = replace(verdict, meaning=Meaning.UNKNOWN)
        return outcomes.error_of(verdict, errand, venue=self.name, what=what)

    async def _fetch(self, url: str, method: str, headers: Mapping[str, str], body: str | None) -> object:
        """What the library calls to send a signed request. Errors: Unsent, Unanswered, Malformed, Declined."""
        sending = _sending.get()
        left_s = REQUEST_S if sending is None else sending.due_s - self._monotonic()
        if left_s <= 0:
            raise Unsent("its deadline has passed")
        if sending is not None:
            sending.begun = True
        answer = await self._transport.send(HttpRequest(method, url, headers, body), deadline_s=left_s)
        for bucket, used in zip((self.budget.requests, self.budget.orders), self.manners.used(answer), strict=True):
            if used is not None:
                bucket.told(used)
        decoded: object = None
        with contextlib.suppress(Malformed):
            decoded = answers.decode(answer.text)
        verdict = self.manners.judge(answer, decoded, self.time.now_ms())
        if verdict is not None:
            raise Declined(verdict)
        self._heeded = self._heeded or any(name.lower() == "api-sign" for name in headers)
        if decoded is None:
            raise Malformed("no JSON")
        return decoded
