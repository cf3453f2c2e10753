"""A real desk at the real engine in a world where everything breaks, on a virtual clock, looked at every second."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from random import Random

from quorate.desk.desk import Desk
from quorate.desk.ports import Venue
from quorate.desk.reckoning import PAYMENTS_LATE_MS
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter, RealVenue
from quorate.desk.worker import Outside, Worker
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.market import MarketKind
from quorate.domain.policy import STRATEGIES, Costs, DeskPolicy, ExecutionPolicy, Limits, PortfolioPolicy
from quorate.domain.signals import Mode, Tier
from quorate.domain.snapshot import Step
from quorate.domain.votes import Side
from quorate.exchange import FeeIn
from quorate.journal.chain import GENESIS, ChainCheck, Head, Link, link
from quorate.journal.codec import encode
from quorate.venues.ccxt.kraken import tag_of
from quorate.venues.paper import PaperVenue
from tests.simulation.engine_venue import EngineVenue
from tests.simulation.faults import USUAL, Dice, Faults
from tests.simulation.invariants import Watch
from tests.simulation.protocol_venue import VenueAtHand, binance, binanceusdm, kraken
from tests.simulation.virtual import START_MS, VirtualClock, run
from tests.simulation.world import (
    CONTRACTS,
    IN_DOLLARS,
    MARKETS,
    Disk,
    Inbox,
    Memory,
    Minutes,
    Prices,
    engine_of,
    somebody_withdraws,
    strangers_trade,
)

ACCOUNT = "demo"
FUNDING_S = 40
"""How often contracts settle funding: far more often than any exchange."""
CALM_S, STILL_S = 100, 40
"""Nothing goes wrong for so long at the end, and in the last part of it nothing moves and everybody finds somebody to
trade with: everything is settled then. On perpetuals it is longer: a break of a wallet takes its time."""
NUMBERED_S = 30
"""At Kraken, which refuses a request that another overtook, an order may be in doubt for so long even in the calm."""
COSTS = Costs(maker_fee_ppm=1_000, taker_fee_ppm=1_000, slippage_ppm=0)
POLICY = DeskPolicy(
    portfolios=(
        PortfolioPolicy(
            name="live",
            sources=(STRATEGIES,),
            tiers=(Tier.SINGLE,),
            market=MarketKind.SPOT,
            start_equity=Decimal(2_000),
            risk_per_trade=Decimal("0.01"),
            position_cap=Decimal("0.40"),
            gross_exposure_cap=Decimal(1),
            leverage=Decimal(1),
            daily_loss_limit=Decimal("0.9"),
            weekly_loss_limit=Decimal("0.9"),
            drawdown_limit=Decimal("0.9"),
        ),
    ),
    costs=COSTS,
    limits=Limits(repeats_max=10_000, collar_bps=10_000, period_collar_bps=10_000),
    execution=ExecutionPolicy(reconcile_ms=30_000),
)


AT_HAND = {"binance": binance, "binanceusdm": binanceusdm, "kraken": kraken}
LISTED = {"binanceusdm": CONTRACTS, "kraken": IN_DOLLARS}
"""What each lists; the others list the usual."""
ON_PERPETUALS = replace(
    POLICY,
    portfolios=tuple(replace(each, market=MarketKind.PERP, leverage=Decimal(2)) for each in POLICY.portfolios),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: everything follows from it."""

    seed: int
    minutes: int = 4
    faults: Faults = USUAL
    fee_in: FeeIn = FeeIn.RECEIVED
    """Of the engine alone; Binance takes fees of what is received."""
    venue: str = "engine"
    """engine; or binance, binanceusdm (perpetuals), kraken: the real adapter with real ccxt at their protocols."""

    @property
    def spot(self) -> bool:
        """Whether coins are traded."""
        return self.venue != "binanceusdm"


@dataclass
class Outcome:
    """What a run came to."""

    state: DeskState
    events: list[ev.Event]
    happened: dict[str, int]
    restarts: int
    checks: int
    broken: list[str] = field(default_factory=list[str])


def simulate(scenario: Scenario) -> Outcome:
    """Run a scenario; what was broken is named in the outcome."""
    return run(_Simulation(scenario).run())


class _Simulation:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.dice = Dice(Random(scenario.seed), scenario.faults)
        self.at_hand: VenueAtHand | None = None
        self.restarts = -1
        self.worker: Worker | None = None
        self.killed: asyncio.Event | None = None
        self.asked: asyncio.Event | None = None
        """Set: the desk is asked to end, in its own time."""

    def _open_world(self) -> None:
        """The exchange, its prices, and whoever looks on; what is here outlives every desk."""
        self.clock = VirtualClock()
        spot, venue = self.scenario.spot, self.scenario.venue
        markets = LISTED.get(venue, MARKETS)
        if venue == "engine":
            self.engine = engine_of(START_MS)
        else:
            self.at_hand = AT_HAND[venue](markets.values(), self.dice, ACCOUNT)
            self.engine = self.at_hand.engine
        self.cash = next(iter(markets.values())).quote
        coins = {"BTC": Decimal("0.5")} if spot else {}
        self.engine.open_account(ACCOUNT, {self.cash: Decimal(10_000), **coins}, at_ms=START_MS)
        self.prices = Prices(self.engine, self.dice, markets)
        self.memory = Memory(self.dice)
        self.disk = Disk()
        self.inbox = Inbox()
        self.minutes = Minutes(self.prices, self.dice, sides=(Side.LONG,) if spot else (Side.LONG, Side.SHORT))
        self.on_a_line = EngineVenue(self.engine, ACCOUNT, self.dice, self.clock.now_ms, self.scenario.fee_in)

    def tag(self, client_id: str) -> str:
        """The form in which the venue has an id of ours."""
        return tag_of(client_id) if self.scenario.venue == "kraken" else client_id

    async def run(self) -> Outcome:
        self._open_world()
        self.watch = Watch(self.engine, ACCOUNT, self.memory, self.clock.now_ms, self.prices.markets, self.tag)
        self.prices.move(START_MS)
        desk = asyncio.create_task(self._live())
        await self._world()
        if desk.done():
            desk.result()
        desk.cancel()
        await asyncio.gather(desk, return_exceptions=True)
        return self._outcome()

    async def _world(self) -> None:
        """Seconds go by: prices, strangers, crashes; then a calm end."""
        stormy_s = self.scenario.minutes * 60
        calm_s = CALM_S if self.scenario.spot else CALM_S + PAYMENTS_LATE_MS // 1_000
        still_s = STILL_S
        if self.scenario.venue == "kraken":
            calm_s, still_s = calm_s + NUMBERED_S, still_s + NUMBERED_S
        for second in range(1, stormy_s + calm_s + 1):
            await asyncio.sleep(1.0)
            self.dice.calm = second > stormy_s
            now_ms = START_MS + second * 1_000
            moves = second <= stormy_s + calm_s - still_s
            if moves:
                self.prices.move(now_ms)
            else:
                self.prices.stand(now_ms)
            if moves and second % 60 == 0:
                self.minutes.queue.put_nowait(Step(now_ms, self.prices.candles(now_ms)))
            if not self.dice.calm and second % FUNDING_S == 0 and self.at_hand is not None:
                self.at_hand.settle_funding(now_ms)
            if self.dice.fall("stranger"):
                strangers_trade(self.engine, ACCOUNT, self.dice, now_ms, self.prices.markets)
            if self.dice.fall("withdrawal") and somebody_withdraws(self.engine, ACCOUNT, self.dice, now_ms, self.cash):
                self.watch.money_left = True
            if self.dice.fall("panic"):
                self.inbox.send("panic", {"flatten": self.dice.random.random() < 0.5})
            if self.dice.fall("journal_gone"):
                self.memory.gone_until_s = asyncio.get_running_loop().time() + self.dice.between(0.1, 20.0)
            if self.dice.fall("crash") and self.killed is not None:
                self.killed.set()
            if self.dice.fall("deploy") and self.asked is not None:
                self.asked.set()
            self.watch.second(self.worker)

    async def _live(self) -> None:
        """The desk, opened again whenever it was killed or its journal was gone, as the house does it."""
        while True:
            self.restarts += 1
            with suppress(Unavailable):
                await self._desk_until_killed()
            self.worker = None
            self.watch.stood_still()
            await asyncio.sleep(self.dice.between(0.1, 3.0))

    async def _desk_until_killed(self) -> None:
        journal = self.memory.writer()
        desk = Desk(charter(spot=self.scenario.spot))
        for event in self.memory.durable:
            desk.replay(event)
        opening = desk.open(list(self.prices.markets.values()), "digest")
        if opening:
            await journal.append(opening, at_ms=START_MS)
        venue: Venue = self.on_a_line if self.at_hand is None else await self.at_hand.venue()
        outside = Outside(
            feed=self.minutes,  # pyright: ignore[reportArgumentType]
            lookout=self.minutes,
            council=self.minutes,
            evaluator=self.minutes,
            journal=journal,
            inbox=self.inbox,
            clock=self.clock,
            quotes=lambda: (self.clock.now_ms(), self.prices.quotes()),
            note=self.watch.note,
            venue=venue,
            spool=self.disk,
        )
        self.worker = Worker(desk, outside, limit_s=60, stay=True, told=lambda *_: None)
        self.killed, self.asked = asyncio.Event(), asyncio.Event()
        working = asyncio.create_task(self.worker.run())
        dying = asyncio.create_task(self.killed.wait())
        leaving = asyncio.create_task(self.asked.wait())
        try:
            await asyncio.wait([working, dying, leaving], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            if leaving.done() and not dying.done():
                working.cancel()
                await asyncio.wait([working, dying], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.memory.fenced += 1
            self.worker.give_up()  # a process that is killed waits for nobody's answer
            for task in (working, dying, leaving):
                task.cancel()
            await asyncio.gather(working, dying, leaving, return_exceptions=True)
            await venue.close()

    def _outcome(self) -> Outcome:
        state = DeskState("live")
        desk = Desk(charter(spot=self.scenario.spot), state)
        for event in self.memory.durable:
            desk.replay(event)
        self.watch.settled(state)
        self.watch.broken += _chain_faults(self.memory.durable)
        return Outcome(
            state=state,
            events=self.memory.durable,
            happened=self.dice.happened,
            restarts=self.restarts,
            checks=self.watch.checks,
            broken=self.watch.broken,
        )


def charter(*, spot: bool = True) -> Charter:
    """A desk at the loopback venue, for coins or for perpetuals."""
    policy = POLICY if spot else ON_PERPETUALS
    return Charter(
        account="live",
        mode=Mode.LIVE,
        feed_kind="exchange",
        timeframe="1m",
        paced=True,
        policy=policy,
        pacing={},
        venue=PaperVenue(policy.costs),
        scanner_cron="*/10 * * * *",
        monitor_cron="*/2 * * * *",
        evaluator_cron="*/30 * * * *",
        optimizer_cron="0 */6 * * *",
        real_venue=RealVenue(name="loopback", keeps_stops=True, spot=spot),
    )


def _chain_faults(events: list[ev.Event]) -> list[str]:
    """I6: the story is chained, read back, and verified with the journal's own code."""
    check, before, links = ChainCheck(), GENESIS, list[Link]()
    for seq, event in enumerate(events, start=1):
        body, kind = encode(event), type(event).__name__
        digest = sha256(body).digest()
        before = link(before, 1, seq, "live", kind, digest)
        links.append(Link(1, seq, "live", kind, body, digest, before))
    check.add(links)
    fault = check.finish(Head(1, len(events), before)) if events else None
    return [] if fault is None else [f"I6: {fault.sentence}"]
