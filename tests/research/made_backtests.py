"""Backtests that nobody ran, with everything in them that a report can show; the same ones every time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import accumulate

import numpy as np

from quorate.kernel.bars import Bars
from quorate.research.findings import Baseline, Bounds, Figure, Findings, LookAhead, MonteCarlo, Study, Verdict
from quorate.research.result import Backtest, ClosedTrade, Curve

START_MS = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""
FIVE_MS = 300_000
DAY_MS = 86_400_000
CENT = Decimal("0.01")
PAIRS = ("BTC/USDT", "ETH/USDT")
REASONS = ("stop", "target", "trailing_stop", "expiry")


def made_bars(pair: str, days: int, *, seed: int = 1) -> Bars:
    """5m candles that walk at random."""
    dice = np.random.default_rng(seed)
    count = days * 288
    close = 100.0 * np.exp(np.cumsum(dice.normal(0, 0.0015, count)))
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opened, close) * (1 + dice.random(count) * 0.001)
    low = np.minimum(opened, close) * (1 - dice.random(count) * 0.001)
    open_ms = START_MS + np.arange(count, dtype=np.int64) * FIVE_MS
    return Bars(pair, "5m", open_ms, opened, high, low, close, dice.random(count) * 100)


def made_trades(count: int, days: int, *, seed: int = 2) -> tuple[ClosedTrade, ...]:
    """Trades by closing time, whose money adds up."""
    dice = np.random.default_rng(seed)
    found = list[ClosedTrade]()
    for _ in range(count):
        opened = START_MS + int(dice.integers(1, days * 288 - 60)) * FIVE_MS
        bars = int(dice.integers(1, 50))
        r = Decimal(str(round(float(dice.choice([-1.05, 0.4, 1.8], p=[0.55, 0.3, 0.15]) + dice.normal(0, 0.1)), 6)))
        side = "LONG" if dice.random() < 0.5 else "SHORT"
        entry = Decimal(100)
        found.append(
            ClosedTrade(
                portfolio="breakout",
                strategy="breakout",
                pair=PAIRS[int(dice.integers(0, 2))],
                side=side,
                opened_ms=opened,
                closed_ms=opened + bars * FIVE_MS,
                entry=entry,
                exit=entry + (r if side == "LONG" else -r),
                quantity=Decimal("0.5"),
                pnl=r / 2,
                fees=Decimal("0.05"),
                funding=Decimal("-0.01"),
                spread_and_slippage=Decimal("0.02"),
                r=r,
                reason=REASONS[int(dice.integers(0, 4))],
                bars=bars,
                regime="TRENDING_UP" if dice.random() < 0.6 else "RANGING",
                mae_r=Decimal("-0.5"),
                mfe_r=Decimal("0.7"),
            )
        )
    return tuple(sorted(found, key=lambda trade: (trade.closed_ms, trade.pair, trade.opened_ms)))


def made_backtest(*, trades: int = 120, days: int = 75, title: str = "breakout on BTC/USDT, ETH/USDT") -> Backtest:
    """A backtest whose equity ends where its trades lead."""
    made = made_trades(trades, days)
    at_ms = START_MS + np.arange(days * 288 + 1, dtype=np.int64) * FIVE_MS
    steps = np.zeros(len(at_ms))
    np.add.at(steps, np.searchsorted(at_ms, [trade.closed_ms for trade in made]), [float(each.pnl) for each in made])
    equity = 20_000.0 + np.cumsum(steps)
    return Backtest(
        title=title,
        engine="compiled",
        strategies=("breakout",),
        parameters={"breakout": {"timeframe": "1h", "lookback": 20, "stop_atr": Decimal("1.5"), "bands": (1, 2)}},
        pairs=PAIRS,
        timeframe="5m",
        source="made up",
        start_ms=START_MS,
        end_ms=START_MS + days * DAY_MS,
        bars=days * 288 * 2,
        start_equity=Decimal(20_000),
        trades=made,
        open_trades=1,
        curves={
            "breakout BTC/USDT": Curve(at_ms, np.full(len(at_ms), 10_000.0)),
            "breakout ETH/USDT": Curve(at_ms, equity - 10_000.0),
            "total": Curve(at_ms, equity),
        },
        costs={"fees": "taker 5 bps", "funding": "off: trading is taken to be free of it"},
        conventions={"entry": "next open", "tie": "the stop comes first"},
        estimated=("spread", "min_notional"),
        silent={"unfilled": 12, "the strategy was in a trade": 40},
        warnings=("breakout warms up inside the range.",),
        variants_tried=7,
        elapsed_s=0.25,
        digest="ab" * 32,
    )


def made_findings(backtest: Backtest) -> Findings:
    """Findings of every kind; figures and draws are made up and simple."""
    r = [float(trade.r) for trade in backtest.trades]
    total = backtest.curves["total"]
    change = float(total.equity[-1] / total.equity[0] - 1.0)
    net = list(accumulate((float(trade.pnl) for trade in backtest.trades), initial=float(backtest.start_equity)))
    bands = {str(name): tuple(value + name - 50 for value in net) for name in (5, 25, 50, 75, 95)}
    return Findings(
        figures=(
            _figure("net_return", "Net return", change, "share", "Return"),
            _figure("net_profit", "Net profit", Decimal("-12.345"), "money", "Return"),
            _figure("max_drawdown", "Deepest drawdown", 0.0421, "share", "Risk"),
            _figure("sharpe", "Sharpe ratio", -0.5, "ratio", "Risk"),
            _figure("deflated_sharpe", "Deflated Sharpe ratio", float("nan"), "ratio", "Risk"),
            _figure("profit_factor", "Profit factor", float("inf"), "ratio", "Trades"),
            _figure("expectancy", "Expectancy", float(np.mean(r)) if r else None, "r", "Trades"),
            _figure("trades", "Trades", len(r), "count", "Activity"),
            _figure("held", "Time held", 1.25, "days", "Activity"),
        ),
        intervals=(
            Bounds(name="expectancy", low=-0.2, high=0.05, method="Days are drawn."),
            Bounds(name="net_return", low=-0.2, high=-0.01, method="Days are drawn."),
            Bounds(name="deflated_sharpe", low=float("nan"), high=None),
        ),
        baselines=(
            Baseline(
                name="random_entry",
                label="Random entry",
                measure="expectancy",
                unit="r",
                value=-0.03,
                distribution=(*np.linspace(-0.2, 0.2, 200).tolist(), float("nan")),
                percentile=42.5,
                sentence="It does not beat luck: 57 % of random entries did better.",
                definition="Entries at random instants with the same exits.",
            ),
            Baseline(
                name="buy_and_hold",
                label="Buy and hold",
                measure="net return",
                unit="share",
                value=change,
                distribution=(0.1,),
                at_ms=(backtest.start_ms, backtest.end_ms),
                equity=(20_000.0, 22_000.0),
            ),
        ),
        look_ahead=LookAhead(verdict="clean", sentence="No look-ahead at 40 sampled bars.", checks=40),
        monte_carlo=MonteCarlo(
            method="Trades are drawn anew with replacement.",
            runs=500,
            start_equity=float(backtest.start_equity),
            bands=bands,
            max_drawdown={"50": 0.03, "95": 0.08},
            sentence="One draw in twenty fell by more than 8 %.",
        ),
        verdict=Verdict(headline="Does not beat luck.", tone="against", sentences=("Its interval holds zero.",)),
    )


def made_study(*, trades: int = 120, days: int = 75, title: str = "breakout on BTC/USDT, ETH/USDT") -> Study:
    """A made-up backtest with made-up findings."""
    backtest = made_backtest(trades=trades, days=days, title=title)
    return Study(backtest=backtest, findings=made_findings(backtest))


def without_trades(study: Study) -> Study:
    """The same with nothing traded and no curves."""
    return Study(backtest=replace(study.backtest, trades=(), curves={}, open_trades=0), findings=Findings())


def _figure(name: str, label: str, value: Decimal | float | None, unit: str, group: str) -> Figure:
    return Figure(
        name=name,
        label=label,
        value=value,
        unit=unit,  # type: ignore[arg-type]
        definition=f"How {label} is computed.",
        basis="made-up trades",
        group=group,  # type: ignore[arg-type]
    )
