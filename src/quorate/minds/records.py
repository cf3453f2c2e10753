"""What was asked and what was said, word for word, under its own hash; and a mind that answers from it.

Two kinds of record, both canonical JSON (UTF-8, sorted keys, no spaces, decimals as text) named by its SHA-256:

- a *request*: the texts that every model of a cycle reads, stored before anyone is asked;
- an *outcome*: who was asked with which settings, each call with the provider's reply, and the answer or the silence.

An *ask* is the record key of a model together with the request's digest; it points to its outcome. So the same
question to the same model has one answer: a desk that repeats a step after a crash hears what it heard before, and a
replay needs no network. Where the very same is asked once more on purpose, its ordinal makes it another ask.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from quorate.domain.errors import BadInput
from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.files import write_whole

if TYPE_CHECKING:
    from quorate.domain.minds import MindRequest, ModelSpec

RECORD_VERSION = 1
RECORD_BYTES_MAX = 64_000_000
GZIP_LEVEL = 3
"""A third of the time of level 6 for a tenth more bytes."""
canonical = msgspec.json.Encoder(order="sorted", decimal_format="string").encode


class RecordMissing(BadInput):
    """A replay asks for what was never recorded."""

    code = "record_missing"


class RecordDamaged(BadInput):
    """A record is not what its hash says."""

    code = "record_damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP call and what came of it."""

    provider: str
    model: str
    sent: str
    """SHA-256 of the bytes that were sent."""
    status: int | None
    """None where no reply came."""
    fault: str | None
    reason: str | None
    received: str
    """The reply as it came, without keys."""
    cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer without the hash of the record it is in."""

    analyst: str
    answered_by: str
    fallback: bool
    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    latency_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an ask. Either `answer` or `silence` is there."""

    version: int
    request: str
    """Hash of the request's record."""
    analyst: str
    provider: str
    model: str
    temperature: Decimal | None
    output_tokens_max: int
    calls: tuple[Call, ...]
    answer: Told | None
    silence: MindSilence | None


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an ask's outcome lies."""

    record: str
    answered: bool


class RecordStore(Protocol):
    """Where records lie. Every method may raise OSError."""

    def put(self, body: bytes) -> str:
        """Keep a record; gives its hash. Keeping it twice changes nothing."""
        ...

    def get(self, record: str) -> bytes | None:
        """The record under that hash, None where there is none; raises `RecordDamaged`."""
        ...

    def bind(self, ask: str, binding: Binding) -> None:
        """Let the ask point to its outcome."""
        ...

    def bound(self, ask: str) -> Binding | None:
        """Where the ask points to."""
        ...


class MemoryRecords:
    """Records that end with the process."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}
        self._asks: dict[str, Binding] = {}

    def put(self, body: bytes) -> str:
        """Keep a record."""
        record = hash_of(body)
        self._bodies[record] = body
        return record

    def get(self, record: str) -> bytes | None:
        """The record, as it was put."""
        return self._bodies.get(record)

    def bind(self, ask: str, binding: Binding) -> None:
        """Let the ask point to its outcome."""
        self._asks[ask] = binding

    def bound(self, ask: str) -> Binding | None:
        """Where the ask points to."""
        return self._asks.get(ask)


class FolderRecords:
    """One compressed file a record, one small file an ask, each written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, body: bytes) -> str:
        """Keep a record; the file's bytes depend on nothing but the record's."""
        record = hash_of(body)
        path = self._record_path(record)
        if not path.exists():
            write_whole(path, gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0))
        return record

    def get(self, record: str) -> bytes | None:
        """The record, checked against its hash."""
        try:
            with gzip.open(self._record_path(record)) as file:
                body = file.read(RECORD_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise _damaged(record) from error
        if len(body) > RECORD_BYTES_MAX or hash_of(body) != record:
            raise _damaged(record)
        return body

    def bind(self, ask: str, binding: Binding) -> None:
        """Let the ask point to its outcome."""
        word = "answer" if binding.answered else "silence"
        write_whole(self._ask_path(ask), f"{word} {binding.record}\n".encode())

    def bound(self, ask: str) -> Binding | None:
        """Where the ask points to."""
        try:
            words = self._ask_path(ask).read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise _damaged(ask) from error
        if len(words) != 2 or words[0] not in {"answer", "silence"} or len(words[1]) != 64:
            raise _damaged(ask)
        return Binding(words[1], words[0] == "answer")

    def _record_path(self, record: str) -> Path:
        return self._folder / "records" / record[:2] / f"{record[2:]}.json.gz"

    def _ask_path(self, ask: str) -> Path:
        return self._folder / "asks" / ask[:2] / ask[2:]


class ReplayMind:
    """Answers as it was answered then: the same values, from records alone.

    Where nothing was recorded it raises `RecordMissing`: a replay that went on with an invented silence would be none.
    """

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
        """What the model answered, or why it did not."""
        del deadline_s
        ask = ask_of(spec, request)
        binding = self._records.bound(ask)
        if binding is None:
            again = ", asked once more" if request.ordinal else ""
            raise RecordMissing(
                f"No answer of {spec.analyst} ({spec.provider}/{spec.model}) at slot {request.cycle or '-'}{again} is "
                f"recorded (request {request.digest}, ask {ask}).",
                hint="Replay the same candles with the settings and the folder of records of one whole run.",
            )
        outcome = read_outcome(self._records, binding.record)
        if outcome.request != hash_of(request_body(request)):
            raise RecordDamaged(f"Ask {ask} was recorded for another request than {request.digest}.")
        return spoken(outcome, binding.record)


def hash_of(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def request_body(request: MindRequest) -> bytes:
    """The record of a request. The slot it is asked for is no part of it."""
    return canonical(
        {
            "digest": request.digest,
            "prompt": request.prompt,
            "schema": request.schema,
            "system": request.system,
            "template": request.template,
            "version": RECORD_VERSION,
        }
    )


def ask_of(spec: ModelSpec, request: MindRequest) -> str:
    """The id of an ask: the model's record key (who, template, sampling settings) and the request's digest."""
    temperature = None if spec.temperature is None else f"{spec.temperature.normalize():f}"
    key: dict[str, str | int | None] = {
        "analyst": spec.analyst,
        "digest": request.digest,
        "model": spec.model,
        "output_tokens_max": spec.output_tokens_max,
        "provider": spec.provider,
        "template": request.template,
        "temperature": temperature,
    }
    if request.ordinal:
        key["ordinal"] = request.ordinal
    return hash_of(canonical(key))


def read_outcome(records: RecordStore, record: str) -> Outcome:
    """The outcome under that hash; raises `RecordMissing` or `RecordDamaged`."""
    body = records.get(record)
    if body is None:
        raise RecordMissing(f"Record {record} is missing.", hint="Restore the folder of records from a backup.")
    try:
        outcome = _decode(body)
    except msgspec.MsgspecError as error:
        raise _damaged(record) from error
    if (outcome.answer is None) == (outcome.silence is None) or outcome.version != RECORD_VERSION:
        raise _damaged(record)
    return outcome


def spoken(outcome: Outcome, record: str) -> MindAnswer | MindSilence:
    """The answer or the silence of an outcome, as it was given."""
    told = outcome.answer
    if told is None:
        assert outcome.silence is not None
        return outcome.silence
    return MindAnswer(
        analyst=told.analyst,
        answered_by=told.answered_by,
        fallback=told.fallback,
        text=told.text,
        input_tokens=told.input_tokens,
        output_tokens=told.output_tokens,
        cost_usd=told.cost_usd,
        latency_ms=told.latency_ms,
        record=record,
    )


def keep(records: RecordStore, ask: str, outcome: Outcome) -> str:
    """Keep an outcome and bind the ask to it; the first answer to an ask stays the one, a silence gives way to it."""
    record = records.put(canonical(outcome))
    binding = records.bound(ask)
    if binding is None or (outcome.answer is not None and not binding.answered):
        records.bind(ask, Binding(record, outcome.answer is not None))
    return record


_decode = msgspec.json.Decoder(Outcome, strict=True).decode


def _damaged(name: str) -> RecordDamaged:
    return RecordDamaged(f"Record {name} is damaged.", hint="Restore the folder of records from a backup.")
