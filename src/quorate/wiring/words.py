"""What models were asked and said, out of the folders of records on this machine, for whoever shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from quorate.api.words import AskedWords, CallMade, SaidWords, WordsDamaged
from quorate.domain.minds import MindRequest, ModelSpec
from quorate.minds.records import FolderRecords, Outcome, RecordDamaged, ask_of
from quorate.wiring.council import DESKS, records_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from quorate.domain.minds import ModelAsked
    from quorate.settings import Settings

    Found = TypeVar("Found")

SAMPLING = re.compile(r".* temperature (?P<temperature>default|[0-9.]+), (?P<tokens>[0-9]+) tokens")
"""The end of a model's record key."""
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
"""What an account may be called: a name that is no path."""


class _Request(msgspec.Struct):
    """The record of a request."""

    digest: str
    prompt: str
    schema: str
    system: str
    template: str


_request = msgspec.json.Decoder(_Request).decode
_outcome = msgspec.json.Decoder(Outcome, strict=True).decode


@dataclass(frozen=True, slots=True)
class RecordedWords:
    """Implements the API's `Words`. An account's own folder is looked at first, then that of a replay's records."""

    folder: Callable[[str], Path]
    replayed: Path | None

    def asked(self, account: str, record: str) -> AskedWords | None:
        """The request that is kept under this hash."""
        return self._first(account, lambda records: _read_request(records, record))

    def said(self, account: str, record: str) -> SaidWords | None:
        """What came of an asking that is kept under this hash."""
        return self._first(account, lambda records: _read_outcome(records, record))

    def unanswered(self, account: str, asked: ModelAsked) -> str | None:
        """Hash under which lies what came of asking a model that gave no answer: its ask follows from the journal."""
        spec = _spec_of(asked)
        if spec is None:
            return None
        request = MindRequest(system="", prompt="", schema="", template=asked.template, digest=asked.prompt)
        ask = ask_of(spec, request)
        return self._first(account, lambda records: _bound(records, ask))

    def _first(self, account: str, look: Callable[[FolderRecords], Found | None]) -> Found | None:
        for folder in self._folders(account):
            try:
                found = look(FolderRecords(folder))
            except RecordDamaged as error:
                raise WordsDamaged(error.message) from error
            except OSError:
                continue
            if found is not None:
                return found
        return None

    def _folders(self, account: str) -> Iterator[Path]:
        if ACCOUNT.fullmatch(account):
            yield self.folder(account)
        if self.replayed is not None:
            yield self.replayed


def recorded_words(settings: Settings) -> RecordedWords:
    """The words that this process's data directory holds."""
    return RecordedWords(lambda account: records_folder(settings, account, of=DESKS), settings.minds.replay_from)


def _bound(records: FolderRecords, ask: str) -> str | None:
    binding = records.bound(ask)
    return None if binding is None else binding.record


def _read_request(records: FolderRecords, record: str) -> AskedWords | None:
    body = records.get(record)
    try:
        found = None if body is None else _request(body)
    except msgspec.MsgspecError:
        return None
    if found is None:
        return None
    return AskedWords(
        record=record,
        digest=found.digest,
        template=found.template,
        system=found.system,
        prompt=found.prompt,
        schema=found.schema,
    )


def _read_outcome(records: FolderRecords, record: str) -> SaidWords | None:
    body = records.get(record)
    try:
        found = None if body is None else _outcome(body)
    except msgspec.MsgspecError:
        return None
    if found is None:
        return None
    told, silence = found.answer, found.silence
    cost = sum((call.cost_usd for call in found.calls), Decimal(0))
    return SaidWords(
        record=record,
        request=found.request,
        analyst=found.analyst,
        provider=found.provider,
        model=found.model,
        temperature=found.temperature,
        output_tokens_max=found.output_tokens_max,
        text=None if told is None else told.text,
        answered_by=None if told is None else told.answered_by,
        fallback=told is not None and told.fallback,
        silence=None if silence is None else silence.code,
        reason=None if silence is None else silence.reason,
        input_tokens=0 if told is None else told.input_tokens,
        output_tokens=0 if told is None else told.output_tokens,
        cost_usd=cost if told is None else told.cost_usd,
        latency_ms=0 if told is None else told.latency_ms,
        calls=tuple(
            CallMade(
                provider=call.provider,
                model=call.model,
                status=call.status,
                fault=call.fault,
                reason=call.reason,
                cost_usd=call.cost_usd,
            )
            for call in found.calls
        ),
    )


def _spec_of(asked: ModelAsked) -> ModelSpec | None:
    """As much of the model's specification as its asks are known by, from the key of its record."""
    sampling = SAMPLING.fullmatch(asked.record)
    if sampling is None or not asked.prompt:
        return None
    said = sampling["temperature"]
    return ModelSpec(
        analyst=asked.analyst,
        provider=asked.provider,
        model=asked.model,
        temperature=None if said == "default" else Decimal(said),
        output_tokens_max=int(sampling["tokens"]),
    )
