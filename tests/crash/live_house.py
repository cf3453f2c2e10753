"""The whole house in live mode, at an exchange on this machine: what the crash tests start as a process, and kill.

`python -m tests.crash.live_house DATA_DIR VENUE@HOST:PORT [DATABASE_URL]`. Everything is real but the feed, which makes
a bar a second out of the exchange's last price: a desk of one-minute bars would have nothing on its way for most of
the time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import httpx
import numpy as np
from pydantic import SecretStr

from quorate.accounts.settings import LiveVenueSettings
from quorate.cli.running import exit_code, run
from quorate.clock import SystemClock
from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.policy import BreakerPolicy, DeskPolicy, ExecutionPolicy, Limits
from quorate.domain.snapshot import Step
from quorate.feeds.context.settings import ContextSettings
from quorate.feeds.quote import Quote, quote_around
from quorate.kernel.bars import Bars
from quorate.reporting import StartUp
from quorate.settings import FeedSettings, JobSettings, Settings, StoreSettings, StrategySettings, account_of
from quorate.wiring import up
from quorate.wiring.feeds import FoundFeed
from tests.crash.live_venues import found_at
from tests.simulation.simulated_desk import POLICY

KEY_NAME = "main"
SOURCES = ("eager", "patient")
STRATEGIES = Path(__file__).with_name("strategies")
BAR_MS, STEP_MS = 60_000, 1_000
LOOK_S = 0.5
ROLES = frozenset({"feed", "worker"})
REFUSED = 3
"""The exit code of a house that was refused, with the reason on stderr."""
EXECUTION = ExecutionPolicy(reconcile_ms=20_000, maker_patience_ms=3_000, retry_ms=2_000)


def policy() -> DeskPolicy:
    """A desk that may trade as often as it likes."""
    limits = Limits(
        repeats_max=100_000, throttle_orders_max=100_000, open_orders_max=5_000, collar_bps=10_000,
        period_collar_bps=10_000,
    )  # fmt: skip
    return replace(
        POLICY,
        limits=limits,
        execution=EXECUTION,
        breakers=BreakerPolicy(losses_in_a_row_max=100_000),
        strategies=SOURCES,
    )


def settings_at(
    data_dir: Path, place: str, *, desk: DeskPolicy, database_url: str = "", pairs: tuple[str, ...] = ()
) -> Settings:
    """The settings of the house: the same for the same exchange, as an arming wants it. No address: embedded."""
    venue, address = found_at(place)
    portfolios = tuple(replace(each, market=venue.market) for each in desk.portfolios)
    return Settings(
        data_dir=data_dir,
        mode="live",
        feed=FeedSettings(kind="exchange", exchange=venue.name, pairs=pairs or venue.pairs, timeframe="1m"),
        desk=replace(desk, portfolios=portfolios),
        jobs=JobSettings(enabled=False),
        store=StoreSettings(redis="off", database_url=SecretStr(database_url) if database_url else None),
        strategies=StrategySettings(folder=STRATEGIES),
        context=ContextSettings(live="off"),
        venue=LiveVenueSettings(
            name=venue.name,
            key=KEY_NAME,
            portfolio="live",
            urls={"api": venue.urls(f"http://{address}", f"ws://{address}")},
            stake=Decimal(2_000),
            kraken_tier="pro",
        ),
    )


@dataclass
class LastPrices:
    """A feed whose every second is a bar: from the last price before it to the last price at its end."""

    place: str
    clock: SystemClock
    markets: Sequence[Market]
    kind: str = "exchange"
    label: str = "the last prices of the loopback exchange"
    key: str = "loopback-1m"
    timeframe: str = "1m"
    paced: bool = True
    start_ms: int = 0
    end_ms: int | None = None
    _seen: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """pair -> prices in ticks since the last bar, and the last of the bar before."""
    _asking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ask for the first prices; go on asking."""
        self.start_ms = self.now_ms()
        self._venue, address = found_at(self.place)
        self._client = httpx.AsyncClient(base_url=f"http://{address}", timeout=10)
        await self._ask()
        self._asking = asyncio.create_task(self._ask_on(), name="last prices")

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._client.aclose()

    async def _ask_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._ask()

    async def _ask(self) -> None:
        try:
            told = self._venue.read_prices((await self._client.get(self._venue.prices)).json())
        except (httpx.HTTPError, ValueError):
            return
        for market in self.markets:
            self._seen.setdefault(market.pair, []).append(market.ticks_nearest(told[market.symbol]))

    def now_ms(self) -> int:
        """The clock's."""
        return self.clock.now_ms()

    def quotes(self, at_ms: int) -> list[Quote]:
        """The last prices."""
        return [quote_around(m, self._seen[m.pair][-1], at_ms) for m in self.markets if self._seen.get(m.pair)]

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Bars that never were: a steady rise to the last price, since nobody trades in a market that goes nowhere."""
        market = next(each for each in self.markets if each.pair == pair)
        length_ms = TIMEFRAME_MS[timeframe]
        last_ms = before_ms // length_ms * length_ms - length_ms
        open_ms = last_ms - length_ms * np.arange(count - 1, -1, -1, dtype=np.int64)
        last = float(market.price(self._seen[pair][-1]))
        close = last * np.exp(0.0005 * np.arange(1 - count, 1))
        volume = np.full(count, 10.0)
        return Bars(pair, timeframe, open_ms, close, close * 1.001, close * 0.999, close, volume)

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """A step at every full second from now on."""
        at_ms = max(after_ms or 0, self.now_ms()) // STEP_MS * STEP_MS
        while True:
            at_ms = max(at_ms, self.now_ms() // STEP_MS * STEP_MS - STEP_MS) + STEP_MS
            await asyncio.sleep(max(0, at_ms - self.now_ms()) / 1_000)
            yield Step(at_ms, tuple(self._candle(market, at_ms) for market in self.markets))

    def _candle(self, market: Market, at_ms: int) -> Candle:
        prices = self._seen[market.pair]
        first, last = prices[0], prices[-1]
        candle = Candle(market.pair, "1m", at_ms - BAR_MS, first, max(prices), min(prices), last, 1_000.0)
        del prices[:-1]
        return candle


def say(text: str) -> None:
    """A line for the log."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Says:
    """Tells the log."""

    def started(self, facts: StartUp) -> None:
        say(f"started {facts.account}")

    def progress(self, *, at_ms: int, start_ms: int, stop_ms: int, candles: int) -> None:
        return

    def notice(self, text: str) -> None:
        say(text)

    def warning(self, text: str) -> None:
        say(f"warning: {text}")


async def find(markets: Sequence[Market], place: str, settings: Settings, clock: SystemClock) -> FoundFeed:
    """The feed of this house."""
    feed = LastPrices(place, clock, sorted(markets, key=lambda market: market.pair))
    await feed.open()
    return FoundFeed(feed, account_of(settings, kind="exchange"), "")


def main() -> int:
    """The house with the simulation's two markets."""
    data_dir, place, *more = sys.argv[1:]
    settings = settings_at(Path(data_dir), place, desk=policy(), database_url=more[0] if more else "")
    return run_house(settings, place, tuple(found_at(place)[0].markets.values()))


def run_house(settings: Settings, place: str, markets: Sequence[Market]) -> int:
    """Run a house until it is killed, asked to end, or refused; gives the exit code."""
    feed = partial(find, markets, place)
    try:
        ended = run(lambda: up(settings, roles=ROLES, console=Says(), exit_at_end=False, find=feed))
    except QuorateError as error:
        say(f"{error.code}: {error}")
        return REFUSED
    return 0 if ended.stopped_by is None else exit_code(ended.stopped_by)


if __name__ == "__main__":
    sys.exit(main())
