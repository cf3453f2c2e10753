"""What is known of the real venue: alarms, breaks and strangers' orders from the journal; its health as a worker tells.

A role `venue` is no role but what a worker that trades at a real venue says of it, renewed while it is at work.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from quorate.store.readers.roles import VENUE, newest_told

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg.pool import Pool

ROWS_MAX = 1_000
"""Most rows of one kind that are told."""
Position = tuple[int, int]


class BalanceSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What the account has of one asset; `held` is what open orders lock."""

    asset: str
    total: Decimal
    held: Decimal


class DifferenceSaid(msgspec.Struct, frozen=True, kw_only=True):
    """Where the last look has found the venue and the ledger to disagree: an asset, or a pair on perpetuals."""

    subject: str
    expected: Decimal
    found: Decimal


class VenueSaid(msgspec.Struct, frozen=True, kw_only=True):
    """How a venue is doing, in the worker's word. Instants are of the worker's clock, UTC milliseconds."""

    account: str
    name: str
    testnet: bool
    elsewhere: bool
    """Whether the settings name another address than the venue's own: an exchange on this machine, say."""
    spot: bool
    keeps_stops: bool
    stream_up: bool
    heard_ms: int | None = None
    reconciled_ms: int | None = None
    fault: str = ""
    compared_ms: int | None = None
    """The venue's own instant of the balances; None before they were asked for."""
    balances: tuple[BalanceSaid, ...] = ()
    differences: tuple[DifferenceSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class VenueRow:
    """The newest telling; the age is measured on the database's clock."""

    said: VenueSaid
    age_ms: int


@dataclass(frozen=True, slots=True)
class UnprotectedRow:
    """An open position without a stop at the venue, since when that is an alarm."""

    portfolio: str
    pair: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BlockedBookRow:
    """A pair on which nothing is opened because its order book is not to be relied on."""

    pair: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExternalOrderRow:
    """Somebody else's open order on the account."""

    pair: str
    venue_id: str
    action: str
    open_quantity: Decimal
    price: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakRow:
    """A difference that nothing explains. `epoch, seq` is its place in the journal."""

    subject: str
    expected: Decimal
    found: Decimal
    reason: str
    reckoned: bool
    at: datetime
    epoch: int
    seq: int


_decode = msgspec.json.Decoder(VenueSaid).decode


async def newest(pool: Pool, account: str) -> VenueRow | None:
    """What a worker of the account told last; None where none has told anything that can be read."""
    told = await newest_told(pool, VENUE, account, _decode)
    return None if told is None else VenueRow(*told)


async def unprotected(pool: Pool, account: str) -> list[UnprotectedRow]:
    """Every position without a stop, by portfolio and pair."""
    rows = await pool.fetch(
        "select portfolio, pair, reason, at from unprotected where account = $1 order by portfolio, pair limit $2",
        account,
        ROWS_MAX,
    )
    return [UnprotectedRow(*row) for row in rows]


async def blocked_books(pool: Pool, account: str) -> list[BlockedBookRow]:
    """Every pair that is closed to entries, by pair."""
    rows = await pool.fetch(
        "select pair, reason, at from blocked_books where account = $1 order by pair limit $2", account, ROWS_MAX
    )
    return [BlockedBookRow(*row) for row in rows]


async def external_orders(pool: Pool, account: str) -> list[ExternalOrderRow]:
    """Every open order that is not ours, by pair."""
    rows = await pool.fetch(
        """
        select pair, venue_id, action, open_quantity, price, at from external_orders
        where account = $1 order by pair, venue_id limit $2
        """,
        account,
        ROWS_MAX,
    )
    return [ExternalOrderRow(*row) for row in rows]


async def breaks(pool: Pool, account: str, *, limit: int) -> list[BreakRow]:
    """The newest breaks, newest first."""
    rows = await pool.fetch(
        """
        select subject, expected, found, reason, reckoned, at, epoch, seq from breaks
        where account = $1 order by epoch desc, seq desc limit $2
        """,
        account,
        limit,
    )
    return [BreakRow(*row) for row in rows]


async def last_active(pool: Pool, account: str) -> Position | None:
    """Where in the journal somebody last let the whole account trade again; None where nobody ever had to."""
    row = await pool.fetchrow(
        """
        select epoch, seq from journal where account = $1 and kind = 'TradingStateChanged' and subject = ''
          and body ->> 'state' = 'ACTIVE'
        order by epoch desc, seq desc limit 1
        """,
        account,
    )
    return None if row is None else (row[0], row[1])
