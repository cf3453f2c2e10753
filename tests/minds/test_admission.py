"""Who is asked again, when, and who is left alone for a while."""

from __future__ import annotations

import asyncio

import pytest

from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.settings import CallSettings
from tests.minds.vendors import (
    JumpClock,
    LoopbackVendors,
    breaks_off,
    error_body,
    fails,
    gateway,
    request,
    resets,
    says,
    settings,
    spec,
)


async def test_retry_after_is_honoured_where_it_fits(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(429, "slow down", Retry_After="2")]
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock)
    answer = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(answer, MindAnswer)
    assert clock.slept == [2.0]
    await mind.close()


async def test_retry_after_beyond_the_deadline_ends_at_once_and_holds_later_calls(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(429, "slow down", Retry_After="60")]
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock)
    first = await mind.ask(spec(), request(), deadline_s=5)
    second = await mind.ask(spec(), request("next"), deadline_s=5)
    assert isinstance(first, MindSilence)
    assert isinstance(second, MindSilence)
    assert (first.code, second.code) == ("rate_limited", "rate_limited")
    assert (clock.slept, len(vendors.heard)) == ([], 1)
    assert isinstance(await mind.ask(spec(model="other"), request(), deadline_s=5), MindAnswer), "only that model waits"
    clock.advance(61)
    assert isinstance(await mind.ask(spec(), request("later"), deadline_s=5), MindAnswer)
    await mind.close()


async def test_retry_after_in_milliseconds(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(429, "slow down", Retry_After_Ms="250", Retry_After="1")]
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock)
    assert isinstance(await mind.ask(spec(), request(), deadline_s=5), MindAnswer)
    assert clock.slept == [0.25]
    await mind.close()


async def test_gemini_tells_its_wait_in_the_body(vendors: LoopbackVendors) -> None:
    vendors.script = [says(error_body("gemini", "busy", details=[{"retryDelay": "1.5s"}]), 429)]
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock)
    assert isinstance(await mind.ask(spec("gemini"), request(), deadline_s=5), MindAnswer)
    assert clock.slept == [1.5]
    await mind.close()


async def test_retry_after_as_a_date(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(503, "busy", Retry_After="Thu, 20 Nov 2025 00:53:23 GMT")]
    clock = JumpClock(1_763_600_000_000)
    mind = gateway(settings(vendors.url), clock=clock)
    assert isinstance(await mind.ask(spec(), request(), deadline_s=9), MindAnswer)
    assert clock.slept == [3.0]
    await mind.close()


@pytest.mark.parametrize("said", ["soon", "nan", "-5", "9" * 400, ""])
async def test_a_senseless_retry_after_is_no_wait_of_hours(vendors: LoopbackVendors, said: str) -> None:
    vendors.script = [fails(429, "slow down", Retry_After=said)]
    mind = gateway(settings(vendors.url))
    outcome = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(outcome, MindAnswer) or outcome.code == "rate_limited"
    assert mind.states()["openai"].waits_s <= 3_600
    await mind.close()


async def test_429_without_retry_after_backs_off(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(429, "slow down")] * 2
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock)
    assert isinstance(await mind.ask(spec(), request(), deadline_s=5), MindAnswer)
    assert clock.slept == [0.5, 1.0]
    await mind.close()


@pytest.mark.parametrize("behaviour", [fails(500), fails(529, "overloaded"), resets, breaks_off])
async def test_a_passing_failure_is_tried_again(vendors: LoopbackVendors, behaviour: object) -> None:
    vendors.script = [behaviour]  # type: ignore[list-item]
    mind = gateway(settings(vendors.url))
    answer = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(answer, MindAnswer)
    assert len(vendors.heard) == 2
    await mind.close()


async def test_attempts_have_an_end(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(500, "broken")] * 9
    mind = gateway(settings(vendors.url))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, len(vendors.heard)) == ("unavailable", 3)
    assert silence.cost_usd == 0
    await mind.close()


async def test_the_breaker_opens_probes_and_closes(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(500, "broken")] * 6
    clock = JumpClock()
    mind = gateway(settings(vendors.url, call=CallSettings(attempts=1)), clock=clock)
    codes: list[str] = []
    for number in range(7):
        silence = await mind.ask(spec(), request(str(number)), deadline_s=5)
        assert isinstance(silence, MindSilence)
        codes.append(silence.code)
    assert codes == ["unavailable"] * 5 + ["breaker_open"] * 2
    assert len(vendors.heard) == 5
    clock.advance(61)
    probe = await mind.ask(spec(), request("probe"), deadline_s=5)
    assert isinstance(probe, MindSilence)
    assert mind.states()["openai"].breaker == "open"
    clock.advance(61)
    assert isinstance(await mind.ask(spec(), request("probe 2"), deadline_s=5), MindAnswer)
    assert mind.states()["openai"].breaker == "closed"
    await mind.close()


async def test_one_call_alone_probes(vendors: LoopbackVendors) -> None:
    vendors.script = [fails(500)] * 5
    clock = JumpClock()
    mind = gateway(settings(vendors.url, call=CallSettings(attempts=1)), clock=clock)
    for number in range(5):
        await mind.ask(spec(), request(str(number)), deadline_s=5)
    clock.advance(61)
    vendors.latency_s = 0.2
    said = await asyncio.gather(*(mind.ask(spec(), request(f"p{n}"), deadline_s=5) for n in range(3)))
    assert sorted(type(each).__name__ for each in said) == ["MindAnswer", "MindSilence", "MindSilence"]
    assert len(vendors.heard) == 6
    await mind.close()


async def test_only_so_many_calls_at_once(vendors: LoopbackVendors) -> None:
    vendors.latency_s = 0.1
    mind = gateway(settings(vendors.url, calls_at_once=2))
    asks = [asyncio.create_task(mind.ask(spec(), request(str(number)), deadline_s=5)) for number in range(6)]
    most = 0
    while not all(ask.done() for ask in asks):
        most = max(most, mind.states()["openai"].under_way)
        await asyncio.sleep(0.01)
    assert most == 2
    assert all(isinstance(ask.result(), MindAnswer) for ask in asks)
    await mind.close()


async def test_only_so_many_calls_a_minute(vendors: LoopbackVendors) -> None:
    clock = JumpClock()
    mind = gateway(settings(vendors.url, calls_per_minute=3), clock=clock)
    for number in range(3):
        assert isinstance(await mind.ask(spec(), request(str(number)), deadline_s=5), MindAnswer)
    silence = await mind.ask(spec(), request("one more"), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "rate_limited"
    assert isinstance(await mind.ask(spec(), request("can wait"), deadline_s=90), MindAnswer)
    assert clock.slept == [60.0]
    await mind.close()
