"""The desk page: signals as they come, what they say, and what is said when something is missing."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import Page, expect

from tests.browser import faults
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIGNALS = "**/v1/signals?*"


def now_ms() -> int:
    return int(time.time() * 1000)


async def count_lists(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/v1/signals?" in request.url else None)
    return asked


async def test_a_signal_shows_a_card_and_is_announced_when_it_arrives(desk: Visitor) -> None:
    async with desk.visit() as look:
        signal = faults.a_signal(70_001, at_ms=now_ms())
        said = faults.hello(seq=10, resumed=False) + faults.event("signal", signal, seq=11)
        await faults.stream_says(look.page, [said])
        await look.page.goto("/")
        first = look.page.get_by_role("list", name="Signals, newest first").get_by_role("article").first
        await expect(first).to_contain_text(signal["pair"])
        await expect(first).to_contain_text(signal["side"])
        await expect(first).to_contain_text(signal["tier"])
        await expect(first).to_contain_text("sure")
        for level in ("Entry", "Stop", "T1"):
            await expect(first).to_contain_text(level)
        announced = look.page.get_by_role("status").filter(has_text=f"New signal: {signal['side']} {signal['pair']}")
        await expect(announced).to_have_count(1)


async def test_a_stream_that_is_refused_is_opened_again_where_it_was_left(desk: Visitor) -> None:
    async with desk.visit() as look:
        first = faults.hello(seq=10, resumed=False) + faults.event(
            "signal", faults.a_signal(70_002, at_ms=now_ms()), seq=17
        )
        asked = await faults.stream_says(look.page, [first])
        await look.page.goto("/")
        for _ in range(300):
            if len(asked) > 2:
                break
            await look.page.wait_for_timeout(100)
        assert asked[2].endswith("last_event_id=1-17"), asked


@pytest.mark.parametrize(
    "said",
    [
        faults.event("reset", {"reason": "too_old", "first": "1-90", "last": "1-99"}, seq=99),
        faults.hello(seq=99, resumed=False),
    ],
    ids=["reset", "not resumed"],
)
async def test_a_gap_makes_the_page_fetch_again(desk: Visitor, said: str) -> None:
    async with desk.visit() as look:
        loaded = asyncio.Event()
        await faults.stream_says(look.page, [faults.hello(seq=10, resumed=True), said], after_first=loaded)
        asked = await count_lists(look.page)
        await look.page.goto("/")
        await look.settled()
        loaded.set()
        for _ in range(300):
            if len(asked) > 1:
                break
            await look.page.wait_for_timeout(100)
        assert len(asked) > 1


async def test_new_signals_wait_while_somebody_reads(desk: Visitor) -> None:
    async with desk.visit() as look:
        later = faults.hello(seq=11, resumed=True) + faults.event(
            "signal", faults.a_signal(70_003, at_ms=now_ms()), seq=12
        )
        reading = asyncio.Event()
        await faults.stream_says(look.page, [faults.hello(seq=10, resumed=True), later], after_first=reading)
        await look.page.goto("/")
        cards = look.page.get_by_role("list", name="Signals, newest first").get_by_role("article")
        await cards.nth(1).hover()
        reading.set()
        await expect(look.page.get_by_role("button", name="Show 1 new signal")).to_be_visible()
        await look.page.get_by_role("button", name="Show 1 new signal").click()
        await expect(cards.first).to_contain_text(faults.a_signal(70_003, at_ms=now_ms())["pair"])


async def test_filters_live_in_the_address(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/?tier=gold")
        await look.settled()
        await expect(look.page.get_by_label("Tier")).to_have_value("gold")
        tiers = await look.page.locator("article").evaluate_all("cards => cards.map((card) => card.ariaLabel)")
        assert all(label.endswith("gold") for label in tiers)
        await look.page.get_by_label("Tier").select_option("single")
        await expect(look.page).to_have_url(f"{desk.url}/?tier=single")
        await look.page.get_by_role("button", name="Why").first.click()
        await expect(look.page).to_have_url(re.compile("signal="))
        await look.page.go_back()
        await expect(look.page.get_by_role("dialog")).to_have_count(0)


async def test_a_card_leads_to_its_reasons_and_its_market(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/")
        card = page.get_by_role("article").first
        await card.get_by_role("button", name="Why").click()
        dialog = page.get_by_role("dialog")
        for heading in ("Size in each book", "Trades", "Orders", "How it was decided"):
            await expect(dialog.get_by_role("heading", name=heading)).to_be_visible()
        await page.keyboard.press("Escape")
        await card.get_by_role("link").click()
        await expect(page).to_have_url(re.compile("/market/"))


async def test_every_view_says_what_failed_and_recovers(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await faults.fail_with_problem(page, SIGNALS, "**/v1/portfolios", "**/v1/pnl?*", "**/api/risk")
        await page.goto("/")
        for view in ("Signals", "Books", "Open positions", "Equity", "Breakers"):
            alert = page.get_by_role("alert").filter(has_text=f"{view}: Database unreachable")
            await expect(alert).to_be_visible(timeout=60_000)
            await expect(alert).to_contain_text("Postgres does not answer")
        await page.unroute_all()
        await page.get_by_role("alert").filter(has_text="Signals").get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("article").first).to_be_visible()


async def test_a_view_that_cannot_be_brought_up_to_date_keeps_its_figures(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/")
        await look.settled()
        await faults.fail_with_problem(look.page, "**/v1/portfolios")
        note = look.page.get_by_role("status").filter(has_text="Books cannot be brought up to date")
        await expect(note).to_be_visible(timeout=60_000)
        await expect(look.page.get_by_role("region", name="Book ").first).to_be_visible()


async def test_a_desk_that_has_nothing_yet_says_what_will_come(empty_desk: Visitor) -> None:
    async with empty_desk.visit() as look:
        await look.page.goto("/")
        for words in ("No signals yet", "No open positions", "No equity marked yet"):
            await expect(look.page.get_by_text(words)).to_be_visible()
        await expect(look.page.get_by_text("close; the next is in")).to_be_visible()
        assert look.complaints == []


async def test_a_signal_that_does_not_exist_is_said(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/?signal=00000000-0000-0000-0000-000000000000")
        await expect(look.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("This signal")
