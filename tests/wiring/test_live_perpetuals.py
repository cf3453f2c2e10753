"""A live desk trades perpetuals: the real desk, the real adapter and ccxt, at Binance's futures on a virtual clock."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from quorate.desk.dealer import Dealer
from quorate.desk.desk import Desk
from quorate.desk.listening import Ledger
from quorate.desk.ports import JournalPosition
from quorate.desk.reconciling import Reconciler
from quorate.desk.turn import RealVenue, Turn
from quorate.desk.worker import NOTHING_SEEN
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.market import Market, MarketKind
from quorate.domain.orders import Purpose
from quorate.domain.policy import Costs, ExecutionPolicy
from quorate.domain.signals import Mode
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Facts, MarketRegime, Regime, Setup, Side
from quorate.exchange.binance import MarketSession, Request
from quorate.venues.ccxt import library
from quorate.venues.ccxt.connect import connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport
from tests.desk.at_a_venue import POLICY
from tests.desk.desks import MINUTE_5, charter, of_kind, plan, setup
from tests.exchange.binanceusdm.futureses import Counter
from tests.simulation.virtual import VirtualClock, run
from tests.simulation.world import Disk
from tests.venues.ccxt.lines import Sockets

R = TypeVar("R")
PAIR = "BTC/USDT:USDT"
PERP = Market(PAIR, tick=Decimal("0.1"), lot=Decimal("0.001"), min_notional=Decimal(100), spread_ppm=30)
AT_FUTURES = RealVenue(name="binanceusdm", keeps_stops=True, spot=False)
POLICY_ON_PERPS = replace(
    POLICY,
    costs=Costs(),
    portfolios=(
        replace(POLICY.portfolios[0], market=MarketKind.PERP, leverage=Decimal(2), start_equity=Decimal(10_000)),
    ),
)
PLAN = plan("58500", ("63000", "0.5"), ("66000", "1"))


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """A thread could not be waited for on a virtual clock."""
    importlib.import_module(library.LIBRARY)


class Trading:
    """A desk at the exchange: decisions become durable at once, prices move on both sides alike."""

    def __init__(self, exchange: Counter, venue: Any) -> None:
        self.exchange = exchange
        self.notes: list[str] = []
        self.desk = Desk(replace(charter(POLICY_ON_PERPS), mode=Mode.PAPER, real_venue=AT_FUTURES))
        self.events: list[ev.Event] = list(self.desk.open([PERP], "digest"))
        ledger = Ledger(lambda: self.desk.state, self.decide, lambda: (), None)
        policy = ExecutionPolicy()
        self.dealer = Dealer(venue, ledger, policy, clock=VirtualClock(), spool=Disk(), note=self.notes.append)
        self.reconciler = Reconciler(self.dealer, policy, VirtualClock())

    async def decide(self, act: Callable[[Turn], R]) -> R:
        said, events = self.desk.act(NOTHING_SEEN, act, at_ms=VirtualClock().now_ms())
        self._durable(events)
        return said

    def bar(self, price: str, *setups: Setup) -> None:
        """A candle closes at a price, at which the exchange stands too."""
        self.exchange.move(price)
        now_ms, ticks = VirtualClock().now_ms(), PERP.ticks_nearest(Decimal(price))
        candle = Candle(PAIR, "5m", now_ms - MINUTE_5, ticks, ticks, ticks, ticks, 1.0)
        known = {
            (PAIR, span): Facts(PAIR, Regime.NEUTRAL, Decimal(price), 50.0, 0.0, 600.0, 1.0) for span in ("1h", "5m")
        }
        step = Step(now_ms, (candle,), True)
        snapshot = Snapshot(step, setups, known, {}, MarketRegime.NEUTRAL, "")
        self._durable(self.desk.step(snapshot, None))

    async def enter(self) -> None:
        """A long entry is decided on, sent, and filled; its stop rests."""
        self.bar("60000")
        await asyncio.sleep(300)
        self.bar("60000", setup(Side.LONG, "60000", PLAN, pair=PAIR))
        await asyncio.sleep(10)

    async def mark(self, price: str) -> None:
        """The price moves between two candles."""
        self.exchange.move(price)
        await self.decide(lambda turn: turn.emit(ev.QuotesMarked(turn.at_ms, ((PAIR, Decimal(price)),))))

    def _durable(self, events: Any) -> None:
        self.events += events
        fate: asyncio.Future[JournalPosition] = asyncio.get_running_loop().create_future()
        fate.set_result(JournalPosition(1, 1))
        self.dealer.follow(events, fate)

    @property
    def held(self) -> Decimal:
        """What the desk believes it holds."""
        held = self.desk.state.positions.get(PAIR, {}).values()
        return sum((each.quantity * each.side.sign for each in held), Decimal(0))

    @property
    def there(self) -> Decimal:
        """What the exchange has."""
        return Decimal(self.exchange.house.contracts.margin.position(self.account, "BTCUSDT").lots).scaleb(-8)

    @property
    def account(self) -> Any:
        return self.exchange.engine.accounts["demo"]

    def stops(self) -> list[Decimal]:
        """Sizes of the stops that rest at the exchange."""
        return [Decimal(order.left).scaleb(-8) for order in self.account.open.values() if order.waiting]


@asynccontextmanager
async def trading() -> AsyncGenerator[Trading]:
    exchange = Counter(at_ms=0)
    clock = VirtualClock()
    exchange.exchange.clock = clock.now_ms
    exchange.move("60000")

    async def line(method: str, url: str, headers: Mapping[str, str], body: str | None) -> Any:
        path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
        lower = {name.lower(): value for name, value in headers.items()}
        told = exchange.door.answer(
            Request(method=method, path=f"/{path}", query=query, headers=lower, body=body or "")
        )
        return told.status, dict(told.headers), told.body.decode()

    def begin(address: str, tell: Callable[[str], None]) -> Any:
        session = MarketSession(exchange.hub, lambda message: tell(message.decode()), combined=False)
        session.open([address.partition("listenKey=")[2]])
        return session

    settings = VenueSettings(exchange="binanceusdm", key="demo", secret="demo", pairs=(PAIR,))
    venue = await connect(
        settings, clock=clock, chance=lambda: 0.0, transport=DirectTransport(line), dialling=Sockets(begin).dial
    )
    scene = Trading(exchange, venue)
    dealing = asyncio.create_task(scene.dealer.run(scene.reconciler.run))
    await asyncio.sleep(30)
    try:
        yield scene
    finally:
        dealing.cancel()
        await asyncio.gather(dealing, return_exceptions=True)
        await venue.close()


def test_a_live_desk_opens_protects_reduces_and_leaves_a_perpetual_and_agrees_with_the_exchange():
    async def story() -> None:
        async with trading() as scene:
            await scene.enter()
            opened = scene.there
            assert opened == scene.held > 0
            assert scene.stops() == [opened], "a stop of the position's size rests where conditional orders live"
            scene.exchange.house.contracts.settle("BTCUSDT", at_ms=VirtualClock().now_ms())
            await asyncio.sleep(120)
            assert not of_kind(scene.events, ev.BreakFound), "what moved the wallet is explained"
            (paid,) = of_kind(scene.events, ev.VenuePaid)
            (position,) = scene.desk.state.positions[PAIR].values()
            assert paid.amount == position.funding < 0, "a long position pays a positive rate"
            assert paid.cash == scene.desk.state.portfolios[position.portfolio].cash
            await scene.mark("63001")
            await asyncio.sleep(30)
            assert 0 < scene.there == scene.held < opened
            assert scene.stops() == [scene.there], "what is left is what is protected"
            (stop,) = [order for order in scene.account.open.values() if order.waiting]
            await scene.mark(f"{Decimal(stop.stop_ticks).scaleb(-8) - 20:f}")
            await asyncio.sleep(120)
            assert scene.there == scene.held == 0
            assert (scene.stops(), of_kind(scene.events, ev.BreakFound)) == ([], [])
            (trade,) = [event.trade for event in of_kind(scene.events, ev.TradeClosed)]
            wallet = sum(each.atoms for each in scene.exchange.house.contracts.income("demo"))
            assert Decimal(wallet).scaleb(-8) == trade.pnl, "profit, fees and funding, to the last unit"
            assert scene.desk.state.portfolios[trade.portfolio].cash == 10_000 + trade.pnl
            purposes = [order.intent.purpose for order in scene.desk.state.ended.values()]
            assert Purpose.ENTRY in purposes
            told = {each.atoms for each in scene.exchange.house.contracts.income("demo") if each.kind == "FUNDING_FEE"}
            assert len(told) == 1

    run(story())


def test_a_liquidation_leaves_the_desk_with_nothing_that_is_not_there_and_stops_its_openings():
    async def story() -> None:
        async with trading() as scene:
            await scene.enter()
            assert scene.held > 0
            scene.exchange.engine.move("demo", "USDT", Decimal(-9_900), at_ms=VirtualClock().now_ms())
            scene.exchange.engine.mark("BTCUSDT", 45_000 * 10**8, at_ms=VirtualClock().now_ms())
            await asyncio.sleep(120)
            assert scene.there == scene.held == 0
            assert scene.stops() == []
            closed, withdrawn = of_kind(scene.events, ev.BreakFound)
            assert (closed.subject, closed.found) == (PAIR, 0)
            assert (withdrawn.subject, withdrawn.found - withdrawn.expected) == ("USDT", -9_900), (
                "the rest is explained"
            )
            assert scene.desk.state.trading[""] == "REDUCING"
            (trade,) = [event.trade for event in of_kind(scene.events, ev.TradeClosed)]
            (seen,) = of_kind(scene.events, ev.ExternalFilled)
            assert trade.pnl < 0, "what was lost is lost in the books too"
            (made_good,) = of_kind(scene.events, ev.VenuePaid)
            assert made_good.kind == "liquidation"
            assert scene.desk.state.portfolios[trade.portfolio].cash == seen.cash + made_good.amount == made_good.cash
            told = scene.exchange.house.contracts.income("demo")
            booked = [each.atoms for each in told if each.kind in {"REALIZED_PNL", "COMMISSION"}]
            assert Decimal(sum(booked)).scaleb(-8) == trade.pnl, "to the last cent, fees included"

    run(story())


def test_f11_a_trade_that_the_venue_busts_is_a_break_of_position_and_wallet_and_what_is_left_stays_protected():
    async def story() -> None:
        async with trading() as scene:
            await scene.enter()
            first = of_kind(scene.events, ev.OrderFilled)[0].fill
            opened = scene.held
            scene.exchange.engine.bust("BTCUSDT", int(first.trade_id), at_ms=VirtualClock().now_ms())
            assert scene.there == opened - first.quantity
            await asyncio.sleep(300)
            assert scene.held == scene.there
            assert scene.stops() == ([scene.there] if scene.there else [])
            breaks = of_kind(scene.events, ev.BreakFound)
            assert {each.subject for each in breaks} == {PAIR, "USDT"}, "the fee came back too"
            assert {(each.expected, each.found) for each in breaks if each.subject == PAIR} == {(opened, scene.there)}
            assert scene.desk.state.trading[""] == "REDUCING"
            assert first in [event.fill for event in of_kind(scene.events, ev.OrderFilled)], "the journal keeps both"

    run(story())
