"""A backtest as the API tells it: its result in one document, its curves thinned, its trades a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from quorate.api.answers.rows import instant, moment
from quorate.api.schemas.backtests import (
    BacktestHeadline,
    BacktestResult,
    BacktestTrade,
    ResultBaseline,
    ResultBreakdown,
    ResultCurve,
    ResultFigure,
    ResultMoney,
    ResultMonth,
    ResultOrders,
    ResultPart,
)
from quorate.domain.money import plain
from quorate.research.findings import Baseline, Figure, Findings, Study
from quorate.research.reports.breakdowns import TOTAL, Breakdown, Money, Month
from quorate.research.reports.document import document_of
from quorate.research.reports.thinning import outline
from quorate.research.result import ClosedTrade, Curve

CURVE_COLUMNS = 1_000
"""Spans of time that a curve keeps its first, lowest, highest and last point of."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
EQUITY_DIGITS = 8


def result_of(study: Study) -> BacktestResult:
    """The whole result."""
    backtest, findings = study.backtest, study.findings
    document = document_of(study)
    verdict, look = findings.verdict, findings.look_ahead
    orders = findings.monte_carlo
    return BacktestResult(
        title=backtest.title,
        tone=None if verdict is None else verdict.tone,
        verdict=None if verdict is None else verdict.headline,
        reasons=[] if verdict is None else list(verdict.sentences),
        look_ahead="not_checked" if look is None else look.verdict,
        look_ahead_sentence="" if look is None else look.sentence,
        figures=[_figure(each, findings) for each in findings.figures],
        baselines=[_baseline(each) for each in findings.baselines],
        months=[_month(each) for each in document.months],
        breakdowns=[_breakdown(each) for each in document.breakdowns],
        money=_money(document.money),
        other_orders=None
        if orders is None
        else ResultOrders(
            method=orders.method,
            sentence=orders.sentence,
            max_drawdown={name: value for name, value in orders.max_drawdown.items() if isfinite(value)},
        ),
        curves=_curve_names(study),
        parameters={name: dict(values) for name, values in document.parameters.items()},
        costs=dict(backtest.costs),
        conventions=dict(backtest.conventions),
        estimated=list(backtest.estimated),
        silent=dict(backtest.silent),
        warnings=list(backtest.warnings),
        source=backtest.source,
        start=instant(moment(backtest.start_ms)),
        end=instant(moment(backtest.end_ms)),
        bars=backtest.bars,
        start_equity=plain(backtest.start_equity),
        trades=len(backtest.trades),
        open_trades=backtest.open_trades,
        variants_tried=backtest.variants_tried,
        elapsed_s=backtest.elapsed_s,
        digest=backtest.digest,
    )


def headline_of(study: Study) -> BacktestHeadline:
    """The result in one line."""
    findings, verdict = study.findings, study.findings.verdict
    return BacktestHeadline(
        tone=None if verdict is None else verdict.tone,
        verdict=None if verdict is None else verdict.headline,
        net_return=_named(findings, "total_return"),
        max_drawdown=_named(findings, "max_drawdown"),
        sharpe=_named(findings, "sharpe"),
        expectancy_r=_named(findings, "expectancy_r"),
        trades=len(study.backtest.trades),
    )


def curves_json(study: Study) -> str:
    """Every curve by name as [instants, equity]: the total, its parts, and baselines that have a path."""
    found = {name: _thinned(curve) for name, curve in study.backtest.curves.items() if len(curve.at_ms)}
    for each in study.findings.baselines:
        if each.at_ms:
            path = Curve(np.array(each.at_ms, np.int64), np.array(each.equity, np.float64))
            found[each.name] = _thinned(path)
    return json.dumps(found, separators=(",", ":"), allow_nan=False)


def trade_lines(trades: Sequence[ClosedTrade]) -> Iterable[str]:
    """Each trade as a line of JSON, newest first."""
    return (_trade(trade).model_dump_json() + "\n" for trade in reversed(trades))


def _trade(trade: ClosedTrade) -> BacktestTrade:
    return BacktestTrade(
        portfolio=trade.portfolio,
        strategy=trade.strategy,
        pair=trade.pair,
        side=trade.side,
        opened_at=instant(moment(trade.opened_ms)),
        closed_at=instant(moment(trade.closed_ms)),
        entry=plain(trade.entry),
        exit=plain(trade.exit),
        quantity=plain(trade.quantity),
        pnl=plain(trade.pnl),
        fees=plain(trade.fees),
        funding=plain(trade.funding),
        spread_and_slippage=plain(trade.spread_and_slippage),
        r=plain(trade.r),
        reason=trade.reason,
        bars=trade.bars,
        regime=trade.regime,
    )


def _thinned(curve: Curve) -> list[list[Any]]:
    sound = np.isfinite(curve.equity)
    at_ms, equity = curve.at_ms[sound], curve.equity[sound]
    places = outline(at_ms, equity, columns=CURVE_COLUMNS)
    return [at_ms[places].tolist(), np.round(equity[places], EQUITY_DIGITS).tolist()]


def _curve_names(study: Study) -> list[ResultCurve]:
    total = [ResultCurve(name=TOTAL, label="Total", kind="total")] if TOTAL in study.backtest.curves else []
    parts = [ResultCurve(name=name, label=name, kind="part") for name in study.backtest.curves if name != TOTAL]
    held = [
        ResultCurve(name=each.name, label=each.label, kind="baseline")
        for each in study.findings.baselines
        if each.at_ms
    ]
    # One part alone is the total.
    return [*total, *(parts if len(parts) > 1 or not total else []), *held]


def _figure(figure: Figure, findings: Findings) -> ResultFigure:
    bounds = findings.interval(figure.name)
    value = None if figure.value is None else float(figure.value)
    return ResultFigure(
        name=figure.name,
        label=figure.label,
        group=figure.group,
        unit=figure.unit,
        value=_told(value),
        unbounded=value == float("inf"),
        low=None if bounds is None else _told(bounds.low),
        high=None if bounds is None else _told(bounds.high),
        level=None if bounds is None or _told(bounds.low) is None or _told(bounds.high) is None else bounds.level,
        method="" if bounds is None else bounds.method,
        definition=figure.definition,
        basis=figure.basis,
    )


def _baseline(baseline: Baseline) -> ResultBaseline:
    told = np.array(baseline.told, np.float64)
    quantiles: list[float] = np.quantile(told, QUANTILES).tolist() if len(told) > 1 else told.tolist()
    return ResultBaseline(
        name=baseline.name,
        label=baseline.label,
        measure=baseline.measure,
        unit=baseline.unit,
        value=_told(baseline.value),
        draws=len(told),
        quantiles=quantiles,
        percentile=_told(baseline.percentile),
        sentence=baseline.sentence,
        definition=baseline.definition,
    )


def _month(month: Month) -> ResultMonth:
    return ResultMonth(year=month.year, month=month.month, change=_told(month.change), whole=month.whole)


def _breakdown(breakdown: Breakdown) -> ResultBreakdown:
    parts = [
        ResultPart(
            name=part.name,
            trades=part.trades,
            win_rate=part.win_rate,
            pnl=plain(part.pnl),
            costs=plain(part.costs),
            mean_r=part.mean_r,
            profit_factor=part.profit_factor,
        )
        for part in breakdown.parts
    ]
    return ResultBreakdown(by=breakdown.by, parts=parts)


def _money(money: Money) -> ResultMoney:
    fields: Mapping[str, Decimal] = {
        "gross": money.gross,
        "fees": money.fees,
        "spread_and_slippage": money.spread_and_slippage,
        "funding": money.funding,
        "net": money.net,
    }
    left = None if money.still_open is None or not money.still_open.is_finite() else plain(money.still_open)
    return ResultMoney(**{name: plain(value) for name, value in fields.items()}, still_open=left)


def _named(findings: Findings, name: str) -> float | None:
    figure = findings.figure(name)
    return None if figure is None or figure.value is None else _told(float(figure.value))


def _told(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else value
