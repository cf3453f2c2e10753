"""Recorded decisions come out again bit for bit, and the first that does not is named."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.domain import events as ev
from quorate.domain.optimization import NOT_OPTIMIZED
from quorate.kernel.bars import Bars
from quorate.research.rerun import Rerun, first_difference, rerun
from tests.research.desk_story import Kept, made_columns, members, recording_of, story


@pytest.fixture(scope="module")
def told() -> list[Kept]:
    return story()


def made_again(entries: list[Kept], **changed) -> Rerun:
    return asyncio.run(rerun(recording_of(entries, **changed)))


def place_of(entries: list[Kept], kind: str, *, after: float = 0.5) -> int:
    start = int(len(entries) * after)
    return next(place for place in range(start, len(entries)) if entries[place].kind == kind)


def test_a_story_comes_out_again_bit_for_bit(told):
    done = made_again(told)
    assert done.difference is None
    assert done.entries == len(told) == done.checked + done.given
    assert done.decisions > 20
    assert done.ballots_asked > 200
    kinds = {entry.kind for entry in told}
    assert {"VotesCast", "SignalPublished", "TradeClosed", "ShadowClosed"} <= kinds


def test_votes_that_are_taken_from_the_record_lead_to_the_same(told):
    # As with models, which are not asked again: what was counted is in the record, word for word.
    done = made_again(told, models_vote=True)
    assert done.difference is None
    assert done.ballots_taken > 20
    assert done.ballots_asked == 0


@pytest.mark.parametrize("paced", [False, True])
def test_jobs_by_hand_and_quotes_between_steps_come_out_too(paced):
    entries = story(by_hand=True, paced=paced)
    done = made_again(entries, paced=paced)
    assert done.difference is None, done.difference.sentence
    assert done.entries == len(entries)
    assert {"QuotesMarked", "PositionsEvaluated", "JobFailed"} <= {entry.kind for entry in entries}


def test_an_entry_that_was_changed_is_named_with_field_and_both_values(told):
    place = place_of(told, "OrderFilled")
    entry = told[place]
    assert isinstance(entry.event, ev.OrderFilled)
    wrong = replace(entry.event, fill=replace(entry.event.fill, price=entry.event.fill.price + 1))
    done = made_again([*told[:place], entry.saying(wrong), *told[place + 1 :]])
    assert done.difference is not None
    assert (done.difference.entry, done.difference.field) == (entry.id, "fill.price")
    assert done.difference.recorded == str(wrong.fill.price)
    assert done.difference.now == str(entry.event.fill.price)
    assert entry.id in done.difference.sentence
    assert done.entries == place


def test_an_entry_that_is_missing_is_found(told):
    place = place_of(told, "SignalPublished")
    done = made_again([*told[:place], *told[place + 1 :]])
    assert done.difference is not None
    assert done.difference.now == "SignalPublished"


def test_an_entry_that_nothing_leads_to_is_found(told):
    place = place_of(told, "StepClosed")
    end = next(at for at in range(place, len(told)) if told[at].at_ms != told[place].at_ms)
    stray = told[place].saying(ev.CooldownSet("BTC/USDT", 1, "somebody wished it", told[place].at_ms))
    done = made_again([*told[:end], stray, *told[end:]])
    assert done.difference is not None
    assert done.difference.kind == "CooldownSet"


def test_another_parameter_is_another_story(told):
    done = made_again(told, strategies=members(breakout={"channel": 30}))
    assert done.difference is not None
    assert done.entries > 0


def test_candles_that_changed_afterwards_are_found(told):
    columns = made_columns()
    bars = columns["SOL/USDT"]
    row = len(bars) * 3 // 4
    close = bars.close.copy()
    close[row] = bars.high[row]
    columns["SOL/USDT"] = Bars(
        bars.pair, bars.timeframe, bars.open_ms, bars.open, bars.high, bars.low, close, bars.volume
    )
    done = made_again(told, columns=columns)
    assert done.difference is not None
    assert done.difference.at_ms == int(bars.close_ms[row])
    assert done.difference.kind == "StepClosed"


def test_a_step_that_the_log_does_not_hold_is_said(told):
    recording = recording_of(told)
    recording.last_ms = told[-1].at_ms - 1
    done = asyncio.run(rerun(recording))
    assert done.difference is not None
    assert "holds no step" in done.difference.now


def test_acts_of_people_are_taken_as_they_are(told):
    place = place_of(told, "StepClosed")
    end = next(at for at in range(place, len(told)) if told[at].at_ms != told[place].at_ms)
    act = told[place].saying(
        ev.OptimizationChanged(replace(NOT_OPTIMIZED, version=1, weights=(("trend", Decimal(1)),)))
    )
    done = made_again([*told[:end], act, *told[end:]])
    # Taken; what the optimizer makes of it later on is another matter.
    assert done.difference is None or done.entries > end


def test_the_first_difference_of_two_trees_is_found_by_its_path():
    one = {"a": [1, {"b": "x"}], "c": 2}
    assert first_difference(one, {"a": [1, {"b": "y"}], "c": 2}) == ("a[1].b", "x", "y")
    assert first_difference(one, {"a": [1], "c": 2}) == ("a", one["a"], [1])
    assert first_difference({"body": '{"k":1}'}, {"body": '{"k":2}'}) == ("body.k", 1, 2)
