"""What was said can be read again, word for word, by anybody, without a network."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.records import (
    Binding,
    FolderRecords,
    MemoryRecords,
    RecordDamaged,
    RecordMissing,
    RecordStore,
    ReplayMind,
    ask_of,
    canonical,
    hash_of,
    read_outcome,
)
from tests.minds.vendors import ANSWER, LoopbackVendors, fails, gateway, hangs, request, settings, spec


@pytest.fixture(params=["memory", "folder"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> RecordStore:
    return MemoryRecords() if request.param == "memory" else FolderRecords(tmp_path)


def test_a_store_gives_back_what_it_was_given(records: RecordStore) -> None:
    body = '{"é":1}'.encode()
    record = records.put(body)
    assert record == hash_of(body) == records.put(body)
    assert records.get(record) == body
    assert records.get("0" * 64) is None
    assert records.bound("1" * 64) is None
    records.bind("1" * 64, Binding(record, answered=False))
    records.bind("1" * 64, Binding(record, answered=True))
    assert records.bound("1" * 64) == Binding(record, answered=True)


def test_equal_records_are_equal_files(tmp_path: Path) -> None:
    for place in ("a", "b"):
        FolderRecords(tmp_path / place).put(b'{"x":1}')
    one, other = (next((tmp_path / place).rglob("*.gz")).read_bytes() for place in ("a", "b"))
    assert one == other


@pytest.mark.parametrize(
    "damage", [b"", b"nonsense", gzip.compress(b'{"x":2}', mtime=0), gzip.compress(b'{"x":1}', mtime=0)[:-9]]
)
def test_a_damaged_record_is_told(tmp_path: Path, damage: bytes) -> None:
    records = FolderRecords(tmp_path)
    record = records.put(b'{"x":1}')
    next(tmp_path.rglob("*.gz")).write_bytes(damage)
    with pytest.raises(RecordDamaged):
        records.get(record)


@pytest.mark.parametrize("damage", [b"", b"answer", b"maybe " + b"0" * 64, b"answer 00", b"\xff\xfe"])
def test_a_damaged_binding_is_told(tmp_path: Path, damage: bytes) -> None:
    records = FolderRecords(tmp_path)
    records.bind("1" * 64, Binding("2" * 64, answered=True))
    next(path for path in (tmp_path / "asks").rglob("*") if path.is_file()).write_bytes(damage)
    with pytest.raises(RecordDamaged):
        records.bound("1" * 64)


def test_an_outcome_that_is_none_is_told(records: RecordStore) -> None:
    with pytest.raises(RecordMissing):
        read_outcome(records, "0" * 64)
    with pytest.raises(RecordDamaged):
        read_outcome(records, records.put(b'{"version":1}'))


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        FolderRecords(tmp_path).put(b"{}")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_thousand_calls_replay_byte_for_byte(vendors: LoopbackVendors, tmp_path: Path) -> None:
    mind = gateway(settings(vendors.url, calls_per_minute=10_000), records=FolderRecords(tmp_path))
    said = []
    for number in range(1_000):
        vendors.text = f'{{"votes":[{number}],"reason":"é 😀 \\u0000 {number * 7919}"}}'
        vendors.usage = (1_000 + number, 10 + number % 7)
        vendors.script = [fails(401, f"no {number}")] if number % 10 == 3 else []
        said.append(await mind.ask(spec(), request(f"cycle {number}"), deadline_s=10))
    await mind.close()
    asked = len(vendors.heard)
    replay = ReplayMind(FolderRecords(tmp_path))
    again = [await replay.ask(spec(), request(f"cycle {number}"), deadline_s=10) for number in range(1_000)]
    assert [canonical(each) for each in again] == [canonical(each) for each in said]
    assert sum(isinstance(each, MindAnswer) for each in again) == 900
    assert len(vendors.heard) == asked, "a replay asks nobody"


async def test_a_replay_says_what_is_missing(records: RecordStore) -> None:
    with pytest.raises(RecordMissing) as missing:
        await ReplayMind(records).ask(spec(), request(), deadline_s=1)
    assert ask_of(spec(), request()) in str(missing.value)
    assert request().digest in str(missing.value)


async def test_a_replay_notices_another_request_under_the_same_digest(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    await mind.ask(spec(), request(), deadline_s=5)
    await mind.close()
    forged = request("sell everything")
    object.__setattr__(forged, "digest", request().digest)
    with pytest.raises(RecordDamaged):
        await ReplayMind(records).ask(spec(), forged, deadline_s=1)


async def test_a_record_holds_request_reply_and_answer(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    answer = await mind.ask(spec(), request(), deadline_s=5)
    await mind.close()
    assert isinstance(answer, MindAnswer)
    outcome = read_outcome(records, answer.record)
    asked = records.get(outcome.request)
    assert asked is not None
    assert request().prompt.encode() in asked
    assert outcome.answer is not None
    assert outcome.answer.text == ANSWER
    assert '"chatcmpl-1"' in outcome.calls[0].received
    assert outcome.calls[0].sent == hash_of(vendors.heard[0].raw)


async def test_three_models_share_one_request_record(vendors: LoopbackVendors, tmp_path: Path) -> None:
    mind = gateway(settings(vendors.url), records=FolderRecords(tmp_path))
    for kind in ("openai", "gemini", "ollama"):
        await mind.ask(spec(kind), request(), deadline_s=5)
    await mind.close()
    assert len(list(tmp_path.rglob("*.json.gz"))) == 4


async def test_the_very_same_asked_once_more_has_a_record_of_its_own(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    again = replace(request(), ordinal=1)
    first = await mind.ask(spec(), request(), deadline_s=5)
    vendors.text = "another mind"
    second = await mind.ask(spec(), again, deadline_s=5)
    assert await mind.ask(spec(), again, deadline_s=5) == second, "a step that is repeated hears the same"
    await mind.close()
    assert len(vendors.heard) == 2
    assert vendors.heard[0].raw == vendors.heard[1].raw
    replay = ReplayMind(records)
    assert [await replay.ask(spec(), each, deadline_s=5) for each in (request(), again)] == [first, second]
    with pytest.raises(RecordMissing, match="asked once more"):
        await replay.ask(spec(), replace(request(), ordinal=2), deadline_s=5)


async def test_what_was_not_asked_for_want_of_time_is_on_record(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    silence = await mind.ask(spec(), request(), deadline_s=0)
    assert isinstance(silence, MindSilence)
    assert (silence.code, silence.cost_usd, vendors.heard) == ("timeout", 0, [])
    assert await ReplayMind(records).ask(spec(), request(), deadline_s=5) == silence
    assert isinstance(await mind.ask(spec(), request(), deadline_s=5), MindAnswer), "a silence gives way to an answer"
    assert isinstance(await mind.ask(spec(), request(), deadline_s=0), MindAnswer), "and then stands"
    await mind.close()


async def test_a_call_that_is_cut_off_from_outside_is_on_record(vendors: LoopbackVendors) -> None:
    vendors.script = [hangs]
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    asking = asyncio.create_task(mind.ask(spec(), request(), deadline_s=60))
    await vendors.called.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await mind.close()
    replayed = await ReplayMind(records).ask(spec(), request(), deadline_s=5)
    assert isinstance(replayed, MindSilence)
    assert replayed.code == "timeout"
    assert replayed.cost_usd > 0, "a call whose price is not known costs its worst case"


async def test_a_replay_names_the_slot_at_which_it_finds_nothing(records: RecordStore) -> None:
    with pytest.raises(RecordMissing, match=r"ada \(openai/model-1\) at slot 600000 is recorded"):
        await ReplayMind(records).ask(spec(), request(cycle="600000"), deadline_s=1)
