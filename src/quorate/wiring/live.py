"""What stands before live money: the three acts, checked in one place, and the venue that is opened by them.

A licence is asked for once, when a desk starts; with it the desk may be opened again as often as its journal or lease
is lost. The acts: the settings (mode, venue, portfolio), a key that can trade and cannot withdraw, and the second
factor, given now or lately enough (`quorate live arm`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from quorate.accounts import arming, limit_record, settings_record, venue_keys
from quorate.accounts.arming import Arming, Subject
from quorate.accounts.limit_record import Governed, Held
from quorate.accounts.sealed_file import SealedFile
from quorate.accounts.second_factor import require_code
from quorate.accounts.settings_record import Version, Wanted
from quorate.accounts.venue_keys import Credentials
from quorate.domain.errors import Refused
from quorate.domain.limit_changes import OwnersLimits
from quorate.domain.venue import ClockSkew, KeyRights
from quorate.journal.published import timestamp
from quorate.settings import Settings, decision_digest, decision_text, digest_of
from quorate.settings_sources import variables
from quorate.wiring.keys import KeyPlace, open_sealed
from quorate.wiring.venues import RealVenue, open_with_key

if TYPE_CHECKING:
    from quorate.accounts.secret import Secret
    from quorate.clock import SystemClock

LIVE = "live"
SECOND_FACTOR = "second factor"
FEED = "exchange"
"""The kind of feed that live trading decides on."""


class ActMissing(Refused):
    """One of the three acts before live money has not been done."""

    code = "act_missing"


class KeyCanWithdraw(Refused):
    """A key could take coins out of the account."""

    code = "key_can_withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Leave to trade live. `settings` are those that hold: loosened limits that still wait are not in them."""

    settings: Settings
    credentials: Credentials
    held: tuple[Held, ...]


def licence(settings: Settings, clock: SystemClock, place: KeyPlace) -> Licence:
    """Leave to trade live, where every act was done; what the limits now are is written down.

    Errors: ActMissing with the one that is missing; CannotOpen, MasterKeyMissing and the others of `open_sealed`.
    """
    require_settings(settings)
    return licence_from(settings, clock, open_sealed(place))


def licence_from(settings: Settings, clock: SystemClock, file: SealedFile) -> Licence:
    """As `licence`, with the sealed file open already."""
    require_settings(settings)
    credentials = key_for(settings, file)
    require_armed(settings, file, now_ms=clock.now_ms())
    adopt_settings(settings, file, now_ms=clock.now_ms())
    governed = limits_now(settings, file, now_ms=clock.now_ms())
    limit_record.write_record(file, governed.record, now_ms=clock.now_ms())
    for held in governed.held:
        logger.warning("{}", held_told(held))
    return Licence(settings=under(settings, governed.limits), credentials=credentials, held=governed.held)


async def open_venue(settings: Settings, clock: SystemClock, leave: Licence | None = None) -> RealVenue:
    """The venue that live orders go to, its key proved once more. Without leave it is asked for, of nobody.

    Errors: KeyCanWithdraw, Refused, ClockSkew, KeyFault, Unavailable.
    """
    leave = leave or licence(settings, clock, unattended(settings))
    settings = leave.settings
    venue = await open_with_key(settings.venue, leave.credentials, clock, pairs=settings.feed.pairs)
    try:
        prove(await venue.rights(), name=leave.credentials.name, venue=venue.name)
        skew_ms = await venue.measure_time()
        if abs(skew_ms) > settings.venue.skew_ms_max:
            raise ClockSkew(
                f"This machine's clock is {skew_ms:+,} ms off {venue.name}'s, and {settings.venue.skew_ms_max:,} "
                "are allowed.",
                hint="Set this machine's clock.",
            )
    except BaseException:
        await venue.close()
        raise
    return venue


def unattended(settings: Settings) -> KeyPlace:
    """Where a service finds its keys: nobody is there to be asked."""
    return KeyPlace(data_dir=settings.data_dir, environment=variables(os.environ, Path.cwd()))


def require_settings(settings: Settings) -> None:
    """The first act, as far as it lies in the settings. Errors: ActMissing."""
    if settings.mode != "live":
        raise ActMissing(
            f"The settings say mode = {settings.mode}: the first act before live money.", hint='Set mode = "live".'
        )
    for name, value, advice in (
        ("name", settings.venue.name, "kraken, binance or binanceusdm"),
        ("portfolio", settings.venue.portfolio, "one of desk.portfolios"),
        ("key", settings.venue.key, "the name of a key from `quorate keys add`"),
    ):
        if value is None:
            raise ActMissing(f"Live mode needs venue.{name}, which is not set.", hint=f"It is {advice}.")


def key_for(settings: Settings, file: SealedFile) -> Credentials:
    """The second act: the key that the settings name. Errors: NoSuchKey, CannotOpen, Refused for another venue's."""
    assert settings.venue.key is not None, "the settings were looked at first"
    credentials = venue_keys.open_key(file, settings.venue.key)
    if credentials.venue != settings.venue.name:
        raise Refused(
            f"The key {credentials.name!r} is one of {credentials.venue}, and venue.name is {settings.venue.name}.",
            hint="Name a key of this venue in venue.key.",
        )
    return credentials


def require_armed(settings: Settings, file: SealedFile, *, now_ms: int) -> None:
    """The third act: the second factor, given for this account, key and these settings. Errors: ActMissing."""
    subject = subject_of(settings)
    fault = arming.fault_in(arming.armed(file, subject.account), subject, now_ms=now_ms)
    if fault is not None:
        raise ActMissing(fault, hint="`quorate live arm`, or start with `quorate up --live`.")


def prove(rights: KeyRights, *, name: str, venue: str) -> None:
    """Errors: KeyCanWithdraw; Refused where the key cannot trade. What the venue does not tell goes to the log."""
    if rights.withdraw:
        raise KeyCanWithdraw(
            f"The key {name!r} can withdraw from {venue}: the desk takes no such key.",
            hint=f"Take the right away at {venue}, or make another key.",
        )
    if rights.trade is False:
        raise Refused(
            f"The key {name!r} cannot trade at {venue}.", hint=f"Give it that right at {venue}, and no other."
        )
    if rights.withdraw is None:
        logger.warning("{} does not tell whether the key {!r} can withdraw: make sure that it cannot.", venue, name)


def live_account(settings: Settings) -> str:
    """The account that trades live, also while the settings still say paper: the ladder is climbed before that."""
    return settings.account or LIVE


def subject_of(settings: Settings) -> Subject:
    """What an arming is for."""
    venue = settings.venue
    assert venue.name is not None, "the settings were looked at first"
    assert venue.key is not None, "the settings were looked at first"
    return Subject(
        account=live_account(settings),
        venue=venue.name,
        key=venue.key,
        settings=decision_digest(settings, kind=FEED),
    )


def arm(settings: Settings, file: SealedFile, code: Secret, *, now_ms: int, hours: int) -> Arming:
    """Give the second factor for live trading under these settings. Errors: those of `require_code`."""
    require_code(file, code, now_ms=now_ms)
    armed = arming.arm(file, subject_of(settings), now_ms=now_ms, hours=hours)
    adopt_settings(settings, file, now_ms=now_ms)
    return armed


def adopt_settings(settings: Settings, file: SealedFile, *, now_ms: int) -> Version:
    """The signed version of settings that live trading was armed with (C27); a new one where they have changed.

    Errors: RecordBroken, CannotOpen.
    """
    text = decision_text(settings, kind=FEED)
    wanted = Wanted(account=live_account(settings), settings=text, digest=digest_of(text), by=SECOND_FACTOR)
    return settings_record.adopt(file, record_path(settings), wanted, now_ms=now_ms)


def review_settings(settings: Settings, file: SealedFile, code: Secret, *, by: str, note: str, now_ms: int) -> Version:
    """Write down that a person has looked at the settings and their changes.

    Errors: those of `require_code` and of `settings_record.review`.
    """
    require_code(file, code, now_ms=now_ms)
    return settings_record.review(file, record_path(settings), by=by, note=note, now_ms=now_ms)


def record_path(settings: Settings) -> Path:
    """Where the record of settings lies."""
    return settings.data_dir / settings_record.FILE_NAME


def limits_of(settings: Settings) -> OwnersLimits:
    """What the settings want to limit live trading by."""
    assert settings.venue.portfolio is not None, "the settings were looked at first"
    return OwnersLimits(
        desk=settings.desk,
        promotion=settings.promotion,
        portfolio=settings.venue.portfolio,
        stake=settings.venue.stake,
        cool_down_hours=settings.venue.cool_down_hours,
    )


def limits_now(settings: Settings, file: SealedFile, *, now_ms: int) -> Governed:
    """What limits live trading now: the settings, less every loosening that still waits. Errors: CannotOpen."""
    return limit_record.govern(limit_record.read_record(file), limits_of(settings), now_ms=now_ms)


def under(settings: Settings, limits: OwnersLimits) -> Settings:
    """The settings with these limits in place of their own. Errors: Refused where they do not fit together."""
    bound = limits.portfolio
    if bound not in {portfolio.name for portfolio in limits.desk.portfolios}:
        raise Refused(
            f"venue.portfolio may not change from {bound} yet, and {bound} is no longer among desk.portfolios.",
            hint="Put it back, or allow the change: `quorate live loosen`, and wait for the cool-down.",
        )
    venue = replace(settings.venue, portfolio=bound, stake=limits.stake, cool_down_hours=limits.cool_down_hours)
    return settings.model_copy(update={"desk": limits.desk, "promotion": limits.promotion, "venue": venue})


def held_told(held: Held) -> str:
    """One sentence on a loosening that does not hold yet."""
    change = held.change
    said = f"{change.name} stays at {change.before}: {change.after} would let more through"
    if held.ready_ms is None:
        return f"{said}, and nobody has allowed it (`quorate live loosen`)."
    return f"{said}, and holds at a start from {timestamp(held.ready_ms)} on."


def changed_limits(settings: Settings, file: SealedFile, code: Secret, *, now_ms: int) -> Governed:
    """Allow every loosening that the settings want; each waits for its cool-down. Errors: those of `require_code`."""
    record = limit_record.read_record(file)
    if record is None:
        raise Refused("Live trading never started here: there is nothing to loosen yet.", hint="`quorate live arm`.")
    require_code(file, code, now_ms=now_ms)
    allowed = limit_record.allow(record, limits_of(settings), now_ms=now_ms)
    limit_record.write_record(file, allowed, now_ms=now_ms)
    return limit_record.govern(allowed, limits_of(settings), now_ms=now_ms)
