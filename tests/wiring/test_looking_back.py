"""An account that ran is made again from its journal, and held beside the backtester, on real databases."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.policy import CouncilPolicy, DeskPolicy
from quorate.research.examining import Wanted
from quorate.research.gap import Cause, Gap
from quorate.settings import FeedSettings, Settings, StoreSettings, StrategySettings
from quorate.wiring.gap import gap_of
from quorate.wiring.replaying import Replayed, refuse_live, replay_verified
from quorate.wiring.research import Asked, backtest, prepare
from quorate.wiring.stories import Recorded, Story
from tests.crash.made_candles import make_candles
from tests.servers import servers_root
from tests.wiring.test_replayed_council import candles_in, moody, run, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
DAYS = 9
RANGE = "20250106-20250108"
POLICY = DeskPolicy(council=CouncilPolicy(cooldown_ms=7_200_000, cooldown_after_loss_ms=7_200_000))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def ran(place: Path) -> Settings:
    """A replay that has run to its end: its settings."""
    folder = place / "candles"
    folder.mkdir()
    make_candles(folder, PAIRS, days=DAYS)
    settings = Settings(
        data_dir=place / "state",
        feed=FeedSettings(kind="replay", data=folder, timerange=RANGE),
        desk=POLICY,
        store=StoreSettings(redis="off"),
    )
    asyncio.run(run(settings))
    return settings


def looked_back(settings: Settings) -> Replayed:
    return asyncio.run(replay_verified(settings, told=lambda *_: None))


def beside(settings: Settings, *, data: Path | None = None) -> Gap:
    if data is not None:
        settings = settings.model_copy(update={"feed": settings.feed.model_copy(update={"data": data})})
    return asyncio.run(gap_of(settings, funding=None, step=lambda *_: None))[1]


def test_a_replay_comes_out_again_bit_for_bit_whatever_the_feed_of_the_settings(ran):
    anywhere = ran.model_copy(update={"feed": FeedSettings()})
    replayed = looked_back(anywhere)
    assert replayed.rerun.difference is None, replayed.rerun.difference.sentence
    assert replayed.rerun.steps == 2 * 288
    assert replayed.rerun.ballots_asked > 200
    assert replayed.rerun.entries == replayed.rerun.checked + replayed.rerun.given > 1_000


def test_with_other_settings_it_does_not_and_the_first_difference_is_named(ran):
    parameters = StrategySettings(parameters={"bar_reaction": {"stop_atr": 0.7}})
    difference = looked_back(ran.model_copy(update={"strategies": parameters})).rerun.difference
    assert difference is not None
    assert difference.entry.partition("-")[2].isdigit()
    assert difference.recorded != difference.now


def test_an_account_that_is_not_there_is_a_sentence(ran, place):
    with pytest.raises(BadInput, match=r"no account paper\. It holds replay-"):
        looked_back(ran.model_copy(update={"account": "paper"}))


def test_the_backtester_makes_every_trade_of_the_account_and_no_other(ran):
    gap = beside(ran)
    assert gap.lines == ()
    assert gap.trades > 20
    assert gap.other_candles == 0
    assert gap.candles == 2 * 288 * len(PAIRS)


def test_candles_that_were_other_ones_are_found_and_what_follows_from_them(ran, place):
    other = place / "other"
    other.mkdir()
    for file in (place / "candles").iterdir():
        frame = pl.read_parquet(file)
        if "ETH" in file.name:
            at_ms = int(frame["ts"][-800])
            scale = pl.when(pl.col("ts") == at_ms).then(1.01).otherwise(1.0)
            frame = frame.with_columns(*((pl.col(name) * scale).round(2) for name in ("open", "high", "low", "close")))
        frame.write_parquet(other / file.name)
    gap = beside(ran, data=other)
    assert gap.other_candles == 1
    assert gap.lines
    assert all(sum(line.parts.values()) == line.difference for line in gap.lines)
    assert {line.pair for line in gap.lines if line.cause is Cause.DATA} == {"ETH/USDT"}


def test_other_fees_than_the_account_paid_are_found(ran):
    dearer = replace(POLICY, costs=replace(POLICY.costs, maker_fee_ppm=0))
    gap = beside(ran.model_copy(update={"desk": dearer}))
    assert any(Cause.FEE in line.parts for line in gap.lines)


def test_a_backtest_hears_the_council_of_the_journal(ran):
    replayed = looked_back(ran)
    asked = Asked(strategies=(), council=replayed.account)
    tested, _ = backtest(prepare(ran, asked), "event", Wanted(baselines=False, samples=2), step=lambda *_: None)
    assert {trade.strategy for trade in tested.backtest.trades} <= {"consensus"}
    assert tested.backtest.parameters["consensus"]["panel"] == "trend, breakout, momentum"


async def test_a_council_of_models_comes_out_again_from_its_record(place):
    own = place / "models"
    own.mkdir()
    candles = candles_in(own)
    async with moody() as models:
        settings = settings_of(own, models.url, candles=candles, name="first", timerange="20250107-20250108")
        await run(settings)
        asked = sum(models.heard.values())
        replayed = await replay_verified(settings, told=lambda *_: None)
        assert sum(models.heard.values()) == asked, "nobody is asked again"
    assert replayed.rerun.difference is None, replayed.rerun.difference.sentence
    assert replayed.rerun.ballots_taken > 10
    assert any("taken from the record" in note for note in replayed.notes)
    told = await gap_of(settings, funding=None, step=lambda *_: None)
    assert any("the rules did" in note for note in told[1].notes)
    assert Decimal(0) == sum(told[1].by_cause.values()) + told[1].backtest_pnl - told[1].account_pnl


def test_an_account_at_a_real_venue_is_not_made_again():
    opened = ev.AccountOpened("live", "exchange", "digest", (("aggressive", Decimal(1)),))
    entry = Recorded("1-1", "AccountOpened", 1, opened, b"{}")
    with pytest.raises(BadInput, match=r"trades at a real venue.*quorate gap"):
        refuse_live(Story("live", (entry,)))
