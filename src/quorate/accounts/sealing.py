"""Sealed values: each under a data key of its own, which the master key seals; both bound to what they are for.

AES-256-GCM. The associated data names what is sealed (kind, name, venue, version), so that a ciphertext moved to
another place does not open there. A new master key seals the data keys anew and leaves the values alone.
"""

import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quorate.accounts.master_key import KEY_BYTES, MasterKey, Randomness
from quorate.domain.errors import Refused

NONCE_BYTES = 12
FORMAT = "quorate sealed 1"


class CannotOpen(Refused):
    """A sealed value does not open: another master key sealed it, or it is not what was sealed."""

    code = "cannot_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a sealed value is: it opens under this label and no other."""

    kind: str
    name: str
    venue: str
    version: int

    def bound(self, part: str) -> bytes:
        """The associated data of one part of the envelope."""
        return json.dumps([FORMAT, part, self.kind, self.name, self.venue, self.version], ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A sealed value. `master` is the fingerprint of the key that opens it."""

    master: str
    data_key: bytes
    body: bytes


def seal(plain: bytes, label: Label, master: MasterKey, randomness: Randomness) -> Envelope:
    """Seal a value under a new data key."""
    data_key = randomness(KEY_BYTES)
    return Envelope(
        master=master.fingerprint,
        data_key=_sealed(data_key, master.key, label.bound("data key"), randomness),
        body=_sealed(plain, data_key, label.bound("value"), randomness),
    )


def unseal(envelope: Envelope, label: Label, master: MasterKey) -> bytes:
    """The value. Errors: CannotOpen, which says whether the key is another one or the value was changed."""
    return _opened(envelope.body, _data_key(envelope, label, master), label.bound("value"), label)


def reseal(envelope: Envelope, label: Label, *, old: MasterKey, new: MasterKey, randomness: Randomness) -> Envelope:
    """The same value for another master key. Errors: CannotOpen."""
    data_key = _data_key(envelope, label, old)
    return Envelope(
        master=new.fingerprint,
        data_key=_sealed(data_key, new.key, label.bound("data key"), randomness),
        body=envelope.body,
    )


def _data_key(envelope: Envelope, label: Label, master: MasterKey) -> bytes:
    if envelope.master != master.fingerprint:
        raise CannotOpen(
            f"The {label.kind} {label.name!r} was sealed with master key {envelope.master}, and the one given is "
            f"{master.fingerprint}.",
            hint="Give the master key it was sealed with.",
        )
    return _opened(envelope.data_key, master.key, label.bound("data key"), label)


def _sealed(plain: bytes, key: bytes, bound: bytes, randomness: Randomness) -> bytes:
    nonce = randomness(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _opened(sealed: bytes, key: bytes, bound: bytes, label: Label) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise CannotOpen(
            f"The {label.kind} {label.name!r} is not what was sealed: it was changed, moved or damaged.",
            hint="Take the file from a backup, or enter it anew.",
        ) from None
