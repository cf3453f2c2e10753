"""Everything together: what a decision gets, what it lacks, and that no source can hurt the desk."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from quorate.clock import ManualClock
from quorate.domain.errors import BadInput
from quorate.domain.snapshot import Context
from quorate.feeds.context.board import ContextBoard
from quorate.feeds.context.derivatives import Derivatives, Funding, OpenInterest
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Timepiece
from quorate.feeds.context.opening import open_context
from quorate.feeds.context.parts import ContextView, PartName
from quorate.feeds.context.settings import (
    CoinGeckoSettings,
    ContextSettings,
    DerivativesSettings,
    DiscordSettings,
    FearGreedSettings,
    FeedAddress,
    Limits,
    NewsSettings,
    SocialSettings,
)
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.stranger import Reply, Stranger
from tests.feeds.context.test_coingecko import coin_row, world_answer
from tests.feeds.context.test_fear_greed import TODAY_S, answer
from tests.feeds.context.test_news import ATOM, RSS, coindesk

PAIRS = ("BTC/USDT", "DOGE/USDT", "ETH/USDT")
DAY_S = 86_400.0
QUICK = Limits(deadline_s=2.0, attempts_max=1, pause_s=0.0)
EVERY_PART = {"dominance", "coins", "funding", "open_interest", "fear_greed", "news", "social", "community"}
MESSAGE = {"id": "3", "content": "wen moon", "timestamp": "2025-10-09T08:50:00+00:00", "author": {}}


class Contracts:
    """An exchange with perpetual contracts, in memory."""

    def __init__(self) -> None:
        self.is_down = False
        self.closed = False

    async def funding(self) -> Mapping[str, Funding]:
        if self.is_down:
            raise SourceFault("down", "It fails (503).")
        return {
            "BTC/USDT": Funding(rate=Decimal("0.0012"), hours=8),
            "ETH/USDT": Funding(rate=Decimal("0.0001"), hours=1),
        }

    async def open_interest(self, pairs: Sequence[str]) -> Mapping[str, OpenInterest]:
        if self.is_down:
            raise SourceFault("down", "It fails (503).")
        return {pair: OpenInterest(amount=Decimal(5), value_usd=None) for pair in pairs if pair == "BTC/USDT"}

    async def settled(
        self, pairs: Sequence[str], *, after_ms: int, until_ms: int
    ) -> Mapping[str, Sequence[tuple[int, Decimal]]]:
        return {}

    async def close(self) -> None:
        self.closed = True


def settings_of(url: str, **changed: Any) -> ContextSettings:
    """Every source, all at one address."""
    made = ContextSettings(
        coingecko=CoinGeckoSettings(url=f"{url}/gecko", limits=QUICK),
        derivatives=DerivativesSettings(limits=QUICK),
        news=NewsSettings(api="coindesk", url=url, feeds=(FeedAddress(name="Outlet", url=f"{url}/rss"),), limits=QUICK),
        fear_greed=FearGreedSettings(url=url, limits=QUICK),
        social=SocialSettings(feeds=(FeedAddress(name="Reddit", url=f"{url}/atom"),), limits=QUICK),
        discord=DiscordSettings(url=f"{url}/discord", token="hidden", channels=("42",), limits=QUICK),
    )
    return replace(made, **changed)


def serve_everything(stranger: Stranger) -> None:
    stranger.answers("/gecko/global", world_answer())
    stranger.answers(
        "/gecko/coins/markets", json.dumps([coin_row(), coin_row(id="ethereum", symbol="eth", market_cap=9)])
    )
    stranger.answers("/news/v1/article/list", coindesk())
    stranger.answers("/rss", RSS)
    stranger.answers("/atom", ATOM)
    stranger.answers("/fng/", answer(("71", str(TODAY_S))))
    stranger.answers("/discord/channels/42/messages", json.dumps([MESSAGE]))


@asynccontextmanager
async def opened(
    settings: ContextSettings, clock: Timepiece, *, data_dir: Path | None = None, derivatives: Derivatives | None = None
) -> AsyncGenerator[ContextBoard]:
    board = open_context(
        settings,
        pairs=lambda: PAIRS,
        clock=clock,
        chance=lambda: 1.0,
        data_dir=data_dir,
        derivatives=derivatives or Contracts(),
    )
    try:
        yield board
    finally:
        await board.close()


async def until(holds: Callable[[], bool]) -> None:
    """Let everybody run until it holds."""
    for _ in range(5_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to hold")


def states(view: ContextView) -> dict[PartName, str]:
    return {part.name: part.state for part in view.parts}


async def test_every_source_comes_together_in_one_view(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        clock.advance(60.0)
        view = board.view(clock.now_ms(), PAIRS)
    assert set(states(view).values()) == {"present"}
    assert view.missing == ()
    assert view.context.funding == {"BTC/USDT": Decimal("0.0012"), "ETH/USDT": Decimal("0.0008")}
    assert view.figures.coins["BTC"].age_ms == 60_000
    assert view.figures.open_interest["BTC/USDT"].value.amount == 5
    assert view.figures.fear_greed is not None
    assert view.figures.fear_greed.value.label == "greed"
    assert [item.title for item in view.texts.news] == ["Bitcoin rises & shines", "Ether climbs"]
    assert [item.source for item in (*view.texts.social, *view.texts.community)] == ["Reddit", "Discord 42"]
    assert view.texts.age_ms(view.texts.news[0]) == 60_000
    assert {health.state for health in board.health()} == {"ok"}


async def test_the_change_of_dominance_reaches_the_breakers_and_survives_a_restart(
    stranger: Stranger, clock: FakeTime, tmp_path: Path
):
    serve_everything(stranger)
    settings = settings_of(stranger.url)
    async with opened(settings, clock, data_dir=tmp_path) as board:
        await board.refresh()
    clock.advance(DAY_S)
    stranger.answers("/gecko/global", world_answer(btc=55.5))
    async with opened(settings, clock, data_dir=tmp_path) as board:
        await board.refresh()
        view = board.view(clock.now_ms(), PAIRS)
    assert view.context.btc_dominance_change_24h == Decimal("1.25")
    assert view.figures.dominance is not None
    assert view.figures.dominance.basis == "kept"


async def test_nothing_is_known_before_it_was_asked_for(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    async with opened(settings_of(stranger.url), clock) as board:
        before = board.view(NOW_MS, PAIRS)
        assert set(states(before).values()) == {"missing"}
        assert {part.name for part in before.missing} == EVERY_PART
        assert before.context == Context()
        await board.refresh()
        assert board.view(NOW_MS - 1, PAIRS).texts.news == ()
        assert board.view(NOW_MS - 1, PAIRS).context == Context()


async def test_a_source_dead_for_a_day_leaves_a_named_gap_and_the_others_go_on(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    contracts = Contracts()
    async with opened(settings_of(stranger.url), clock, derivatives=contracts) as board:
        await board.refresh()
        contracts.is_down = True
        stranger.answers("/rss", Reply(status=503))
        stranger.answers("/news/v1/article/list", Reply(status=503))
        for _ in range(96):
            clock.advance(900.0)
            await board.refresh()
        clock.advance(1.0)
        view = board.view(clock.now_ms(), PAIRS)
        gaps = {part.name: part.why for part in view.missing}
        assert {"funding", "open_interest", "news"} <= set(gaps)
        assert "503" in gaps["funding"]
        assert view.context.funding is None
        assert view.context.btc_dominance_change_24h is not None
        contracts.is_down = False
        clock.advance(1_800.0)
        await board.refresh()
        assert board.view(clock.now_ms(), PAIRS).context.funding is not None


HOSTILE = [
    Reply(status=429, headers={"Retry-After": "120"}),
    Reply(status=500),
    Reply(status=401),
    Reply(b""),
    Reply(b"<html>sign in</html>"),
    Reply(b"[" * 100_000),
    Reply(b'{"data":{"market_cap_percentage":{"btc":1e999}}}'),
    Reply(b"\xff" * 1_000),
    Reply(b" " * 3_000_000),
    Reply(cut=True),
    Reply(status=302, headers={"Location": "http://169.254.169.254/"}),
]


@pytest.mark.parametrize("reply", HOSTILE)
async def test_whatever_a_stranger_answers_the_view_stands_and_says_what_it_lacks(
    stranger: Stranger, clock: FakeTime, reply: Reply
):
    serve_everything(stranger)
    for path in list(stranger.replies):
        stranger.answers(path, reply)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        view = board.view(clock.now_ms(), PAIRS)
        assert {part.name for part in view.missing} == EVERY_PART - {"funding", "open_interest"}
        assert all(part.why for part in view.missing)
        assert view.context == Context(None, view.context.funding)
        assert "hidden" not in repr((view, board.health()))


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(drip=True)])
async def test_a_source_that_never_ends_its_answer_delays_nobody(stranger: Stranger, clock: FakeTime, reply: Reply):
    serve_everything(stranger)
    stranger.answers("/gecko/global", reply)
    settings = settings_of(stranger.url)
    short = replace(settings.coingecko, limits=replace(QUICK, deadline_s=0.5))
    async with opened(replace(settings, coingecko=short), clock) as board:
        refreshing = asyncio.create_task(board.refresh())
        await until(lambda: states(board.view(clock.now_ms(), PAIRS))["news"] == "present")
        assert not refreshing.done()
        await refreshing
        (gap,) = board.view(clock.now_ms(), PAIRS).missing
        assert (gap.name, "0.5 s" in gap.why) == ("dominance", True)


async def test_the_background_loop_asks_again_when_answers_have_grown_old(stranger: Stranger):
    serve_everything(stranger)
    clock = ManualClock(NOW_MS)
    async with opened(settings_of(stranger.url), clock) as board:
        running = asyncio.create_task(board.run())

        def three_times() -> bool:
            clock.advance(15.0)
            return stranger.times("/discord/channels/42/messages") >= 3

        await until(three_times)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert stranger.times("/fng/") == 1


async def test_a_wrong_clock_is_noticed_and_lets_nothing_through_early(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    real = {"Date": formatdate(NOW_MS / 1000, usegmt=True)}
    for path, replies in stranger.replies.items():
        stranger.answers(path, Reply(replies[0].body, headers=real))
    clock.set_ahead(3_600_000)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        assert board.skew_ms == -3_600_000
        early = board.view(NOW_MS, PAIRS)
        assert "3600 s ahead" in {part.name: part.why for part in early.missing}["news"]
        assert set(states(board.view(NOW_MS + 3_600_000, PAIRS)).values()) == {"present"}


async def test_what_is_not_set_is_off_and_asks_nobody(stranger: Stranger, clock: FakeTime):
    quiet = settings_of(stranger.url).without_network()
    async with opened(quiet, clock) as board:
        await board.refresh()
        view = board.view(NOW_MS, PAIRS)
    assert set(states(view).values()) == {"off"}
    assert (view.missing, board.health(), stranger.asked, view.context) == ((), (), [], Context())
    assert ContextSettings().social.feeds == ()
    assert ContextSettings().discord.token is None


def recordings(folder: Path) -> ContextSettings:
    pl.DataFrame({"ts": [NOW_MS], "funding_rate": [0.002]}).write_parquet(
        folder / "binanceusdm_BTCUSDT_funding.parquet"
    )
    (folder / "news.csv").write_text("date,title\n2025-10-09T08:53:20Z,Bitcoin crashes\n2025-10-09T09:53:20Z,Later\n")
    (folder / "mood.csv").write_text(f"fear_greed_index,timestamp\n9,{TODAY_S}\n")
    return ContextSettings(
        coingecko=CoinGeckoSettings(kind="off"),
        derivatives=DerivativesSettings(kind="recorded", folder=folder),
        news=NewsSettings(kind="recorded", file=folder / "news.csv"),
        fear_greed=FearGreedSettings(kind="recorded", file=folder / "mood.csv"),
    )


async def test_a_replay_reads_recordings_as_of_its_own_time(clock: FakeTime, tmp_path: Path):
    async with opened(recordings(tmp_path), clock) as board:
        assert {health.state for health in board.health()} == {"recorded"}
        before, now = board.view(NOW_MS - 1, PAIRS), board.view(NOW_MS, PAIRS)
        assert (before.context, before.texts.news) == (Context(), ())
        assert now.context.funding == {"BTC/USDT": Decimal("0.002")}
        assert [(item.title, item.sentiment.tone) for item in now.texts.news] == [("Bitcoin crashes", "negative")]
        assert board.view(NOW_MS + 400 * 86_400_000, PAIRS).context == Context()


async def test_a_recording_that_is_not_there_is_said_when_the_board_is_opened(clock: FakeTime, tmp_path: Path):
    settings = recordings(tmp_path)
    for broken in (
        replace(settings, news=NewsSettings(kind="recorded")),
        replace(settings, news=NewsSettings(kind="recorded", file=tmp_path / "nowhere.csv")),
        replace(settings, derivatives=DerivativesSettings(kind="recorded")),
        replace(settings, fear_greed=FearGreedSettings(kind="recorded")),
    ):
        with pytest.raises(BadInput):
            async with opened(broken, clock):
                pass


async def test_connections_are_let_go(stranger: Stranger, clock: FakeTime):
    contracts = Contracts()
    async with opened(settings_of(stranger.url), clock, derivatives=contracts):
        pass
    assert contracts.closed


async def test_a_view_of_eighty_pairs_costs_milliseconds(stranger: Stranger, clock: FakeTime):
    serve_everything(stranger)
    async with opened(settings_of(stranger.url), clock) as board:
        await board.refresh()
        pairs = [f"C{number}/USDT" for number in range(80)]
        began = time.process_time()
        for _ in range(20):
            board.view(NOW_MS, pairs)
        assert (time.process_time() - began) / 20 < 0.02


def test_settings_refuse_what_they_do_not_know_and_hide_what_is_secret():
    reader = TypeAdapter(ContextSettings)
    told = {
        "coingecko": {"key": "hidden-key"},
        "discord": {"token": "hidden-token", "channels": ["42"]},
        "news": {"feeds": [{"name": "A", "url": "https://example.org/rss?token=hidden"}]},
        "derivatives": {"urls": {"api": {"public": "http://127.0.0.1:1"}}},
    }
    settings = reader.validate_python(told)
    assert "hidden" not in repr(settings)
    assert settings.discord.channels == ("42",)
    for wrong in (
        {"coingeko": {}},
        {"news": {"feeds": [{"name": "A", "url": "file:///etc/passwd"}]}},
        {"discord": {"channels": ["../../users/@me"]}},
        {"discord": {"token": "two\nlines"}},
        {"coingecko": {"url": "ftp://example.org"}},
        {"coingecko": {"limits": {"deadline_s": 0}}},
    ):
        with pytest.raises(ValidationError):
            reader.validate_python(wrong)
