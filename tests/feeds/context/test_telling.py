"""What the panel is told of a view: quotes and figures of the past only, the tone named as a baseline."""

from __future__ import annotations

from pathlib import Path

from quorate.feeds.context.telling import figures_of, quotes_of
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.stranger import Stranger
from tests.feeds.context.test_board import PAIRS, opened, recordings, serve_everything, settings_of


async def test_texts_become_quotes_and_numbers_figures_with_their_instants(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        clock.advance(60.0)
        view = board.view(clock.now_ms(), PAIRS)
    quotes = quotes_of(view)
    assert [(quote.kind, quote.source) for quote in quotes] == [
        ("news", "Outlet"),
        ("news", "Outlet"),
        ("social", "Reddit"),
        ("community", "Discord 42"),
    ]
    assert quotes[0].text.startswith("[tone 0.")
    assert all(quote.at_ms <= view.at_ms for quote in quotes)
    figures = {figure.name: figure for figure in figures_of(view)}
    assert str(figures["BTC dominance"].value) == "54.25"
    assert figures["Fear & Greed"].at_ms == NOW_MS
    assert sum("baseline" in name for name in figures) == 3


async def test_nothing_known_is_nothing_told(clock: FakeTime, tmp_path: Path):
    async with opened(recordings(tmp_path), clock) as board:
        view = board.view(NOW_MS + 400 * 86_400_000, PAIRS)
    assert (quotes_of(view), figures_of(view)) == ((), ())
