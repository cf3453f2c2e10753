"""Context beside a desk: asked in the background, read as of an instant, and never in anybody's way."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from quorate.clock import SystemClock
from quorate.desk.state import DeskState
from quorate.domain.snapshot import Context
from quorate.domain.votes import Ballot
from quorate.feeds.context.settings import (
    CoinGeckoSettings,
    ContextSettings,
    DerivativesSettings,
    FearGreedSettings,
    Limits,
    NewsSettings,
)
from quorate.settings import Settings
from quorate.wiring.context import World, open_surroundings
from quorate.wiring.council import Room
from quorate.wiring.models import Timely
from tests.analysts.prompting import AT_MS, room

NOBODY = "http://127.0.0.1:9"
HURRIED = Limits(deadline_s=0.5, attempts_max=1, pause_s=0.0)


@dataclass
class Feed:
    """As much of a feed as a bench looks at."""

    present_ms: int
    kind: str = "exchange"
    paced: bool = True
    timeframe: str = "5m"

    def now_ms(self) -> int:
        return self.present_ms


async def test_sources_that_are_all_down_leave_gaps_and_stop_nothing(tmp_path: Path) -> None:
    context = ContextSettings(
        coingecko=CoinGeckoSettings(url=NOBODY, limits=HURRIED),
        derivatives=DerivativesSettings(kind="off"),
        fear_greed=FearGreedSettings(url=NOBODY, limits=HURRIED),
        news=NewsSettings(feeds=(), api="coindesk", url=NOBODY, limits=HURRIED),
    )
    market = room()
    seat = Room(
        lookout=market.lookout,
        source=cast("Any", Feed(AT_MS)),
        clock=SystemClock(),
        state=lambda: DeskState("paper"),
        records=tmp_path,
    )
    async with AsyncExitStack() as stack:
        world = await open_surroundings(Settings(data_dir=tmp_path), context, seat, stack)
        await asyncio.sleep(0)
        snapshot = world.lookout.observe(market.snapshot.step)
        assert snapshot.context == Context()
        assert world.told(AT_MS) == ((), ())


async def test_a_board_that_fails_tells_the_models_nothing_and_raises_nothing() -> None:
    class Broken:
        def view(self, at_ms: int, pairs: object) -> object:
            raise ZeroDivisionError

    world = World(cast("Any", None), cast("Any", Broken()), ("BTC/USDT",))
    assert world.told(AT_MS) == ((), ())


async def test_models_are_not_asked_about_a_past_that_the_desk_is_catching_up_with() -> None:
    market = room()

    class Counting:
        asked = 0

        async def vote(self, snapshot: object, *, slot: str) -> Ballot:
            self.asked += 1
            return Ballot(slot, AT_MS, ("claude",), (), "asked")

    panel, five_ms = Counting(), 300_000
    feed = Feed(AT_MS + 2 * five_ms)
    bench = Timely(cast("Any", panel), cast("Any", feed), ("claude",), ("claude",), ("BTC/USDT", "ETH/USDT"))
    ballot = await bench.vote(market.snapshot, slot="1")
    assert [(vote.pair, vote.abstained) for vote in ballot.votes] == [("BTC/USDT", True), ("ETH/USDT", True)]
    assert all(vote.reason.startswith("late:") for vote in ballot.votes)
    assert panel.asked == 0
    feed.present_ms = AT_MS + five_ms
    assert (await bench.vote(market.snapshot, slot="2")).model_version == "asked"
    feed.paced, feed.present_ms = False, AT_MS + 100 * five_ms
    assert (await bench.vote(market.snapshot, slot="3")).model_version == "asked", "a replay asks at every slot"
