"""Nothing is asked that cannot be paid for."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from quorate.domain.minds import MindAnswer, MindSilence
from quorate.minds.budget import FolderSpendBook, MemorySpendBook, SpendingUnreadable
from quorate.minds.settings import BudgetSettings, CallSettings
from tests.minds.vendors import JumpClock, LoopbackVendors, fails, gateway, request, resets, settings, spec

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("budget", "name"),
    [
        (BudgetSettings(call_usd=Decimal("0.01")), "call_usd"),
        (BudgetSettings(cycle_usd=Decimal("0.01")), "cycle_usd"),
        (BudgetSettings(day_usd=Decimal("0.01")), "day_usd"),
        (BudgetSettings(call_tokens=4_000), "call_tokens"),
        (BudgetSettings(cycle_tokens=4_000), "cycle_tokens"),
        (BudgetSettings(day_tokens=4_000), "day_tokens"),
    ],
)
async def test_c30_over_budget_abstains_before_the_call(
    vendors: LoopbackVendors, budget: BudgetSettings, name: str
) -> None:
    mind = gateway(settings(vendors.url, budget=budget))
    silence = await mind.ask(spec(), request(cycle="10:00"), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "over_budget"
    assert name in silence.reason
    assert vendors.heard == []
    assert mind.spent_today().usd == 0
    await mind.close()


async def test_what_was_reserved_is_given_back(vendors: LoopbackVendors) -> None:
    """Worst case 0.017 USD, real cost 0.0012: a budget of 0.029 pays for eleven calls one by one."""
    mind = gateway(settings(vendors.url, budget=BudgetSettings(day_usd=Decimal("0.029"))))
    said = [await mind.ask(spec(), request(str(number)), deadline_s=5) for number in range(13)]
    assert [type(each) for each in said].count(MindAnswer) == 11
    assert mind.spent_today().usd == Decimal("0.0012") * 11
    await mind.close()


async def test_calls_at_once_cannot_overdraw(vendors: LoopbackVendors) -> None:
    vendors.latency_s = 0.1
    mind = gateway(settings(vendors.url, budget=BudgetSettings(day_usd=Decimal("0.04"))))
    asks = (mind.ask(spec(), request(str(number)), deadline_s=5) for number in range(8))
    said = await asyncio.gather(*asks)
    assert len(vendors.heard) == 2
    assert [each.code for each in said if isinstance(each, MindSilence)] == ["over_budget"] * 6
    await mind.close()


async def test_cycles_have_budgets_of_their_own(vendors: LoopbackVendors) -> None:
    mind = gateway(settings(vendors.url, budget=BudgetSettings(cycle_usd=Decimal("0.0175"))))
    said = [
        await mind.ask(spec(), request(str(number), cycle=cycle), deadline_s=5)
        for number, cycle in enumerate(["a", "a", "b"])
    ]
    assert [type(each) for each in said] == [MindAnswer, MindSilence, MindAnswer]
    await mind.close()


async def test_a_new_utc_day_has_a_new_budget(vendors: LoopbackVendors) -> None:
    clock = JumpClock(20_000 * DAY_MS - 1_000)
    mind = gateway(settings(vendors.url, budget=BudgetSettings(day_usd=Decimal("0.0175"))), clock=clock)
    assert isinstance(await mind.ask(spec(), request("1"), deadline_s=5), MindAnswer)
    assert isinstance(await mind.ask(spec(), request("2"), deadline_s=5), MindSilence)
    clock.advance(2)
    assert isinstance(await mind.ask(spec(), request("3"), deadline_s=5), MindAnswer)
    await mind.close()


async def test_a_call_that_broke_off_keeps_its_worst_case_and_a_failed_one_costs_nothing(
    vendors: LoopbackVendors,
) -> None:
    vendors.script = [resets, fails(500)]
    mind = gateway(settings(vendors.url, call=CallSettings(attempts=1)))
    broken = await mind.ask(spec(), request("1"), deadline_s=5)
    assert isinstance(broken, MindSilence)
    assert broken.cost_usd > Decimal("0.016")
    failed = await mind.ask(spec(), request("2"), deadline_s=5)
    assert isinstance(failed, MindSilence)
    assert failed.cost_usd == 0
    assert mind.spent_today().usd == broken.cost_usd
    await mind.close()


async def test_spending_outlives_the_process(vendors: LoopbackVendors, tmp_path: Path) -> None:
    budget = BudgetSettings(day_usd=Decimal("0.0175"))
    first = gateway(settings(vendors.url, budget=budget), spending=FolderSpendBook(tmp_path))
    assert isinstance(await first.ask(spec(), request("1"), deadline_s=5), MindAnswer)
    await first.close()
    second = gateway(settings(vendors.url, budget=budget), spending=FolderSpendBook(tmp_path))
    silence = await second.ask(spec(), request("2"), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "over_budget"
    await second.close()


async def test_the_worst_case_is_on_disk_before_the_call(vendors: LoopbackVendors, tmp_path: Path) -> None:
    vendors.latency_s = 0.3
    clock = JumpClock()
    mind = gateway(settings(vendors.url), clock=clock, spending=FolderSpendBook(tmp_path))
    ask = asyncio.create_task(mind.ask(spec(), request(), deadline_s=5))
    await vendors.called.wait()
    assert FolderSpendBook(tmp_path).load("2025-11-20").usd > Decimal("0.016")
    await ask
    assert FolderSpendBook(tmp_path).load("2025-11-20").usd == Decimal("0.0012")
    await mind.close()


@pytest.mark.parametrize(
    "text", ["", "{", '{"usd": "NaN", "tokens": 1}', '{"usd": "-1", "tokens": 1}', '{"usd": "1"}', "7"]
)
async def test_spending_that_cannot_be_read_is_not_nothing(vendors: LoopbackVendors, tmp_path: Path, text: str) -> None:
    (tmp_path / "spent-2025-11-20.json").write_text(text)
    mind = gateway(settings(vendors.url), spending=FolderSpendBook(tmp_path))
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert silence.code == "over_budget"
    assert vendors.heard == []
    with pytest.raises(SpendingUnreadable):
        mind.spent_today()
    await mind.close()


async def test_spending_that_cannot_be_written_asks_nobody(vendors: LoopbackVendors) -> None:
    class ReadOnly(MemorySpendBook):
        def save(self, day: str, usd: Decimal, tokens: int) -> None:
            raise OSError(30, "Read-only file system")

    mind = gateway(settings(vendors.url), spending=ReadOnly())
    silence = await mind.ask(spec(), request(), deadline_s=5)
    assert isinstance(silence, MindSilence)
    assert (silence.code, vendors.heard) == ("unavailable", [])
    assert mind.spent_today().usd == 0
    await mind.close()
