"""Materials and searches for research's tests: made-up candles on which strategies find something, and small spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.conventions import RunCosts
from quorate.research.materials import Materials
from quorate.research.pools import OwnProcess, Pool
from quorate.research.space import Axis, Point, Space
from quorate.research.spans import Terms
from quorate.research.sweep import Choice, Sweep, SweepResult, run_sweep
from quorate.research.trial_log import TrialLog
from quorate.research.trials import Record, StrategySpec, identity_of
from tests.analysts.synthetic import wild_bars

START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""
SOL = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
ETH = Market("ETH/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 100)
FREE = Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0)
IDEAL = RunCosts(rates=FREE).without("fees", "spread", "slippage")
SPACE = Space((Axis(name="channel", values=(10, 20, 30)), Axis(name="stop_atr", values=(1.0, 2.0))))
BREAKOUT = StrategySpec(name="breakout", parameters={"timeframe": "5m"}, costs=FREE)


def dated(bars: Bars, *, start_ms: int = START_MS) -> Bars:
    """The bars, begun at an instant of this century."""
    return replace(bars, open_ms=bars.open_ms + start_ms)


def materials(
    *, bars: int = 6_000, markets: Sequence[Market] = (SOL,), seed: int = 4, timeframe: str = "5m"
) -> Materials:
    """Candles of some markets, each a walk of its own; the first tenth is for warming up."""
    columns = {
        market.pair: Columns.of(dated(wild_bars(seed + place, bars, market=market, timeframe=timeframe)), market)
        for place, market in enumerate(markets)
    }
    length_ms = TIMEFRAME_MS[timeframe]
    return Materials(
        columns=columns,
        markets={market.pair: market for market in markets},
        start_ms=START_MS + bars // 10 * length_ms,
        end_ms=START_MS + bars * length_ms,
        source="made up 5m",
    )


def sweep_of(what: Materials, *, space: Space = SPACE, strategy: StrategySpec = BREAKOUT, **choice: Any) -> Sweep:
    """A sweep of a strategy at ideal costs."""
    wanted: dict[str, Any] = {"space": space, "min_trades": 5} | choice
    return Sweep(strategy=strategy, materials=what, terms=Terms(costs=IDEAL), choice=Choice(**wanted))


def log_of(sweep: Sweep, folder: Path) -> TrialLog:
    """The log of a sweep's tries in a folder."""
    return TrialLog(folder / "trials.jsonl", identity_of(sweep.task, sweep.materials.columns))


def swept(sweep: Sweep, folder: Path, *, pool: Pool | None = None, heard: Heard | None = None) -> SweepResult:
    """Run a sweep, here unless a pool is given, on whatever the log in the folder knows."""
    heard = Heard() if heard is None else heard
    workers = OwnProcess(sweep.task, sweep.materials.columns) if pool is None else pool
    log = log_of(sweep, folder)
    try:
        return run_sweep(sweep, workers, log, told=heard, stop=heard.stop)
    finally:
        log.close()


@dataclass
class Heard:
    """Listens to a search, and asks it to stop once so many points are done."""

    stop_after: int | None = None
    done: int = 0
    total: int = 0
    points: list[Point] = field(default_factory=list[Point])

    def __call__(self, *, done: int, total: int, newest: Sequence[tuple[Point, Record]]) -> None:
        """See `quorate.research.trying.Told`."""
        assert done >= self.done, "progress goes forwards"
        self.done, self.total = done, total
        self.points += [point for point, _ in newest]

    def stop(self) -> bool:
        """Whether it is enough."""
        return self.stop_after is not None and self.done >= self.stop_after


def day_walk(count: int, *, seed: int, mean: float = 0.0, spread: float = 0.01) -> np.ndarray:
    """Worth at the end of days of a random walk that began with 1,000."""
    dice = np.random.default_rng(seed)
    return 1_000.0 * np.cumprod(1.0 + dice.normal(mean, spread, count))


def plain_point(point: Mapping[str, object]) -> dict[str, object]:
    """A point as a dictionary of its own."""
    return dict(point)
