"""What a model was asked and what it said, word for word, from the records that this process can read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from quorate.analysts.prompt_text import count_tokens
from quorate.api.problems import NOT_FOUND, RECORD_DAMAGED, ProblemRaised
from quorate.api.schemas.words import Answer, ModelCall, Prompt
from quorate.api.words import AskedWords, SaidWords, WordsDamaged
from quorate.domain.minds import ModelAsked
from quorate.domain.money import plain
from quorate.store.readers import entries, roles

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.words import Words

CHARS_MAX = 1_000_000
"""Characters of one text that are told."""
Found = TypeVar("Found")


class _Asked(msgspec.Struct):
    """An entry about models that were asked: the council's names several, the position manager's one."""

    asked: list[ModelAsked] | ModelAsked | None


_asked = msgspec.json.Decoder(_Asked).decode


async def prompt_of(given: Resources, account: str, digest: str, record: str | None) -> Prompt:
    """The request with this digest; a problem that says where it lies where it cannot be read here."""
    if record is None:
        rows = await entries.asked_with(given.pool, account, digest)
        if not rows:
            raise ProblemRaised(NOT_FOUND, f"No decision of account {account} was asked for with prompt {digest}.")
        models = [model for row in rows for model in models_in(row.body)]
        found = await _read(lambda: request_with(given.words, account, models, digest))
    else:
        found = await _read(lambda: _first(_request_of(given.words, account, record), digest))
    if found is None:
        raise await _elsewhere(given, account, f"prompt {digest}")
    return await asyncio.to_thread(_prompt, found)


def _prompt(found: AskedWords) -> Prompt:
    texts = (found.system, found.prompt, found.schema)
    return Prompt(
        digest=found.digest,
        record=found.record,
        template=found.template,
        system=found.system[:CHARS_MAX],
        prompt=found.prompt[:CHARS_MAX],
        answer_schema=found.schema[:CHARS_MAX],
        tokens=count_tokens(found.system) + count_tokens(found.prompt),
        cut=any(len(text) > CHARS_MAX for text in texts),
    )


async def answer_of(given: Resources, account: str, record: str) -> Answer:
    """What came of the asking that is kept under this hash."""
    said = await _read(lambda: given.words.said(account, record))
    if said is None:
        raise await _elsewhere(given, account, f"answer {record}")
    asked = await _read(lambda: given.words.asked(account, said.request))
    return _answer(said, None if asked is None else asked.digest)


def _answer(said: SaidWords, prompt: str | None) -> Answer:
    return Answer(
        record=said.record,
        prompt=prompt,
        analyst=said.analyst,
        provider=said.provider,
        model=said.model,
        temperature=None if said.temperature is None else plain(said.temperature),
        output_tokens_max=said.output_tokens_max,
        text=None if said.text is None else said.text[:CHARS_MAX],
        answered_by=said.answered_by,
        fallback=said.fallback,
        silence=said.silence,
        reason=said.reason,
        input_tokens=said.input_tokens,
        output_tokens=said.output_tokens,
        cost_usd=plain(said.cost_usd),
        latency_ms=said.latency_ms,
        calls=[
            ModelCall(
                provider=call.provider,
                model=call.model,
                status=call.status,
                fault=call.fault,
                reason=call.reason,
                cost_usd=plain(call.cost_usd),
            )
            for call in said.calls
        ],
        cut=said.text is not None and len(said.text) > CHARS_MAX,
    )


def models_in(body: str) -> Sequence[ModelAsked]:
    """The models that an entry of the journal says were asked."""
    asked = _asked(body).asked
    if asked is None:
        return ()
    return [asked] if isinstance(asked, ModelAsked) else asked


def request_with(words: Words, account: str, models: Sequence[ModelAsked], digest: str) -> AskedWords | None:
    """The request with this digest that these models were sent, where it can be read. Blocks; raises WordsDamaged."""
    return _first(_requests(words, account, models, digest), digest)


def _requests(words: Words, account: str, models: Sequence[ModelAsked], digest: str) -> Iterator[AskedWords]:
    """Requests that lie behind the askings of these models with this digest, as far as they can be read."""
    for model in models:
        for asking in model.askings:
            if asking.request == digest and asking.record:
                yield from _request_of(words, account, asking.record)
    for model in models:
        if model.prompt == digest and (record := words.unanswered(account, model)) is not None:
            yield from _request_of(words, account, record)


def _request_of(words: Words, account: str, record: str) -> Iterator[AskedWords]:
    said = words.said(account, record)
    asked = None if said is None else words.asked(account, said.request)
    if asked is not None:
        yield asked


def _first(found: Iterator[AskedWords], digest: str) -> AskedWords | None:
    return next((each for each in found if each.digest == digest), None)


async def _read(look: Callable[[], Found]) -> Found:
    """Read files beside the event loop."""
    try:
        return await asyncio.to_thread(look)
    except WordsDamaged as error:
        raise ProblemRaised(RECORD_DAMAGED, str(error)) from error


async def _elsewhere(given: Resources, account: str, what: str) -> ProblemRaised:
    """The problem that says where the words lie."""
    rows = await roles.newest(given.pool)
    worker = next((row.instance for row in rows if row.role == "worker" and row.state.account == account), None)
    place = "the desk's worker" if worker is None else f"the worker ({worker})"
    detail = (
        f"This process cannot read {what}. What models are asked and say lies beside {place}, in its data directory "
        f"under minds/desks/{account}."
    )
    return ProblemRaised(NOT_FOUND, detail)
