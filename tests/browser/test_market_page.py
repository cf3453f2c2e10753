"""The market page: pairs, candles, indicators, and the address that keeps them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser import faults
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_pair_is_found_by_typing_and_chosen_by_keyboard(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/market?tf=1h")
        await look.settled()
        wanted = (await page.get_by_role("option").nth(1).inner_text()).split("/")[0].strip()
        search = page.get_by_role("combobox", name="Search a pair")
        await search.fill(wanted.lower())
        await search.press("ArrowDown")
        await search.press("Enter")
        await expect(page).to_have_url(re.compile(f"/market/{wanted}-.*tf=1h"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(wanted)


async def test_a_phone_chooses_the_pair_in_a_drawer(desk: Visitor) -> None:
    async with desk.visit(width="phone") as look:
        page = look.page
        await page.goto("/market")
        await look.settled()
        await page.get_by_role("button", name="Choose another pair").click()
        option = page.get_by_role("dialog").get_by_role("option").nth(2)
        wanted = (await option.inner_text()).split("/")[0].strip()
        await option.click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("heading", level=1)).to_contain_text(wanted)


async def test_timeframe_and_indicators_live_in_the_address(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/market")
        await look.settled()
        await page.get_by_role("radio", name="5m", exact=True).click()
        await page.get_by_role("checkbox", name="RSI").click()
        await expect(page).to_have_url(re.compile("tf=5m.*rsi_14"))
        await expect(page.get_by_text("RSI 14")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("checkbox", name="RSI")).to_be_checked()
        await expect(page.get_by_role("radio", name="5m", exact=True)).to_be_checked()


async def test_the_chart_is_told_in_words_and_credited(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/market")
        await look.settled()
        table = page.get_by_role("table", name="The newest")
        await expect(table).to_have_count(1)
        assert await table.get_by_role("row").count() > 5
        await expect(page.get_by_role("link", name="TradingView")).to_be_visible()
        assert await page.locator("canvas").count() > 0


async def test_the_legend_follows_the_crosshair_without_moving(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/market")
        await look.settled()
        await page.wait_for_timeout(600)
        canvas = await page.locator("canvas").first.bounding_box()
        assert canvas is not None
        legend = page.locator("figure dl").first
        before, size = await legend.inner_text(), await legend.bounding_box()
        await page.mouse.move(canvas["x"] + canvas["width"] / 3, canvas["y"] + 100)
        await expect(legend).not_to_have_text(before)
        after = await legend.bounding_box()
        assert size is not None
        assert after is not None
        assert after["height"] == size["height"]


async def test_a_pair_that_the_feed_does_not_carry_is_said(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/market/NOPE-USDT")
        await expect(look.page.get_by_text("The feed does not carry NOPE/USDT")).to_be_visible()


async def test_a_market_without_candles_says_when_they_come(desk: Visitor) -> None:
    async def none(route: Route) -> None:
        query = route.request.url.partition("timeframe=")[2].partition("&")[0]
        body = {"pair": "BTC/USDT", "timeframe": query, "candles": [], "estimated": False}
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    async with desk.visit() as look:
        await look.page.route("**/api/candles?*", none)
        await look.page.goto("/market/BTC-USDT?tf=1h")
        await expect(look.page.get_by_text("No closed 1h candle of BTC/USDT yet")).to_be_visible()


async def test_candles_that_fail_are_said_and_fetched_again(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await faults.fail_with_problem(page, "**/api/candles?*")
        await page.goto("/market")
        alert = page.get_by_role("alert").filter(has_text="Candles: Database unreachable")
        await expect(alert).to_be_visible(timeout=60_000)
        await page.unroute_all()
        await alert.get_by_role("button", name="Try again").click()
        await expect(page.locator("canvas").first).to_be_visible()
