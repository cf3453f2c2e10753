"""Health of every part, and the facts the page starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from msgspec import structs

from quorate.api.answers.quotes import feed_state_of
from quorate.api.answers.rows import instant_or_none
from quorate.api.schemas.common import Timeframe
from quorate.api.schemas.status import ContextSource, Desk, Health, ModelBudget, ModelProvider, Part
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.money import ZERO, plain
from quorate.store.readers import accounts, feeds

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.store.readers.roles import BudgetState

TIMEFRAMES: tuple[Timeframe, ...] = get_args(Timeframe)


async def health_of(given: Resources, named: str | None) -> Health:
    """Every part in one place. Works while the database does not: then the account is the one asked for."""
    report = await given.health.report(named if named is not None else given.account)
    words: dict[str, Any] = {"status": report.status, "mode": report.mode}
    return Health(
        live=True,
        ready=report.ready,
        feed=feed_state_of(report.feed),
        account=report.account,
        version=given.version,
        parts=[
            Part.model_validate(
                {
                    "name": part.name,
                    "state": part.state,
                    "detail": part.detail,
                    "age_ms": part.age_ms,
                    "since": instant_or_none(part.since),
                }
            )
            for part in report.parts
        ],
        context=[ContextSource.model_validate(structs.asdict(source)) for source in report.context],
        providers=[ModelProvider.model_validate(structs.asdict(provider)) for provider in report.providers],
        budget=None if report.budget is None else _budget(report.budget),
        **words,
    )


def _budget(said: BudgetState) -> ModelBudget:
    return ModelBudget(
        spent_usd=plain(said.spent_usd),
        left_usd=plain(max(said.limit_usd - said.spent_usd, ZERO)),
        limit_usd=plain(said.limit_usd),
        spent_tokens=said.spent_tokens,
        left_tokens=max(said.limit_tokens - said.spent_tokens, 0),
        limit_tokens=said.limit_tokens,
    )


async def desk_of(given: Resources, account: str) -> Desk:
    """What this desk is: its account, its feed, and everything a page can choose from."""
    report = await given.health.report(account)
    books = await accounts.portfolios(given.pool, account)
    words: dict[str, Any] = {"mode": report.mode}
    source = await feeds.of_account(given.pool, account)
    base = cast("Timeframe | None", None if source is None else source.timeframe)
    return Desk(
        feed=feed_state_of(report.feed),
        account=account,
        version=given.version,
        portfolios=[book.name for book in books] or [policy.name for policy in given.policy.portfolios],
        pairs=sorted(await accounts.markets(given.pool, account)),
        timeframe=base,
        timeframes=[name for name in TIMEFRAMES if base is None or TIMEFRAME_MS[name] >= TIMEFRAME_MS[base]],
        strategies=list(given.policy.strategies),
        panel=list(given.policy.council.panel),
        **words,
    )
