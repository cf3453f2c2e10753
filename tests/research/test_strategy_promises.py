"""Every strategy of the house keeps its promises, and each promise that is broken is told in a sentence."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pytest

from quorate.analysts.base import ExitRules, Setups, no_setups
from quorate.analysts.registry import STRATEGIES
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind
from quorate.kernel.bars import Bars
from quorate.research.strategy_promises import broken_promises, made_bars


@dataclass(frozen=True)
class Nothing:
    """No parameters."""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """Buys at every tenth bar; each subclass spoils one thing."""

    parameters: Nothing = field(default_factory=Nothing)
    costs: Costs = field(default_factory=Costs)
    name: ClassVar[str] = "plain"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),))
    pacing: ClassVar[Pacing] = Pacing()
    timeframe: str = "1h"
    warm_up: int = 5

    def rows(self, bars: Bars) -> np.ndarray:
        return np.flatnonzero((bars.open_ms // 3_600_000) % 10 == 0)

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        rows = self.rows(bars)
        if not len(rows):
            return no_setups(1)
        entry = bars.close[rows]
        return Setups(
            rows=rows,
            side=np.ones(len(rows), np.int8),
            confidence=np.full(len(rows), 0.5),
            entry=entry,
            stop=entry * 0.98,
            targets=(entry * 1.04,),
        )

    def explain(self, side, measures) -> str:
        return "It was time."


class Dumb(Plain):
    def rows(self, bars):
        return np.empty(0, np.intp)


class Raises(Plain):
    def rows(self, bars):
        raise KeyError("volume")


class NotANumber(Plain):
    def setups(self, bars, market, *, since=0):
        setups = super().setups(bars, market, since=since)
        return replace(setups, stop=setups.stop * np.nan)


class WrongShape(Plain):
    def setups(self, bars, market, *, since=0):
        setups = super().setups(bars, market, since=since)
        return replace(setups, confidence=np.full(len(bars), 0.5))


class LooksAhead(Plain):
    def rows(self, bars):
        later = np.concatenate((bars.close[1:], bars.close[-1:]))
        return np.flatnonzero(later > bars.close * 1.01)


class Forgets(Plain):
    def setups(self, bars, market, *, since=0):
        return no_setups(1) if since > 100 else super().setups(bars, market)


class Mumbles(Plain):
    def explain(self, side, measures):
        return " "


class Hurried(Plain):
    def quick(self, bars, market):
        return False


class Fragile(Plain):
    def rows(self, bars):
        if len(bars) and not bars.volume.any():
            raise ZeroDivisionError
        return super().rows(bars)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_strategy_of_the_house_keeps_its_promises(name):
    assert broken_promises(STRATEGIES[name](costs=Costs())) == ()


def test_a_plain_strategy_keeps_them():
    assert broken_promises(Plain()) == ()


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (Dumb, "finds nothing in 3 made-up markets"),
        (Raises, "KeyError: 'volume'"),
        (NotANumber, "are not all positive numbers"),
        (WrongShape, "a column is float64 of shape"),
        (LooksAhead, "It looks ahead: plain on MADE/USDT"),
        (Forgets, "when only they are asked for"),
        (Mumbles, "gives no reason"),
        (Hurried, "would miss a setup"),
        (Fragile, "ZeroDivisionError"),
    ],
)
def test_a_promise_that_is_broken_is_told_in_a_sentence(cls, said):
    told = broken_promises(cls())
    assert told
    assert any(said in each for each in told), told


def test_made_up_markets_are_the_same_for_the_same_seed_and_have_true_candles():
    bars, again = made_bars("5m", seed=4), made_bars("5m", seed=4)
    assert all((getattr(bars, name) == getattr(again, name)).all() for name in ("open", "high", "low", "close"))
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert not np.array_equal(bars.close, made_bars("5m", seed=5).close)
