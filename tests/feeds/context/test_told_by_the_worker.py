"""What a worker says of its sources and of what it knows: enough for a page elsewhere, and never in a desk's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from quorate.feeds.context.settings import ContextSettings
from quorate.settings import Settings
from quorate.wiring.context import World
from quorate.wiring.council import Seated
from quorate.wiring.telling import context_said, sources_said
from tests.feeds.context.conftest import FakeTime
from tests.feeds.context.stranger import Stranger
from tests.feeds.context.test_board import PAIRS, opened, serve_everything, settings_of


@dataclass
class Source:
    kind: str


@dataclass
class Found:
    source: Source
    account: str = "paper"


def seated(board: Any) -> Seated:
    nobody = cast("Any", None)
    world = None if board is None else World(nobody, board, PAIRS)
    return Seated(nobody, nobody, nobody, world, None)


def said(settings: Settings, kind: str, council: Seated | None, *, at_ms: int | None = 1):
    return context_said(settings, cast("Any", Found(Source(kind))), council, at_ms=at_ms)


async def test_figures_texts_and_gaps_are_told_with_their_ages(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        clock.advance(60.0)
        told = said(Settings(), "exchange", seated(board), at_ms=clock.now_ms())
        sources = sources_said(seated(board))
    assert (told.available, told.at_ms, told.account) == (True, clock.now_ms(), "paper")
    figures = {figure.name: figure for figure in told.figures if figure.pair is None}
    assert (str(figures["BTC dominance"].value), figures["BTC dominance"].age_ms) == ("54.25", 60_000)
    assert figures["Fear and Greed index"].told
    funding = [figure for figure in told.figures if figure.part == "funding"]
    assert {figure.pair for figure in funding} <= set(PAIRS)
    assert not any(figure.told for figure in told.figures if figure.part == "open_interest")
    assert [text.kind for text in told.texts] == ["news", "news", "social", "community"]
    assert {part.state for part in told.parts} == {"present"}
    assert {source.state for source in sources} == {"ok"}
    assert {source.age_ms for source in sources} == {60_000}


async def test_a_source_that_is_down_is_said_to_be(stranger: Stranger, clock: FakeTime):
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        told = said(Settings(), "exchange", seated(board), at_ms=clock.now_ms())
        sources = sources_said(seated(board))
    gaps = {part.name: part.why for part in told.parts if part.state == "missing"}
    assert gaps.keys() >= {"dominance", "coins", "fear_greed", "news", "social"}
    assert all(gaps.values()), "every gap says why"
    assert told.texts == ()
    down = [source for source in sources if source.state == "down"]
    assert down
    assert all(source.fault and source.failures and source.why for source in down)


@pytest.mark.parametrize(
    ("kind", "live", "why"),
    [
        ("replay", "auto", "A replay feed knows no present of ours"),
        ("simulated", "on", "A simulated feed knows no present of ours"),
        ("exchange", "off", "switched off"),
        ("exchange", "auto", "where a model sits on the panel"),
    ],
)
def test_a_desk_without_context_says_why(kind: str, live: Any, why: str):
    told = said(Settings(context=ContextSettings(live=live)), kind, seated(None))
    assert (told.available, why in told.why) == (False, True)
    assert sources_said(seated(None)) == ()


def test_before_the_desk_is_ready_nothing_is_known():
    assert not said(Settings(), "exchange", None).available
    assert not said(Settings(), "exchange", seated(None), at_ms=None).available
    assert sources_said(None) == ()


def test_a_board_that_fails_is_told_as_a_gap_and_stops_nothing():
    class Broken:
        def view(self, at_ms: int, pairs: Any) -> Any:
            raise KeyError(at_ms)

    told = said(Settings(), "exchange", seated(Broken()))
    assert (told.available, told.why) == (False, "The context cannot be told just now.")
