"""Asking one model: at most two calls inside one deadline, and an account of both."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol, TypeAlias

from quorate.analysts.answer import Fault, repair_request
from quorate.analysts.prompt_text import cut, model_name, quoted
from quorate.domain.errors import QuorateError
from quorate.domain.minds import MindAnswer, MindRequest, MindSilence, ModelSpec
from quorate.domain.money import ZERO
from quorate.domain.votes import Vote

VOTED = "voted"
ROUNDS_MAX = 2
REASON_CHARS_MAX = 200

Hear: TypeAlias = Callable[[str], tuple[Vote, ...] | Fault]
"""Reads a model's answer (`quorate.analysts.answer.read_answer`)."""


class Unreadable(Exception):
    """Reading an answer raised an error: that is the answer's doing, and must stop nobody but its model."""


class Mind(Protocol):
    """The part of the house that asks one model (see `quorate.desk.ports.Mind`)."""

    async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
        """The model's answer, or why there is none, within `deadline_s`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long the panel may take, in seconds of the wall clock: a scan as a whole has 300."""

    cycle_s: float = 120.0
    """From the question to the ballot, both calls of every model included."""
    call_s: float = 90.0
    """One call of one model."""
    least_s: float = 1.0
    """With less left nobody is asked a second time."""
    grace_s: float = 0.5
    """What a call has after its own deadline to say why it has no answer, before it is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One call: which bytes were asked, what was answered by whom at what cost, and what was wrong with it."""

    request: str
    """Digest of the request."""
    fault: str
    """Code and reason of what was wrong; empty for a sound answer."""
    record: str = ""
    """Content hash under which request and answer are stored; empty where there was no answer."""
    answered_by: str = ""
    """provider/model that really answered."""
    fallback: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = ZERO
    latency_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """What became of asking one model in one cycle."""

    analyst: str
    template: str
    """Version of the prompt it was asked with."""
    code: str
    """`voted`, or why it abstains."""
    reason: str
    """Why it abstains, in one sentence; empty where it voted and every vote was sound."""
    votes: tuple[Vote, ...] = ()
    """Its votes as it named them, rejected ones as abstentions; empty where it abstains altogether."""
    rounds: tuple[Round, ...] = ()
    stood_in: str = ""
    """provider/model that gave these votes in its place; empty where they are its own."""
    repeats: int = 0
    """Pairs on which its answer is compared with a second one to the same bytes (`quorate.analysts.repeating`)."""
    flips: int = 0
    """Those on which the second took another side."""


def abstains(spec: ModelSpec, code: str, reason: str, *, template: str = "", rounds: Sequence[Round] = ()) -> Consulted:
    """A model that has no vote in this cycle."""
    told = cut(reason, chars_max=REASON_CHARS_MAX)
    return Consulted(analyst=spec.analyst, template=template, code=code, reason=told, rounds=tuple(rounds))


async def consult(
    mind: Mind, spec: ModelSpec, request: MindRequest, *, hear: Hear, ends_s: float, deadlines: Deadlines
) -> Consulted:
    """Ask, and ask once more with the fault when the answer is not sound; `ends_s` is on the event loop's clock.

    The last answer that came decides. One that still is not sound counts as far as it is legible: votes that make no
    trade abstain, each with its reason; what cannot be read at all makes the model abstain.
    """
    rounds: list[Round] = []
    asked = request
    heard = Fault(code="timeout", reason="")
    stood_in = ""
    for place in range(ROUNDS_MAX):
        call_s = time_left(ends_s=ends_s, least_s=deadlines.least_s if place else 0.0, deadlines=deadlines)
        reply = await asked_once(mind, spec, asked, call_s=call_s, grace_s=deadlines.grace_s)
        if isinstance(reply, MindSilence):
            rounds.append(round_of(asked, reply))
            if place == 0:
                return abstains(spec, reply.code, quoted(reply.reason), template=request.template, rounds=rounds)
            break
        outcome = heard_in(reply.text, hear)
        sound = not isinstance(outcome, Fault)
        rounds.append(round_of(asked, reply, fault="" if sound else _told(outcome.code, outcome.reason)))
        stood_in = reply.answered_by if reply.fallback else ""
        if not isinstance(outcome, Fault):
            return _voted(spec, request, outcome, reason="", rounds=rounds, stood_in=stood_in)
        heard, asked = outcome, repair_request(request, outcome)
    if heard.votes:
        return _voted(spec, request, heard.votes, reason=heard.reason, rounds=rounds, stood_in=stood_in)
    return abstains(spec, heard.code, heard.reason, template=request.template, rounds=rounds)


def time_left(*, ends_s: float, least_s: float, deadlines: Deadlines) -> float:
    """Seconds that a call may take now; 0, which asks nobody, where less than `least_s` is left.

    A mind is handed that 0 all the same: it writes down that it was not asked, for a replay has all the time there is.
    """
    left_s = ends_s - deadlines.grace_s - asyncio.get_running_loop().time()
    return 0.0 if left_s < least_s else min(deadlines.call_s, max(left_s, 0.0))


async def asked_once(
    mind: Mind, spec: ModelSpec, request: MindRequest, *, call_s: float, grace_s: float
) -> MindAnswer | MindSilence:
    """One call, cut off where the mind does not keep its deadline."""
    try:
        async with asyncio.timeout(call_s + grace_s):
            return await mind.ask(spec, request, deadline_s=call_s)
    except TimeoutError:
        return MindSilence(analyst=spec.analyst, code="timeout", reason=f"No answer within {call_s:.1f} s.")


def _voted(
    spec: ModelSpec,
    request: MindRequest,
    votes: tuple[Vote, ...],
    *,
    reason: str,
    rounds: Sequence[Round],
    stood_in: str,
) -> Consulted:
    return Consulted(
        analyst=spec.analyst,
        template=request.template,
        code=VOTED,
        reason=cut(reason, chars_max=REASON_CHARS_MAX),
        votes=votes,
        rounds=tuple(rounds),
        stood_in=stood_in,
    )


def heard_in(text: str, hear: Hear) -> tuple[Vote, ...] | Fault:
    """What `hear` reads; whatever it raises is Unreadable, so that no answer passes for an error of the desk's own."""
    try:
        return hear(text)
    except QuorateError as error:
        raise Unreadable(type(error).__name__) from error


def round_of(request: MindRequest, answer: MindAnswer | MindSilence, *, fault: str = "") -> Round:
    """The account of one call; `fault` is what was wrong with an answer."""
    if isinstance(answer, MindSilence):
        return Round(request=request.digest, fault=_told(answer.code, quoted(answer.reason)), cost_usd=answer.cost_usd)
    return Round(
        request=request.digest,
        fault=fault,
        record=answer.record,
        answered_by=answer.answered_by,
        fallback=answer.fallback,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost_usd=answer.cost_usd,
        latency_ms=answer.latency_ms,
    )


def _told(code: str, reason: str) -> str:
    return f"{code}: {cut(reason, chars_max=REASON_CHARS_MAX)}"


def settled(consulted: Sequence[Consulted], specs: Sequence[ModelSpec]) -> tuple[Consulted, ...]:
    """The same with fallbacks' answers put where they belong.

    A model in whose place another answered abstains. The other was asked the very same bytes; where it sits on the
    panel itself and gave no answer of its own, this answer is its vote. Else it counts for nobody: one voice is heard
    once, and never in another's record.
    """
    final = {each.analyst: _displaced(each) if each.stood_in else each for each in consulted}
    by_name = {spec.analyst: spec for spec in specs}
    for each in consulted:
        if not each.stood_in:
            continue
        asked = by_name[each.analyst]
        for spec in specs:
            own = final[spec.analyst]
            same = f"{spec.provider}/{spec.model}" == each.stood_in and spec.temperature == asked.temperature
            if same and own.code != VOTED and own.template == each.template:
                votes = tuple(replace(vote, analyst=spec.analyst) for vote in each.votes)
                reason = f"Its answer came when {each.analyst} was asked."
                final[spec.analyst] = replace(own, code=VOTED, votes=votes, reason=reason)
                break
    return tuple(final[each.analyst] for each in consulted)


def _displaced(each: Consulted) -> Consulted:
    """A model in whose place another answered, as one that abstains."""
    reason = f"{model_name(each.stood_in)} answered in its place; a fallback's answer is nobody else's vote."
    return replace(each, code="fallback", reason=cut(reason, chars_max=REASON_CHARS_MAX), votes=())
