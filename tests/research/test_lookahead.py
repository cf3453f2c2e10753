"""Whoever looks ahead is caught and named, by samples and by every bar; whoever does not is left in peace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, cast

import numpy as np
import pytest

from quorate.analysts.base import ExitRules, Setups, Strategy, StrategyFault, no_setups
from quorate.analysts.registry import STRATEGIES
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars
from quorate.kernel.windows import WINDOW_BARS
from quorate.research.lookahead import FULL, TOLD_MAX, look_ahead
from quorate.research.materials import Materials
from tests.analysts.synthetic import NoParameters
from tests.research.studied import ETH, SOL, materials


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """Buys where a rule over all the bars it is given says so."""

    rule: Callable[[Bars], np.ndarray]
    """Whether it buys at each bar."""
    stop: Callable[[Bars], np.ndarray] = lambda bars: bars.close * 0.99
    name: str = "ruled"
    timeframe: str = "5m"
    warm_up: int = 20
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),))
    pacing: ClassVar[Pacing] = Pacing(cooldown_bars=0)
    parameters: NoParameters = field(default_factory=NoParameters)

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Everywhere that the rule holds."""
        rows = np.flatnonzero(self.rule(bars)[since:]) + since
        if not len(rows):
            return no_setups(1)
        entry = bars.close[rows]
        return Setups(
            rows=rows,
            side=np.ones(len(rows), np.int8),
            confidence=np.full(len(rows), 0.6),
            entry=entry,
            stop=self.stop(bars)[rows],
            targets=(entry * 1.02,),
        )

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Nothing to say."""
        return ""


def ruled(rule: Callable[[Bars], np.ndarray], **values: object) -> Strategy:
    return cast("Strategy", Ruled(rule=rule, **values))  # pyright: ignore[reportArgumentType]


def rising(bars: Bars) -> np.ndarray:
    return np.append(False, np.diff(bars.close) > 0)


def tomorrow(bars: Bars) -> np.ndarray:
    """Buys before it rises by a third of a percent."""
    return np.append(bars.close[1:] > bars.close[:-1] * 1.0033, False)


def whole_column(bars: Bars) -> np.ndarray:
    """Buys under the mean of all closes there are, those to come included."""
    return bars.close < bars.close.mean()


def normalised(bars: Bars) -> np.ndarray:
    """The commonest slip: a column scaled by its own extremes."""
    scaled = (bars.close - bars.close.min()) / (np.ptp(bars.close) + 1e-9)
    return np.append(False, np.diff(scaled > 0.5) != 0) & (scaled > 0.5)


def centred(bars: Bars) -> np.ndarray:
    """A moving average that is centred on its bar."""
    smooth = np.convolve(bars.close, np.full(9, 1 / 9), mode="same")
    return bars.close < smooth * 0.998


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=2_500, markets=(SOL, ETH))


@pytest.mark.parametrize("samples", [20, FULL])
@pytest.mark.parametrize("rule", [tomorrow, whole_column, normalised, centred])
def test_a_cheat_is_caught_and_named(candles: Materials, rule, samples: int) -> None:
    found, _ = look_ahead([ruled(rule, name="cheat"), ruled(rising)], candles, samples=samples)
    assert found.verdict == "found"
    assert "cheat on ETH/USDT" in found.sentence
    assert "ruled" not in found.sentence
    assert all("cheat on" in offence and "2025-01-0" in offence for offence in found.offences)
    assert len(found.offences) <= 2 * TOLD_MAX


def test_a_stop_from_the_future_is_looking_ahead_too(candles: Materials) -> None:
    """The row is honest, its stop is not: the lowest low of the hour to come."""

    def stop(bars: Bars) -> np.ndarray:
        low = np.concatenate([bars.low, np.full(12, np.inf)])
        return np.array([low[row : row + 12].min() for row in range(len(bars))]) * 0.999

    found, _ = look_ahead([ruled(rising, stop=stop)], candles)
    assert found.verdict == "found"
    assert "stop is" in found.offences[0]


def test_one_leak_in_thousands_of_bars_is_found_by_looking_at_every_bar(candles: Materials) -> None:
    def once(bars: Bars) -> np.ndarray:
        """Honest, but for one bar at which it knows the next."""
        rows = rising(bars)
        hour = bars.open_ms == bars.open_ms[0] + 777 * 300_000
        rows[hour] = bool((bars.open_ms == bars.open_ms[0] + 778 * 300_000).any())
        return rows

    # The windows begin elsewhere, so the bar is named by its place in the whole column alone.
    found, _ = look_ahead([ruled(once)], candles.only(SOL.pair), samples=FULL)
    assert found.verdict == "found"
    assert "2025-01-03 16:45" in found.offences[0]


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_the_houses_own_strategies_do_not(candles: Materials, name: str) -> None:
    made = STRATEGIES[name]()
    found, drifts = look_ahead([made], candles.only(SOL.pair))
    assert found.verdict in {"clean", "not_checked"}
    assert found.offences == ()
    assert drifts == ()


def test_a_clean_strategy_is_called_clean_at_every_bar(candles: Materials) -> None:
    found, drifts = look_ahead([ruled(rising)], candles.only(SOL.pair), samples=FULL)
    assert (found.verdict, drifts) == ("clean", ())
    assert found.checks == 2_500 - 19
    assert "every bar" in found.sentence


def test_a_memory_longer_than_the_desks_window_is_no_cheat_and_is_said(candles: Materials) -> None:
    def since_the_beginning(bars: Bars) -> np.ndarray:
        """Counts all bars before it: honest, and not what a desk could do."""
        return np.arange(len(bars)) % 7 == 0

    found, drifts = look_ahead([ruled(since_the_beginning)], candles.only(SOL.pair))
    assert found.verdict == "clean"
    assert len(drifts) == 1
    assert f"from the last {WINDOW_BARS:,} bars" in drifts[0]


def test_too_few_bars_are_not_called_clean() -> None:
    few = materials(bars=15)
    assert look_ahead([ruled(rising)], few)[0].verdict == "not_checked"


def test_the_same_candles_give_the_same_samples(candles: Materials) -> None:
    first, second = (look_ahead([ruled(tomorrow)], candles, samples=8)[0] for _ in range(2))
    assert first == second


def test_what_a_strategy_does_wrong_is_its_own_fault(candles: Materials) -> None:
    def fails(bars: Bars) -> np.ndarray:
        raise KeyError("no such column")

    with pytest.raises(StrategyFault, match="ruled failed on ETH/USDT 5m: KeyError"):
        look_ahead([ruled(fails)], candles)
    with pytest.raises(BadInput, match="cannot be looked at"):
        look_ahead([ruled(rising)], candles, samples=-1)
