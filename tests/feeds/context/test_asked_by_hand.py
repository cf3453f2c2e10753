"""What sources say now, asked by hand: every part with its state, and a coin's history."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from quorate.cli.council_verbs import context_told
from quorate.domain.errors import BadInput, Unavailable
from quorate.feeds.context.settings import DerivativesSettings
from quorate.settings import FeedSettings, Settings
from quorate.wiring.context_now import context_now
from tests.feeds.context.conftest import NOW_MS
from tests.feeds.context.stranger import Stranger
from tests.feeds.context.test_board import serve_everything, settings_of

HOUR_MS = 3_600_000


def settings(stranger: Stranger, folder: Path) -> Settings:
    context = replace(settings_of(stranger.url), derivatives=DerivativesSettings(kind="off"))
    return Settings(data_dir=folder, feed=FeedSettings(pairs=("BTC/USDT",)), context=context)


def chart(*prices: float) -> str:
    return json.dumps({"prices": [[NOW_MS + hour * HOUR_MS, price] for hour, price in enumerate(prices)]})


async def test_every_part_is_told_with_its_state_and_a_coin_with_its_history(stranger: Stranger, tmp_path: Path):
    serve_everything(stranger)
    stranger.answers("/gecko/simple/price", '{"bitcoin":{"usd":70000.5}}')
    stranger.answers("/gecko/coins/bitcoin/market_chart", chart(64_000, 60_000, 72_000))
    told = context_told(await context_now(settings(stranger, tmp_path), coin="btc", days=30))
    states = {part["name"]: part["state"] for part in told["parts"]}
    assert (states["coins"], states["dominance"], states["funding"]) == ("present", "present", "off")
    coin = told["coin"]
    assert (coin["coin"], coin["id"], coin["price_usd"], coin["days"]) == ("BTC", "bitcoin", "70000.5", 30)
    assert (coin["change_percent"], coin["lowest_usd"], coin["highest_usd"]) == ("12.5", "60000", "72000")
    assert [point["price_usd"] for point in coin["points"]] == ["64000", "60000", "72000"]
    assert {"name": "Market cap", "of": "BTC"}.items() <= next(
        each for each in told["figures"] if each["name"] == "Market cap"
    ).items()
    asked = next(each for each in stranger.asked if each.path.endswith("/market_chart"))
    assert asked.query["days"] == "30"
    assert not list(tmp_path.iterdir()), "nothing is kept"


async def test_sources_that_are_down_are_parts_that_say_why(stranger: Stranger, tmp_path: Path):
    told = context_told(await context_now(settings(stranger, tmp_path), coin=None, days=7))
    missing = {part["name"]: part["why"] for part in told["parts"] if part["state"] == "missing"}
    assert missing.keys() >= {"coins", "dominance", "fear_greed", "news"}
    assert all(missing.values())
    assert (told["figures"], told["coin"]) == ([], None)


async def test_a_coin_that_nobody_knows_is_refused_with_where_to_name_it(stranger: Stranger, tmp_path: Path):
    serve_everything(stranger)
    with pytest.raises(BadInput, match=r"context\.coingecko\.coins\.NOSUCH"):
        await context_now(settings(stranger, tmp_path), coin="nosuch", days=7)


async def test_a_history_that_does_not_come_is_said(stranger: Stranger, tmp_path: Path):
    serve_everything(stranger)
    with pytest.raises(Unavailable, match="no history of BTC"):
        await context_now(settings(stranger, tmp_path), coin="BTC", days=7)
