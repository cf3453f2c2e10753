"""Asking the very same twice: how often a model changes its mind is measured, and never votes."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.answer import Fault, read_answer
from quorate.analysts.consulting import Deadlines
from quorate.analysts.repeating import compared, repeats_at
from quorate.domain.errors import BadInput
from quorate.domain.minds import MindAnswer, MindRequest, MindSilence, ModelAsked, ModelSpec
from quorate.domain.votes import Ballot, Side, Vote
from tests.analysts.prompting import (
    NAMES,
    Room,
    Script,
    ScriptedMind,
    answer,
    answered,
    as_of_in,
    long_btc,
    never,
    vote,
)

SLOTS = [str(1_735_689_600_000 + n * 600_000) for n in range(10_000)]
CHOSEN = next(slot for slot in SLOTS if repeats_at(slot, every=48))
PLAIN = next(slot for slot in SLOTS if not repeats_at(slot, every=48))
SHORT = vote(side="SHORT", stop=102, target=96)


def twice(second: Script) -> Script:
    """Long on BTC when it is asked, and something else when it is asked again."""

    def script(asked: ModelSpec, request: MindRequest):
        return second(asked, request) if request.ordinal else long_btc(asked, request)

    return script


def says_again(*votes: dict[str, object]) -> Script:
    return twice(lambda _, request: answer(*votes, as_of=as_of_in(request)))


def repeating(*, deadlines: Deadlines | None = None, **scripts: Script) -> Room:
    here = Room(ScriptedMind(scripts), repeat_every=48)
    return here if deadlines is None else replace(here, deadlines=deadlines)


async def asked_in(here: Room, slot: str = CHOSEN) -> tuple[Ballot, dict[str, ModelAsked]]:
    ballot = await here.panel.vote(here.snapshot, slot=slot)
    return ballot, {each.analyst: each for each in ballot.asked}


def side_on(ballot: Ballot, analyst: str, pair: str = "BTC/USDT") -> Side:
    (found,) = [cast.side for cast in ballot.votes if (cast.analyst, cast.pair) == (analyst, pair)]
    return found


def test_one_slot_of_so_many_is_repeated_whatever_the_hour_and_always_the_same_ones() -> None:
    chosen = [slot for slot in SLOTS if repeats_at(slot, every=48)]
    assert len(SLOTS) / 60 < len(chosen) < len(SLOTS) / 40
    hours = {int(slot) // 3_600_000 % 24 for slot in chosen}
    assert hours == set(range(24))
    assert all(repeats_at(slot, every=1) for slot in SLOTS[:100])


@pytest.mark.parametrize(("slot", "every"), [(CHOSEN, 0), ("manual-7", 1), ("ask-7", 1)])
def test_never_means_never_and_what_is_asked_by_hand_is_asked_once(slot: str, every: int) -> None:
    assert not repeats_at(slot, every=every)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("", "", (0, 0)),
        ("F", "", (0, 0)),
        ("L", "L", (1, 0)),
        ("L", "S", (1, 1)),
        ("L", "", (1, 1)),
        ("", "S", (1, 1)),
        ("F", "S", (1, 1)),
        ("LS", "LL", (2, 1)),
        ("LFS", "LFS", (2, 0)),
    ],
)
def test_pairs_with_a_direction_in_either_answer_are_compared_and_flat_is_a_side(
    first: str, second: str, told: tuple[int, int]
) -> None:
    assert compared(votes_of(first), votes_of(second)) == told


def votes_of(letters: str) -> list[Vote]:
    sides = {"L": Side.LONG, "S": Side.SHORT, "F": Side.FLAT}
    return [Vote("a", f"C{n}/USDT", sides[each], Decimal(0), None, None, None, "") for n, each in enumerate(letters)]


@given(st.text("LSF", max_size=12), st.text("LSF", max_size=12))
def test_it_does_not_matter_which_answer_came_first(first: str, second: str) -> None:
    repeats, flips = compared(votes_of(first), votes_of(second))
    assert (repeats, flips) == compared(votes_of(second), votes_of(first))
    assert 0 <= flips <= repeats <= max(len(first), len(second))
    assert compared(votes_of(first), votes_of(first))[1] == 0


async def test_every_model_is_asked_the_same_bytes_again_and_its_second_answer_is_no_vote() -> None:
    here = repeating(claude=says_again(SHORT), gemini=says_again(vote()), grok=says_again())
    ballot, asked = await asked_in(here)
    assert [side_on(ballot, name) for name in NAMES] == [Side.LONG] * 3
    assert {name: (each.repeats, each.flips) for name, each in asked.items()} == {
        "claude": (1, 1),
        "gemini": (1, 0),
        "grok": (1, 1),
    }
    for name in NAMES:
        first, again = here.mind.requests_of(name)
        assert again == replace(first, ordinal=1)
        assert [asking.request for asking in asked[name].askings] == [first.digest] * 2
        assert [asking.cost_usd for asking in asked[name].askings] == [Decimal("0.001")] * 2
    assert [name for name, _ in here.mind.asked][:3] == list(NAMES), "first of all the votes"


async def test_in_every_other_cycle_they_are_asked_once() -> None:
    here = repeating(claude=long_btc, gemini=long_btc, grok=long_btc)
    _, asked = await asked_in(here, PLAIN)
    assert len(here.mind.asked) == 3
    assert all((each.repeats, each.flips) == (0, 0) for each in asked.values())


async def test_a_model_that_hangs_the_second_time_keeps_its_vote_and_delays_nobody_past_the_deadline() -> None:
    tight = Deadlines(cycle_s=1.0, call_s=0.8, least_s=0.01, grace_s=0.1)
    here = repeating(deadlines=tight, claude=twice(never), gemini=long_btc, grok=long_btc)
    started = asyncio.get_running_loop().time()
    ballot, asked = await asked_in(here)
    assert asyncio.get_running_loop().time() - started < 3
    assert side_on(ballot, "claude") is Side.LONG
    assert (asked["claude"].repeats, asked["claude"].askings[-1].fault) == (0, "timeout")
    assert asked["gemini"].repeats == 1


async def test_what_cannot_be_compared_is_on_the_account_and_counts_for_nothing() -> None:
    silence = MindSilence(analyst="gemini", code="over_budget", reason="spent")
    stranger = answered(answer(SHORT), ModelSpec(analyst="grok", provider="openai", model="grok-1"), by="openai/other")
    here = repeating(claude=twice(lambda *_: "no"), gemini=twice(lambda *_: silence), grok=twice(lambda *_: stranger))
    ballot, asked = await asked_in(here)
    assert [side_on(ballot, name) for name in NAMES] == [Side.LONG] * 3
    assert {name: each.askings[-1].fault for name, each in asked.items()} == {
        "claude": "not_json",
        "gemini": "over_budget",
        "grok": "",
    }
    assert asked["grok"].askings[-1].fallback
    assert all((each.repeats, each.flips) == (0, 0) for each in asked.values())


async def test_only_an_answer_that_was_sound_at_once_and_the_models_own_is_asked_for_again() -> None:
    replies = ["no", answer(vote())]
    silence = MindSilence(analyst="gemini", code="unavailable", reason="503")
    other = answered(answer(vote()), ModelSpec(analyst="grok", provider="openai", model="grok-1"), by="openai/other")
    here = repeating(claude=lambda *_: replies.pop(0), gemini=lambda *_: silence, grok=lambda *_: other)
    await asked_in(here)
    assert [(name, request.ordinal) for name, request in here.mind.asked if request.ordinal] == []


async def test_without_time_nobody_is_asked_again_and_the_mind_is_told_so() -> None:
    deadlines_s: list[float] = []

    class Watched(ScriptedMind):
        async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
            deadlines_s.append(deadline_s)
            return await super().ask(spec, request, deadline_s=deadline_s)

    hurried = Deadlines(cycle_s=5.0, call_s=5.0, least_s=30.0, grace_s=0.01)
    here = Room(Watched(dict.fromkeys(NAMES, long_btc)), repeat_every=48, deadlines=hurried)
    _, asked = await asked_in(here)
    assert deadlines_s[3:] == [0.0] * 3
    assert {each.askings[-1].fault for each in asked.values()} == {"timeout"}


@pytest.mark.parametrize("ordinal", [0, 1])
async def test_f31_an_answer_on_which_the_reader_trips_costs_its_model_the_vote_at_most(
    ordinal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = repeating(claude=long_btc, gemini=long_btc, grok=long_btc)
    readings: Counter[str] = Counter()

    def trips(text: str, *, analyst: str, **given: Any) -> tuple[Vote, ...] | Fault:
        readings[analyst] += 1
        if analyst == "claude" and readings[analyst] == ordinal + 1:
            raise BadInput("a number that no market knows")
        return read_answer(text, analyst=analyst, **given)

    monkeypatch.setattr("quorate.analysts.model_panel.read_answer", trips)
    ballot, asked = await asked_in(here)
    assert asked["claude"].code == ("voted" if ordinal else "failed")
    assert side_on(ballot, "gemini") is side_on(ballot, "grok") is Side.LONG


@pytest.mark.parametrize("ordinal", [0, 1])
async def test_a_mind_that_cannot_go_on_at_all_stops_the_cycle(ordinal: int) -> None:
    class Missing(BadInput):
        pass

    def script(asked: ModelSpec, request: MindRequest) -> str:
        if request.ordinal == ordinal:
            raise Missing(f"nothing on record at {request.cycle}")
        return long_btc(asked, request)

    here = repeating(claude=script, gemini=long_btc, grok=long_btc)
    with pytest.raises(Missing, match=CHOSEN):
        await asked_in(here)
