"""One signal with everything that came of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from quorate.api.answers.lessons import lesson_of
from quorate.api.answers.rows import milliseconds, order_of, shadow_of
from quorate.api.schemas.signals import DecidedIn, DecisionPrompt
from quorate.domain.events import CouncilAsked
from quorate.domain.ids import shadow_id
from quorate.domain.signals import COUNCIL
from quorate.store.readers import entries, lessons, orders, shadows, trades

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


class _Outcome(msgspec.Struct):
    signal: str


class _Ballot(msgspec.Struct):
    slot: str
    outcomes: list[_Outcome]


_asked = msgspec.json.Decoder(CouncilAsked).decode
_ballot = msgspec.json.Decoder(_Ballot).decode
_decision = msgspec.json.Decoder(_Decision).decode
_trade = msgspec.json.Decoder(_Trade).decode


async def detail_of(pool: Pool, account: str, signal_id: str, found: Found) -> str:
    """The signal, the cycle it was decided in, its orders, trades, lessons and shadow trades, as JSON."""
    decided, made_orders, made_trades, made_shadows = await asyncio.gather(
        decided_in(pool, account, signal_id, found),
        orders.of_signal(pool, account, signal_id),
        trades.of_signal(pool, account, signal_id),
        shadows.of_ids(pool, account, _shadow_ids(found)),
    )
    learned = await lessons.of_trades(pool, account, [_trade(body).id for body in made_trades])
    parts = (
        f'"signal":{found.body}',
        f'"decided_in":{"null" if decided is None else decided.model_dump_json()}',
        f'"orders":[{",".join(order_of(row).model_dump_json() for row in made_orders)}]',
        f'"trades":[{",".join(made_trades)}]',
        f'"shadows":[{",".join(shadow_of(row).model_dump_json() for row in made_shadows)}]',
        f'"lessons":[{",".join(lesson_of(body).model_dump_json() for body in learned)}]',
    )
    return "{" + ",".join(parts) + "}"


async def decided_in(pool: Pool, account: str, signal_id: str, found: Found) -> DecidedIn | None:
    """The cycle whose quorum became this signal, and what its models were asked; None for a strategy's own signal."""
    if _decision(found.body).source != COUNCIL:
        return None
    # Signals, then how models were asked, then the votes: one batch of the journal holds all of a cycle.
    row = await entries.ballot_after(pool, account, (found.epoch, found.seq))
    ballot = None if row is None else _ballot(row.body)
    if row is None or ballot is None or all(outcome.signal != signal_id for outcome in ballot.outcomes):
        return None
    asked = await entries.asked_at(
        pool, account, [ballot.slot], first=(found.epoch, found.seq), last=(row.epoch, row.seq)
    )
    models = [model for each in asked for model in _asked(each.body).asked if model.prompt]
    return DecidedIn(
        cycle=row.id,
        slot=ballot.slot,
        prompts=[
            DecisionPrompt(
                digest=digest,
                template=next(model.template for model in models if model.prompt == digest),
                analysts=[model.analyst for model in models if model.prompt == digest],
            )
            for digest in dict.fromkeys(model.prompt for model in models)
        ],
    )


def _shadow_ids(found: Found) -> list[str]:
    """Ids of the shadow trades that exactly this decision began: they follow from who said what, and when.

    An analyst whose earlier word on the same pair and side was still running began none.
    """
    decision = _decision(found.body)
    said = {(vote.analyst, vote.side) for vote in decision.votes if vote.side != FLAT}
    said.add((decision.source, decision.side))
    at_ms = milliseconds(found.at)
    return sorted(shadow_id(analyst=name, pair=found.pair, at_ms=at_ms, side=side) for name, side in said)
