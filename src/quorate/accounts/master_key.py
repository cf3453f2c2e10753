"""The master key: the one secret that opens the others. It is never stored beside them by us.

It comes from the environment, from a file of its own, or from a passphrase that is stretched by scrypt. An operating
system's keyring was left out: on the servers where desks run there is none that is unlocked without a person, and a
file with mode 0600 (a container's secret, a service manager's credential) does the same with one dependency less.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from quorate.accounts.private_files import read_private, write_private
from quorate.accounts.secret import Secret
from quorate.domain.errors import BadInput, Refused

KEY_BYTES = 32
SALT_BYTES = 16
PASSPHRASE_CHARS_MIN = 12
KEY_VARIABLE, FILE_VARIABLE = "QUORATE_MASTER_KEY", "QUORATE_MASTER_KEY_FILE"
Randomness = Callable[[int], bytes]
"""Gives so many bytes that nobody can guess: the machine's own, which wiring hands in."""


class MasterKeyMissing(Refused):
    """Nobody gave a master key."""

    code = "master_key_missing"


class Stretching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a passphrase becomes a key. `cost` is scrypt's n: 2^17 takes 128 MB and about half a second."""

    salt: bytes
    cost: int = 2**17
    block: int = 8

    def __post_init__(self) -> None:
        """A file that somebody else wrote must not make us compute for hours, nor make a passphrase cheap to guess."""
        power_of_two = self.cost & (self.cost - 1) == 0
        if not (
            2**12 <= self.cost <= 2**20 and power_of_two and 8 <= self.block <= 16 and len(self.salt) >= SALT_BYTES
        ):
            raise ValueError("the parameters of its passphrase are outside of what is safe")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key. `fingerprint` names it to people and gives nothing away."""

    secret: Secret
    """In base64."""

    @property
    def key(self) -> bytes:
        """Its 32 bytes."""
        return base64.b64decode(self.secret.reveal())

    @property
    def fingerprint(self) -> str:
        """Eight bytes of a hash of the key, in hex."""
        return hashlib.sha256(b"quorate master key" + self.key).hexdigest()[:16]


def master_key_of(key: bytes) -> MasterKey:
    """The key of these 32 bytes."""
    assert len(key) == KEY_BYTES, "a master key has 256 bits"
    return MasterKey(Secret(base64.b64encode(key).decode()))


def read_master_key(text: str, *, origin: str) -> MasterKey:
    """The key that somebody wrote down as 64 hex digits or in base64. Errors: BadInput; the text is never told."""
    words = "".join(text.split())
    try:
        key = bytes.fromhex(words)
    except ValueError:
        try:
            key = base64.b64decode(words.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error:
            key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(
            f"{origin} is not a master key: it has 32 bytes, as 64 hex digits or in base64.",
            hint="`quorate keys make-master FILE` makes one.",
        )
    return master_key_of(key)


def load_master_key(path: Path) -> MasterKey:
    """The key in a file. Errors: MasterKeyMissing, OpenToOthers, BadInput, Unavailable."""
    body = read_private(path)
    if body is None:
        raise MasterKeyMissing(
            f"There is no file {path} with a master key.", hint="`quorate keys make-master FILE` makes one."
        )
    return read_master_key(body.decode("ascii", "replace"), origin=str(path))


def make_master_key(path: Path, randomness: Randomness) -> MasterKey:
    """Write a new key into a file that does not exist yet. Errors: Refused, Unavailable."""
    if path.exists():
        raise Refused(f"{path} exists already, and a key that was overwritten is lost.", hint="Name another file.")
    key = randomness(KEY_BYTES)
    write_private(path, base64.b64encode(key) + b"\n")
    return master_key_of(key)


def stretch(passphrase: Secret, how: Stretching) -> MasterKey:
    """The key of a passphrase."""
    kdf = Scrypt(salt=how.salt, length=KEY_BYTES, n=how.cost, r=how.block, p=1)
    return master_key_of(kdf.derive(passphrase.reveal().encode()))


def require_passphrase(passphrase: Secret) -> Secret:
    """A new passphrase, when it is long enough. Errors: BadInput."""
    if len(passphrase.reveal()) < PASSPHRASE_CHARS_MIN:
        raise BadInput(
            f"A passphrase has at least {PASSPHRASE_CHARS_MIN} characters; five random words are a good one."
        )
    return passphrase
