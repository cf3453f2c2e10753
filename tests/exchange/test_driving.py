"""The market of a feed as liquidity, and the control endpoint."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.clock import ManualClock
from quorate.domain.candle import Candle
from quorate.domain.snapshot import Step
from quorate.exchange import Engine, Kind, NewOrder, Side, Status, Trading
from quorate.exchange.binance import ApiKey, spec_of
from quorate.exchange.control import Control, Controlled, control_app
from quorate.exchange.driving import DAY_MS, Drive, shift_of
from quorate.exchange.faults import FaultKind, Faults
from quorate.exchange.outside_market import OutsideMarket, path
from quorate.feeds.quote import Quote
from tests.exchange.binance.binances import BTC, DEMO, NOW_MS, small_exchange

MINUTE_MS = 60_000


def outside(engine: Engine | None = None) -> OutsideMarket:
    """The outside market of BTC/USDT in an engine of its own."""
    made = engine or Engine([spec_of(BTC)], at_ms=NOW_MS)
    return OutsideMarket(made, "BTCUSDT", BTC, chance=random.Random(7).random)


PRICES = st.integers(1_000, 9_000_000)


@given(st.tuples(PRICES, PRICES, PRICES, PRICES), st.integers(3, 60))
def test_the_path_of_a_candle_has_its_open_high_low_and_close(prices, points):
    low, *inner, high = sorted(prices)
    for opened, closed in (inner, inner[::-1]):
        walked = list(path(Candle("BTC/USDT", "1m", 0, opened, high, low, closed, 9.0), points))
        ticks = [point.ticks for point in walked]
        assert (ticks[0], max(ticks), min(ticks), ticks[-1]) == (opened, high, low, closed)
        assert sum(point.volume for point in walked) == pytest.approx(9.0)
        assert all(later.share >= earlier.share for earlier, later in itertools.pairwise(walked))


@given(st.lists(st.integers(50_000, 70_000), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_the_book_stands_around_the_price_wherever_it_goes(prices):
    market = outside()
    engine = market._engine
    for place, price in enumerate(prices):
        market.move(Decimal(price), bid=None, ask=None, volume=None, at_ms=NOW_MS + place)
        listing = engine.listing("BTCUSDT")
        bid, ask = listing.bids.best_ticks(), listing.asks.best_ticks()
        assert bid is not None
        assert ask is not None
        assert bid < listing.last_ticks < ask
        assert listing.last_ticks == price * 10**8
        assert all(ticks % listing.spec.filters.price_step == 0 for ticks, _ in listing.bids.depth(50))


def test_a_price_that_goes_through_a_clients_order_fills_it_at_its_own_price():
    market = outside()
    engine = market._engine
    engine.open_account("demo", {"USDT": Decimal(100_000)})
    market.move(Decimal(60_000), bid=None, ask=None, volume=None, at_ms=NOW_MS)
    order = engine.submit(
        NewOrder(account="demo", symbol="BTCUSDT", side=Side.BUY, kind=Kind.LIMIT, ticks=59_000 * 10**8, lots=10**7),
        at_ms=NOW_MS,
    )
    market.move(Decimal("59000.01"), bid=None, ask=None, volume=None, at_ms=NOW_MS + 1)
    market.move(Decimal(58_900), bid=None, ask=None, volume=None, at_ms=NOW_MS + 2)
    assert (order.status, order.filled_atoms) == (Status.FILLED, 5_900 * 10**8)


class Recording:
    """A feed that replays two candles, or quotes; only what a drive needs of it."""

    timeframe = "1m"
    label = "two candles"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.start_ms = NOW_MS - 3 * DAY_MS - 5 * MINUTE_MS

    def now_ms(self) -> int:
        return NOW_MS

    def quotes(self, at_ms: int) -> list[Quote]:
        return [Quote("BTC/USDT", Decimal(60_000), Decimal(59_999), Decimal(60_001), at_ms)]

    async def steps(self, after_ms: int | None) -> AsyncGenerator[Step]:
        if self.kind != "replay":
            await asyncio.sleep(3_600)
        assert after_ms is not None
        for number, close in enumerate((6_000_000, 6_010_000)):
            opened_ms = after_ms + number * MINUTE_MS
            yield Step(
                opened_ms + MINUTE_MS,
                (Candle("BTC/USDT", "1m", opened_ms, 6_000_000, 6_020_000, 5_990_000, close, 4.0),),
            )


def test_a_recording_is_moved_to_the_present_by_whole_days():
    feed: Any = Recording("replay")
    assert shift_of(feed, NOW_MS) == 3 * DAY_MS
    live: Any = Recording("simulated")
    assert shift_of(live, NOW_MS) == 0


async def test_a_recorded_candle_is_played_for_as_long_as_it_lasts():
    clock, slept = ManualClock(NOW_MS), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)
        await asyncio.sleep(0)

    exchange = small_exchange(clock.now_ms)
    feed: Any = Recording("replay")
    market = OutsideMarket(exchange.engine, "BTCUSDT", BTC, chance=random.Random(7).random)
    drive = Drive(feed, [market], clock=clock.now_ms, sleep=sleep, speed=2.0)
    await drive.run()
    assert sum(slept) == pytest.approx(60.0, abs=0.1)
    candles = exchange.history["BTCUSDT"].candles("1m", now_ms=clock.now_ms())
    assert (max(candle.high for candle in candles), candles[-1].close) == (60_200 * 10**8, 60_100 * 10**8)


async def test_a_live_feed_is_followed_by_its_quotes_unless_it_is_frozen():
    exchange = small_exchange(lambda: NOW_MS)
    feed: Any = Recording("simulated")
    market = OutsideMarket(exchange.engine, "BTCUSDT", BTC, chance=random.Random(7).random)
    turns, over = 0, asyncio.Event()

    async def sleep(_: float) -> None:
        nonlocal turns
        turns += 1
        drive.frozen = turns >= 2
        if turns > 3:
            over.set()
        await asyncio.sleep(0)

    drive = Drive(feed, [market], clock=lambda: NOW_MS, sleep=sleep)
    before = exchange.engine.listing("BTCUSDT").tape.last_id
    running = asyncio.create_task(drive.run())
    await over.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert exchange.engine.listing("BTCUSDT").tape.last_id == before + 2


class Desk:
    """The control endpoint over an exchange."""

    def __init__(self) -> None:
        self.exchange = small_exchange(lambda: NOW_MS)
        self.faults = Faults(chance=random.Random(7).random)
        add = self.exchange.keys.add
        controlled = Controlled(
            self.exchange.engine,
            lambda: NOW_MS,
            lambda key, secret, account: add(ApiKey(key=key, secret=secret, account=account)),
        )
        self.app = control_app(Control(self.faults, {"binance": controlled}, None))

    async def ask(self, method: str, place: str, body: object = None) -> tuple[int, Any]:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as http:
            answer = await http.request(method, f"/control/{place}", json=body)
            return answer.status_code, answer.json()


async def test_faults_are_armed_listed_and_taken_back():
    desk = Desk()
    status, told = await desk.ask("POST", "faults", {"kind": "answer-lost", "path": "/api/v3/order", "times": 3})
    assert (status, told) == (200, {"id": 1})
    assert (await desk.ask("GET", "faults"))[1][0]["kind"] == "answer-lost"
    assert desk.faults.armed[0].fault.kind is FaultKind.ANSWER_LOST
    assert (await desk.ask("DELETE", "faults/1"))[1] == {"armed": 0}
    assert (await desk.ask("GET", "struck"))[1] == []
    assert (await desk.ask("DELETE", "faults"))[0] == 200


async def test_a_market_is_halted_refiltered_and_delisted():
    desk = Desk()
    place = "binance/markets/BTCUSDT"
    status, told = await desk.ask("POST", place, {"filters": {"price_step": "0.5", "orders_max": 3}})
    assert (status, told["filters"]["price_step"], told["filters"]["orders_max"]) == (200, 5 * 10**7, 3)
    assert (await desk.ask("POST", place, {"trading": "halted"}))[1]["trading"] == "halted"
    assert desk.exchange.engine.listing("BTCUSDT").trading is Trading.HALTED
    assert (await desk.ask("POST", place, {"trading": "delisted"}))[0] == 200
    assert (await desk.ask("GET", ""))[1]["venues"]["binance"]["BTCUSDT"] == "delisted"


async def test_money_moves_accounts_open_and_trades_are_busted():
    desk = Desk()
    engine = desk.exchange.engine
    money = {"account": "demo", "asset": "USDT", "amount": "-1000.5"}
    assert (await desk.ask("POST", "binance/deposits", money))[0] == 200
    assert engine.accounts["demo"].balance("USDT").free == 98_999_50000000
    new = {"key": "ann", "secret": "x", "balances": {"BTC": "1"}}
    assert (await desk.ask("POST", "accounts", new))[1] == {"account": "ann"}
    assert desk.exchange.keys.find("ann").account == "ann"
    engine.submit(NewOrder(account="ann", symbol="BTCUSDT", side=Side.SELL, kind=Kind.MARKET, lots=10**7), at_ms=NOW_MS)
    trade_id = engine.accounts["ann"].trades[0].id
    assert (await desk.ask("POST", f"binance/bust/{trade_id}/BTCUSDT"))[1]["id"] == trade_id
    assert engine.accounts["ann"].balance("BTC").free == 10**8


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("faults", {"kind": "no-such-thing"}),
        ("faults", {"kind": "ban", "nonsense": 1}),
        ("faults", {"kind": "ban", "times": "often"}),
        ("faults", [1]),
        ("kraken/markets/BTCUSDT", {"trading": "halted"}),
        ("binance/markets/NOSUCH", {"trading": "halted"}),
        ("binance/markets/BTCUSDT", {"trading": "maybe"}),
        ("binance/markets/BTCUSDT", {"filters": {"nonsense": 1}}),
        ("binance/markets/BTCUSDT", {"filters": {"price_step": "1e-9"}}),
        ("binance/markets/BTCUSDT", {"filters": {"price_step": "NaN"}}),
        ("binance/deposits", {"account": "demo", "asset": "USDT", "amount": "-1000000000"}),
        ("binance/deposits", {"account": "nobody", "asset": "USDT", "amount": "1"}),
        ("binance/deposits", {"account": "demo", "asset": "USDT", "amount": "much"}),
        ("binance/bust/999/BTCUSDT", None),
        ("accounts", {"key": "", "secret": "x"}),
        ("accounts", {"key": "demo", "secret": "x"}),
        ("feed", {"frozen": True}),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_sentence(place, body):
    desk = Desk()
    status, told = await desk.ask("POST", place, body)
    assert status == 400
    assert told["error"].endswith(".")
    assert desk.exchange.keys.find("demo") == DEMO


async def test_the_endpoint_is_open_to_this_machine_only():
    transport = httpx.ASGITransport(Desk().app, client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://exchange") as http:
        assert (await http.get("/control/")).status_code == 403
