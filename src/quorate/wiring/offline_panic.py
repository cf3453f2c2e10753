"""Panic without the house: opens the sealed key by itself and speaks to the venue, whatever else is broken."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quorate.accounts import venue_keys
from quorate.accounts.halt_marker import HaltMark, path_of, write_halt
from quorate.accounts.panic import Leg, Means, Report, panic
from quorate.accounts.sealed_file import SealedFile, read_contents
from quorate.accounts.venue_keys import Credentials
from quorate.clock import SystemClock
from quorate.domain.errors import BadInput, QuorateError, Refused
from quorate.settings_salvage import Salvaged
from quorate.venues.ccxt.lean import load_alone
from quorate.wiring.keys import KeyPlace, open_sealed
from quorate.wiring.venues import open_with_key, priced

BY = "quorate panic --offline"
TRANSPORT = ("httpx", "httpcore", "anyio._backends._asyncio")
"""What the venue's requests go out by, which is loaded when the first one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflinePanic:
    """What was asked for."""

    flatten: bool
    pairs: tuple[str, ...]
    """Whose coins are sold; none: those of the settings, else every coin that has a market."""
    agree: Callable[[Sequence[Leg]], Awaitable[bool]]
    budget_s: float
    """How long is tried before it is told what is left."""
    warn: Callable[[str], None]


def key_of(salvaged: Salvaged, place: KeyPlace, name: str | None) -> Credentials:
    """The key to panic with: the one named, else that of the settings, else the only one there is.

    Errors: BadInput where it is not clear which; those of `open_sealed` and `open_key`.
    """
    file: SealedFile = open_sealed(place)
    kept = [entry.name for entry in read_contents(place.path).of_kind(venue_keys.KIND)]
    wanted = name or (salvaged.venue.key if salvaged.venue.key in kept else None)
    if wanted is None and len(kept) != 1:
        if not kept:
            raise Refused(f"There is no key in {place.path}.", hint="Nothing of this desk can be open at a venue.")
        raise BadInput("There are several keys.", hint=f"Say which: --key {' or --key '.join(kept)}.")
    return venue_keys.open_key(file, wanted or kept[0])


async def offline_panic(
    salvaged: Salvaged, credentials: Credentials, wanted: OfflinePanic, clock: SystemClock
) -> Report:
    """Halt the desk by a mark in its data directory, then end everything at the venue. Errors: BadInput, Unavailable.

    What fails at the venue is in the report; an error is raised only where nothing could be begun.
    """
    mark = HaltMark(at_ms=clock.now_ms(), by=BY, reason="panic", venue=credentials.venue)
    _leave(salvaged.data_dir, mark, wanted.warn)
    # Where the key is one of another venue than the settings, their addresses are not its own.
    own = salvaged.venue.name in (None, credentials.venue)
    settings = salvaged.venue if own else replace(salvaged.venue, urls={}, testnet=False)
    _prepare(credentials.venue)
    venue = await open_with_key(settings, credentials, clock)
    began_ms = clock.now_ms()
    pairs = wanted.pairs or salvaged.pairs
    means = Means(
        now_s=clock.monotonic,
        sleep=clock.sleep,
        markets=lambda account: priced(venue, [each.asset for each in account.balances], pairs),
        order_id=lambda count: f"qpanic{began_ms}n{count}",
        agree=wanted.agree,
        budget_s=wanted.budget_s,
    )
    try:
        report = await panic(venue, flatten=wanted.flatten, pairs=pairs, means=means)
    finally:
        await _closed(venue)
    _leave(salvaged.data_dir, replace_mark(mark, clean=report.clean), wanted.warn)
    return report


def _prepare(exchange: str) -> None:
    """Load what the first request needs before the first request: nothing is imported between two cancels."""
    load_alone(exchange)
    for name in TRANSPORT:
        importlib.import_module(name)


def replace_mark(mark: HaltMark, *, clean: bool) -> HaltMark:
    """The mark with what came of it."""
    return HaltMark(at_ms=mark.at_ms, by=mark.by, reason=mark.reason, venue=mark.venue, clean=clean)


def _leave(data_dir: Path, mark: HaltMark, warn: Callable[[str], None]) -> None:
    """Leave the mark; a disk that is full keeps no order alive."""
    try:
        write_halt(data_dir, mark)
    except QuorateError as error:
        warn(f"{error.message} A desk that is started will not know of this panic: {path_of(data_dir)} is missing.")


async def _closed(venue: Any) -> None:
    try:
        async with asyncio.timeout(2):
            await venue.close()
    except (TimeoutError, OSError, QuorateError):
        pass


def report_json(report: Report) -> Mapping[str, Any]:
    """The report for programs. Times in whole milliseconds since the panic began, quantities as exact text."""

    def ms(seconds: float | None) -> int | None:
        return None if seconds is None else round(seconds * 1_000)

    return {
        "venue": report.venue,
        "clean": report.clean,
        "verified": report.verified,
        "flatten": report.flatten,
        "orders_found": report.orders_found,
        "cancelled_ms": ms(report.cancelled_s),
        "no_orders_ms": ms(report.no_orders_s),
        "ended_ms": ms(report.ended_s),
        "tries": report.tries,
        "sold": [{"pair": leg.pair, "action": leg.action.value, "quantity": str(leg.quantity)} for leg in report.sold],
        "orders_left": [{"order": each.what, "quantity": str(each.quantity)} for each in report.orders_left],
        "left": [
            {"what": each.what, "quantity": str(each.quantity), "reason": each.reason, "dust": each.dust}
            for each in report.left
        ],
        "positions_open": report.positions_open,
        "faults": report.faults,
    }
