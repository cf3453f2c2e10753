"""The desk's backtest says what an account would have done, perpetuals and all, and what it assumed."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.policy import PortfolioPolicy
from quorate.domain.signals import Tier
from quorate.domain.snapshot import Settlement
from quorate.research.backtesting import TOTAL, backtest_legs
from quorate.research.conventions import RunCosts
from quorate.research.desk_backtesting import backtest_desk, run_desk, settled_at
from quorate.research.result import Backtest
from quorate.research.spans import Terms
from tests.research.desk_story import POLICY, START_MS, charter_of, materials_of, members, story

FUNDING_MS = 8 * 3_600_000


def quiet(_about: str, _done: int, _total: int) -> None:
    pass


def book(**changed: object) -> PortfolioPolicy:
    usual = PortfolioPolicy(
        name="strategies",
        sources=("strategies",),
        tiers=(Tier.SINGLE,),
        risk_per_trade=Decimal("0.006"),
        leverage=Decimal(3),
    )
    return replace(usual, **changed)  # type: ignore[arg-type]


def on_desk(materials=None, *, portfolio: PortfolioPolicy | None = None) -> Backtest:
    charter = charter_of(replace(POLICY, portfolios=(portfolio or book(),)))
    told = backtest_desk(members(), materials or materials_of(), charter, monotonic=lambda: 0.0, step=quiet)
    return told.backtest


def funded(rate: str):
    materials = materials_of()
    due = tuple(
        Settlement(pair, at_ms, Decimal(rate))
        for at_ms in range(START_MS, materials.end_ms, FUNDING_MS)
        for pair in materials.pairs
    )
    return replace(materials, settlements=due)


@pytest.fixture(scope="module")
def plain() -> Backtest:
    return on_desk()


def test_its_trades_are_those_of_the_desk_that_sees_every_candle(plain):
    # The same strategies in the same portfolio; the council has none here.
    charter = charter_of(replace(POLICY, portfolios=(book(),)))
    events = run_desk(members(), materials_of(), charter, {}, step=quiet).events
    trades = [event.trade for event in events if isinstance(event, ev.TradeClosed)]
    assert len(trades) > 20
    assert [(each.pair, each.opened_ms, each.pnl, each.r) for each in plain.trades] == [
        (each.pair, each.opened_ms, each.pnl, each.r) for each in trades
    ]
    told = {entry.event.trade.signal_id for entry in story() if isinstance(entry.event, ev.TradeClosed)}
    assert len({each.signal_id for each in trades} & told) > 20


def test_its_curve_begins_and_ends_with_what_the_portfolio_was_worth(plain):
    curve = plain.curves[TOTAL]
    assert curve.equity[0] == 10_000 == float(plain.start_equity)
    assert (np.diff(curve.at_ms) > 0).all()
    assert (curve.at_ms[0], curve.at_ms[-1]) == (plain.start_ms, plain.end_ms)
    closed = float(sum(trade.pnl for trade in plain.trades))
    assert plain.open_trades or curve.equity[-1] == pytest.approx(10_000 + closed)


def test_it_says_what_it_assumed_and_why_signals_became_no_trade(plain):
    assert plain.engine == "event"
    assert set(plain.costs) == {"fees", "spread", "slippage", "latency", "funding", "liquidation", "queue"}
    assert plain.costs["liquidation"] == "leverage: strategies 3 (perp)"
    assert plain.costs["funding"] == "not counted: no rates are recorded"
    assert "only strategies speak" in plain.conventions["left out"]
    assert plain.silent["untouched by the next bar"] > 0
    assert all(count > 0 for count in plain.silent.values())


def test_funding_is_paid_and_shown_by_both_runners():
    materials = funded("0.0005")
    backtest = on_desk(materials)
    paid = [trade.funding for trade in backtest.trades if trade.funding]
    assert paid
    assert backtest.costs["funding"] == "recorded rates of BTC/USDT, SOL/USDT"
    assert sum(paid) != 0
    terms = Terms(costs=RunCosts(settlements=materials.settlements, leverage=Decimal(3)))
    legs = backtest_legs(members(), materials, terms, monotonic=lambda: 0.0, step=quiet).backtest
    assert any(trade.funding for trade in legs.trades)
    assert legs.costs["funding"] == backtest.costs["funding"]
    assert legs.costs["liquidation"].startswith("leverage 3")


def test_settlements_are_heard_at_the_first_close_at_or_after_them():
    materials = materials_of()
    at_ms = START_MS + 3_600_000
    due = (
        Settlement("BTC/USDT", at_ms, Decimal("0.0001")),
        Settlement("SOL/USDT", at_ms + 1, Decimal("0.0001")),
        Settlement("BTC/USDT", materials.end_ms + 1, Decimal("0.0001")),
        Settlement("XRP/USDT", at_ms, Decimal("0.0001")),
    )
    found = settled_at(replace(materials, settlements=due))
    assert {instant: [each.pair for each in each_due] for instant, each_due in found.items()} == {
        at_ms: ["BTC/USDT"],
        at_ms + 300_000: ["SOL/USDT"],
    }


def test_a_stop_behind_the_liquidation_is_not_traded_and_told():
    backtest = on_desk(portfolio=book(leverage=Decimal(100)))
    told = " ".join(backtest.silent)
    assert "liquidation" in told
    assert backtest.costs["liquidation"] == "leverage: strategies 100 (perp)"


def test_a_spot_portfolio_takes_no_shorts():
    backtest = on_desk(portfolio=book(market=MarketKind.SPOT, leverage=Decimal(1)))
    assert {trade.side for trade in backtest.trades} == {"LONG"}
    assert any("spot" in why for why in backtest.silent)


def test_another_setting_is_another_digest(plain):
    assert plain.digest == on_desk().digest
    assert plain.digest != on_desk(portfolio=book(leverage=Decimal(2))).digest
