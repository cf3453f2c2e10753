"""Feeds as the feed role announced them, and which one an account trades on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed: its key in candles and quotes, and the timeframe of its own candles."""

    key: str
    kind: str
    label: str
    timeframe: str


async def of_account(pool: Pool, account: str) -> FeedRow | None:
    """The feed that the account trades on, or traded on last; None when nobody can tell.

    Its running roles say so; else the account names it, or names its kind and there is but one feed of that kind.
    """
    row = await pool.fetchrow(
        """
        with named as (
          select f.feed, 0 as rank, r.seen_at as at from roles r join feeds f on f.feed = r.state ->> 'feed'
          where r.state ->> 'account' = $1
          union all
          select f.feed, 1, a.created_at from accounts a join feeds f on f.feed = a.feed where a.account = $1
          union all
          select f.feed, 2, a.created_at from accounts a join feeds f on f.kind = a.feed
          where a.account = $1 and (select count(*) from feeds g where g.kind = a.feed) = 1
        )
        select f.feed, f.kind, f.label, f.timeframe from named n join feeds f using (feed)
        order by n.rank, n.at desc limit 1
        """,
        account,
    )
    return None if row is None else FeedRow(*row)
