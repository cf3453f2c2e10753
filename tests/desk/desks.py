"""A desk on a table: handmade candles, setups and votes in, events out."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from quorate.desk.desk import Desk
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.policy import Costs, DeskPolicy, Pacing
from quorate.domain.signals import Mode
from quorate.domain.snapshot import Context, Settlement, Snapshot, Step
from quorate.domain.votes import (
    Ballot,
    EntryKind,
    ExitPlan,
    Facts,
    MarketRegime,
    Regime,
    Setup,
    Side,
    Target,
    Vote,
)
from quorate.venues.paper import PaperVenue

T = TypeVar("T")
MINUTE_5 = 300_000
START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC, a Wednesday."""
BTC = Market("BTC/USDT", Decimal("0.01"), Decimal("0.00001"), Decimal(5), spread_ppm=200)
ETH = Market("ETH/USDT", Decimal("0.01"), Decimal("0.0001"), Decimal(5), spread_ppm=200)
PANEL = ("breakout", "momentum", "trend")
FREE = Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0)


def charter(
    policy: DeskPolicy | None = None, *, paced: bool = True, pacing: dict[str, Pacing] | None = None
) -> Charter:
    policy = policy or DeskPolicy()
    return Charter(
        account="test",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe="5m",
        paced=paced,
        policy=policy,
        pacing=pacing or {},
        venue=PaperVenue(policy.costs),
        scanner_cron="*/10 * * * *",
        monitor_cron="*/2 * * * *",
        evaluator_cron="*/30 * * * *",
        optimizer_cron="0 */6 * * *",
    )


def open_desk(
    policy: DeskPolicy | None = None, *, paced: bool = True, pacing: dict[str, Pacing] | None = None
) -> "Bench":
    bench = Bench(Desk(charter(policy, paced=paced, pacing=pacing)))
    bench.events += bench.desk.open([BTC, ETH], "digest")
    return bench


def bar(pair: str, at_ms: int, prices: str, volume: float = 1.0) -> Candle:
    """A 5m candle closing at `at_ms`; `prices` is "open high low close" in quote units."""
    market = BTC if pair == BTC.pair else ETH
    opened, high, low, close = (market.ticks_nearest(Decimal(price)) for price in prices.split())
    return Candle(pair, "5m", at_ms - MINUTE_5, opened, high, low, close, volume)


def facts(pair: str, timeframe: str = "1h") -> dict[tuple[str, str], Facts]:
    return {(pair, timeframe): Facts(pair, Regime.NEUTRAL, Decimal(100), 50.0, 0.0, 2.0, 1.0)}


def plan(stop: str, *targets: tuple[str, str], **more: object) -> ExitPlan:
    made = ExitPlan(Decimal(stop), tuple(Target(Decimal(price), Decimal(part)) for price, part in targets))
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


def setup(
    side: Side, entry: str, exits: ExitPlan, *, kind: EntryKind = EntryKind.MARKET, pair: str = BTC.pair
) -> Setup:
    return Setup("bar_reaction", pair, "5m", side, Decimal("0.8"), Decimal(entry), kind, exits, Decimal(1), "a test")


def vote(
    analyst: str, side: Side, entry: str = "100", stop: str = "90", target: str = "130", pair: str = BTC.pair
) -> Vote:
    if side is Side.FLAT:
        return Vote(analyst, pair, side, Decimal(0), None, None, None, "flat")
    prices = (Decimal(entry), Decimal(stop), Decimal(target))
    return Vote(analyst, pair, side, Decimal("0.7"), *prices, "a test")


class Bench:
    """A desk with its story so far."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.events: list[ev.Event] = []
        self.at_ms = START_MS

    @property
    def state(self) -> DeskState:
        return self.desk.state

    def snapshot(self, candles: Sequence[Candle], setups: Sequence[Setup] = (), *, fresh: bool = True) -> Snapshot:
        known = {**facts(BTC.pair), **facts(ETH.pair), **facts(BTC.pair, "5m"), **facts(ETH.pair, "5m")}
        step = Step(candles[0].close_ms, tuple(candles), fresh)
        return Snapshot(step, tuple(setups), known, {}, MarketRegime.NEUTRAL, "")

    def step(
        self,
        prices: str | None = None,
        *,
        eth: str | None = None,
        setups: Sequence[Setup] = (),
        votes: Sequence[Vote] | None = None,
        fresh: bool = True,
        skip_ms: int = 0,
        settled: Sequence[Settlement] = (),
    ) -> list[ev.Event]:
        """The next bar of BTC (and ETH); `skip_ms` leaves a hole before it, `settled` is the funding of that time."""
        self.at_ms += MINUTE_5 + skip_ms
        candles = [] if prices is None else [bar(BTC.pair, self.at_ms, prices)]
        candles += [] if eth is None else [bar(ETH.pair, self.at_ms, eth)]
        ballot = None if votes is None else Ballot(str(self.at_ms), self.at_ms, PANEL, tuple(votes), "test")
        snapshot = replace(self.snapshot(candles, setups, fresh=fresh), context=Context(settlements=tuple(settled)))
        events = self.desk.step(snapshot, ballot)
        self.events += events
        return events

    def rebuilt(self) -> DeskState:
        """The state as the journal alone gives it."""
        desk = Desk(self.desk.charter)
        for event in self.events:
            desk.replay(event)
        return desk.state


def of_kind(events: Sequence[ev.Event], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]
