"""Which settings live trading was allowed with, version by version, and who has looked at them since (C27).

Each version says what changed, is signed with a key that lies sealed on this machine, and is tied to the one before it.
The record itself is plain JSON, a line each, so that anybody can read it and, with the public key, check it; how far it
goes is sealed, so that nobody can cut its end off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from quorate.accounts.private_files import FILE_BYTES_MAX, read_private, write_private
from quorate.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from quorate.accounts.sealed_file import Change, SealedFile

FILE_NAME = "settings-versions.jsonl"
KIND, SIGNING_KEY, HEAD = "settings-versions", "signing-key", "head"
SEED_BYTES = 32
KEPT_MAX = 300
"""Versions that are kept; older ones go, and the oldest that is left still says what it followed."""
BYTES_MAX = FILE_BYTES_MAX
"""Of all that is kept: beyond it the oldest go before there are KEPT_MAX."""
VALUE_CHARS_MAX = 200
WORDS_CHARS_MAX = 500
DAY_MS = 86_400_000
REVIEW_MS = 365 * DAY_MS
"""How long a review holds: rules for algorithmic trading ask for one a year."""
SETTINGS, REVIEW = "settings", "review"


class RecordBroken(Refused):
    """The record of settings is not what was signed."""

    code = "settings_record_broken"


class Changed(msgspec.Struct, frozen=True):
    """One setting that is not what it was; a value there was not, or is no more, is empty. Values are JSON."""

    name: str
    before: str
    after: str


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the record. `at_ms`: wall clock, UTC milliseconds."""

    number: int
    kind: str
    """settings: these hold from here on; review: somebody has looked at everything since the review before."""
    account: str
    digest: str
    """Of the settings, as an arming names them."""
    settings: str
    """All that a decision depends on, as JSON; empty in a review."""
    changes: tuple[Changed, ...] = ()
    by: str
    note: str = ""
    at_ms: int
    before: str
    """SHA-256 of the line before it, in hex; empty in the first."""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: msgspec.Raw
    signature: str


class _Head(msgspec.Struct, frozen=True):
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A version with what proves it."""

    version: Version
    text: bytes
    """The very bytes that were signed."""
    signature: str

    @property
    def hash(self) -> str:
        """What the next one is tied to."""
        return sha256(self.text).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Settings that live trading is to be allowed with. `settings` is their JSON, `digest` that of an arming."""

    account: str
    settings: str
    digest: str
    by: str


def adopt(file: SealedFile, path: Path, wanted: Wanted, *, now_ms: int) -> Version:
    """The version of these settings: the newest where it is theirs, else a new one.

    Errors: RecordBroken, CannotOpen, Unavailable.
    """
    with file.changing() as change:
        known = _whole(change, path)
        newest = newest_settings(known)
        if newest is not None and (newest.account, newest.digest) == (wanted.account, wanted.digest):
            return newest
        version = Version(
            number=len_of(known) + 1,
            kind=SETTINGS,
            account=wanted.account,
            digest=wanted.digest,
            settings=wanted.settings,
            changes=changes_between("{}" if newest is None else newest.settings, wanted.settings),
            by=wanted.by,
            at_ms=now_ms,
            before=known[-1].hash if known else "",
        )
        _append(change, file, path, known, version)
        return version


def review(file: SealedFile, path: Path, *, by: str, note: str, now_ms: int) -> Version:
    """Write down that a person has looked at the settings that hold and all that changed; the second factor was given.

    Errors: BadInput where there is nothing to look at, or a name or note is empty or too long; RecordBroken.
    """
    if not by.strip() or not note.strip() or max(len(by), len(note)) > WORDS_CHARS_MAX:
        raise BadInput(f"A review has a name and a note of 1 to {WORDS_CHARS_MAX} characters.")
    with file.changing() as change:
        known = _whole(change, path)
        newest = newest_settings(known)
        if newest is None:
            raise BadInput("There are no settings to review yet.", hint="`quorate live arm` makes the first version.")
        version = Version(
            number=len_of(known) + 1,
            kind=REVIEW,
            account=newest.account,
            digest=newest.digest,
            settings="",
            by=by.strip(),
            note=note.strip(),
            at_ms=now_ms,
            before=known[-1].hash,
        )
        _append(change, file, path, known, version)
        return version


def verified(file: SealedFile, path: Path) -> tuple[Signed, ...]:
    """The record, oldest first, every signature checked. Errors: RecordBroken with the first fault; CannotOpen."""
    seed, head = file.get(KIND, SIGNING_KEY), file.get(KIND, HEAD)
    return _checked(path, seed, head)


def public_key(file: SealedFile) -> str:
    """What anybody can check the record with, in hex; empty before the first version."""
    seed = file.get(KIND, SIGNING_KEY)
    return "" if seed is None else _public(seed).public_bytes_raw().hex()


def newest_settings(known: Sequence[Signed]) -> Version | None:
    """The version that holds."""
    return next((each.version for each in reversed(known) if each.version.kind == SETTINGS), None)


def reviewed_ms(known: Sequence[Signed]) -> int | None:
    """When somebody last looked at the settings; None: nobody has."""
    return next((each.version.at_ms for each in reversed(known) if each.version.kind == REVIEW), None)


def len_of(known: Sequence[Signed]) -> int:
    """How many versions there have been, those that are no longer kept included."""
    return known[-1].version.number if known else 0


def changes_between(before: str, after: str) -> tuple[Changed, ...]:
    """What differs between two settings, both JSON objects, by name: `desk.limits.collar_bps`."""
    old, new = (dict(_leaves("", msgspec.json.decode(text))) for text in (before, after))
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return tuple(Changed(name, old.get(name, ""), new.get(name, "")) for name in names)


def fault_in(known: Sequence[Signed], key: Ed25519PublicKey) -> str | None:
    """The first line that is not what was signed, or does not follow from the one before it, as a sentence."""
    for place, each in enumerate(known):
        number = each.version.number
        try:
            key.verify(bytes.fromhex(each.signature), each.text)
        except (InvalidSignature, ValueError):
            return f"version {number} of the settings is not what was signed"
        if place and (each.version.before, number) != (known[place - 1].hash, known[place - 1].version.number + 1):
            return f"version {number} of the settings does not follow from version {known[place - 1].version.number}"
    return None


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for part, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _leaves(f"{name}.{part}" if name else str(part), inner)  # pyright: ignore[reportUnknownArgumentType]
        return
    text = msgspec.json.encode(value).decode()
    # Whole code is not repeated; that it changed is seen all the same.
    short = (
        text if len(text) <= VALUE_CHARS_MAX else f"{text[:VALUE_CHARS_MAX]}… {sha256(text.encode()).hexdigest()[:8]}"
    )
    if name:
        yield name, short


def _whole(change: Change, path: Path) -> tuple[Signed, ...]:
    return _checked(path, change.get(KIND, SIGNING_KEY), change.get(KIND, HEAD))


def _checked(path: Path, seed: bytes | None, head: bytes | None) -> tuple[Signed, ...]:
    body = read_private(path)
    if seed is None or head is None:
        if body is not None:
            raise _broken(path, "this machine has not signed any of it")
        return ()
    end = msgspec.json.decode(head, type=_Head)
    # A line behind the sealed end was never finished: the process that wrote it was cut off.
    known = tuple(each for each in _read(path, body or b"") if each.version.number <= end.number)
    fault = fault_in(known, _public(seed))
    if fault is None and (not known or known[-1].hash != end.hash):
        fault = f"it ends before version {end.number} of the settings, which was the newest"
    if fault is not None:
        raise _broken(path, fault)
    return known


def _read(path: Path, body: bytes) -> Iterator[Signed]:
    for line in body.splitlines():
        try:
            told = msgspec.json.decode(line, type=_Line)
            yield Signed(msgspec.json.decode(told.version, type=Version), bytes(told.version), told.signature)
        except msgspec.MsgspecError as error:
            raise _broken(path, f"a line of it cannot be read: {error}") from error


def _append(change: Change, file: SealedFile, path: Path, known: Sequence[Signed], version: Version) -> None:
    seed = change.get(KIND, SIGNING_KEY)
    if seed is None:
        seed = file.randomness(SEED_BYTES)
        change.put(KIND, SIGNING_KEY, seed, at_ms=version.at_ms)
    text = _encode(version)
    signed = Signed(version, text, Ed25519PrivateKey.from_private_bytes(seed).sign(text).hex())
    kept = (*known, signed)[-KEPT_MAX:]
    lines = [_encode(_Line(msgspec.Raw(each.text), each.signature)) + b"\n" for each in kept]
    # A file too large to be read again would stop live trading for good. The one before stays: until the new end is
    # sealed, it is the end.
    while len(lines) > 2 and sum(map(len, lines)) > BYTES_MAX:
        del lines[0]
    write_private(path, b"".join(lines))
    change.put(KIND, HEAD, _encode(_Head(version.number, signed.hash)), at_ms=version.at_ms)


def _public(seed: bytes) -> Ed25519PublicKey:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key()


def _broken(path: Path, fault: str) -> RecordBroken:
    return RecordBroken(
        f"The record of settings {path} is not what was signed: {fault}.",
        hint="Put it back from a backup, and find out who changed it; live trading does not start without it.",
    )


_encode = msgspec.json.Encoder(order="sorted").encode
