"""Opens the sealed file: finds the master key where its owner has put it, or asks for the passphrase."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from quorate.accounts.master_key import (
    FILE_VARIABLE,
    KEY_VARIABLE,
    SALT_BYTES,
    MasterKey,
    MasterKeyMissing,
    Stretching,
    load_master_key,
    read_master_key,
    require_passphrase,
    stretch,
)
from quorate.accounts.sealed_file import FILE_NAME, SealedFile, read_contents
from quorate.accounts.secret import Secret
from quorate.domain.errors import BadInput, Refused

Ask = Callable[[str], Secret]
"""Asks a person for something that is not shown; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where the sealed file is, and where its master key may come from."""

    data_dir: Path
    environment: Mapping[str, str]
    key_file: Path | None = None
    """Named on the command line; goes before the environment."""
    ask: Ask | None = None
    """None where nobody is there to be asked: a service."""

    @property
    def path(self) -> Path:
        """The sealed file."""
        return self.data_dir / FILE_NAME


def open_sealed(place: KeyPlace) -> SealedFile:
    """The sealed file that is there. Errors: Refused where there is none; MasterKeyMissing, OpenToOthers, BadInput."""
    if not place.path.exists():
        raise Refused(
            f"There is no sealed file {place.path} yet.", hint="It begins with `quorate second-factor enroll`."
        )
    given = given_key(place)
    if given is not None:
        return SealedFile(place.path, given, os.urandom)
    how = read_contents(place.path).stretching
    if how is None or place.ask is None:
        raise MasterKeyMissing(
            f"The master key of {place.path} is missing.",
            hint=f"Set {KEY_VARIABLE} or {FILE_VARIABLE}" + (", or run this at a terminal." if how else "."),
        )
    return SealedFile(place.path, stretch(place.ask("Passphrase of the sealed file"), how), os.urandom)


def begin_sealed(place: KeyPlace) -> SealedFile:
    """The sealed file, a new one where there is none: under the key that was given, else under a new passphrase."""
    if place.path.exists():
        return open_sealed(place)
    given = given_key(place)
    if given is not None:
        return SealedFile(place.path, given, os.urandom)
    master, how = new_passphrase(place)
    file = SealedFile(place.path, master, os.urandom)
    with file.changing() as change:
        change.stretch_by(how)
    return file


def new_passphrase(place: KeyPlace) -> tuple[MasterKey, Stretching]:
    """A master key out of a passphrase that is typed twice. Errors: MasterKeyMissing, BadInput."""
    if place.ask is None:
        raise MasterKeyMissing("There is no master key.", hint=f"Set {KEY_VARIABLE} or {FILE_VARIABLE}.")
    first = require_passphrase(place.ask("New passphrase for the sealed file"))
    if place.ask("The same passphrase again") != first:
        raise BadInput("The two passphrases differ.", hint="Nothing was written.")
    how = Stretching(salt=os.urandom(SALT_BYTES))
    return stretch(first, how), how


def given_key(place: KeyPlace) -> MasterKey | None:
    """The master key where somebody has put it; None where a passphrase has to be asked for. Errors: BadInput."""
    if place.key_file is not None:
        return load_master_key(place.key_file.expanduser())
    text = place.environment.get(KEY_VARIABLE, "").strip()
    if text:
        return read_master_key(text, origin=KEY_VARIABLE)
    file = place.environment.get(FILE_VARIABLE, "").strip()
    return load_master_key(Path(file).expanduser()) if file else None
