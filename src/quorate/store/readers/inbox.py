"""Asking the worker to do something, through the inbox: the only thing the API writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from asyncpg import Record
    from asyncpg.pool import Pool

CHANNEL = "inbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. The same `key` is the same request, however often it is asked."""

    account: str
    kind: str
    body: Mapping[str, object]
    requested_by: str
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a request stands: waiting, taken, done or failed; `reply` is JSON once it is done or failed.

    `kind` and `body` are those of whoever used the key first.
    """

    id: UUID
    kind: str
    body: Mapping[str, object]
    status: str
    reply: str | None


async def ask(pool: Pool, request: Request, *, id_: UUID) -> Answer:
    """Put the request into the inbox, or find the one with the same key; wakes the worker."""
    row = await pool.fetchrow(
        """
        with owners as (
          select coalesce((select owner from accounts where account = $2), $7::uuid) as owner
        ), asked as (
          insert into inbox (id, account, owner, kind, body, requested_by, idempotency_key)
          select $1, $2, owner, $3, $4, $5, $6 from owners
          on conflict (account, idempotency_key) do update set kind = inbox.kind
          returning id, kind, body, status, reply
        )
        select id, kind, body, status, reply, pg_notify($8, $2) from asked
        """,
        id_,
        request.account,
        request.kind,
        msgspec.json.encode(request.body).decode(),
        request.requested_by,
        request.key,
        LOCAL_OWNER,
        CHANNEL,
    )
    assert row is not None, "an upsert gives its row"
    return _answer(row)


async def answer(pool: Pool, id_: UUID) -> Answer | None:
    """Where the request stands now; None when it is gone."""
    row = await pool.fetchrow("select id, kind, body, status, reply from inbox where id = $1", id_)
    return None if row is None else _answer(row)


def _answer(row: Record) -> Answer:
    return Answer(row[0], row[1], msgspec.json.decode(row[2]), row[3], row[4])


LOCAL_OWNER = "00000000-0000-4000-8000-000000000001"
"""The owner of everything until people sign up, as the journal has it."""
