"""The world around a desk at a venue: prices that move, strategies that speak, a journal, and what breaks."""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import exp

from quorate.desk.ports import Command, JournalPosition
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.errors import Unavailable
from quorate.domain.evaluation import Evaluation
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.venue import VenueFill, VenueOrder
from quorate.domain.votes import Ballot, EntryKind, ExitPlan, Facts, MarketRegime, Regime, Setup, Side, Target
from quorate.exchange import Engine, FeeIn, Filters, Kind, MarketSpec, NewOrder, OrderRefused
from quorate.exchange import Side as EngineSide
from tests.simulation.faults import Dice
from tests.simulation.virtual import START_MS

MINUTE_MS = 60_000
BTC = Market("BTC/USDT", Decimal("0.01"), Decimal("0.0001"), Decimal(5), spread_ppm=200)
ETH = Market("ETH/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), spread_ppm=200)
MARKETS = {BTC.symbol: BTC, ETH.symbol: ETH}
CONTRACTS = {name: replace(market, pair=f"{market.pair}:USDT") for name, market in MARKETS.items()}
"""The same as perpetuals."""
IN_DOLLARS = {pair: replace(market, pair=pair) for market in (BTC, ETH) for pair in [f"{market.base}/USD"]}
"""The same as Kraken has them, under its engine's names."""
FIRST_PRICES = {BTC.base: 20_000.0, ETH.base: 1_500.0}
DEPTH = 2
DEEP = 1_000_000
"""What a level holds, in quote units, where everybody shall find somebody to trade with."""
NOBODY_S = 20.0
"""How long a book may be empty."""


def engine_of(at_ms: int) -> Engine:
    """An exchange with both markets and their filters."""
    specs = [
        MarketSpec(
            symbol=market.symbol,
            base=market.base,
            quote=market.quote,
            tick=market.tick,
            lot=market.lot,
            filters=Filters(notional_min=500_000_000),
        )
        for market in MARKETS.values()
    ]
    return Engine(specs, at_ms=at_ms)


@dataclass
class Prices:
    """A random walk a second, with jumps; the exchange's outside market follows it."""

    engine: Engine
    dice: Dice
    markets: Mapping[str, Market] = field(default_factory=lambda: MARKETS)
    now: dict[str, float] = field(init=False)
    """symbol -> price."""
    seconds: dict[str, list[int]] = field(init=False)
    """symbol -> prices in ticks since the last candle."""
    nobody_until_ms: dict[str, int] = field(default_factory=dict[str, int])
    """symbol -> until when its book is empty."""

    def __post_init__(self) -> None:
        self.now = {symbol: FIRST_PRICES[market.base] for symbol, market in self.markets.items()}
        self.seconds = {symbol: list[int]() for symbol in self.markets}

    def move(self, at_ms: int) -> None:
        """One second passes."""
        for symbol, market in self.markets.items():
            drift = self.dice.random.gauss(0.0, 0.0005)
            if self.dice.fall("jump"):
                drift += self.dice.random.gauss(0.0, 0.01)
            if self.dice.fall("nobody"):
                self.nobody_until_ms[symbol] = at_ms + round(self.dice.between(1.0, NOBODY_S) * 1_000)
            self.now[symbol] = max(self.now[symbol] * exp(drift), 10.0)
            ticks = market.ticks_nearest(Decimal(repr(self.now[symbol])))
            self.seconds[symbol].append(ticks)
            lots = self._surround(symbol, worth=self.dice.random.choice((200, 2_000, 20_000)), at_ms=at_ms)
            side = self.dice.random.choice((EngineSide.BUY, EngineSide.SELL))
            self.engine.print_trade(symbol, side, self._at(symbol, ticks), lots, at_ms=at_ms)
            if self.engine.margin is not None:
                self.engine.mark(symbol, self._at(symbol, ticks), at_ms=at_ms)

    def stand(self, at_ms: int) -> None:
        """Prices stay where they are, and whoever wants to trade there finds somebody."""
        for symbol in self.markets:
            self._surround(symbol, worth=DEEP, at_ms=at_ms)

    def _surround(self, symbol: str, *, worth: int, at_ms: int) -> int:
        """Quote around the price, so much on each level, unless nobody is there; gives the lots of a level."""
        market = self.markets[symbol]
        ticks = market.ticks_nearest(Decimal(repr(self.now[symbol])))
        size = market.quantity(market.lots_floor(Decimal(worth) / market.price(ticks)))
        lots = self.engine.listing(symbol).spec.lots(size)
        assert lots is not None, "the exchange's grid is at least as fine as the market's"
        levels = 0 if at_ms < self.nobody_until_ms.get(symbol, 0) else DEPTH
        bids = [(self._at(symbol, ticks - 1 - n), lots) for n in range(levels)]
        asks = [(self._at(symbol, ticks + 1 + n), lots) for n in range(levels)]
        self.engine.quote(symbol, bids, asks, at_ms=at_ms)
        return lots

    def _at(self, symbol: str, ticks: int) -> int:
        """The exchange's ticks of the market's."""
        there = self.engine.listing(symbol).spec.ticks(self.markets[symbol].price(ticks))
        assert there is not None, "the exchange's grid is at least as fine as the market's"
        return there

    def candles(self, at_ms: int) -> tuple[Candle, ...]:
        """The minute that ends now."""
        made: list[Candle] = []
        for symbol, seen in self.seconds.items():
            pair = self.markets[symbol].pair
            made.append(Candle(pair, "1m", at_ms - MINUTE_MS, seen[0], max(seen), min(seen), seen[-1], 1_000.0))
            seen.clear()
        return tuple(sorted(made, key=lambda candle: candle.pair))

    def quotes(self) -> tuple[tuple[str, Decimal], ...]:
        """The last prices, as a feed gives them."""
        return tuple(
            (market.pair, market.price(self.seconds[name][-1]))
            for name, market in self.markets.items()
            if self.seconds[name]
        )


@dataclass
class Memory:
    """A journal in memory that takes a moment to be durable, and may be gone for a while. Survives the desk."""

    dice: Dice
    durable: list[ev.Event] = field(default_factory=list[ev.Event])
    batches: list[list[ev.Event]] = field(default_factory=list[list[ev.Event]])
    gone_until_s: float = 0.0
    fenced: int = 0
    """Number of the desk that may write."""
    waiting: int = 0
    """Batches that are on their way: while it is slow, nothing else can be written down."""

    def writer(self) -> "Writing":
        self.fenced += 1
        return Writing(self, self.fenced)


@dataclass
class Writing:
    """The journal as one desk sees it; once another has opened it, this one writes nothing more."""

    memory: Memory
    token: int
    last: "asyncio.Task[JournalPosition] | None" = None

    def append(self, events: Sequence[ev.Event], *, at_ms: int) -> "Batch":
        self.last = asyncio.create_task(self._write(list(events), self.last))
        self.last.add_done_callback(lambda task: task.cancelled() or task.exception())
        return Batch(self.last)

    async def _write(self, events: list[ev.Event], before: "asyncio.Task[JournalPosition] | None") -> JournalPosition:
        self.memory.waiting += 1
        try:
            return await self._written(events, before)
        finally:
            self.memory.waiting -= 1

    async def _written(self, events: list[ev.Event], before: "asyncio.Task[JournalPosition] | None") -> JournalPosition:
        memory = self.memory
        if before is not None:
            await before
        await asyncio.sleep(memory.dice.between(0.0005, 0.005))
        if memory.dice.fall("journal_slow"):
            await asyncio.sleep(memory.dice.between(0.5, 5.0))
        if self.token != memory.fenced or asyncio.get_running_loop().time() < memory.gone_until_s:
            raise Unavailable("the journal cannot be written")
        memory.durable += events
        memory.batches.append(events)
        if memory.dice.fall("journal_doubt"):
            memory.gone_until_s = asyncio.get_running_loop().time() + memory.dice.between(0.1, 10.0)
            raise Unavailable("the database was lost during a commit")
        return JournalPosition(1, len(memory.durable))

    async def room(self) -> None:
        return

    async def flush(self) -> object:
        return None if self.last is None else await self.last


@dataclass
class Batch:
    """A batch on its way."""

    task: "asyncio.Task[JournalPosition]"

    def __await__(self) -> Generator[object, None, JournalPosition]:
        return asyncio.shield(self.task).__await__()

    def done(self) -> bool:
        return self.task.done()


@dataclass
class Disk:
    """A spool in memory that survives the desk."""

    reports: list[VenueOrder | VenueFill] = field(default_factory=list[VenueOrder | VenueFill])

    def keep(self, report: VenueOrder | VenueFill) -> None:
        self.reports.append(report)

    def kept(self) -> Sequence[VenueOrder | VenueFill]:
        return list(self.reports)

    def clear(self) -> None:
        self.reports.clear()


@dataclass
class Minutes:
    """A feed of the world's own minutes, and a lookout whose strategy speaks at random."""

    prices: Prices
    dice: Dice
    queue: "asyncio.Queue[Step]" = field(default_factory=asyncio.Queue[Step])
    kind: str = "exchange"
    label: str = "a made-up exchange"
    timeframe: str = "1m"
    paced: bool = True
    sides: tuple[Side, ...] = (Side.LONG,)
    asks_models: bool = False

    @property
    def markets(self) -> Sequence[Market]:
        return tuple(self.prices.markets.values())

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        while True:
            step = await self.queue.get()
            if after_ms is None or step.at_ms > after_ms:
                yield step

    def observe(self, step: Step) -> Snapshot:
        setups = tuple(self._setup(candle) for candle in step.candles if self.dice.random.random() < 0.5)
        facts = {
            (m.pair, "1m"): Facts(m.pair, Regime.NEUTRAL, m.price(1_000), 50.0, 0.0, 1.0, 1.0) for m in self.markets
        }
        return Snapshot(step, setups if step.fresh else (), facts, {}, MarketRegime.NEUTRAL, "")

    def _setup(self, candle: Candle) -> Setup:
        market = next(each for each in self.markets if each.pair == candle.pair)
        close = market.price(candle.close)
        side = self.sides[0] if len(self.sides) == 1 else self.dice.random.choice(self.sides)

        def at(thousandths: int) -> Decimal:
            """So far from the close in the direction of the trade."""
            return market.price(market.ticks_nearest(close * (1_000 + side.sign * thousandths) / 1_000))

        targets = (Target(at(2), Decimal("0.5")), Target(at(4), Decimal(1)))
        plan = ExitPlan(at(-3), targets, break_even_target=1)
        kind = self.dice.random.choice((EntryKind.MARKET, EntryKind.MAKER))
        entry = close if kind is EntryKind.MARKET else market.price(candle.close - side.sign)
        return Setup("made_up", candle.pair, "1m", side, Decimal("0.8"), entry, kind, plan, Decimal(1), "chance")

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        return Ballot(slot, snapshot.at_ms, ("trend",), (), "test")

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        return Evaluation(slot, snapshot.at_ms, "rules", ())


@dataclass
class Inbox:
    """Commands of a person, by hand. A desk that was killed gets them again."""

    given: list[Command] = field(default_factory=list[Command])
    open: dict[str, Command] = field(default_factory=dict[str, Command])
    came: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    def send(self, kind: str, body: Mapping[str, object]) -> None:
        self.count += 1
        self.open[str(self.count)] = Command(str(self.count), kind, body)
        self.came.set()

    async def commands(self) -> AsyncIterator[Command]:
        told: set[str] = set()
        while True:
            for name, command in list(self.open.items()):
                if name not in told:
                    told.add(name)
                    yield command
            self.came.clear()
            await self.came.wait()

    async def done_before(self, command: Command) -> str | None:
        return None

    async def answer(self, command: Command, reply: Mapping[str, object], *, failed: bool) -> None:
        self.open.pop(command.id, None)


def strangers_trade(
    engine: Engine, account: str, dice: Dice, at_ms: int, markets: Mapping[str, Market] = MARKETS
) -> None:
    """Somebody buys by hand on the same account, or leaves an order far from the price.

    On contracts only the latter: one position is all there is for a pair, and a share of ours in it nobody could tell.
    """
    symbol = dice.random.choice(list(markets))
    market, spec = markets[symbol], engine.listing(symbol).spec
    far = dice.random.random() < 0.5 or engine.margin is not None
    last = spec.price(engine.listing(symbol).last_ticks) or Decimal(repr(FIRST_PRICES[market.base]))
    price = market.price(market.ticks_floor(last * Decimal("0.9")))
    lots = spec.lots(market.quantity(market.lots_floor(Decimal(50) / last)))
    assert lots is not None, "the exchange's grid is at least as fine as the market's"
    order = NewOrder(
        account=account,
        symbol=symbol,
        side=EngineSide.BUY,
        kind=Kind.LIMIT if far else Kind.MARKET,
        lots=lots,
        ticks=(spec.ticks(price) or 0) if far else 0,
        # At Kraken, whose executions do not say what a fee was paid in, who buys pays in the quote unless asked.
        fee_in=FeeIn.QUOTE if market.quote == "USD" else FeeIn.RECEIVED,
    )
    try:
        engine.submit(order, at_ms=at_ms)
    except OrderRefused:
        return


def somebody_withdraws(engine: Engine, account: str, dice: Dice, at_ms: int, cash: str = "USDT") -> bool:
    """Half of what is free of some asset leaves the account; whether anything did."""
    asset = dice.random.choice([cash, "BTC", "ETH"])
    free = engine.accounts[account].balance(asset).free // 2
    try:
        if free:
            engine.move(account, asset, -engine.amount(asset, free), at_ms=at_ms)
    except OrderRefused:
        return False  # margin holds it
    return free > 0


assert START_MS % MINUTE_MS == 0, "minutes begin on the minute"
