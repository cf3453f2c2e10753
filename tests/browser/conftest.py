"""A browser and a desk for it to look at: the made-up one, or the one that QUORATE_BROWSER_URL names."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
START_TIMEOUT_S = 90
LOADED_TIMEOUT_MS = 60_000
SEEN_TIMEOUT_MS = 30_000
"""How long an expectation may take to come true: machines that run tests are busy."""
WIDTHS = {"phone": (360, 780), "tablet": (768, 1024), "desk": (1440, 900)}
Theme = Literal["light", "dark"]
expect.set_options(timeout=SEEN_TIMEOUT_MS)

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push({
    value: entry.value, nodes: entry.sources.map((source) => source.node?.outerHTML?.slice(0, 120) ?? "gone"),
  });
}).observe({ type: "layout-shift", buffered: true });
"""


def chromium() -> str:
    """The machine's own browser; without one, these tests say that they did not run."""
    named = os.environ.get("QUORATE_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("no Chromium on this machine: install one, or name it in QUORATE_CHROMIUM")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(*words: str) -> Iterator[str]:
    """Run the made-up desk in a process of its own; yields its address."""
    if not (ROOT / "web" / "dist" / "index.html").is_file():
        pytest.skip("the page is not built: run `make prepare`, or `npm run build` in web/")
    port = free_port()
    command = [sys.executable, "-m", "tests.browser.fixture_desk", str(port), *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _await_answer(url, process)
            yield url
        finally:
            process.terminate()


def _await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the made-up desk ended before it answered"
        try:
            with urlopen(f"{url}/api/me", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the made-up desk did not answer in time")


@pytest.fixture(scope="session")
def desk_url() -> Iterator[str]:
    """Address of the desk under test."""
    named = os.environ.get("QUORATE_BROWSER_URL")
    if named:
        yield named.rstrip("/")
    else:
        yield from serve()


@pytest.fixture(scope="session")
def empty_desk_url() -> Iterator[str]:
    """Address of a made-up desk in its first minute: no signals, no positions, no equity."""
    yield from serve("empty")


@pytest.fixture(scope="session")
def live_desk_url() -> Iterator[str]:
    """Address of a made-up desk at a real venue, where all is well."""
    yield from serve("live")


@pytest.fixture(scope="session")
def troubled_desk_url() -> Iterator[str]:
    """Address of a made-up desk at a real venue, with every trouble that there is."""
    yield from serve("troubled")


@dataclass
class Look:
    """One visit: the page, and what it complained about."""

    page: Page
    complaints: list[str]

    async def settled(self) -> None:
        """Wait until the page is there and nothing on it is a skeleton any more."""
        await self.page.wait_for_selector("main h1", state="attached", timeout=LOADED_TIMEOUT_MS)
        await expect(self.page.locator(".skeleton")).to_have_count(0, timeout=LOADED_TIMEOUT_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        await launched.close()


@dataclass
class Visitor:
    """Opens pages of the desk in a context of their own."""

    browser: Browser
    url: str

    @asynccontextmanager
    async def visit(
        self, *, width: str = "desk", theme: Theme = "light", still: bool = False
    ) -> AsyncGenerator[Look, None]:
        """A blank page of the given size and theme; the test goes where it wants."""
        wide, high = WIDTHS[width]
        context = await self.browser.new_context(
            base_url=self.url,
            viewport={"width": wide, "height": high},
            color_scheme=theme,
            reduced_motion="reduce" if still else "no-preference",
        )
        page = await context.new_page()
        await page.add_init_script(SHIFTS)
        look = Look(page, [])
        page.on("pageerror", lambda error: look.complaints.append(f"error: {error}"))
        page.on("console", lambda said: look.complaints.append(said.text) if said.type == "error" else None)
        yield look
        await context.close()


@pytest.fixture
def desk(browser: Browser, desk_url: str) -> Visitor:
    return Visitor(browser, desk_url)


@pytest.fixture
def empty_desk(browser: Browser, empty_desk_url: str) -> Visitor:
    return Visitor(browser, empty_desk_url)


@pytest.fixture
def live_desk(browser: Browser, live_desk_url: str) -> Visitor:
    return Visitor(browser, live_desk_url)


@pytest.fixture
def troubled_desk(browser: Browser, troubled_desk_url: str) -> Visitor:
    return Visitor(browser, troubled_desk_url)
