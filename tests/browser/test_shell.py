"""What stands around every page: mode and feed, age of the data, keyboard, theme, calm."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import faults
from tests.browser.conftest import WIDTHS, Look, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAYOUT_SHIFT_MAX = 0.02
HEALTH = "**/v1/status/health"


async def focused(look: Look) -> str:
    return str(await look.page.evaluate("document.activeElement?.textContent?.trim() ?? ''"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "route",
    [
        "/",
        "/market",
        "/council",
        "/council/records",
        "/council/agents",
        "/council/optimizer",
        "/council/lessons",
        "/council/context",
        "/venue",
    ],
)
async def test_pages_load_without_complaint_overflow_or_jump(desk: Visitor, route: str, width: str) -> None:
    async with desk.visit(width=width) as look:
        await faults.hold_news(look.page)
        await look.page.goto(route)
        await look.settled()
        await look.page.wait_for_timeout(2500)
        assert look.complaints == []
        overflow = await look.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0
        shifts = await look.page.evaluate("window.shifts")
        assert sum(shift["value"] for shift in shifts) <= LAYOUT_SHIFT_MAX, shifts


@pytest.mark.parametrize(
    ("mode", "feed", "frame", "words"),
    [
        ("paper", {"kind": "simulated", "simulated": True}, "simulated", ["paper", "Simulated"]),
        ("paper", {"kind": "replay", "simulated": False}, "paper", ["paper", "Replay"]),
        ("paper", {"kind": "exchange", "simulated": False}, "paper", ["paper", "Exchange"]),
        ("live", {"kind": "exchange", "simulated": False}, "live", ["live", "Exchange"]),
    ],
)
async def test_mode_and_feed_are_said_and_tint_the_frame(
    desk: Visitor, mode: str, feed: dict[str, object], frame: str, words: list[str]
) -> None:
    async with desk.visit() as look:
        await faults.change_answer(look.page, HEALTH, mode=mode, feed=feed)
        await look.page.goto("/")
        badge = look.page.get_by_label("Mode and feed")
        for word in words:
            await expect(badge).to_contain_text(word)
        await expect(look.page.locator(f"[data-frame={frame}]")).to_have_count(1)


async def test_stale_data_and_a_lost_stream_are_said(desk: Visitor) -> None:
    async with desk.visit() as look:
        await faults.change_answer(look.page, HEALTH, feed={"state": "stale", "age_ms": 42_000})
        await faults.stream_says(look.page, [])
        await look.page.goto("/")
        await expect(look.page.get_by_text("Stale 4")).to_be_visible()
        await expect(look.page.get_by_text("Stream lost")).to_be_visible()


async def test_a_desk_that_goes_silent_is_said_and_old_figures_stay(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/")
        await look.settled()
        await faults.cut(look.page, *faults.DATA)
        await expect(look.page.get_by_text("Desk silent")).to_be_visible(timeout=60_000)
        await expect(look.page.get_by_text("The desk does not answer").first).to_be_visible()
        await expect(look.page.get_by_role("region", name="Book ").first).to_be_visible()


async def test_keyboard_alone_reaches_everything_and_comes_back(desk: Visitor) -> None:
    async with desk.visit() as look:
        page = look.page
        await page.goto("/")
        await look.settled()
        await page.keyboard.press("Tab")
        assert await focused(look) == "Skip to the page"
        for expected in ("Desk", "Market"):
            await page.keyboard.press("Tab")
            assert await focused(look) == expected
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        why = page.get_by_role("button", name="Why").first
        await why.focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_text("Who voted").or_(dialog.get_by_text("Size in each book")).first.wait_for()
        assert await page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(why).to_be_focused()


@pytest.mark.parametrize("route", ["/", "/council", "/council/records", "/council/optimizer", "/venue"])
async def test_focus_is_always_seen(desk: Visitor, route: str) -> None:
    async with desk.visit() as look:
        await look.page.goto(route)
        await look.settled()
        unseen = []
        for _ in range(25):
            await look.page.keyboard.press("Tab")
            seen = await look.page.evaluate(
                """() => {
                  const at = document.activeElement;
                  if (at === document.body) return null;
                  const marked = at.matches('input') ? at.nextElementSibling ?? at : at;
                  const seen = [at, marked].some((each) => getComputedStyle(each).outlineStyle !== 'none');
                  return seen ? null : at.outerHTML.slice(0, 100);
                }"""
            )
            if seen:
                unseen.append(seen)
        assert unseen == []


async def test_theme_and_density_are_kept(desk: Visitor) -> None:
    async with desk.visit(theme="light") as look:
        page = look.page
        await page.goto("/")
        root = page.locator("html")
        await expect(root).to_have_attribute("data-theme", "light")
        await page.get_by_role("button", name="Appearance").click()
        await page.get_by_role("radio", name="Dark").check()
        await page.get_by_role("radio", name="Compact").check()
        await expect(root).to_have_attribute("data-theme", "dark")
        await page.reload()
        await expect(root).to_have_attribute("data-theme", "dark")
        await expect(root).to_have_attribute("data-density", "compact")


async def test_reduced_motion_means_none(desk: Visitor) -> None:
    async with desk.visit(still=True) as look:
        for route in ("/", "/council"):
            await look.page.goto(route)
            await look.settled()
            moving = await look.page.evaluate("document.getAnimations().length")
            assert moving == 0


async def test_an_unknown_address_says_so(desk: Visitor) -> None:
    async with desk.visit() as look:
        await look.page.goto("/nowhere")
        await expect(look.page.get_by_text("There is no page at this address")).to_be_visible()
