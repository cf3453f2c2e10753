"""The same orders through other people's backtesters: the same trades, to the bar and to the tick.

What differs between engines is their conventions, and each is named here: where an order meets the market, whether a
touch fills a target, what comes first inside a bar, whether a trade may begin on the bar another one ended in.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from quorate.domain.market import Market
from quorate.domain.policy import Pacing
from quorate.kernel.bars import Bars, to_floats, to_ticks
from quorate.research.columns import Columns
from quorate.research.compiled import run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from tests.analysts.synthetic import wild_bars
from tests.peers.asking import Orders, PeerTrade, ask
from tests.research.recorded import recorded
from tests.research.scripted import Line, rules, speaking

MARKET = Market("AAA/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(0), 0)
TOUCH = RunCosts().without("fees", "spread", "slippage", "latency", "funding", "liquidation", "queue")
BARS = 12_000
pytestmark = pytest.mark.timeout(900)
FAR = 10_000_000
"""Ticks to a stop or target that is never reached."""


@pytest.fixture(params=["synthetic", pytest.param("recorded", marks=pytest.mark.real_data)])
def candles(request: pytest.FixtureRequest) -> tuple[Bars, Market]:
    """Candles that hold everything at once, and recorded ones."""
    if request.param == "synthetic":
        return wild_bars(9, BARS, market=MARKET), MARKET
    columns, market = recorded("SOL")
    return columns.bars.between(20_000, 20_000 + BARS), market


def mean_of(values: np.ndarray, count: int) -> np.ndarray:
    found = np.full(len(values), np.nan)
    total = np.cumsum(np.concatenate(([0.0], values)))
    found[count - 1 :] = (total[count:] - total[:-count]) / count
    return found


def averages_cross(bars: Bars) -> np.ndarray:
    """+1 where the mean of 10 closes comes to lie over that of 30, -1 where it comes to lie under it."""
    over = mean_of(bars.close, 10) > mean_of(bars.close, 30)
    turned = np.append(False, over[1:] != over[:-1])
    turned[:31] = False
    return np.where(turned, np.where(over, 1, -1), 0)


def breakout(bars: Bars) -> np.ndarray:
    """+1 at a close over the highest high of the 20 bars before, -1 at one under their lowest low."""
    side = np.zeros(len(bars), np.int64)
    for row in range(40, len(bars)):
        before = slice(row - 20, row)
        if bars.close[row] > bars.high[before].max():
            side[row] = 1
        elif bars.close[row] < bars.low[before].min():
            side[row] = -1
    return side


def span_of(bars: Bars, market: Market) -> np.ndarray:
    """Mean range of 14 bars in ticks, at least 2."""
    spread = to_ticks(bars.high, market.tick) - to_ticks(bars.low, market.tick)
    return np.maximum(np.nan_to_num(mean_of(spread.astype(np.float64), 14), nan=50.0).round(), 2).astype(np.int64)


def orders_of(bars: Bars, market: Market, side: np.ndarray, *, hold: int = 0) -> Orders:
    """Stop two ranges and target three ranges from the close; with `hold` neither is ever reached."""
    close, span = to_ticks(bars.close, market.tick), span_of(bars, market)
    away, goal = (close - 1 if hold else 2 * span), (FAR if hold else 3 * span)
    stop = close - side * np.minimum(away, np.where(side > 0, close - 1, FAR))
    target = close + side * np.minimum(goal, np.where(side < 0, close - 1, FAR))
    # The doubles of candles, so that a touch is one for everybody.
    stops, goals = (to_floats(column.astype(np.int64), market.tick) for column in (stop, target))
    return Orders(side=side, stop=stops, goal=goals, hold=np.full(len(bars), hold))


def ours(
    bars: Bars, market: Market, orders: Orders, conventions: Conventions, *, cooldown: int = 0
) -> list[tuple[int, int, int, int, float]]:
    """Closed trades of the compiled runner: rows of entry and exit, side, and both prices in ticks."""
    close = to_ticks(bars.close, market.tick)
    stop, goal = (to_ticks(column, market.tick) for column in (orders.stop, orders.goal))
    script = {
        int(bars.open_ms[row]): Line(
            int(orders.side[row]), int(abs(close[row] - stop[row])), (int(abs(goal[row] - close[row])),)
        )
        for row in np.flatnonzero(orders.side).tolist()
    }
    hold = int(orders.hold[0]) or None
    strategy = speaking(script=script, exits=rules(expires_bars=hold), pacing=Pacing(cooldown_bars=cooldown))
    sizing = Sizing(by="amount", amount=Decimal(1_000_000), start_equity=Decimal(100_000_000))
    result = run(strategy, Columns.of(bars, market), market, conventions, TOUCH, sizing)
    exits = result.trades["exit_value"] / result.trades["lots"]
    names = ("entry_row", "exit_row", "side", "entry")
    return list(zip(*(result.trades[name].tolist() for name in names), exits.tolist(), strict=True))


def theirs(trades: tuple[PeerTrade, ...], market: Market) -> list[tuple[int, int, int, int, float]]:
    """A peer's trades, its doubles put on the market's ticks."""
    tick = float(market.tick)
    return [
        (one.entry_row, one.exit_row, one.side, round(one.entry / tick), float(round(one.exit / tick)))
        for one in sorted(trades, key=lambda one: one.entry_row)
    ]


def agrees(own: list, other: list, *, least: int) -> None:
    assert len(own) > least, "too few trades to prove anything"
    for place, (first, second) in enumerate(zip(own, other, strict=False)):
        assert first == second, f"trade {place}"
    # A trade that is open at the end is told by nobody.
    assert len(own) == len(other)


@pytest.mark.slow
def test_breakouts_with_stop_and_target_are_those_of_backtesting_py(candles, tmp_path: Path) -> None:
    """Next open; a touch fills a target; the stop comes first; a trade may begin when another has just ended."""
    bars, market = candles
    orders = orders_of(bars, market, breakout(bars))
    found = ask("backtesting", bars, orders, tmp_path)
    agrees(ours(bars, market, orders, Conventions()), theirs(found.trades, market), least=200)


@pytest.mark.slow
def test_crossing_averages_held_for_a_day_are_those_of_backtesting_py(candles, tmp_path: Path) -> None:
    """Next open in, and out at the open after the time is over."""
    bars, market = candles
    orders = orders_of(bars, market, averages_cross(bars), hold=24)
    found = ask("backtesting", bars, orders, tmp_path)
    agrees(ours(bars, market, orders, Conventions()), theirs(found.trades, market), least=200)


@pytest.mark.slow
def test_breakouts_at_this_close_are_those_of_vectorbt(candles, tmp_path: Path) -> None:
    """This close; a touch fills a target; the stop comes first; no trade begins on the bar in which another ended."""
    bars, market = candles
    orders = orders_of(bars, market, breakout(bars))
    found = ask("vectorbt", bars, orders, tmp_path)
    own = ours(bars, market, orders, Conventions(entry="this_close"), cooldown=1)
    agrees(own, theirs(found.trades, market), least=200)


@pytest.mark.slow
@pytest.mark.parametrize(("side", "tie"), [(1, "optimistic"), (-1, "pessimistic")])
def test_breakouts_at_this_close_are_those_of_nautilus(candles, tmp_path: Path, side: int, tie) -> None:
    """This close; a bar is walked from open to high to low to close, so that a long's target and a short's stop win."""
    bars, market = candles
    wanted = breakout(bars)
    orders = orders_of(bars, market, np.where(wanted == side, wanted, 0))
    found = ask("nautilus", bars, orders, tmp_path)
    own = ours(bars, market, orders, Conventions(entry="this_close", tie=tie))
    agrees(own, theirs(found.trades, market), least=100)


def test_the_orders_themselves_do_not_look_ahead() -> None:
    bars = wild_bars(9, 900, market=MARKET)
    whole = orders_of(bars, MARKET, breakout(bars))
    part = bars.between(0, 600)
    known = orders_of(part, MARKET, breakout(part))
    assert (known.side == whole.side[:600]).all()
    assert (known.stop == whole.stop[:600]).all()
    assert replace(known).hold.sum() == 0
