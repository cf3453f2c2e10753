"""The one way to a model: with a deadline, a budget and a record, and someone to fall back on.

`Gateway.ask` comes back in time with an answer or with the reason why there is none. What goes wrong at a vendor never
leaves it as an exception; whoever is silent abstains, and costs the others nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from loguru import logger

from quorate.domain.errors import QuorateError
from quorate.domain.minds import MindAnswer, MindRequest, MindSilence, ModelSpec
from quorate.minds.admission import Admission, AdmissionState, Timepiece
from quorate.minds.budget import Budget, Reservation, SpendBook, Spending
from quorate.minds.providers import protocol
from quorate.minds.providers.protocol import Envelope, Fault, Received, Reply, VendorProtocol
from quorate.minds.providers.vendors import protocol_of
from quorate.minds.records import (
    RECORD_VERSION,
    Call,
    Outcome,
    RecordStore,
    Told,
    ask_of,
    hash_of,
    keep,
    read_outcome,
    request_body,
    spoken,
)
from quorate.minds.settings import KEY_VARIABLES, KEYLESS, MindSettings, ProviderSettings
from quorate.minds.transport import Scrubber, open_client, post

if TYPE_CHECKING:
    import httpx

FINAL = frozenset({protocol.REFUSED, protocol.OVER_BUDGET})
"""After these nobody is asked in a model's place: it has spoken, or the money is gone."""
WAITS = frozenset({429, 503, 529})
"""HTTP statuses with which Retry-After has a meaning."""
RECORDING_SHARE, RECORDING_S_MIN, RECORDING_S_MAX = 0.05, 0.05, 1.0
"""What is kept back of a deadline to write the record of what was said."""
UNASKED_S = 0.25
"""What writing down may take where there is no time to ask anybody."""
PROSE_BYTES_PER_TOKEN = 4
"""A text takes hardly fewer tokens than this: one that is too long by it does not fit."""
RECEIVED_CHARS_MAX = 2_000
"""How much of a failing reply is recorded; an answering one is recorded whole."""


@dataclass(slots=True)
class _Line:
    """One provider, ready to be called."""

    name: str
    settings: ProviderSettings
    protocol: VendorProtocol
    admission: Admission


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One ask under way."""

    spec: ModelSpec
    request: MindRequest
    started: float
    until: float
    """On the event loop's clock."""
    calls: list[Call] = field(default_factory=list[Call])

    @property
    def cost_usd(self) -> Decimal:
        return sum((call.cost_usd for call in self.calls), Decimal(0))

    def silence(self, code: str, reason: str) -> MindSilence:
        return MindSilence(analyst=self.spec.analyst, code=code, reason=reason, cost_usd=self.cost_usd)


class Gateway:
    """Asks models over HTTP. Implements the desk's `Mind`."""

    def __init__(
        self,
        settings: MindSettings,
        *,
        records: RecordStore,
        spending: SpendBook,
        clock: Timepiece,
        chance: Callable[[], float],
        client: httpx.AsyncClient | None = None,
    ) -> None:
        """`chance` draws uniformly from 0 to 1, for waits that do not meet."""
        self._call = settings.call
        self._records = records
        self._book = spending
        self._clock = clock
        self._chance = chance
        self._client = client or open_client(connect_s=settings.call.connect_s)
        self._scrub = Scrubber(settings.secrets())
        self._budget = Budget(settings.budget, spending, bytes_per_token=settings.call.bytes_per_token)
        self._fallbacks = settings.fallbacks()
        self._lines = {
            name: _Line(name, provider, protocol_of(provider), Admission(name, provider, clock))
            for name, provider in settings.providers.items()
        }
        self._saving = asyncio.Lock()

    async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
        """The model's answer, or why there is none; the same question is answered from its record.

        Where there is no time, nobody is asked; that is on record as well, so that a replay hears the same.
        """
        recording_s = min(max(deadline_s * RECORDING_SHARE, RECORDING_S_MIN), RECORDING_S_MAX)
        until = asyncio.get_running_loop().time() + deadline_s - recording_s
        asking = _Asking(spec=spec, request=request, started=self._clock.monotonic(), until=until)
        too_late = f"no answer within {deadline_s:g} s"
        try:
            async with asyncio.timeout(max(deadline_s, UNASKED_S)):
                said = await self._on_record(asking, too_late=too_late)
        except TimeoutError:
            said = asking.silence(protocol.TIMEOUT, too_late)
        except (OSError, QuorateError) as error:
            said = asking.silence(protocol.UNAVAILABLE, f"its record or spending cannot be kept: {error}")
        if isinstance(said, MindSilence):
            logger.info("{} is silent ({}): {}", said.analyst, said.code, said.reason)
        return said

    def states(self) -> Mapping[str, AdmissionState]:
        """How things stand with each provider, for health and metrics."""
        return {name: line.admission.state for name, line in self._lines.items()}

    def spent_today(self) -> Spending:
        """What was spent on this UTC day, reservations included; raises `SpendingUnreadable`."""
        return replace(self._budget.spent(self._clock.now_ms()))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _on_record(self, asking: _Asking, *, too_late: str) -> MindAnswer | MindSilence:
        spec, request = asking.spec, asking.request
        if self._scrub.finds(request.system, request.prompt, request.schema):
            return asking.silence(protocol.BAD_REQUEST, "the prompt holds a key of ours and is not sent")
        try:
            body, ask = request_body(request), ask_of(spec, request)
        except UnicodeEncodeError:
            return asking.silence(protocol.BAD_REQUEST, "the prompt holds text that cannot be encoded")
        if (known := await asyncio.to_thread(self._known, ask, hash_of(body))) is not None:
            return known
        request_record = await asyncio.to_thread(self._records.put, body)
        said = asking.silence(protocol.TIMEOUT, too_late)
        try:
            if asking.until > asyncio.get_running_loop().time():
                async with asyncio.timeout_at(asking.until):
                    said = await self._chain(asking)
        except TimeoutError:
            said = asking.silence(protocol.TIMEOUT, too_late)
        except asyncio.CancelledError:
            # Cut off from outside, in the middle of a call: whoever cut it off went on without an answer.
            with suppress(OSError, QuorateError):
                keep(self._records, ask, _outcome(asking, asking.silence(protocol.TIMEOUT, too_late), request_record))
            raise
        outcome = _outcome(asking, said, request_record)
        await self._save_spending()
        return spoken(outcome, await asyncio.to_thread(keep, self._records, ask, outcome))

    def _known(self, ask: str, request_record: str) -> MindAnswer | MindSilence | None:
        binding = self._records.bound(ask)
        if binding is None or not binding.answered:
            return None
        outcome = read_outcome(self._records, binding.record)
        return spoken(outcome, binding.record) if outcome.request == request_record else None

    async def _chain(self, asking: _Asking) -> Told | MindSilence:
        """The panel's model, then whoever stands behind it, until one answers."""
        models = (asking.spec, *self._fallbacks.get(asking.spec.analyst, ()))
        faults: list[tuple[ModelSpec, Fault]] = []
        for place, model in enumerate(models):
            result = await self._model(asking, model, last=place == len(models) - 1)
            if isinstance(result, Reply):
                return self._told(asking, model, result, stepped_in=place > 0)
            faults.append((model, result))
            if result.code in FINAL:
                break
        reason = "; ".join(f"{model.provider}/{model.model}: {fault.reason}" for model, fault in faults)
        return asking.silence(faults[0][1].code, reason)

    async def _model(self, asking: _Asking, model: ModelSpec, *, last: bool) -> Reply | Fault:
        """One model, with its share of the time where another stands behind it."""
        now = asyncio.get_running_loop().time()
        until = asking.until if last else now + (asking.until - now) * self._call.own_share
        line = self._lines.get(model.provider)
        if line is None:
            return Fault(code=protocol.UNAVAILABLE, reason=f"there is no provider {model.provider} in minds.providers")
        if (unfit := _unfit(line, model, asking.request)) is not None:
            return unfit
        try:
            # The last one's time ends with the ask's own.
            async with asyncio.timeout_at(None if last else until):
                return await self._attempts(asking, line, model, until)
        except TimeoutError:
            return Fault(code=protocol.TIMEOUT, reason=f"no answer within its {until - now:.1f} s")

    async def _attempts(self, asking: _Asking, line: _Line, model: ModelSpec, until: float) -> Reply | Fault:
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            result = await self._once(asking, line, model, until)
            attempt += 1
            if isinstance(result, Reply) or not result.passing or attempt == self._call.attempts:
                return result
            wait_s = result.retry_after_s
            if wait_s is None:
                longest = min(self._call.backoff_s * 2 ** (attempt - 1), self._call.backoff_s_max)
                wait_s = longest * self._chance()
            if loop.time() + wait_s >= until:
                return replace(result, reason=f"{result.reason} (wait {wait_s:.1f} s, later than this deadline)")
            await self._clock.sleep(wait_s)

    async def _once(self, asking: _Asking, line: _Line, model: ModelSpec, until: float) -> Reply | Fault:
        loop = asyncio.get_running_loop()
        async with line.admission.turn(model.model, lambda: until - loop.time()) as fault:
            if fault is not None:
                return fault
            reservation = self._budget.reserve(model, asking.request, now_ms=self._clock.now_ms())
            if isinstance(reservation, Fault):
                return reservation
            try:
                await self._save_spending()
            except BaseException:
                reservation.settle(read=0, written=0)
                raise
            envelope = line.protocol.compose(model, asking.request)
            sent_s = self._clock.monotonic()
            try:
                received = await post(self._client, envelope, bytes_max=self._call.reply_bytes_max, scrub=self._scrub)
            except asyncio.CancelledError:
                late = Fault(code=protocol.TIMEOUT, reason="no answer in time")
                line.admission.failed(late.reason)
                asking.calls.append(_call(line, model, envelope, late, late, cost_usd=reservation.usd))
                raise
            if isinstance(received, Received):
                line.admission.replied(self._clock.monotonic() - sent_s)
            result = self._read(line, model, received)
            cost_usd = _settle(reservation, result)
            asking.calls.append(_call(line, model, envelope, received, result, cost_usd=cost_usd))
            if isinstance(result, Fault):
                return result
            return replace(result, input_tokens=reservation.read, output_tokens=reservation.written)

    def _read(self, line: _Line, model: ModelSpec, received: Received | Fault) -> Reply | Fault:
        """What a reply says, and what it means for the next call."""
        if isinstance(received, Fault):
            line.admission.failed(received.reason)
            return received
        result = line.protocol.read(received)
        if isinstance(result, Reply):
            line.admission.worked()
            # A key may come back in an escaped form that only reading brings to light.
            return replace(result, text=self._scrub.text(result.text), model=self._scrub.text(result.model))
        wait_s = _retry_after_s(received.headers, self._clock.now_ms()) if received.status in WAITS else None
        fault = replace(
            result,
            reason=self._scrub.text(result.reason),
            retry_after_s=result.retry_after_s if wait_s is None else wait_s,
        )
        if fault.code == protocol.UNAVAILABLE:
            line.admission.failed(fault.reason)
        elif fault.code != protocol.RATE_LIMITED:
            line.admission.worked()
        if fault.passing and fault.retry_after_s is not None:
            line.admission.hold(model.model, fault.retry_after_s)
        return fault

    def _told(self, asking: _Asking, model: ModelSpec, reply: Reply, *, stepped_in: bool) -> Told:
        latency_s = self._clock.monotonic() - asking.started
        return Told(
            analyst=asking.spec.analyst,
            answered_by=f"{model.provider}/{reply.model or model.model}",
            fallback=stepped_in or not protocol.same_model(model.model, reply.model),
            text=reply.text,
            input_tokens=reply.input_tokens or 0,
            output_tokens=reply.output_tokens or 0,
            cost_usd=asking.cost_usd,
            latency_ms=round(latency_s * 1_000),
        )

    async def _save_spending(self) -> None:
        async with self._saving:
            await asyncio.to_thread(_save, self._book, self._budget.figures())


def _outcome(asking: _Asking, said: Told | MindSilence, request_record: str) -> Outcome:
    spec = asking.spec
    return Outcome(
        version=RECORD_VERSION,
        request=request_record,
        analyst=spec.analyst,
        provider=spec.provider,
        model=spec.model,
        temperature=spec.temperature,
        output_tokens_max=spec.output_tokens_max,
        calls=tuple(asking.calls),
        answer=said if isinstance(said, Told) else None,
        silence=said if isinstance(said, MindSilence) else None,
    )


def _save(book: SpendBook, figures: tuple[tuple[str, Decimal, int], ...]) -> None:
    for day, usd, tokens in figures:
        book.save(day, usd, tokens)


def _unfit(line: _Line, model: ModelSpec, request: MindRequest) -> Fault | None:
    """Why there is no sense in calling this model with this request."""
    kind = line.settings.kind
    if not line.settings.key and kind not in KEYLESS:
        names = " or ".join((*KEY_VARIABLES.get(kind, ()), f"minds.providers.{line.name}.key"))
        return Fault(code=protocol.NO_KEY, reason=f"{line.name} has no key: set {names}")
    if line.settings.key and not (line.settings.key.isascii() and line.settings.key.isprintable()):
        return Fault(code=protocol.WRONG_KEY, reason=f"the key of {line.name} holds characters that no key has")
    tokens = len((request.system + request.prompt).encode()) // PROSE_BYTES_PER_TOKEN + model.output_tokens_max
    if tokens > model.context_tokens:
        why = f"prompt and answer take {tokens} tokens or more, the window has {model.context_tokens}"
        return Fault(code=protocol.BAD_REQUEST, reason=why)
    return None


def _settle(reservation: Reservation, result: Reply | Fault) -> Decimal:
    """The cost of a call; its worst case where nobody says."""
    if isinstance(result, Fault) and result.free:
        return reservation.settle(read=0, written=0)
    read, written = result.input_tokens, result.output_tokens
    return reservation.settle(
        read=reservation.read if read is None else read, written=reservation.written if written is None else written
    )


def _call(
    line: _Line,
    model: ModelSpec,
    envelope: Envelope,
    received: Received | Fault,
    result: Reply | Fault,
    *,
    cost_usd: Decimal,
) -> Call:
    body = received.body.decode("utf-8", "replace") if isinstance(received, Received) else ""
    failed = isinstance(result, Fault)
    return Call(
        provider=line.name,
        model=model.model,
        sent=hash_of(envelope.body),
        status=received.status if isinstance(received, Received) else None,
        fault=result.code if failed else None,
        reason=result.reason if failed else None,
        received=body[:RECEIVED_CHARS_MAX] if failed else body,
        cost_usd=cost_usd,
    )


def _retry_after_s(headers: Mapping[str, str], now_ms: int) -> float | None:
    """What Retry-After says, in seconds or as a date; None where it says nothing sensible."""
    said = headers.get("retry-after", "").strip()
    try:
        if exact := headers.get("retry-after-ms"):
            seconds = float(exact) / 1_000
        else:
            seconds = float(said) if said[:1].isdigit() else parsedate_to_datetime(said).timestamp() - now_ms / 1_000
    except (ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
