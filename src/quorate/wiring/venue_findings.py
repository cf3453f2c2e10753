"""What `doctor --venue`, `keys check` and `live status` find out about a key, its venue, and the acts before live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from quorate.accounts import arming, second_factor, settings_record
from quorate.accounts.halt_marker import path_of, read_halt
from quorate.accounts.sealed_file import SealedFile
from quorate.clock import SystemClock
from quorate.domain.errors import QuorateError
from quorate.domain.money import plain
from quorate.domain.venue import KeyRights
from quorate.journal.published import timestamp
from quorate.reporting import Finding, Health
from quorate.wiring import live
from quorate.wiring.keys import KeyPlace, open_sealed
from quorate.wiring.venues import RealVenue, open_with_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from quorate.accounts.venue_keys import Credentials
    from quorate.domain.market import Market
    from quorate.settings import Settings

BALANCES_SHOWN = 12
PAIRS_SHOWN = 8


@asynccontextmanager
async def _open(settings: Settings, credentials: Credentials) -> AsyncGenerator[RealVenue]:
    venue = await open_with_key(settings.venue, credentials, SystemClock(), pairs=settings.feed.pairs)
    try:
        yield venue
    finally:
        await venue.close()


async def key_rights(settings: Settings, credentials: Credentials) -> KeyRights:
    """What a key may do, by its venue's word. Errors: KeyCanWithdraw, Refused, KeyFault, Unavailable."""
    async with _open(settings, credentials) as venue:
        rights = await venue.rights()
        live.prove(rights, name=credentials.name, venue=venue.name)
        return rights


async def key_findings(settings: Settings, credentials: Credentials) -> list[Finding]:
    """What the key may do, and how far the clocks are apart."""
    async with _open(settings, credentials) as venue:
        return [
            await _found("venue clock", lambda: _clock(settings, venue)),
            *await _found_all("key", lambda: _rights(credentials, venue)),
        ]


async def venue_findings(settings: Settings, credentials: Credentials) -> list[Finding]:
    """Everything that can be known of a venue with a key, without placing an order."""
    async with _open(settings, credentials) as venue:
        return [
            await _found("venue clock", lambda: _clock(settings, venue)),
            *await _found_all("key", lambda: _rights(credentials, venue)),
            await _found("markets", lambda: _markets(settings, venue)),
            await _found("balances", lambda: _balances(venue)),
            await _found("open orders", lambda: _orders(venue)),
            _stops(venue),
            _dead_man(venue),
        ]


def opened(place: KeyPlace) -> SealedFile | QuorateError:
    """The sealed file, or why it does not open."""
    try:
        return open_sealed(place)
    except QuorateError as error:
        return error


def act_findings(settings: Settings, file: SealedFile | QuorateError, *, now_ms: int) -> list[Finding]:
    """The three acts, each as it stands, the limits that wait, and whether a panic has halted the desk."""
    found = [_act("settings", lambda: _settings_said(settings))]
    if isinstance(file, QuorateError):
        found.append(Finding("sealed keys", Health.FAULT, file.message, file.hint))
    else:
        found += [
            Finding("sealed keys", Health.FAULT, each.reason, "Everything else goes on, without trading live.")
            for each in file.unopened()
        ]
        found += [_factor(file)]
        if found[0].health is Health.OK:
            found += [
                _act("key", lambda: _key_said(settings, file)),
                _act("armed", lambda: _armed_said(settings, file, now_ms)),
            ]
            found += _limits(settings, file, now_ms)
            found.append(_record(settings, file, now_ms))
    mark = read_halt(settings.data_dir)
    if mark is not None:
        said = f"halted by {mark.by} at {timestamp(mark.at_ms)}: {mark.reason}"
        advice = f"`quorate panic --undo` lifts it ({path_of(settings.data_dir)})."
        found.append(Finding("halt", Health.WARNING, said, advice))
    return found


def _record(settings: Settings, file: SealedFile, now_ms: int) -> Finding:
    """The versions of settings, and how long ago a person looked at them (C27)."""
    name = "settings' versions"
    try:
        known = settings_record.verified(file, live.record_path(settings))
    except QuorateError as error:
        return Finding(name, Health.FAULT, error.message, error.hint)
    newest = settings_record.newest_settings(known)
    if newest is None:
        return Finding(name, Health.OK, "none yet: the first is signed when live trading is armed")
    said = f"version {newest.number} of {timestamp(newest.at_ms)}, every signature is right"
    looked_ms = settings_record.reviewed_ms(known)
    since_ms = known[0].version.at_ms if looked_ms is None else looked_ms
    said += "; nobody has reviewed them" if looked_ms is None else f"; reviewed {timestamp(looked_ms)}"
    if now_ms - since_ms > settings_record.REVIEW_MS:
        return Finding(name, Health.WARNING, said, "Look at them once a year: `quorate live review`.")
    return Finding(name, Health.OK, said)


def _act(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, Health.OK, look())
    except QuorateError as error:
        return Finding(name, Health.FAULT, error.message, error.hint)


def _settings_said(settings: Settings) -> str:
    live.require_settings(settings)
    venue = settings.venue
    where = " (test network)" if venue.testnet else " (an address of your own)" if venue.urls else ""
    return f"live at {venue.name}{where}, portfolio {venue.portfolio}, canaries up to {plain(venue.stake)}"


def _key_said(settings: Settings, file: SealedFile) -> str:
    credentials = live.key_for(settings, file)
    end = f" (…{credentials.hint})" if credentials.hint else ""
    return f"{credentials.name} of {credentials.venue}{end}; `quorate doctor --venue` proves it"


def _armed_said(settings: Settings, file: SealedFile, now_ms: int) -> str:
    live.require_armed(settings, file, now_ms=now_ms)
    armed = arming.armed(file, live.subject_of(settings).account)
    assert armed is not None, "it was looked at just now"
    return f"until {timestamp(armed.expires_ms)}"


def _factor(file: SealedFile) -> Finding:
    if second_factor.is_enrolled(file):
        return Finding("second factor", Health.OK, "enrolled")
    return Finding("second factor", Health.FAULT, "none is enrolled", "Enrol one: `quorate second-factor enroll`.")


def _limits(settings: Settings, file: SealedFile, now_ms: int) -> list[Finding]:
    try:
        governed = live.limits_now(settings, file, now_ms=now_ms)
    except QuorateError as error:
        return [Finding("limits", Health.FAULT, error.message, error.hint)]
    if not governed.held:
        return [Finding("limits", Health.OK, "none is looser than the last live desk's")]
    return [Finding("limits", Health.WARNING, live.held_told(held)) for held in governed.held]


async def _found(name: str, look: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await look()
    except QuorateError as error:
        return Finding(name, Health.FAULT, error.message, error.hint)


async def _found_all(name: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await look()
    except QuorateError as error:
        return [Finding(name, Health.FAULT, error.message, error.hint)]


async def _clock(settings: Settings, venue: RealVenue) -> Finding:
    skew_ms = await venue.measure_time()
    said = f"this machine's is {abs(skew_ms):,} ms {'ahead of' if skew_ms >= 0 else 'behind'} {venue.name}'s"
    if abs(skew_ms) > settings.venue.skew_ms_max:
        return Finding("venue clock", Health.FAULT, said, "Set this machine's clock: nothing is opened like this.")
    return Finding("venue clock", Health.OK, said)


async def _rights(credentials: Credentials, venue: RealVenue) -> list[Finding]:
    rights = await venue.rights()
    name, there = credentials.name, venue.name
    words = f" ({', '.join(rights.words)})" if rights.words else ""
    trade = {
        True: Finding("key may trade", Health.OK, f"{name}: yes{words}"),
        False: Finding("key may trade", Health.FAULT, f"{name}: no{words}", f"Give it that right at {there}."),
        None: Finding("key may trade", Health.WARNING, f"{there} does not tell{words}", "The first order will."),
    }[rights.trade]
    withdraw = {
        True: Finding(
            "key may withdraw", Health.FAULT, f"{name}: yes, and the desk takes no such key", "Take that right away."
        ),
        False: Finding("key may withdraw", Health.OK, f"{name}: no"),
        None: Finding("key may withdraw", Health.WARNING, f"{there} does not tell", "Make sure that it cannot."),
    }[rights.withdraw]
    bound = {
        True: Finding("key is bound", Health.OK, "to addresses"),
        False: Finding("key is bound", Health.WARNING, "to no address", f"Bind it to this machine's at {there}."),
        None: Finding("key is bound", Health.OK, f"{there} does not tell to which addresses"),
    }[rights.ip_bound]
    return [trade, withdraw, bound]


async def _markets(settings: Settings, venue: RealVenue) -> Finding:
    pairs = settings.feed.pairs
    if not pairs:
        listed = await venue.listings()
        return Finding("markets", Health.OK, f"{len(listed):,} listed; the feed chooses")
    known = {listing.pair for listing in await venue.listings()}
    missing = [pair for pair in pairs if pair not in known]
    if missing:
        return Finding("markets", Health.FAULT, f"{venue.name} does not list {', '.join(missing)}", "Mend feed.pairs.")
    told = [_filters(market) for market in await venue.markets(pairs[:PAIRS_SHOWN])]
    more = f"; {len(pairs) - PAIRS_SHOWN} more" if len(pairs) > PAIRS_SHOWN else ""
    return Finding("markets", Health.OK, "; ".join(told) + more)


def _filters(market: Market) -> str:
    return (
        f"{market.pair} tick {plain(market.tick)}, lot {plain(market.lot)}, from {plain(market.min_notional)} "
        f"{market.quote}"
    )


async def _balances(venue: RealVenue) -> Finding:
    account = await venue.account()
    if not account.balances:
        return Finding("balances", Health.WARNING, "the account is empty", "Put the stake there before going live.")
    told = [
        f"{plain(each.total)} {each.asset}" + (f" ({plain(each.held)} in orders)" if each.held else "")
        for each in account.balances
    ]
    told += [f"position of {plain(each.quantity)} {each.pair}" for each in account.positions]
    return Finding("balances", Health.OK, _few(told))


async def _orders(venue: RealVenue) -> Finding:
    orders = await venue.open_orders()
    ours = sum(bool(order.tag) for order in orders)
    return Finding("open orders", Health.OK, f"{len(orders)}, {ours} of them with an id of a program's own")


def _few(told: Collection[str]) -> str:
    shown = list(told)[:BALANCES_SHOWN]
    more = len(told) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _stops(venue: RealVenue) -> Finding:
    if venue.keeps_stops:
        return Finding("protective stops", Health.OK, f"rest at {venue.name}")
    said = f"cannot rest at {venue.name}: the desk watches them itself"
    return Finding("protective stops", Health.WARNING, said, "They end with the desk: keep it running.")


def _dead_man(venue: RealVenue) -> Finding:
    if venue.has_dead_man:
        return Finding(
            "dead-man switch", Health.OK, f"{venue.name} has one; armed while no protective stop rests there"
        )
    return Finding("dead-man switch", Health.OK, f"{venue.name} has none: open entries outlive a desk that dies")
