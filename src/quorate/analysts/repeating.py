"""Asking a model the very same twice, now and then, to see whether it stays with its word.

The second answer is never a vote. What it says counts towards the flip rate and nothing else.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from quorate.analysts.answer import Fault
from quorate.analysts.consulting import (
    VOTED,
    Consulted,
    Deadlines,
    Hear,
    Mind,
    asked_once,
    heard_in,
    round_of,
    time_left,
)
from quorate.domain.minds import MindRequest, MindSilence, ModelSpec
from quorate.domain.votes import Side, Vote


def repeats_at(slot: str, *, every: int) -> bool:
    """Whether models are asked twice at this slot of the schedule: at one of `every` on average, never where that is 0.

    The slot's digest picks it, so that a restart and a replay pick the same, at every hour of the day alike.
    """
    return every > 0 and slot.isdigit() and int(hashlib.sha256(slot.encode()).hexdigest(), 16) % every == 0


def repeatable(first: Consulted) -> bool:
    """Whether a second answer can be held against this one: it came at the first asking, sound, from the model."""
    return first.code == VOTED and len(first.rounds) == 1 and not (first.rounds[0].fault or first.rounds[0].fallback)


async def repeated(
    mind: Mind,
    spec: ModelSpec,
    request: MindRequest,
    first: Consulted,
    *,
    hear: Hear,
    ends_s: float,
    deadlines: Deadlines,
) -> Consulted:
    """What became of asking `first`'s model the same bytes once more: its votes as they were, with the account of both.

    A second answer that did not come, is not sound or is a fallback's is on the account and compared with nothing.
    """
    again = replace(request, ordinal=1)
    call_s = time_left(ends_s=ends_s, least_s=deadlines.least_s, deadlines=deadlines)
    reply = await asked_once(mind, spec, again, call_s=call_s, grace_s=deadlines.grace_s)
    if isinstance(reply, MindSilence):
        return replace(first, rounds=(*first.rounds, round_of(again, reply)))
    heard = heard_in(reply.text, hear)
    if isinstance(heard, Fault):
        fault = f"{heard.code}: {heard.reason}"
        return replace(first, rounds=(*first.rounds, round_of(again, reply, fault=fault)))
    rounds = (*first.rounds, round_of(again, reply))
    if reply.fallback:
        return replace(first, rounds=rounds)
    repeats, flips = compared(first.votes, heard)
    return replace(first, rounds=rounds, repeats=repeats, flips=flips)


def compared(first: Sequence[Vote], second: Sequence[Vote]) -> tuple[int, int]:
    """(pairs on which either answer takes a direction, those of them on which their sides differ).

    A pair that an answer does not name is FLAT in it.
    """
    before, after = ({vote.pair: vote.side for vote in votes} for votes in (first, second))
    sides = [(before.get(pair, Side.FLAT), after.get(pair, Side.FLAT)) for pair in before.keys() | after.keys()]
    directed = [(one, other) for one, other in sides if not one is other is Side.FLAT]
    return len(directed), sum(one is not other for one, other in directed)
