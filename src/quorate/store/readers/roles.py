"""Signs of life of the roles feed, worker and api, and which account the running desk trades.

`roles.state` is JSON. Read here, all optional: `account`, `mode`, `since_ms`, `detail`; of a feed also `feed` (its key
in candles and quotes), `kind`, `label`, `state` (starting, up, stale, down, ended), `at_ms` (feed time of the newest
data) and `stale_after_ms` (age on the wall clock from which its data counts as stale); of a worker also what it sees of
the sources of context and of the providers of models. A role `context` is no role but what a worker knows of the world
(see `readers/context.py`), and a role `venue` what it knows of the real venue (`readers/venue.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg.pool import Pool

Said = TypeVar("Said")


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source of context is doing. `fault` is the kind of its last error; ages are of the moment it was said."""

    name: str
    state: str
    breaker: str
    fault: str | None = None
    why: str = ""
    age_ms: int | None = None
    failures: int = 0


class ProviderState(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider of models is doing."""

    name: str
    breaker: str
    failures: int = 0
    under_way: int = 0
    waits_s: float = 0.0
    last_latency_ms: int | None = None
    last_fault: str = ""


class BudgetState(msgspec.Struct, frozen=True, kw_only=True):
    """What models may cost on this UTC day and what they have cost, reservations included."""

    spent_usd: Decimal
    limit_usd: Decimal
    spent_tokens: int
    limit_tokens: int


class RoleState(msgspec.Struct, frozen=True):
    """What a role says about itself; unknown keys are left alone."""

    account: str | None = None
    mode: str | None = None
    since_ms: int | None = None
    detail: str = ""
    feed: str | None = None
    kind: str | None = None
    label: str = ""
    state: str = "up"
    at_ms: int | None = None
    stale_after_ms: int | None = None
    context: tuple[SourceState, ...] = ()
    providers: tuple[ProviderState, ...] = ()
    budget: BudgetState | None = None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """The newest sign of life of one instance of a role; the age is measured on the database's clock."""

    role: str
    instance: str
    state: RoleState
    age_ms: int


_decode = msgspec.json.Decoder(RoleState).decode
INSTANCES_MAX = 200
CONTEXT = "context"
"""What stands in place of a role where a worker tells what it knows of the world."""
VENUE = "venue"
"""What stands there where a worker tells how its real venue is doing."""
ACCOUNT_OF_DESK = """
select state ->> 'account' from roles
where role = 'worker' and state ->> 'account' is not null order by seen_at desc limit 1
"""


async def newest(pool: Pool) -> list[RoleRow]:
    """Every instance that was ever heard of, the newest first."""
    rows = await pool.fetch(
        """
        select role, instance, state, (extract(epoch from clock_timestamp() - seen_at) * 1000)::bigint from roles
        where role <> all ($2::text[]) order by seen_at desc limit $1
        """,
        INSTANCES_MAX,
        [CONTEXT, VENUE],
    )
    return [RoleRow(row[0], row[1], _state(row[2]), max(int(row[3]), 0)) for row in rows]


async def newest_told(pool: Pool, role: str, account: str, decode: Callable[[str], Said]) -> tuple[Said, int] | None:
    """What a worker of the account told last in place of a role, and its age in ms on the database's clock.

    None where none has told anything that can be read.
    """
    row = await pool.fetchrow(
        """
        select state, (extract(epoch from clock_timestamp() - seen_at) * 1000)::bigint from roles
        where role = $1 and state ->> 'account' = $2 order by seen_at desc limit 1
        """,
        role,
        account,
    )
    try:
        return None if row is None else (decode(row[0]), max(int(row[1]), 0))
    except msgspec.MsgspecError:
        # A worker of another release.
        return None


async def account_of_desk(pool: Pool) -> str | None:
    """The account of the worker that was heard of last; None when there never was one."""
    return await pool.fetchval(ACCOUNT_OF_DESK)


async def beat(pool: Pool, *, role: str, instance: str, state: msgspec.Struct) -> None:
    """Say that this instance of the role is alive, and how it is."""
    await pool.execute(
        """
        insert into roles (role, instance, state, seen_at) values ($1, $2, $3, clock_timestamp())
        on conflict (role, instance) do update set state = excluded.state, seen_at = excluded.seen_at
        """,
        role,
        instance,
        msgspec.json.encode(state).decode(),
    )


async def leave(pool: Pool, *, role: str, instance: str) -> None:
    """This instance ended in good order: nobody has to wonder where it is."""
    await pool.execute("delete from roles where role = $1 and instance = $2", role, instance)


def _state(text: str) -> RoleState:
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        # A role of another release: it is alive, and that is all we can tell.
        return RoleState(detail="speaks another release's language")
