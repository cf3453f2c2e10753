"""The venue's page: every trouble of a live desk is seen, loud where it has to be; on paper nothing is at a venue."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import faults
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDTHS = ("phone", "desk")
VENUE = "**/v1/venue"


def panel(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def row(page: Page, pair: str) -> Locator:
    return page.get_by_role("table", name="Orders", exact=True).get_by_role("row").filter(has_text=pair)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("route", ["/", "/market", "/council", "/backtests", "/venue"])
async def test_a_position_without_a_stop_is_loud_on_every_page(troubled_desk: Visitor, route: str, width: str) -> None:
    async with troubled_desk.visit(width=width) as look:
        await look.page.goto(route)
        await look.settled()
        alarm = look.page.get_by_role("alert").filter(has_text="ETH/USDT (conservative) has no stop at Kraken, since")
        await expect(alarm).to_be_visible()
        await expect(alarm).to_contain_text("It is placed again every 5 s")
        quiet = look.page.get_by_role("status").filter(has_text="Kraken and the ledger differ on BTC")
        await expect(quiet).to_be_visible()
        await expect(quiet).to_contain_text("0.0208 there, 0.0308 expected")
        await expect(quiet).to_contain_text("Nobody knows what became of 1 order")
        await expect(quiet).to_contain_text("Nothing is opened on DOGE/USDT, SOL/USDT")
        assert look.complaints == []


async def test_an_alarm_leads_to_the_venue(troubled_desk: Visitor) -> None:
    async with troubled_desk.visit(width="phone") as look:
        await look.page.goto("/")
        await look.page.get_by_role("link", name="Look at the venue").click()
        await expect(look.page).to_have_url(f"{troubled_desk.url}/venue")
        await expect(look.page.get_by_role("heading", name="Venue", level=1)).to_be_visible()
        await expect(look.page.get_by_role("link", name="Look at the venue")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_trouble_is_told_with_what_is_done_about_it(troubled_desk: Visitor, width: str) -> None:
    async with troubled_desk.visit(width=width) as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        standing = panel(page, "How the venue is")
        for words in ("Kraken", "real money", "stream is away", "asked instead, every 60 s", "6 open, 1 in doubt"):
            await expect(standing).to_contain_text(words)
        bare = panel(page, "Positions without a stop")
        for words in ("ETH/USDT", "LONG", "its stop belongs at 3,301.20", "Alarm raised 1 min ago", "placed again"):
            await expect(bare).to_contain_text(words)
        breaks = panel(page, "Breaks").get_by_role("listitem")
        await expect(breaks.first).to_contain_text("stops openings")
        await expect(breaks.first).to_contain_text("The venue has 0.0208, the ledger expected 0.0308")
        await expect(breaks.first).to_contain_text("Look for a withdrawal of BTC at Kraken")
        await expect(breaks.nth(1)).to_contain_text("seen by a person")
        books = panel(page, "Order books").get_by_role("listitem")
        await expect(books).to_have_count(2)
        await expect(books.first).to_contain_text("DOGE/USDT")
        await expect(books.first).to_contain_text("gapped")
        balances = page.get_by_role("table", name="Balances at the venue")
        await expect(balances.get_by_role("row").filter(has_text="BTC")).to_contain_text("0.0308")
        strangers = page.get_by_role("table", name="Open orders on the account that are not the desk's")
        await expect(strangers).to_contain_text("OXYZ99-AAA11-BBB222")
        assert look.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
async def test_open_orders_say_where_they_are_and_what_is_in_doubt_comes_first(
    troubled_desk: Visitor, width: str
) -> None:
    async with troubled_desk.visit(width=width) as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        first = page.get_by_role("table", name="Orders", exact=True).get_by_role("row").nth(1)
        for words in ("SOL/USDT", "BUY", "in doubt", "the venue did not answer in time", "0 of 5.5"):
            await expect(first).to_contain_text(words)
        await expect(row(page, "LINK/USDT")).to_contain_text("not sent yet")
        await expect(row(page, "ADA/USDT")).to_contain_text("cancel requested")
        await expect(row(page, "XRP/USDT")).to_contain_text("400 of 1,200")
        stop = row(page, "ETH/USDT")
        for words in ("SELL", "Stop, conservative", "3,301.20", "trigger", "open", "O01BC12-DEF34-GHI567"):
            await expect(stop).to_contain_text(words)
        shown = stop.get_by_text("q01AE7MVJ3XQ2N4KD5RTYU6WZBH").locator("visible=true")
        await expect(shown).to_have_count(1)


async def test_ended_and_refused_orders_have_an_address_and_pages(troubled_desk: Visitor) -> None:
    async with troubled_desk.visit() as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        await page.get_by_role("radio", name="Ended").click()
        await expect(page).to_have_url(f"{troubled_desk.url}/venue?orders=ended")
        rows = page.get_by_role("table", name="Orders", exact=True).get_by_role("row")
        await expect(rows.nth(1)).to_contain_text("rejected by the venue")
        await expect(rows.nth(1)).to_contain_text("EOrder:Trigger price is too close")
        await expect(rows.nth(3)).to_contain_text("never reached the venue")
        await expect(rows).to_have_count(21)
        await page.get_by_role("button", name="More of them").click()
        await expect(rows).to_have_count(41)
        await page.get_by_role("radio", name="Refused").click()
        await expect(rows.nth(1)).to_contain_text("C5: stale against live order book")


async def test_a_venue_that_is_well_says_so_and_nothing_is_loud(live_desk: Visitor) -> None:
    async with live_desk.visit() as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        await expect(panel(page, "How the venue is")).to_contain_text("stream is up")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(panel(page, "Positions without a stop")).to_have_count(0)
        for words in (
            "None was ever found.",
            "Every order book that is followed is to be relied on.",
            "There are none on this account",
        ):
            await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.get_by_role("table", name="Balances at the venue")).to_contain_text("agrees")


async def test_a_desk_that_fell_silent_is_loud(live_desk: Visitor) -> None:
    async with live_desk.visit(width="phone") as look:
        words = "The desk has not been heard of since 2026-11-30 03:12 UTC: nobody looks after orders at Kraken."
        await faults.change_answer(look.page, VENUE, state="silent", words=words)
        await look.page.goto("/")
        await expect(look.page.get_by_role("alert").filter(has_text=words)).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_on_paper_nothing_is_at_a_real_venue_and_its_orders_are_shown(desk: Visitor, width: str) -> None:
    async with desk.visit(width=width) as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        await expect(panel(page, "How the venue is")).to_contain_text("Nothing is at a real venue")
        await expect(panel(page, "Orders on paper")).to_contain_text("BTC/USDT")
        for title in ("Balances", "Breaks", "Order books", "Somebody else's orders"):
            await expect(panel(page, title)).to_have_count(0)


async def test_a_desk_without_orders_says_what_will_stand_there(empty_desk: Visitor) -> None:
    async with empty_desk.visit() as look:
        await look.page.goto("/venue")
        await expect(look.page.get_by_text("No open orders")).to_be_visible()
        await look.page.get_by_role("radio", name="Refused").click()
        await expect(look.page.get_by_text("No order was refused")).to_be_visible()
        assert look.complaints == []


async def test_a_venue_that_cannot_be_asked_for_is_said_and_comes_back(live_desk: Visitor) -> None:
    async with live_desk.visit() as look:
        page = look.page
        await faults.fail_with_problem(page, VENUE)
        await page.goto("/venue")
        alert = page.get_by_role("alert").filter(has_text="Venue: Database unreachable")
        await expect(alert).to_be_visible(timeout=60_000)
        await page.unroute_all()
        await alert.get_by_role("button", name="Try again").click()
        await expect(panel(page, "How the venue is")).to_contain_text("Kraken")


async def test_orders_that_cannot_be_brought_up_to_date_stay_with_a_note(live_desk: Visitor) -> None:
    async with live_desk.visit() as look:
        await look.page.goto("/venue")
        await look.settled()
        await faults.fail_with_problem(look.page, "**/v1/orders*")
        note = look.page.get_by_role("status").filter(has_text="Orders cannot be brought up to date")
        await expect(note).to_be_visible(timeout=60_000)
        await expect(row(look.page, "ETH/USDT")).to_be_visible()


async def test_orders_are_chosen_by_keyboard(troubled_desk: Visitor) -> None:
    async with troubled_desk.visit() as look:
        page = look.page
        await page.goto("/venue")
        await look.settled()
        await page.get_by_role("radio", name="Open").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("radio", name="Ended")).to_be_checked()
        await expect(page.get_by_role("radio", name="Ended")).to_be_focused()
