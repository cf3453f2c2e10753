"""What the owner's limits were when live trading last started, and which loosenings were allowed since (C28).

Kept sealed: whoever can change the settings file, but has no second factor, cannot raise a limit of live trading. A
tightening holds at the next start and becomes what later changes are compared with; a loosening waits for the second
factor and then for the cool-down, and until then the number before it goes on to hold.
"""

from dataclasses import dataclass

import msgspec

from quorate.accounts.sealed_file import SealedFile
from quorate.domain.limit_changes import Change, OwnersLimits, tighter

KIND, NAME = "limits", "live"
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A loosening that the second factor allowed. Instants of the wall clock, UTC milliseconds."""

    change: Change
    allowed_ms: int
    ready_ms: int
    """From here on it holds at a start."""


class LimitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record as it is kept."""

    accepted: OwnersLimits
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A loosening that does not hold yet. `ready_ms` None: nobody has allowed it."""

    change: Change
    ready_ms: int | None


@dataclass(frozen=True, slots=True)
class Governed:
    """What holds now, what does not yet, and the record as it is from now on."""

    limits: OwnersLimits
    held: tuple[Held, ...]
    record: LimitRecord


def govern(record: LimitRecord | None, wanted: OwnersLimits, *, now_ms: int) -> Governed:
    """Hold the owner's wishes against the record. Without one, what is wanted is what later changes are measured by."""
    if record is None:
        return Governed(wanted, (), LimitRecord(accepted=wanted))
    ready = {
        each.change: each.ready_ms
        for each in record.allowances
        # A clock that was set back has not cooled anything down.
        if each.allowed_ms <= now_ms
    }
    limits, held = tighter(record.accepted, wanted, allowed=lambda change: change in ready and ready[change] <= now_ms)
    waiting = tuple(each for each in record.allowances if each.change in held)
    return Governed(
        limits,
        tuple(Held(change, ready.get(change)) for change in held),
        LimitRecord(accepted=limits, allowances=waiting),
    )


def allow(record: LimitRecord, wanted: OwnersLimits, *, now_ms: int) -> LimitRecord:
    """Allow every loosening of `wanted` that nobody has allowed yet; each waits as long as the accepted limits say."""
    known = {each.change for each in record.allowances}
    _, held = tighter(record.accepted, wanted, allowed=lambda _: False)
    ready_ms = now_ms + record.accepted.cool_down_hours * HOUR_MS
    new = tuple(
        Allowance(change=change, allowed_ms=now_ms, ready_ms=ready_ms) for change in held if change not in known
    )
    kept = tuple(each for each in record.allowances if each.change in held)
    return LimitRecord(accepted=record.accepted, allowances=(*kept, *new))


def read_record(file: SealedFile) -> LimitRecord | None:
    """The record; None before live trading first started. Errors: CannotOpen."""
    plain = file.get(KIND, NAME)
    return None if plain is None else _decode(plain)


def write_record(file: SealedFile, record: LimitRecord, *, now_ms: int) -> None:
    """Keep a record. Errors: CannotOpen, Unavailable."""
    with file.changing() as change:
        change.put(KIND, NAME, _encode(record), at_ms=now_ms)


_encode = msgspec.json.Encoder(order="sorted", decimal_format="string").encode
_decode = msgspec.json.Decoder(LimitRecord).decode
