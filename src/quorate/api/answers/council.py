"""Cycles of the council out of the journal: votes, disagreement, outcomes, and how models were asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from quorate.api.answers.rows import instant, moment, plain_or_none
from quorate.api.schemas.council import (
    AskedModel,
    Council,
    CouncilCycle,
    ModelAsking,
    PairAgreement,
    PairVotes,
    Silence,
    VerdictOutcome,
)
from quorate.api.schemas.signals import Vote as VoteShape
from quorate.domain.events import CouncilAsked, VotesCast
from quorate.domain.money import ZERO, plain
from quorate.domain.votes import Side, Vote
from quorate.store.readers import entries
from quorate.store.readers.page import parse_cursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg.pool import Pool

    from quorate.domain.minds import AskingMade, ModelAsked
    from quorate.domain.signals import VerdictOutcome as Outcome

REASONS_MAX = 3
"""Most reasons of an analyst that abstained that are told."""
BEGINNING: entries.Position = (0, 0)
_votes = msgspec.json.Decoder(VotesCast).decode
_asked = msgspec.json.Decoder(CouncilAsked).decode


async def council_of(pool: Pool, account: str, limit: int, before: str | None) -> Council:
    """One page of cycles, newest first."""
    rows = await entries.newest(pool, account, "VotesCast", limit=limit + 1, before=parse_cursor(before))
    shown = rows[:limit]
    if not shown:
        return Council(cycles=[], agreement=[], next=None)
    beyond = rows[limit] if len(rows) > limit else None
    asked_rows = await entries.asked_at(
        pool,
        account,
        [row.subject for row in shown],
        first=BEGINNING if beyond is None else (beyond.epoch, beyond.seq),
        last=(shown[0].epoch, shown[0].seq),
    )
    asked = {row.subject: _asked(row.body) for row in asked_rows}
    cycles = [_cycle(row.id, _votes(row.body), asked.get(row.subject)) for row in shown]
    return Council(cycles=cycles, agreement=_agreement(cycles), next=shown[-1].id if beyond is not None else None)


def _cycle(id_: str, cast: VotesCast, asked: CouncilAsked | None) -> CouncilCycle:
    by_pair: defaultdict[str, list[Vote]] = defaultdict(list)
    for vote in cast.votes:
        by_pair[vote.pair].append(vote)
    outcomes = {outcome.pair: outcome for outcome in cast.outcomes}
    models = () if asked is None else asked.asked
    cost = sum((asking.cost_usd for model in models for asking in model.askings), ZERO)
    return CouncilCycle(
        id=id_,
        slot=cast.slot,
        at=instant(moment(cast.at_ms)),
        panel=list(cast.panel),
        pairs=[
            _pair(pair, votes, cast.panel, outcomes.get(pair))
            for pair, votes in sorted(by_pair.items())
            if any(vote.side is not Side.FLAT for vote in votes)
        ],
        silences=_silences(cast.votes),
        models=[_model(model) for model in models],
        cost_usd=plain(cost),
    )


def _pair(pair: str, votes: Sequence[Vote], panel: Sequence[str], outcome: Outcome | None) -> PairVotes:
    told = {vote.analyst for vote in votes}
    flat = [name for name in panel if name not in told]
    stances = Counter(vote.side for vote in votes if not vote.abstained)
    stances[Side.FLAT] += len(flat)
    present = stances.total()
    return PairVotes(
        pair=pair,
        votes=[_vote(vote) for vote in sorted(votes, key=lambda vote: vote.analyst)],
        flat=flat,
        disagreement=1 - max(stances.values()) / present if present else 0.0,
        opposed=bool(stances[Side.LONG] and stances[Side.SHORT]),
        outcome=None if outcome is None else _outcome(outcome),
    )


def _vote(vote: Vote) -> VoteShape:
    words: dict[str, Any] = {"side": vote.side.value}
    return VoteShape(
        analyst=vote.analyst,
        confidence=float(vote.confidence),
        entry=plain_or_none(vote.entry),
        stop=plain_or_none(vote.stop),
        target=plain_or_none(vote.target),
        reason=vote.reason,
        abstained=vote.abstained,
        **words,
    )


def _outcome(outcome: Outcome) -> VerdictOutcome:
    words: dict[str, Any] = {"side": outcome.side.value, "tier": outcome.tier.value}
    return VerdictOutcome(
        confidence=float(outcome.confidence),
        agreeing=list(outcome.agreeing),
        dissenting=list(outcome.dissenting),
        signal=outcome.signal or None,
        kept_back=outcome.kept_back or None,
        **words,
    )


def _silences(votes: Sequence[Vote]) -> list[Silence]:
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for vote in votes:
        if vote.abstained:
            reasons[vote.analyst][vote.reason] += 1
    return [
        Silence(analyst=analyst, pairs=said.total(), reasons=[reason for reason, _ in said.most_common(REASONS_MAX)])
        for analyst, said in sorted(reasons.items())
    ]


def _model(asked: ModelAsked) -> AskedModel:
    askings = asked.askings
    return AskedModel(
        analyst=asked.analyst,
        provider=asked.provider,
        model=asked.model,
        template=asked.template or None,
        code=asked.code,
        prompt=asked.prompt or None,
        stood_in=asked.stood_in or None,
        record=asked.record,
        input_tokens=sum(asking.input_tokens for asking in askings),
        output_tokens=sum(asking.output_tokens for asking in askings),
        cost_usd=plain(sum((asking.cost_usd for asking in askings), ZERO)),
        latency_ms=sum(asking.latency_ms for asking in askings),
        askings=[_asking(asking) for asking in askings],
    )


def _asking(asking: AskingMade) -> ModelAsking:
    return ModelAsking(
        prompt=asking.request,
        record=asking.record or None,
        answered_by=asking.answered_by or None,
        fallback=asking.fallback,
        fault=asking.fault or None,
        input_tokens=asking.input_tokens,
        output_tokens=asking.output_tokens,
        cost_usd=plain(asking.cost_usd),
        latency_ms=asking.latency_ms,
    )


def _agreement(cycles: Sequence[CouncilCycle]) -> list[PairAgreement]:
    """What the cycles add up to, by pair."""
    by_pair: defaultdict[str, list[PairVotes]] = defaultdict(list)
    for cycle in cycles:
        for pair in cycle.pairs:
            by_pair[pair.pair].append(pair)
    return [
        PairAgreement(
            pair=pair,
            cycles=len(seen),
            long_votes=sum(vote.side == "LONG" for each in seen for vote in each.votes),
            short_votes=sum(vote.side == "SHORT" for each in seen for vote in each.votes),
            quorums=sum(each.outcome is not None for each in seen),
            published=sum(each.outcome is not None and each.outcome.signal is not None for each in seen),
            opposed=sum(each.opposed for each in seen),
            disagreement=sum(each.disagreement for each in seen) / len(seen),
        )
        for pair, seen in sorted(by_pair.items())
    ]
