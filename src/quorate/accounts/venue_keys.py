"""Keys of venues, as they are kept: entered once, sealed, handed to the venue's client and to nobody else."""

from dataclasses import dataclass

import msgspec

from quorate.accounts.sealed_file import Entry, SealedFile, read_contents
from quorate.accounts.secret import Secret
from quorate.accounts.settings import TITLES
from quorate.domain.errors import BadInput, Refused

KIND = "venue-key"
HINT_CHARS = 4
HINT_OF_CHARS_MIN = 16
"""A key shorter than this shows nothing of itself."""
KEY_CHARS_MAX = 10_000
"""Long enough for an RSA key in PEM, which Binance takes in place of a secret."""


class NoSuchKey(Refused):
    """There is no key of this name."""

    code = "no_such_key"


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens an account at a venue."""

    name: str
    venue: str
    key: Secret
    secret: Secret

    @property
    def hint(self) -> str:
        """The key's last characters, by which its owner knows it again."""
        text = self.key.reveal()
        return text[-HINT_CHARS:] if len(text) >= HINT_OF_CHARS_MIN else ""


def credentials_of(*, name: str, venue: str, key: Secret, secret: Secret) -> Credentials:
    """A key as somebody has entered it. Errors: BadInput, without a word of what was entered."""
    if venue not in TITLES:
        raise BadInput(f"{venue[:40]!r} is no venue of live mode.", hint=f"There is {', '.join(TITLES)}.")
    for what, text in (("key", key.reveal()), ("secret", secret.reveal())):
        if not text.strip():
            raise BadInput(f"The {what} is empty.")
        if len(text) > KEY_CHARS_MAX or not text.isascii() or not (text.isprintable() or "-----BEGIN" in text):
            raise BadInput(f"The {what} holds characters that none has; was it pasted whole?")
    return Credentials(name, venue, Secret(key.reveal().strip()), Secret(secret.reveal().strip()))


def keep(file: SealedFile, credentials: Credentials, *, now_ms: int) -> None:
    """Seal a key under its name. Errors: Refused where the name is taken; CannotOpen."""
    body = _Body(key=credentials.key.reveal(), secret=credentials.secret.reveal())
    with file.changing() as change:
        if change.contents.find(KIND, credentials.name) is not None:
            raise Refused(
                f"There is a key {credentials.name!r} already.", hint=f"`quorate keys remove {credentials.name}` first."
            )
        change.put(
            KIND,
            credentials.name,
            msgspec.json.encode(body),
            venue=credentials.venue,
            hint=credentials.hint,
            at_ms=now_ms,
        )


def open_key(file: SealedFile, name: str) -> Credentials:
    """A key by its name. Errors: NoSuchKey, CannotOpen."""
    entry = read_contents(file.path).find(KIND, name)
    plain = file.get(KIND, name)
    if entry is None or plain is None:
        known = ", ".join(each.name for each in listed(file)) or "none yet: `quorate keys add NAME --venue kraken`"
        raise NoSuchKey(f"There is no key {name!r} in {file.path}.", hint=f"There is {known}.")
    body = msgspec.json.decode(plain, type=_Body)
    return Credentials(name, entry.venue, Secret(body.key), Secret(body.secret))


def listed(file: SealedFile) -> tuple[Entry, ...]:
    """Every key as it may be told, by name; no master key is needed."""
    return file.contents().of_kind(KIND)


def forget(file: SealedFile, name: str) -> None:
    """Take a key out of the file. Errors: NoSuchKey, CannotOpen."""
    with file.changing() as change:
        if not change.remove(KIND, name):
            raise NoSuchKey(f"There is no key {name!r} in {file.path}.")
