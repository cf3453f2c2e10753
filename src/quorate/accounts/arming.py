"""The arming of live mode: that a person gave the second factor for this account, this key and these settings.

It lets a service start again by itself for a while. Whoever changes a setting that a decision depends on, the account,
the venue or the key has to arm anew.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from quorate.accounts.sealed_file import SealedFile

KIND = "arming"
HOUR_MS = 3_600_000
HOURS_DEFAULT, HOURS_MAX = 12, 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was armed."""

    account: str
    venue: str
    key: str
    """Name of the key in the sealed file."""
    settings: str
    """Digest of every setting that a decision depends on."""


class Arming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An arming as it is kept. Instants of the wall clock, UTC milliseconds."""

    subject: Subject
    armed_ms: int
    expires_ms: int


def arm(file: SealedFile, subject: Subject, *, now_ms: int, hours: int) -> Arming:
    """Arm; an earlier arming of the account is replaced. The second factor was given before this is called."""
    assert 1 <= hours <= HOURS_MAX, "an arming is short-lived"
    arming = Arming(subject=subject, armed_ms=now_ms, expires_ms=now_ms + hours * HOUR_MS)
    with file.changing() as change:
        change.put(KIND, _name(subject.account), msgspec.json.encode(arming), venue=subject.venue, at_ms=now_ms)
    return arming


def disarm(file: SealedFile, account: str) -> bool:
    """Take the arming away; False where there was none. Needs no second factor: it only ever makes things safer."""
    with file.changing() as change:
        return change.remove(KIND, _name(account))


def armed(file: SealedFile, account: str) -> Arming | None:
    """The arming of an account, whether it still holds or not. Errors: CannotOpen."""
    plain = file.get(KIND, _name(account))
    return None if plain is None else msgspec.json.decode(plain, type=Arming)


def fault_in(arming: Arming | None, wanted: Subject, *, now_ms: int) -> str | None:
    """Why live mode may not start by this arming, as a sentence; None where it may."""
    if arming is None:
        return f"Live trading of account {wanted.account} was not armed with the second factor."
    had = arming.subject
    for what, before, now in (
        ("account", had.account, wanted.account),
        ("venue", had.venue, wanted.venue),
        ("key", had.key, wanted.key),
    ):
        if before != now:
            return f"Live trading was armed for {what} {before}, and this is {what} {now}."
    if had.settings != wanted.settings:
        return "Settings that decisions depend on have changed since live trading was armed."
    if now_ms < arming.armed_ms:
        return "Live trading was armed at a time that this machine's clock has not reached."
    if now_ms >= arming.expires_ms:
        return f"The arming of live trading ended {_ago(now_ms - arming.expires_ms)} ago."
    return None


def _name(account: str) -> str:
    """An account's name as that of an entry: accounts may have dots and be longer, entries not."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]


def _ago(elapsed_ms: int) -> str:
    minutes = elapsed_ms // 60_000
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
