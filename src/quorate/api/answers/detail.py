"""One signal with everything that came of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from quorate.api.answers.lessons import lesson_of
from quorate.api.answers.rows import milliseconds, order_of, shadow_of
from quorate.domain.ids import shadow_id
from quorate.store.readers import lessons, orders, shadows, trades

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.store.readers.signals import Found

FLAT = "FLAT"


class _Vote(msgspec.Struct):
    analyst: str
    side: str


class _Decision(msgspec.Struct):
    """What of a published signal tells which shadow trades its decision began."""

    source: str
    side: str
    votes: list[_Vote]


class _Trade(msgspec.Struct):
    id: str


_decision = msgspec.json.Decoder(_Decision).decode
_trade = msgspec.json.Decoder(_Trade).decode


async def detail_of(pool: Pool, account: str, signal_id: str, found: Found) -> str:
    """The signal, its orders, trades, lessons and shadow trades, as JSON."""
    made_orders, made_trades, made_shadows = await asyncio.gather(
        orders.of_signal(pool, account, signal_id),
        trades.of_signal(pool, account, signal_id),
        shadows.of_ids(pool, account, _shadow_ids(found)),
    )
    learned = await lessons.of_trades(pool, account, [_trade(body).id for body in made_trades])
    parts = (
        f'"signal":{found.body}',
        f'"orders":[{",".join(order_of(row).model_dump_json() for row in made_orders)}]',
        f'"trades":[{",".join(made_trades)}]',
        f'"shadows":[{",".join(shadow_of(row).model_dump_json() for row in made_shadows)}]',
        f'"lessons":[{",".join(lesson_of(body).model_dump_json() for body in learned)}]',
    )
    return "{" + ",".join(parts) + "}"


def _shadow_ids(found: Found) -> list[str]:
    """Ids of the shadow trades that exactly this decision began: they follow from who said what, and when.

    An analyst whose earlier word on the same pair and side was still running began none.
    """
    decision = _decision(found.body)
    said = {(vote.analyst, vote.side) for vote in decision.votes if vote.side != FLAT}
    said.add((decision.source, decision.side))
    at_ms = milliseconds(found.at)
    return sorted(shadow_id(analyst=name, pair=found.pair, at_ms=at_ms, side=side) for name, side in said)
