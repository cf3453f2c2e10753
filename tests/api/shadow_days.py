"""Shadow trades run to their end, many at once, for tests and measurements of records."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal as D

from quorate.domain.ids import opposite_id, shadow_id
from quorate.domain.minds import AskingMade, ModelAsked
from quorate.domain.shadows import ShadowClosed
from quorate.domain.votes import Side, Vote
from tests.journal import samples

DAY_MS = 86_400_000
MODEL_KEY = "gemini/gemini-2.5-pro full-1 temperature 0, 16384 tokens"
PROMPT = "a1" * 32


def ended(
    analyst: str,
    results: Sequence[str | None],
    *,
    mirrored: Sequence[str] | None = None,
    hold: str | None = "0.1",
    record: str = "rules",
    contaminated: bool = False,
    confidence: str = "0.6",
    first_day: int = 0,
    pair: str = "BTC/USDT",
) -> Iterator[ShadowClosed]:
    """One trade a day, each with these results in R; `mirrored` are those of their mirror images."""
    for day, r in enumerate(results):
        at_ms = samples.START_MS + (first_day + day) * DAY_MS
        own = ShadowClosed(
            id=shadow_id(analyst=analyst, pair=pair, at_ms=at_ms, side="LONG"),
            analyst=analyst,
            pair=pair,
            side=Side.LONG,
            confidence=D(confidence),
            opened_ms=at_ms,
            closed_ms=at_ms + samples.STEP_MS,
            r=None if r is None else D(r),
            reason="target",
            record=record,
            contaminated=contaminated,
            hold_r=None if hold is None or r is None else D(hold),
            risk_share=D("0.02"),
        )
        yield own
        if mirrored is not None:
            yield replace(own, id=opposite_id(own.id), side=Side.SHORT, r=D(mirrored[day]), opposite_of=own.id)


def vote(analyst: str, side: Side = Side.LONG, *, pair: str = "BTC/USDT", abstained: bool = False) -> Vote:
    """A vote with sound prices, a FLAT one, or an abstention."""
    if side is Side.FLAT:
        return Vote(analyst, pair, side, D(0), None, None, None, "timeout: no answer", abstained)
    stop, target = (D(98), D(104)) if side is Side.LONG else (D(102), D(96))
    return Vote(analyst, pair, side, D("0.8"), D(100), stop, target, "EMA 20 over 50")


def asked(
    analyst: str = "gemini", *, code: str = "voted", cost: str = "0.25", prompt: str = PROMPT, record: str = "b2" * 32
) -> ModelAsked:
    """One model that was asked once."""
    answered = code == "voted"
    asking = AskingMade(
        request=prompt,
        record=record if answered else "",
        answered_by="gemini/gemini-2.5-pro" if answered else "",
        fallback=False,
        fault="" if answered else code,
        input_tokens=1_000,
        output_tokens=200,
        cost_usd=D(cost),
        latency_ms=1_500,
    )
    return ModelAsked(
        analyst=analyst,
        provider="gemini",
        model="gemini-2.5-pro",
        template="full-1",
        prompt=prompt,
        code=code,
        stood_in="",
        askings=(asking,),
        record=MODEL_KEY,
        knowledge_cutoff="2024-06-30",
        repeats=2,
        flips=1,
    )
