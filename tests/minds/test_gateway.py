"""The gateway answers in time, whatever a vendor does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.records import MemoryRecords, ask_of, read_outcome
from quorate.minds.settings import FallbackSettings
from tests.minds.vendors import (
    ANSWER,
    LoopbackVendors,
    drips,
    fails,
    gateway,
    hangs,
    request,
    says,
    settings,
    spec,
    wrap,
)

FREE: dict[str, Any] = {"input_price": Decimal(0), "output_price": Decimal(0)}
SUCCESSORS = (
    FallbackSettings(provider="openrouter", model="model-2", **FREE),
    FallbackSettings(provider="ollama", model="model-3", **FREE),
)


@pytest.mark.parametrize("behaviour", [hangs, drips(every_s=1.0), drips(every_s=0.05)])
async def test_f31_a_slow_reply_ends_with_the_deadline(vendors: LoopbackVendors, behaviour: object) -> None:
    vendors.script = [behaviour]  # type: ignore[list-item]
    mind = gateway(settings(vendors.url))
    started = time.monotonic()
    silence = await mind.ask(spec(), request(), deadline_s=0.5)
    assert time.monotonic() - started < 5
    assert isinstance(silence, MindSilence)
    assert silence.code == "timeout"
    assert silence.cost_usd > 0, "a call whose price is not known costs its worst case"
    assert silence.cost_usd == mind.spent_today().usd
    await mind.close()


async def test_an_endless_reply_is_cut_off(vendors: LoopbackVendors) -> None:
    vendors.script = [drips(every_s=0, chunk=b" " * 65_536)]
    mind = gateway(settings(vendors.url))
    started = time.monotonic()
    silence = await mind.ask(spec(), request(), deadline_s=10)
    assert time.monotonic() - started < 9
    assert isinstance(silence, MindSilence)
    assert (silence.code, silence.reason) == ("malformed", "openai/model-1: the reply is longer than 1000000 bytes")
    await mind.close()


async def test_ten_thousand_items_are_handed_on_and_more_than_the_limit_refused(vendors: LoopbackVendors) -> None:
    item = '{"symbol":"BTC/USDT","side":"LONG","confidence":0.7}'
    vendors.text = f"[{','.join([item] * 10_000)}]"
    mind = gateway(settings(vendors.url))
    answer = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(answer, MindAnswer)
    assert answer.text == vendors.text
    vendors.text = f"[{','.join([item] * 20_000)}]"
    silence = await mind.ask(spec(), request("another"), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "malformed"
    await mind.close()


async def test_nobody_at_the_address_is_unavailable_and_free() -> None:
    mind = gateway(settings("http://127.0.0.1:9"))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, silence.cost_usd) == ("unavailable", 0)
    await mind.close()


async def test_a_successor_answers_and_says_so(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(401, "no"), fails(402, "no credits")]
    mind = gateway(settings(vendors.url, fallbacks=SUCCESSORS))
    answer = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(answer, MindAnswer)
    assert (answer.analyst, answer.answered_by, answer.fallback) == ("ada", "ollama/model-3", True)
    assert [heard.body["model"] for heard in vendors.heard] == ["model-1", "model-2", "model-3"]
    await mind.close()


async def test_a_model_that_hangs_leaves_its_successor_time(vendors: LoopbackVendors) -> None:
    vendors.script = [hangs]
    mind = gateway(settings(vendors.url, fallbacks=SUCCESSORS[:1]))
    answer = await mind.ask(spec(), request(), deadline_s=1.0)
    assert isinstance(answer, MindAnswer)
    assert answer.answered_by == "openrouter/model-2"
    await mind.close()


async def test_who_refuses_has_spoken(vendors: LoopbackVendors) -> None:
    vendors.script = [says(wrap("openai", "x", model="m", usage=(900, 1), ended="content_filter"))]
    mind = gateway(settings(vendors.url, fallbacks=SUCCESSORS))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, len(vendors.heard)) == ("refused", 1)
    await mind.close()


async def test_all_down_names_every_reason_under_the_first_code(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(401, "who are you"), fails(402, "pay"), fails(404, "no such model")]
    mind = gateway(settings(vendors.url, fallbacks=SUCCESSORS))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "wrong_key"
    assert all(words in silence.reason for words in ("who are you", "pay", "no such model"))
    await mind.close()


async def test_no_key_says_which(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url, key=None))
    silence = await mind.ask(spec("gemini"), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "no_key"
    assert "GEMINI_API_KEY" in silence.reason
    assert isinstance(await mind.ask(spec("ollama"), request(), deadline_s=5), MindAnswer), "needs none"
    await mind.close()


async def test_a_prompt_beyond_the_window_is_not_sent(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(context_tokens=8_192), request("x" * 40_000), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, vendors.heard) == ("bad_request", [])
    await mind.close()


async def test_three_slow_models_asked_at_once_take_as_long_as_one(vendors: LoopbackVendors) -> None:
    vendors.latency_s = 2.0
    mind = gateway(settings(vendors.url))
    panel = [spec(kind, analyst=kind) for kind in ("gemini", "anthropic", "xai")]
    started = time.monotonic()
    said = await asyncio.gather(*(mind.ask(each, request(), deadline_s=10) for each in panel))
    assert time.monotonic() - started < 6, "not one after the other"
    assert all(isinstance(each, MindAnswer) for each in said)
    await mind.close()


async def test_a_model_that_hangs_does_not_hold_up_the_others(vendors: LoopbackVendors) -> None:
    vendors.script = [hangs]
    mind = gateway(settings(vendors.url))
    hanging = asyncio.create_task(mind.ask(spec(analyst="slow"), request(), deadline_s=5))
    await asyncio.sleep(0.1)
    others = [mind.ask(spec(kind, analyst=kind), request(), deadline_s=5) for kind in ("openai", "gemini")]
    assert all(isinstance(each, MindAnswer) for each in await asyncio.gather(*others))
    assert not hanging.done()
    silence = await hanging
    assert isinstance(silence, MindSilence)
    assert silence.code == "timeout"
    await mind.close()


async def test_the_same_question_is_answered_from_its_record(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    mind = gateway(settings(vendors.url), records=records)
    first = await mind.ask(spec(), request(), deadline_s=5)
    again = await mind.ask(spec(), request(cycle="another slot"), deadline_s=5)
    assert again == first
    assert len(vendors.heard) == 1
    await mind.ask(spec(temperature=Decimal("0.7")), request(), deadline_s=5)
    await mind.ask(spec(analyst="bea"), request(), deadline_s=5)
    assert len(vendors.heard) == 3
    vendors.text = "changed"
    anew = await mind.ask(spec(), replace(request(), ordinal=1), deadline_s=5)
    assert isinstance(anew, MindAnswer)
    assert anew.text == "changed"
    assert await mind.ask(spec(), request(), deadline_s=5) == first, "the first answer stays the one"
    await mind.close()


async def test_silence_is_recorded_but_asked_again(vendors: LoopbackVendors) -> None:
    records = MemoryRecords()
    vendors.script = [fails(401, "who are you")]
    mind = gateway(settings(vendors.url), records=records)
    silence = await mind.ask(spec(), request(), deadline_s=5)
    bound = records.bound(ask_of(spec(), request()))
    assert bound is not None
    outcome = read_outcome(records, bound.record)
    assert (outcome.silence, outcome.calls[0].status, outcome.calls[0].fault) == (silence, 401, "wrong_key")
    answer = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(answer, MindAnswer)
    assert answer.text == ANSWER
    await mind.close()


async def test_an_answer_that_cannot_be_recorded_is_none(vendors: LoopbackVendors) -> None:
    class FullDisk(MemoryRecords):
        def put(self, body: bytes) -> str:
            raise OSError(28, "No space left on device")

    mind = gateway(settings(vendors.url), records=FullDisk())
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "unavailable"
    assert "No space left" in silence.reason
    assert vendors.heard == [], "nobody is asked what cannot be recorded"
    await mind.close()


async def test_a_disk_that_hangs_delays_nobody_beyond_the_deadline(vendors: LoopbackVendors) -> None:
    class SlowDisk(MemoryRecords):
        def put(self, body: bytes) -> str:
            time.sleep(3)
            return super().put(body)

    mind = gateway(settings(vendors.url), records=SlowDisk())
    started = time.monotonic()
    silence = await mind.ask(spec(), request(), deadline_s=0.2)
    assert time.monotonic() - started < 2.5
    assert isinstance(silence, MindSilence)
    assert silence.code == "timeout"
    await mind.close()


async def test_a_prompt_that_cannot_be_encoded_is_not_sent(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request("news \ud83d"), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, vendors.heard) == ("bad_request", [])
    await mind.close()


async def test_a_provider_that_is_not_there_is_told(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec("nobody"), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert "no provider nobody" in silence.reason
    await mind.close()


async def test_what_a_vendor_says_cannot_paint_the_terminal(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(400, "\x1b[2J\x00 gone\r\nINFO all is well " + "x" * 5_000)]
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.reason.isprintable()
    assert len(silence.reason) < 400
    await mind.close()


async def test_a_deadline_that_is_over_asks_nobody(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request(), deadline_s=0)
    assert isinstance(silence, MindSilence)
    assert (silence.code, vendors.heard) == ("timeout", [])
    await mind.close()


async def test_whoever_cancels_is_heard(vendors: LoopbackVendors) -> None:
    vendors.script = [hangs]
    mind = gateway(settings(vendors.url))
    ask = asyncio.create_task(mind.ask(spec(), request(), deadline_s=30))
    await vendors.called.wait()
    ask.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ask
    assert mind.states()["openai"].under_way == 0
    await mind.close()
