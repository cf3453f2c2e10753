"""Published signals. Bodies are the JSON text as it was published: nobody parses it on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.store.readers.page import Conditions

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg.pool import Pool

_HEAD = "select body, epoch, seq from signals where account = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which signals: None leaves a condition out. `before` is the place of the last one of the page before."""

    mode: str | None = None
    pair: str | None = None
    strategy: str | None = None
    tier: str | None = None
    since: datetime | None = None
    before: tuple[int, int] | None = None
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Bodies, newest first, and the cursor of the page after, None on the last."""

    bodies: list[str]
    following: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One signal: its JSON, what its shadow trades are looked up by, and its place in the journal."""

    body: str
    pair: str
    at: datetime
    epoch: int
    seq: int


async def page(pool: Pool, account: str, wanted: Wanted) -> Page:
    """One page of signals, newest first."""
    conditions = Conditions(account)
    for column, value in (
        ("mode = {}", wanted.mode),
        ("pair = {}", wanted.pair),
        ("strategy = {}", wanted.strategy),
        ("tier = {}", wanted.tier),
        ("at >= {}", wanted.since),
    ):
        if value is not None:
            conditions.add(column, value)
    if wanted.before is not None:
        conditions.add("(epoch, seq) < ({}, {})", *wanted.before)
    # One row more than asked for tells whether there is another page. limit is a bounded integer.
    rows = await pool.fetch(
        conditions.sql(_HEAD, f"order by epoch desc, seq desc limit {int(wanted.limit) + 1}"), *conditions.values
    )
    shown = rows[: wanted.limit]
    following = f"{shown[-1][1]}-{shown[-1][2]}" if len(rows) > len(shown) else None
    return Page([row[0] for row in shown], following)


async def one(pool: Pool, account: str, signal_id: str) -> Found | None:
    """One signal, or None."""
    row = await pool.fetchrow(
        "select body, pair, at, epoch, seq from signals where account = $1 and id = $2", account, signal_id
    )
    return None if row is None else Found(*row)
