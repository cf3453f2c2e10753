"""CoinGecko's answers, made small in their real shapes: read exactly, and refused where they make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quorate.feeds.context.coin_questions import QUESTIONS_MAX, CoinQuestions
from quorate.feeds.context.coingecko import (
    CoinGecko,
    CoinMarket,
    World,
    by_coin,
    parse_chart,
    parse_coins,
    parse_prices,
    parse_world,
)
from quorate.feeds.context.dominance import DAY_MS, DominanceSeries
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Lane
from quorate.feeds.context.settings import CoinGeckoSettings
from quorate.feeds.context.web import Web
from tests.feeds.context.conftest import NOW_MS, FakeTime
from tests.feeds.context.stranger import Reply, Stranger

HOUR_MS = 3_600_000


def world_answer(btc: object = 54.25, change: object = 1.5) -> str:
    data = {
        "active_cryptocurrencies": 17_000,
        "total_market_cap": {"btc": 41_000_000.5, "usd": 2.5e12},
        "market_cap_percentage": {"btc": btc, "eth": 12.5},
        "market_cap_change_percentage_24h_usd": change,
        "updated_at": NOW_MS // 1000,
    }
    return json.dumps({"data": data})


def coin_row(**told: Any) -> dict[str, Any]:
    return {
        "id": "bitcoin",
        "symbol": "btc",
        "current_price": 70187.123456789,
        "market_cap": 1_381_651_251_183,
        "market_cap_change_percentage_24h": 3.31157,
        "last_updated": "2025-10-09T08:49:31.736Z",
    } | told


def world(share: str, change: str | None = None) -> World:
    told = None if change is None else Decimal(change)
    return World(btc_percent=Decimal(share), cap_usd=None, cap_change_24h_percent=told, stamp_ms=None)


def bitcoin(change: str) -> CoinMarket:
    return CoinMarket(
        id="bitcoin",
        coin="BTC",
        price=None,
        cap=None,
        cap_change_24h_percent=Decimal(change),
        price_change_24h_percent=None,
        volume_24h=None,
        stamp_ms=None,
    )


def test_the_whole_market_is_read_exactly():
    told = parse_world(world_answer().encode())
    assert (told.btc_percent, told.cap_change_24h_percent) == (Decimal("54.25"), Decimal("1.5"))
    assert told.stamp_ms == NOW_MS


@pytest.mark.parametrize("share", [None, 101, -1, "x", 1e300, {}])
def test_a_share_that_cannot_be_is_refused(share: object):
    with pytest.raises(SourceFault) as caught:
        parse_world(world_answer(btc=share).encode())
    assert caught.value.kind == "malformed"


def test_coins_are_read_exactly_and_a_bad_row_costs_itself_only():
    rows = [coin_row(), {"id": 7}, coin_row(id="wrapped", market_cap=None, current_price=-5), "nonsense", None]
    first, second = parse_coins(json.dumps(rows).encode())
    assert (first.coin, first.price, first.cap) == ("BTC", Decimal("70187.123456789"), Decimal(1_381_651_251_183))
    assert first.stamp_ms == 1_759_999_771_736
    assert (second.price, second.cap) == (None, None)


@pytest.mark.parametrize("body", [b"[]", b"[1, 2]", b'{"status": {"error_code": 429}}'])
def test_a_list_without_a_coin_is_malformed(body: bytes):
    with pytest.raises(SourceFault):
        parse_coins(body)


def test_of_many_coins_with_one_symbol_the_largest_is_meant_unless_another_is_chosen():
    rows = [coin_row(id="fake", market_cap=5), coin_row(), coin_row(id="tiny", market_cap=None)]
    coins = parse_coins(json.dumps(rows).encode())
    assert by_coin(coins, {})["BTC"].id == "bitcoin"
    assert by_coin(coins, {"BTC": "fake"})["BTC"].id == "fake"
    assert "BTC" not in by_coin(coins, {"BTC": "unknown"})


def test_simple_prices_are_exact_and_absurd_ones_are_left_out():
    body = b'{"ethereum":{"usd":1498.6400000000001},"a":{"usd":null},"b":{},"c":{"usd":-1},"d":{"usd":1e99}}'
    assert parse_prices(body) == {"ethereum": Decimal("1498.6400000000001")}


def test_a_chart_is_sorted_and_rid_of_what_makes_no_sense():
    body = json.dumps(
        {"prices": [[NOW_MS, 2.5], [NOW_MS - HOUR_MS, 2], [5, 1], [NOW_MS, 3], [NOW_MS + 1, None]], "market_caps": []}
    )
    assert [(point.at_ms, point.price) for point in parse_chart(body.encode())] == [
        (NOW_MS - HOUR_MS, Decimal(2)),
        (NOW_MS, Decimal(3)),
    ]


async def test_a_key_goes_into_its_header_and_nowhere_else(web: Web, stranger: Stranger):
    stranger.answers("/global", world_answer())
    settings = CoinGeckoSettings(url=stranger.url, key="CG-hidden")
    await CoinGecko(web, settings).world()
    assert stranger.asked[0].headers["x-cg-demo-api-key"] == "CG-hidden"
    assert "hidden" not in repr(stranger.asked[0].query)
    assert "hidden" not in repr(settings)


async def test_single_coins_are_asked_once_cached_and_served_stale_while_it_fails(
    web: Web, stranger: Stranger, lane: Callable[..., Lane], clock: FakeTime
):
    stranger.answers("/simple/price", '{"bitcoin":{"usd":70000.5}}', Reply(status=500))
    stranger.answers("/coins/bitcoin/market_chart", json.dumps({"prices": [[NOW_MS, 70_000.5]]}))
    settings = CoinGeckoSettings(url=stranger.url)
    questions = CoinQuestions(CoinGecko(web, settings), settings, lane=lane(attempts_max=1), clock=clock)
    for _ in range(2):
        reading = await questions.prices(["bitcoin"])
        assert reading is not None
        assert reading.value == {"bitcoin": Decimal("70000.5")}
    assert stranger.times("/simple/price") == 1
    clock.advance(400.0)
    reading = await questions.prices(["bitcoin"])
    assert reading is not None
    assert reading.age_ms == 400_000
    history = await questions.history("bitcoin", 7)
    assert history is not None
    assert history.value[0].price == Decimal("70000.5")
    for number in range(QUESTIONS_MAX + 5):
        await questions.history(f"../coin{number}", 1)
    assert len(questions.health()) == QUESTIONS_MAX
    assert not any("/." in asked.path for asked in stranger.asked)


def test_the_change_of_dominance_comes_from_our_own_series_once_it_is_a_day_old():
    shares = DominanceSeries(None)
    for hour in range(31):
        shares.take_world(world(f"{54 + hour / 10:.1f}"), NOW_MS + hour * HOUR_MS)
    young = shares.at(NOW_MS + 23 * HOUR_MS, age_ms_max=HOUR_MS)
    old = shares.at(NOW_MS + 30 * HOUR_MS, age_ms_max=HOUR_MS)
    assert young is not None
    assert old is not None
    assert (young.change_24h, young.basis) == (None, "none")
    assert (old.percent, old.change_24h, old.basis) == (Decimal("57.0"), Decimal("2.4"), "kept")


def test_until_then_it_is_derived_from_the_providers_figures_and_says_so():
    shares = DominanceSeries(None)
    shares.take_world(world("55", "0"), NOW_MS)
    shares.take_coins([bitcoin("10")], NOW_MS)
    found = shares.at(NOW_MS, age_ms_max=HOUR_MS)
    assert found is not None
    assert (found.change_24h, found.basis) == (Decimal("5.000000"), "derived")


def test_after_a_gap_no_change_is_claimed_over_another_length_of_time():
    shares = DominanceSeries(None)
    shares.take_world(world("50"), NOW_MS - DAY_MS - 3 * HOUR_MS)
    shares.take_world(world("60"), NOW_MS)
    found = shares.at(NOW_MS, age_ms_max=HOUR_MS)
    assert found is not None
    assert found.change_24h is None


def test_dominance_is_unknown_before_it_was_told_and_when_it_is_too_old(tmp_path: Path):
    shares = DominanceSeries(tmp_path / "share.csv")
    shares.take_world(world("50"), NOW_MS)
    again = DominanceSeries(tmp_path / "share.csv")
    assert again.at(NOW_MS - 1, age_ms_max=HOUR_MS) is None
    assert again.at(NOW_MS + HOUR_MS, age_ms_max=HOUR_MS) is not None
    assert again.at(NOW_MS + HOUR_MS + 1, age_ms_max=HOUR_MS) is None


def test_a_disk_that_is_full_costs_the_series_its_memory_only(tmp_path: Path):
    (tmp_path / "context").write_text("a file where the folder should be")
    shares = DominanceSeries(tmp_path / "context" / "share.csv")
    shares.take_world(world("50"), NOW_MS)
    assert shares.unsaved
    assert shares.at(NOW_MS, age_ms_max=HOUR_MS) is not None


def answer(recorded: Path, name: str) -> bytes:
    return (recorded / "exchange-fixtures" / "coingecko" / f"{name}.txt").read_bytes().split(b"\n", 3)[3]


@pytest.mark.real_data
def test_recorded_answers_of_the_real_coingecko_are_read(recorded: Path):
    told = parse_world(answer(recorded, "GetGlobalData"))
    assert told.btc_percent == Decimal("60.70858347681936")
    assert told.cap_change_24h_percent == Decimal("-9.999293796813587")
    coins = by_coin(parse_coins(answer(recorded, "GetMarkets")), {})
    assert (coins["BTC"].price, coins["BTC"].cap) == (Decimal(70_187), Decimal(1_381_651_251_183))
    assert parse_prices(answer(recorded, "GetPrices")) == {"ethereum": Decimal("1498.64")}
    for name in ("GetMarketChart", "GetMarketChartFromContract"):
        chart = parse_chart(answer(recorded, name))
        assert (len(chart), chart[0].price, chart[0].cap) == (
            3,
            Decimal("69702.3087473573"),
            Decimal("1370247487960.09"),
        )


@pytest.mark.real_data
def test_every_other_recorded_answer_is_refused_and_never_misread(recorded: Path):
    for path in (recorded / "exchange-fixtures" / "coingecko").glob("*.txt"):
        if path.stem not in ("GetGlobalData", "SOURCES"):
            with pytest.raises(SourceFault):
                parse_world(answer(recorded, path.stem))
