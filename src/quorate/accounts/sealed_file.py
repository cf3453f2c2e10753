"""The sealed file: keys of venues, the second factor and what it has allowed, in one file of the data directory.

Names, venues and the last characters of a key are in the clear, so that they can be listed without the master key; they
are bound to what is sealed, so that changing them is noticed when it is opened.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from quorate.accounts.master_key import MasterKey, Randomness, Stretching
from quorate.accounts.private_files import read_private, write_private, writing
from quorate.accounts.sealing import CannotOpen, Envelope, Label, reseal, seal, unseal
from quorate.domain.errors import BadInput, Refused

FILE_NAME = "keys.sealed"
FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
ENTRIES_MAX = 200


class SealedFileDamaged(Refused):
    """The sealed file cannot be read as one."""

    code = "sealed_file_damaged"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sealed value with what may be told of it."""

    kind: str
    name: str
    venue: str
    version: int
    """Grows by one with every change: an older value put back under a newer number does not open."""
    hint: str
    """Last characters of a key at most; empty where there is nothing to tell."""
    added_ms: int
    """Wall clock, UTC milliseconds."""
    master: str
    data_key: bytes
    body: bytes

    @property
    def label(self) -> Label:
        """What it is bound to."""
        return Label(kind=self.kind, name=self.name, venue=self.venue, version=self.version)

    @property
    def envelope(self) -> Envelope:
        """What is sealed."""
        return Envelope(master=self.master, data_key=self.data_key, body=self.body)


class Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything in the file."""

    format: int = FORMAT
    stretching: Stretching | None = None
    """How the passphrase becomes the master key; None where the master key is no passphrase."""
    entries: tuple[Entry, ...] = ()

    def find(self, kind: str, name: str) -> Entry | None:
        """The entry of this kind and name."""
        return next((each for each in self.entries if (each.kind, each.name) == (kind, name)), None)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """Every entry of a kind, by name."""
        return tuple(sorted((each for each in self.entries if each.kind == kind), key=lambda each: each.name))


@dataclass(frozen=True, slots=True)
class Unopened:
    """An entry that does not open, and why."""

    kind: str
    name: str
    reason: str


def read_contents(path: Path) -> Contents:
    """What the file holds, sealed as it is; nothing where there is no file. Errors: see `read_private`."""
    body = read_private(path)
    if body is None:
        return Contents()
    try:
        contents = _decode(body)
        damaged = contents.format != FORMAT or len(contents.entries) > ENTRIES_MAX
    except msgspec.MsgspecError:
        damaged, contents = True, Contents()
    if damaged:
        raise SealedFileDamaged(
            f"{path} is not a sealed file of this version.", hint="Take it from a backup; nothing in it was changed."
        )
    return contents


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Contents, strict=True).decode


@dataclass(frozen=True, slots=True)
class SealedFile:
    """The file, with the master key at hand. Every change is made under a lock on what the file holds just then."""

    path: Path
    master: MasterKey
    randomness: Randomness

    def contents(self) -> Contents:
        """What the file holds."""
        return read_contents(self.path)

    def get(self, kind: str, name: str) -> bytes | None:
        """A value; None where there is none of this name. Errors: CannotOpen, and those of reading."""
        entry = self.contents().find(kind, name)
        return None if entry is None else unseal(entry.envelope, entry.label, self.master)

    def unopened(self) -> tuple[Unopened, ...]:
        """Every entry that this master key does not open, with the reason: the rest goes on without them."""
        found: list[Unopened] = []
        for entry in self.contents().entries:
            try:
                unseal(entry.envelope, entry.label, self.master)
            except CannotOpen as fault:
                found.append(Unopened(entry.kind, entry.name, fault.message))
        return tuple(found)

    @contextmanager
    def changing(self) -> Generator[Change]:
        """Change the file: what was put and removed inside is written at the end, all or nothing.

        Errors: CannotOpen where the file was sealed with another master key, before anything is changed.
        """
        with writing(self.path):
            change = Change(self, self.contents())
            stranger = next((each for each in change.contents.entries if each.master != self.master.fingerprint), None)
            if stranger is not None:
                unseal(stranger.envelope, stranger.label, self.master)
            yield change
            if change.changed:
                write_private(self.path, _encode(change.contents))

    def rotate(self, new: MasterKey, *, stretching: Stretching | None) -> SealedFile:
        """Seal everything for another master key, all or nothing. Errors: CannotOpen, and nothing was changed."""
        with writing(self.path):
            contents = self.contents()
            entries = tuple(self._turned(entry, new) for entry in contents.entries)
            write_private(self.path, _encode(Contents(stretching=stretching, entries=entries)))
        return replace(self, master=new)

    def _turned(self, entry: Entry, new: MasterKey) -> Entry:
        envelope = reseal(entry.envelope, entry.label, old=self.master, new=new, randomness=self.randomness)
        return msgspec.structs.replace(entry, master=envelope.master, data_key=envelope.data_key, body=envelope.body)


class Change:
    """A change of the file that is under way."""

    def __init__(self, file: SealedFile, contents: Contents) -> None:
        self._file = file
        self.contents = contents
        self.changed = False

    def get(self, kind: str, name: str) -> bytes | None:
        """A value as the file holds it now. Errors: CannotOpen."""
        entry = self.contents.find(kind, name)
        return None if entry is None else unseal(entry.envelope, entry.label, self._file.master)

    def put(self, kind: str, name: str, plain: bytes, *, venue: str = "", hint: str = "", at_ms: int) -> None:
        """Set a value, a new one or in place of an older one."""
        if not NAME.fullmatch(name):
            raise BadInput(f"{name[:60]!r} is not a name: 1 to 40 small letters, digits, dashes or underscores.")
        before = self.contents.find(kind, name)
        label = Label(kind=kind, name=name, venue=venue, version=1 if before is None else before.version + 1)
        envelope = seal(plain, label, self._file.master, self._file.randomness)
        entry = Entry(
            kind=kind,
            name=name,
            venue=venue,
            version=label.version,
            hint=hint,
            added_ms=at_ms,
            master=envelope.master,
            data_key=envelope.data_key,
            body=envelope.body,
        )
        self._replace(kind, name, (entry,))

    def remove(self, kind: str, name: str) -> bool:
        """Take a value away; False where there was none."""
        there = self.contents.find(kind, name) is not None
        if there:
            self._replace(kind, name, ())
        return there

    def stretch_by(self, how: Stretching) -> None:
        """Note how the passphrase becomes the master key."""
        self.contents = msgspec.structs.replace(self.contents, stretching=how)
        self.changed = True

    def _replace(self, kind: str, name: str, new: tuple[Entry, ...]) -> None:
        others = tuple(each for each in self.contents.entries if (each.kind, each.name) != (kind, name))
        self.contents = msgspec.structs.replace(self.contents, entries=(*others, *new))
        self.changed = True
