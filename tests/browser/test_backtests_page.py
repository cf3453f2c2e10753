"""The page of backtests: started, followed, stopped and removed, told with the verdict first, two side by side."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser import faults
from tests.browser.conftest import Look, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DONE, FAILED, RUNNING = f"{5:032x}", f"{3:032x}", "f" * 32
OTHER_DONE = f"{4:032x}"
COMPARED = f"/backtests/compare?first={DONE}&second={OTHER_DONE}"
PAGES = ("/backtests", f"/backtests/{DONE}", f"/backtests/{FAILED}", f"/backtests/{RUNNING}", COMPARED)
LAYOUT_SHIFT_MAX = 0.02


async def at(look: Look, path: str) -> Page:
    await look.page.goto(path)
    await look.settled()
    return look.page


async def form(page: Page) -> Locator:
    await page.get_by_role("button", name="New backtest").click()
    drawer = page.get_by_role("dialog", name="New backtest")
    await drawer.get_by_role("button", name="Start the backtest").wait_for()
    return drawer


async def test_every_backtest_is_listed_with_how_it_stands(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        table = page.get_by_role("table", name="Backtests, newest first")
        for words in ("Speaks against it", "Failed", "Stopped", "Interrupted", "ZeroDivisionError"):
            await expect(table.get_by_text(words).locator("visible=true").first).to_be_visible()
        await expect(table.get_by_role("progressbar").locator("visible=true")).to_have_count(1)
        assert look.complaints == []


async def test_a_backtest_is_started_with_what_is_filled_in_and_followed_to_its_verdict(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        drawer = await form(page)
        await expect(drawer.get_by_role("checkbox", name=re.compile("^breakout"))).to_be_checked()
        await expect(drawer.get_by_role("checkbox", name="BTC/USDT")).to_be_checked()
        await drawer.get_by_role("button", name="Start the backtest").click()
        await page.wait_for_url(re.compile(r"/backtests/[0-9a-f]{32}$"))
        await expect(page.get_by_role("heading", name="At work")).to_be_visible()
        await expect(page.get_by_role("region", name="Verdict")).to_contain_text("Does not beat luck.")
        assert look.complaints == []


async def test_parameters_that_were_changed_are_what_is_sent(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        sent: list[dict[str, object]] = []

        async def take(route: Route) -> None:
            if route.request.method != "POST":
                await route.fallback()
                return
            sent.append(json.loads(route.request.post_data or "{}"))
            await route.fulfill(
                status=422,
                content_type="application/problem+json",
                body=json.dumps(
                    faults.PROBLEM
                    | {"status": 422, "errors": [{"field": "pairs", "message": "No 5m candles of BTC/USDT."}]}
                ),
            )

        await page.route("**/v1/backtests", take)
        drawer = await form(page)
        await drawer.get_by_role("checkbox", name=re.compile("^(trend|bar reaction)")).first.uncheck()
        await drawer.get_by_text("Parameters of breakout").click()
        await drawer.get_by_role("textbox", name="channel").first.fill("30")
        await drawer.get_by_role("textbox", name="Fee of every fill, %").fill("0.1")
        await drawer.get_by_text("Last 90 days").click()
        await drawer.get_by_role("button", name="Start the backtest").click()
        await expect(drawer.get_by_role("alert").filter(has_text="No 5m candles of BTC/USDT.").first).to_be_visible()
        (body,) = sent
        assert {"name": "breakout", "parameters": {"channel": 30}} in body["strategies"]  # type: ignore[operator]
        assert (body["fee"], body["start"], body["exchange"]) == ("0.001", "2025-07-03", "binance")


async def test_a_form_that_lacks_something_says_so_and_sends_nothing(desk: Visitor) -> None:
    async with desk.visit(width="phone") as look:
        page = await at(look, "/backtests")
        posted: list[str] = []
        page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
        drawer = await form(page)
        await drawer.get_by_role("button", name="None").click()
        await drawer.get_by_role("textbox", name="Fee of every fill, %").fill("a lot")
        await drawer.get_by_role("button", name="Start the backtest").click()
        await expect(drawer.get_by_text("Choose at least one pair.").first).to_be_visible()
        await expect(drawer.get_by_role("textbox", name="Fee of every fill, %")).to_have_attribute(
            "aria-invalid", "true"
        )
        assert posted == []


async def test_the_real_desk_takes_no_conventions_of_its_own(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        drawer = await form(page)
        await drawer.get_by_role("radio", name="Target first").check()
        await expect(drawer.get_by_text("kinder than the market")).to_be_visible()
        await drawer.get_by_role("radio", name="Real desk").check()
        await expect(drawer.get_by_text("Target first")).to_have_count(0)
        await expect(drawer.get_by_role("textbox", name="Start equity of each part")).to_be_disabled()


async def test_a_run_can_be_stopped_and_removed_by_keyboard(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        drawer = await form(page)
        await drawer.get_by_role("button", name="Start the backtest").click()
        await page.wait_for_url(re.compile(r"/backtests/[0-9a-f]{32}$"))
        await page.get_by_role("region", name="At work").get_by_role("button", name=re.compile("^Stop")).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Somebody stopped it before it was done.")).to_be_visible()
        address = page.url
        await page.get_by_role("button", name=re.compile("^Remove")).focus()
        await page.keyboard.press("Enter")
        question = page.get_by_role("dialog", name="Remove this backtest?")
        await expect(question.get_by_role("button", name="Cancel")).to_be_focused()
        await question.get_by_role("button", name="Remove it").click()
        await page.wait_for_url(re.compile("/backtests$"))
        await page.goto(address)
        await expect(page.get_by_text("There is no such backtest")).to_be_visible()


async def test_the_verdict_comes_before_the_figures_and_names_say_what_they_mean(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, f"/backtests/{DONE}")
        verdict = await page.get_by_role("region", name="Verdict").bounding_box()
        equity = await page.get_by_role("region", name="Equity and drawdown").bounding_box()
        assert verdict is not None
        assert equity is not None
        assert verdict["y"] < equity["y"]
        figure = page.get_by_role("region", name="Figures").get_by_text("Sharpe ratio", exact=True)
        await expect(page.get_by_text("How Sharpe ratio is computed.")).to_be_hidden()
        await figure.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("How Sharpe ratio is computed.")).to_be_visible()
        await expect(page.get_by_role("figure").locator("canvas").first).to_be_attached()
        await expect(page.get_by_role("table", name=re.compile("Equity of Total"))).to_have_count(1)
        assert look.complaints == []


async def test_trades_come_page_by_page_and_by_pair(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, f"/backtests/{DONE}")
        rows = page.get_by_role("table", name="Closed trades, newest first").get_by_role("row")
        await expect(rows).to_have_count(101)
        await page.get_by_role("button", name="Earlier trades").click()
        await expect(rows).to_have_count(201)
        await page.get_by_role("combobox", name="Pair").select_option("ETH/USDT")
        await expect(rows.filter(has_text="BTC/USDT")).to_have_count(0)
        await expect(rows.filter(has_text="ETH/USDT").first).to_be_visible()


async def test_the_full_report_opens_apart_from_the_desk_and_is_whole(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, f"/backtests/{DONE}")
        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name=re.compile("Full report")).click()
        report = await opened.value
        await expect(report.get_by_role("heading", level=1)).to_be_visible()  # a tab is there before its address is
        said: list[str] = []
        report.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
        await report.reload()
        await expect(report.get_by_role("heading", level=1)).to_be_visible()
        assert await report.evaluate("window.origin") == "null", "it may not speak for the desk"
        assert said == []


async def test_two_backtests_stand_side_by_side(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        for box in await page.get_by_role("checkbox", name="Compare breakout on BTC/USDT").all():
            if await box.is_enabled() and not await page.get_by_role("link", name="Compare the two").count():
                await box.check()
        await page.get_by_role("link", name="Compare the two").click()
        await look.settled()
        for name in ("First", "Second"):
            await expect(page.get_by_role("region", name=name)).to_contain_text("Speaks against it")
        figures = page.get_by_role("table", name="Figures of both backtests")
        await expect(figures.get_by_role("row").filter(has_text="Sharpe ratio").first).to_be_visible()
        differs = page.get_by_role("table", name="Where the two backtests differ")
        await expect(differs.get_by_role("row").filter(has_text="pairs")).to_be_visible()
        assert look.complaints == []


async def test_a_run_that_failed_says_why_and_can_be_run_again(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, f"/backtests/{FAILED}")
        await expect(page.get_by_text("breakout raised ZeroDivisionError")).to_be_visible()
        await page.get_by_role("button", name="Run it again").click()
        drawer = page.get_by_role("dialog", name="Run it again")
        await expect(drawer.get_by_role("checkbox", name=re.compile("^breakout"))).to_be_checked()
        await expect(drawer.get_by_role("checkbox", name=re.compile("^trend"))).not_to_be_checked()


async def test_without_candles_the_form_says_how_they_come(empty_desk: Visitor) -> None:
    async with empty_desk.visit() as look:
        page = await at(look, "/backtests")
        await expect(page.get_by_text("No backtest yet")).to_be_visible()
        await page.get_by_role("button", name="New backtest").click()
        drawer = page.get_by_role("dialog", name="New backtest")
        await expect(drawer.get_by_text("No candles are recorded here")).to_be_visible()
        await expect(drawer.get_by_text(re.compile("quorate data download"))).to_be_visible()


async def test_a_desk_that_fails_is_told_and_asked_again(desk: Visitor) -> None:
    async with desk.visit() as look:
        await faults.fail_with_problem(look.page, "**/v1/backtests?*")
        await look.page.goto("/backtests")
        alert = look.page.get_by_role("alert")
        await expect(alert).to_contain_text("Backtests: Database unreachable")
        await look.page.unroute("**/v1/backtests?*")
        await alert.get_by_role("button", name="Try again").click()
        await expect(look.page.get_by_role("table", name="Backtests, newest first")).to_be_visible()


async def test_a_list_that_cannot_be_brought_up_to_date_stays_and_says_so(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = await at(look, "/backtests")
        await faults.fail_with_problem(page, "**/v1/backtests?*")
        await expect(page.get_by_text("Backtests cannot be brought up to date")).to_be_visible()
        await expect(page.get_by_role("table", name="Backtests, newest first")).to_be_visible()


@pytest.mark.parametrize("width", ["phone", "tablet", "desk"])
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_jumps_or_scrolls_sideways(desk: Visitor, path: str, width: str) -> None:
    async with desk.visit(width=width) as look:
        page = await at(look, path)
        await page.wait_for_timeout(500)
        sideways = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0
        shifts = await page.evaluate("window.shifts")
        assert sum(shift["value"] for shift in shifts) <= LAYOUT_SHIFT_MAX, shifts
