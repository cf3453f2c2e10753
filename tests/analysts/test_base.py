"""From a row of floats to an exact setup, and what happens to strategies that misbehave."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar, cast

import numpy as np
import pytest

from quorate.analysts.base import ExitRules, Setups, StrategyFault, crossed, evaluate, last_setup, no_setups
from quorate.domain.market import Market
from quorate.domain.policy import Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars
from tests.analysts.synthetic import MARKET, NoParameters, wild_bars

BARS = wild_bars(1, 30)


def sell(**changes: object) -> Setups:
    """One SHORT at the newest bar."""
    one = Setups(
        rows=np.array([29]),
        side=np.array([-1], np.int8),
        confidence=np.array([0.123456789012]),
        entry=np.array([150.004]),
        stop=np.array([151.2345]),
        targets=(np.array([149.0]), np.array([147.001])),
        trail=np.array([0.7512]),
        measures={"depth": np.array([1.5])},
    )
    return replace(one, **changes)


@dataclass(frozen=True)
class Puppet:
    """A strategy that says what it is told to say."""

    answer: object

    name: ClassVar[str] = "puppet"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal("0.5"), Decimal(1)), expires_bars=2)
    pacing: ClassVar[Pacing] = Pacing()
    parameters: NoParameters = field(default_factory=NoParameters)
    timeframe: str = "5m"
    warm_up: int = 10

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        if isinstance(self.answer, Exception):
            raise self.answer
        return cast("Setups", self.answer)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return f"{side} by {measures['depth']:.1f}."


def test_a_row_becomes_an_exact_setup_measured_from_the_entry_in_whole_ticks():
    setup = last_setup(Puppet(sell()), BARS, MARKET)
    assert setup is not None
    assert setup.entry == Decimal("150.01")  # up, the passive side of a sale
    assert setup.plan.stop == Decimal("151.25")  # 1.2305 of risk becomes 1.24
    assert [target.price for target in setup.plan.targets] == [Decimal("149.01"), Decimal("147.01")]
    assert setup.plan.trail_distance == Decimal("0.76")
    assert setup.confidence == Decimal("0.1234567890")
    assert setup.size == 1
    assert setup.plan.expires_ms == int(BARS.close_ms[-1]) + 2 * 300_000
    assert setup.reason == "SHORT by 1.5."


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (ZeroDivisionError("no volume"), "ZeroDivisionError: no volume"),
        (None, "TypeError"),
        (sell(targets=(np.array([149.0]),)), "1 targets where its exit rules name 2 fractions"),
        (sell(side=np.array([-1.0])), "side is float64"),
        (sell(entry=np.array([1, 2, 3])), "not float64 of 1 values"),
        (sell(rows=np.array([30])), "not ascending positions among 30 bars"),
        (sell(rows=np.array([29.0])), "rows are float64"),
        (sell(confidence=np.array([np.nan])), "confidence nan"),
        (sell(confidence=np.array([1.5])), "confidence 1.5"),
        (sell(entry=np.array([np.nan])), "not all positive numbers"),
        (sell(stop=np.array([140.0])), "do not stand in this order"),
        (sell(size=np.array([0.0])), "size 0.0"),
        (sell(trail=np.array([np.nan])), "trailing distance nan"),
        (sell(measures={}), "KeyError: 'depth'"),
        (sell(side=np.array([3], np.int8)), "side is 3"),
    ],
)
def test_whatever_a_strategy_does_wrong_is_a_fault_with_its_name(answer: object, fault: str):
    with pytest.raises(StrategyFault) as told:
        last_setup(Puppet(answer), BARS, MARKET)
    assert "puppet" in told.value.message
    assert fault in told.value.message
    assert told.value.code == "strategy_fault"


def test_rows_before_the_warm_up_and_before_since_are_left_out():
    two = sell(
        rows=np.array([8, 29]),
        side=np.array([1, -1], np.int8),
        **{name: np.array([1.0, 2.0]) for name in ("confidence", "entry", "stop", "trail")},
        targets=(np.array([1.0, 2.0]), np.array([1.0, 2.0])),
        measures={},
    )
    assert evaluate(Puppet(two), BARS, MARKET).rows.tolist() == [29]
    assert len(evaluate(Puppet(two), BARS, MARKET, since=30)) == 0


def test_a_crossing_needs_the_bar_before():
    hits = crossed(np.array([True, True, False, True]), np.array([True, False, True, True]))
    assert hits.tolist() == [False, True, False, True]
    assert crossed(np.empty(0, np.bool_), np.empty(0, np.bool_)).tolist() == []


def test_dense_columns_are_blank_where_nothing_is():
    setups = sell()
    assert setups.sides(30).tolist() == [0] * 29 + [-1]
    dense = setups.dense(setups.stop, 30)
    assert np.isnan(dense[:29]).all()
    assert dense[29] == 151.2345
    assert len(no_setups(2)) == 0
