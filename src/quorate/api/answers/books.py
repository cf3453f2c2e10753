"""Every book with its positions, marked at the newest price of the feed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from quorate.api.answers.rows import instant, moment, order_of, plain_or_none
from quorate.api.problems import NOT_FOUND, ProblemRaised
from quorate.api.schemas.trading import Order, PlannedTarget, Portfolio, Portfolios
from quorate.api.schemas.trading import Position as PositionShape
from quorate.domain.money import ZERO, plain, to_money
from quorate.domain.policy import PortfolioPolicy
from quorate.domain.portfolio import Position
from quorate.risk.book import WHOLE_ACCOUNT
from quorate.store.readers import accounts, feeds, market, orders, risk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.api.resources import Resources

_decode = msgspec.json.Decoder(Position).decode


async def books_of(given: Resources, account: str) -> Portfolios:
    """The account's books, by name. Cash is the ledger's; equity is cash plus what is open at the marks."""
    pool = given.pool
    rows = await accounts.portfolios(pool, account)
    held: defaultdict[str, list[Position]] = defaultdict(list)
    for position in await positions_of(given, account):
        held[position.portfolio].append(position)
    waiting: defaultdict[str, list[Order]] = defaultdict(list)
    for order in await orders.open_orders(pool, account):
        waiting[order.portfolio].append(order_of(order))
    marks = await marks_of(given, account)
    blocking = blocked_books(await risk.breakers(pool, account), await risk.trading_states(pool, account))
    policies = {policy.name: policy for policy in given.policy.portfolios}
    return Portfolios(
        account=account,
        portfolios=[
            _book(
                row,
                positions=held[row.name],
                waiting=waiting[row.name],
                marks=marks,
                policy=policies.get(row.name, PortfolioPolicy(name=row.name, sources=(), tiers=())),
                blocked=blocking is None or row.name in blocking,
            )
            for row in rows
        ],
    )


async def check_portfolio(given: Resources, account: str, name: str) -> None:
    """Refuse a portfolio that the account does not have, naming those it has."""
    rows = await accounts.portfolios(given.pool, account)
    known = [row.name for row in rows] or [policy.name for policy in given.policy.portfolios]
    if name not in known:
        detail = f"There is no portfolio {name} in account {account}; there is {', '.join(known)}."
        raise ProblemRaised(NOT_FOUND, detail)


async def positions_of(given: Resources, account: str) -> list[Position]:
    """Every open position of the account, by book and pair."""
    return [_decode(row.body) for row in await accounts.positions(given.pool, account)]


async def marks_of(given: Resources, account: str) -> dict[str, Decimal]:
    """pair -> last price of the account's feed."""
    feed = await feeds.of_account(given.pool, account)
    if feed is None:
        return {}
    return {quote.pair: quote.last for quote in await market.quotes(given.pool, feed.key, None)}


def blocked_books(breakers: Sequence[risk.BreakerRow], states: Sequence[risk.TradingRow]) -> frozenset[str] | None:
    """Books in which a breaker without a scope blocks every opening; None when the whole account is stopped."""
    if any(row.scope == WHOLE_ACCOUNT and row.state != "ACTIVE" for row in states):
        return None
    return frozenset(row.portfolio for row in breakers if row.tripped and row.scope == "")


def _book(
    row: accounts.PortfolioRow,
    *,
    positions: Sequence[Position],
    waiting: list[Order],
    marks: Mapping[str, Decimal],
    policy: PortfolioPolicy,
    blocked: bool,
) -> Portfolio:
    unrealized, gross = ZERO, ZERO
    for position in positions:
        mark = marks.get(position.pair, position.entry)
        unrealized += position.unrealized(mark)
        gross += position.notional(mark)
    equity = row.cash + unrealized
    words: dict[str, Any] = {"tiers": [tier.value for tier in policy.tiers], "market": policy.market.value}
    return Portfolio(
        name=row.name,
        sources=list(policy.sources),
        start_equity=plain(row.start_equity),
        equity=plain(to_money(equity)),
        cash=plain(row.cash),
        unrealized=plain(to_money(unrealized)),
        gross_exposure=float(gross / equity) if equity > 0 else 0.0,
        positions=[_position(position, marks.get(position.pair)) for position in positions],
        open_orders=waiting,
        blocked=blocked,
        as_of=instant(row.at),
        **words,
    )


def _position(position: Position, mark: Decimal | None) -> PositionShape:
    open_profit = None if mark is None else position.unrealized(mark)
    at_risk = position.risk * position.opened_quantity
    words: dict[str, Any] = {"side": position.side.value}
    return PositionShape(
        pair=position.pair,
        quantity=plain(position.quantity),
        entry=plain(position.entry),
        mark=None if mark is None else plain(mark),
        stop=plain(position.stop),
        initial_stop=plain(position.initial_stop),
        targets=[
            PlannedTarget(price=plain(t.price), fraction=plain(t.fraction), hit=place < position.targets_hit)
            for place, t in enumerate(position.plan.targets)
        ],
        leverage=plain(position.leverage),
        liquidation=plain_or_none(position.liquidation),
        funding=plain(position.funding),
        realized=plain(position.realized),
        unrealized=None if open_profit is None else plain(to_money(open_profit)),
        r_now=None if open_profit is None or not at_risk else float((position.realized + open_profit) / at_risk),
        opened_at=instant(moment(position.opened_ms)),
        signal_id=position.signal_id,
        source=position.source,
        **words,
    )
