"""The breaker board: what the journal says of every breaker, and how far every book is from its limits."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quorate.api.answers.books import marks_of, positions_of
from quorate.api.answers.rows import instant, instant_or_none, milliseconds, moment, plain_or_none
from quorate.api.schemas.risk import Breaker, PairState, PortfolioLimits, PortfolioRisk, Risk, RiskLimits
from quorate.domain.events import BreakerChanged
from quorate.domain.money import ZERO, plain
from quorate.domain.policy import PortfolioPolicy
from quorate.domain.snapshot import Context
from quorate.risk import breaker_board as board
from quorate.risk.book import WHOLE_ACCOUNT
from quorate.risk.breakers import PortfolioMarks, day_start_ms, key_of, week_start_ms
from quorate.store.readers import accounts, equity, risk, trades

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.api.resources import Resources
    from quorate.domain.policy import Limits

DRAWDOWN_MAX_PCT = Decimal("99.999999")


@dataclass(frozen=True, slots=True)
class _Standing:
    """One book as its breakers measure it."""

    row: accounts.PortfolioRow
    policy: PortfolioPolicy
    gross: Decimal
    day_start: Decimal
    week_start: Decimal
    losses_in_a_row: int

    @property
    def now_ms(self) -> int:
        """Feed time of the last mark."""
        return milliseconds(self.row.at)

    @property
    def peak(self) -> Decimal:
        """The equity that the drawdown is measured from."""
        return self.row.equity / (1 - min(self.row.drawdown_pct, DRAWDOWN_MAX_PCT) / 100)


async def risk_of(given: Resources, account: str) -> Risk:
    """The whole board of one account."""
    pool = given.pool
    rows, changed, states = await asyncio.gather(
        accounts.portfolios(pool, account), risk.breakers(pool, account), risk.trading_states(pool, account)
    )
    standings = await _standings(given, account, rows)
    own = next((state for state in states if state.scope == WHOLE_ACCOUNT), None)
    words: dict[str, Any] = {"trading_state": "ACTIVE" if own is None else own.state}
    return Risk(
        trading_reason="" if own is None else own.reason,
        pairs=[
            PairState.model_validate({"pair": state.scope, "state": state.state, "reason": state.reason})
            for state in states
            if state.scope != WHOLE_ACCOUNT and state.state != "ACTIVE"
        ],
        breakers=[breaker for standing in standings for breaker in _breakers(given, standing, changed)],
        limits=_limits(given.policy.limits),
        portfolios=[_portfolio(standing) for standing in standings],
        **words,
    )


async def _standings(given: Resources, account: str, rows: Sequence[accounts.PortfolioRow]) -> list[_Standing]:
    if not rows:
        return []
    now_ms = max(milliseconds(row.at) for row in rows)
    marks, held, results, days, weeks = await asyncio.gather(
        marks_of(given, account),
        positions_of(given, account),
        trades.newest_results(given.pool, account),
        equity.equity_before(given.pool, account, moment(day_start_ms(now_ms))),
        equity.equity_before(given.pool, account, moment(week_start_ms(now_ms))),
    )
    gross: defaultdict[str, Decimal] = defaultdict(Decimal)
    for position in held:
        gross[position.portfolio] += position.notional(marks.get(position.pair, position.entry))
    policies = {policy.name: policy for policy in given.policy.portfolios}
    return [
        _Standing(
            row=row,
            policy=policies.get(row.name, PortfolioPolicy(name=row.name)),
            gross=gross[row.name],
            day_start=days.get(row.name, row.start_equity),
            week_start=weeks.get(row.name, row.start_equity),
            losses_in_a_row=_losses(results, row.name),
        )
        for row in rows
    ]


def _losses(results: Sequence[trades.TradeResult], portfolio: str) -> int:
    """Lost trades in a row, counted back from the newest."""
    count = 0
    for result in results:
        if result.portfolio == portfolio:
            if result.pnl > 0:
                break
            count += 1
    return count


def _breakers(given: Resources, standing: _Standing, changed: Sequence[risk.BreakerRow]) -> list[Breaker]:
    """Every breaker of one book: its state from the journal, its value from how the book stands now."""
    own = {(row.name, row.scope): row for row in changed if row.portfolio == standing.row.name}
    latched = {key_of(row.portfolio, row.name, row.scope): _change(row) for row in own.values()}
    marks = PortfolioMarks(
        equity=standing.row.equity,
        peak=standing.peak,
        day_start_equity=standing.day_start,
        week_start_equity=standing.week_start,
        gross_notional=standing.gross,
        losses_in_a_row=standing.losses_in_a_row,
    )
    # The context of funding and dominance is the worker's alone: what it says of them is in the journal.
    measured = board.evaluate(
        standing.policy, given.policy.breakers, marks, Context(), now_ms=standing.now_ms, latched=latched
    )
    shown = [_measured(state, own.get((state.name, state.scope))) for state in measured]
    told = {(state.name, state.scope) for state in measured}
    return shown + [_tripped(row) for key, row in own.items() if row.tripped and key not in told]


def _change(row: risk.BreakerRow) -> BreakerChanged:
    until_ms = None if row.until is None else milliseconds(row.until)
    return BreakerChanged(
        row.portfolio,
        row.name,
        row.scope,
        row.tripped,
        row.reason,
        row.value,
        row.threshold,
        milliseconds(row.at),
        until_ms,
    )


def _measured(state: board.BreakerState, row: risk.BreakerRow | None) -> Breaker:
    if row is not None and row.tripped:
        return _tripped(row)
    return Breaker(
        portfolio=state.portfolio,
        name=state.name,
        scope=state.scope,
        tripped=False,
        known=state.known,
        reason=state.reason,
        value=state.value,
        limit=state.limit,
        since=None if row is None else instant(row.at),
        until=None,
    )


def _tripped(row: risk.BreakerRow) -> Breaker:
    return Breaker(
        portfolio=row.portfolio,
        name=row.name,
        scope=row.scope,
        tripped=True,
        known=True,
        reason=row.reason,
        value=row.value,
        limit=row.threshold,
        since=instant(row.at),
        until=instant_or_none(row.until),
    )


def _portfolio(standing: _Standing) -> PortfolioRisk:
    row, policy = standing.row, standing.policy
    return PortfolioRisk(
        name=row.name,
        exposure=float(standing.gross / row.equity) if row.equity > 0 else 0.0,
        drawdown_pct=float(row.drawdown_pct),
        daily_pnl_pct=_change_pct(row.equity, standing.day_start),
        weekly_pnl_pct=_change_pct(row.equity, standing.week_start),
        limits=PortfolioLimits(
            portfolio=row.name,
            final_risk_cap=plain(policy.final_risk_cap),
            gross_exposure_cap=plain(policy.gross_exposure_cap),
            leverage=plain(policy.leverage),
            daily_loss_limit=plain(policy.daily_loss_limit),
            weekly_loss_limit=plain(policy.weekly_loss_limit),
            drawdown_limit=plain(policy.drawdown_limit),
        ),
    )


def _change_pct(now: Decimal, before: Decimal) -> float | None:
    return float((now / before - 1) * 100) if before > ZERO else None


def _limits(limits: Limits) -> RiskLimits:
    return RiskLimits(
        order_quantity_max=plain_or_none(limits.order_quantity_max),
        order_notional_max=plain(limits.order_notional_max),
        symbol_notional_max=plain(limits.symbol_notional_max),
        collar_bps=limits.collar_bps,
        open_orders_max=limits.open_orders_max,
        throttle_orders_max=limits.throttle_orders_max,
        throttle_window_ms=limits.throttle_window_ms,
        slippage_bps_max=limits.slippage_bps_max,
    )
