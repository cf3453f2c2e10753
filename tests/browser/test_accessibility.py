"""Nobody is kept out: no violation that axe can find, on any page, in both themes, at three widths."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.browser import faults
from tests.browser.conftest import WIDTHS, Look, Theme, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "resultTypes": ["violations"],
}
COUNCIL = (
    "/council",
    "/council/records",
    "/council/agents",
    "/council/optimizer",
    "/council/lessons",
    "/council/context",
)
BACKTESTS = (
    "/backtests",
    f"/backtests/{5:032x}",
    f"/backtests/{3:032x}",
    f"/backtests/{'f' * 32}",
    f"/backtests/compare?first={5:032x}&second={4:032x}",
)
"""All of them, one that is done, one that failed, one at work, two side by side."""
ROUTES = (
    "/",
    "/market",
    "/market/BTC-USDT?tf=1h&ind=ema_20,bollinger,rsi_14,macd",
    "/venue",
    "/nowhere",
    *COUNCIL,
    *BACKTESTS,
)
THEMES: tuple[Theme, ...] = ("light", "dark")


async def violations(look: Look) -> list[str]:
    results = await Axe().run(look.page, options=OPTIONS)
    found: list[dict[str, Any]] = results.response["violations"]
    return [f"{each['id']}: {node['html'][:160]} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("route", ROUTES)
async def test_every_page_passes_axe(desk: Visitor, route: str, theme: Theme, width: str) -> None:
    async with desk.visit(width=width, theme=theme, still=True) as look:
        await look.page.goto(route)
        await look.settled()
        assert await violations(look) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("route", ["/", "/venue", "/venue?orders=ended", "/venue?orders=denied"])
async def test_a_venue_in_trouble_passes_axe(troubled_desk: Visitor, route: str, theme: Theme, width: str) -> None:
    async with troubled_desk.visit(width=width, theme=theme, still=True) as look:
        await look.page.goto(route)
        await look.settled()
        await look.page.get_by_role("alert").first.wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
async def test_an_opened_signal_passes_axe(desk: Visitor, theme: Theme, width: str) -> None:
    async with desk.visit(width=width, theme=theme, still=True) as look:
        await look.page.goto("/")
        await look.page.get_by_role("button", name="Why").first.click()
        await look.page.get_by_role("dialog").get_by_text("Size in each book").wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
async def test_a_prompt_and_its_answer_pass_axe(desk: Visitor, theme: Theme, width: str) -> None:
    async with desk.visit(width=width, theme=theme, still=True) as look:
        await look.page.goto("/council")
        await look.settled()
        link = look.page.get_by_role("link", name=re.compile("^prompt and answer of")).first
        if not await link.count():
            pytest.skip("the council of this desk asked no model")
        await link.click()
        await look.page.get_by_role("button", name="Unfold all").click()
        await look.page.get_by_role("table", name="Calls of this asking").wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
async def test_the_form_of_a_backtest_passes_axe(desk: Visitor, theme: Theme, width: str) -> None:
    async with desk.visit(width=width, theme=theme, still=True) as look:
        await look.page.goto("/backtests")
        await look.page.get_by_role("button", name="New backtest").click()
        drawer = look.page.get_by_role("dialog")
        await drawer.get_by_text("Parameters").first.click()
        await drawer.get_by_text("What counts").click()
        await drawer.get_by_role("button", name="None").click()
        await drawer.get_by_role("button", name="Start the backtest").click()
        await drawer.get_by_text("Choose at least one pair.").first.wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("theme", THEMES)
async def test_opened_reasons_and_questions_pass_axe(desk: Visitor, theme: Theme) -> None:
    async with desk.visit(width="phone", theme=theme, still=True) as look:
        await look.page.goto("/council")
        await look.page.get_by_role("button", name=re.compile("reasons")).first.click()
        assert await violations(look) == []
        await look.page.goto("/council/optimizer")
        await look.page.get_by_role("button", name="Go back to version 0").click()
        await look.page.get_by_role("dialog").wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("route", ["/", "/market", "/venue", "/backtests", *COUNCIL])
async def test_a_desk_that_has_nothing_yet_passes_axe(empty_desk: Visitor, route: str, theme: Theme) -> None:
    async with empty_desk.visit(theme=theme, width="phone", still=True) as look:
        await look.page.goto(route)
        await look.settled()
        assert await violations(look) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("route", ["/", "/market", "/council", "/venue", "/backtests"])
async def test_a_desk_that_fails_passes_axe(desk: Visitor, route: str, theme: Theme) -> None:
    async with desk.visit(theme=theme, still=True) as look:
        await faults.fail_with_problem(look.page, *faults.DATA)
        await look.page.goto(route)
        await look.page.get_by_role("alert").first.wait_for()
        assert await violations(look) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mode", ["paper", "live"])
async def test_every_frame_passes_axe(desk: Visitor, mode: str, theme: Theme) -> None:
    async with desk.visit(theme=theme, still=True) as look:
        await faults.change_answer(
            look.page, "**/v1/status/health", mode=mode, feed={"simulated": False, "state": "stale"}
        )
        await faults.change_answer(look.page, "**/api/risk", trading_state="HALTED", trading_reason="Halted by hand.")
        await look.page.goto("/")
        await look.settled()
        await look.page.get_by_text("Trading is halted").wait_for()
        assert await violations(look) == []


async def test_the_appearance_panel_passes_axe(desk: Visitor) -> None:
    async with desk.visit(width="phone") as look:
        await look.page.goto("/")
        await look.page.get_by_role("button", name="Appearance").click()
        await look.page.get_by_role("group", name="Theme").wait_for()
        assert await violations(look) == []
