"""What a run has come to, told from the journal: a run that was interrupted tells the same as one that was not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from quorate.journal.final_state import count, state_hash
from quorate.reporting import PortfolioResult, RunSummary

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.wiring.desks import OpenDesk
    from quorate.wiring.feeds import FoundFeed

PERCENT_STEP = Decimal("0.0001")


async def summarize(pool: Pool, opened: OpenDesk, found: FoundFeed, *, candles: int, elapsed_s: float) -> RunSummary:
    """Counts and results of the account, and the hash of its final state. The two figures are this process's."""
    state = opened.desk.state
    counts = await count(pool, state.account)
    starts = {policy.name: policy.start_equity for policy in opened.desk.charter.policy.portfolios}
    portfolios = tuple(
        PortfolioResult(
            name=name,
            equity=portfolio.equity,
            cash=portfolio.cash,
            return_pct=((portfolio.equity / starts[name] - 1) * 100).quantize(PERCENT_STEP),
            trades=counts.trades.get(name, 0),
        )
        for name, portfolio in state.portfolios.items()
        if name in starts
    )
    return RunSummary(
        account=state.account,
        feed=found.source.label,
        candles=state.candles,
        steps=state.steps,
        signals=counts.signals,
        gold=counts.gold,
        silver=counts.silver,
        single=counts.single,
        trades=sum(counts.trades.values()),
        quarantined=counts.quarantined,
        portfolios=portfolios,
        state_hash=await state_hash(pool, state),
        journal=str(opened.journal.durable),
        elapsed_s=round(elapsed_s, 3),
        candles_per_s=round(candles / elapsed_s, 1) if elapsed_s > 0 else 0.0,
    )
