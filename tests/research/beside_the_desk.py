"""The real desk on recorded or made-up candles, and its story in the units of the compiled runner.

Every strategy trades a portfolio of its own, without council, jobs and limits that stand in its way; what blocks an
order all the same shows in the lots that the compiled runner is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from quorate.analysts.base import Strategy
from quorate.desk.desk import Desk
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.market import Market, MarketKind
from quorate.domain.money import MONEY_STEP
from quorate.domain.orders import Intent, Purpose
from quorate.domain.policy import BreakerPolicy, Costs, DeskPolicy, Limits, PerpPolicy, PortfolioPolicy
from quorate.domain.signals import Mode, Tier
from quorate.domain.snapshot import Context, Settlement, Snapshot
from quorate.kernel.bars import IntArray
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from quorate.research.orders import orders_of
from quorate.venues.paper import PaperVenue

HUGE = Decimal(10) ** 15
BUSY = 10**9
WIDE = Limits(
    order_notional_max=HUGE,
    symbol_notional_max=HUGE,
    collar_bps=BUSY,
    period_collar_bps=BUSY,
    bad_tick_bps=BUSY,
    open_orders_max=BUSY,
    throttle_orders_max=BUSY,
    repeats_max=BUSY,
    slippage_bps_max=BUSY,
)
OPEN_BREAKERS = BreakerPolicy(losses_in_a_row_max=BUSY)
UNTOUCHED = "untouched by the next bar"
LOST = {tables.UNFILLED: "unfilled", tables.PASSED: "passed"}
UNHEARD_LOTS = 1
"""What the compiled runner is given where the desk said nothing: if it trades there, it is found out."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the desks of a comparison are told."""

    costs: Costs = field(default_factory=Costs)
    perps: PerpPolicy = field(default_factory=PerpPolicy)
    kind: MarketKind = MarketKind.PERP
    leverage: Decimal = Decimal(1)
    equity: Decimal = Decimal(10_000)
    risk: Decimal = Decimal("0.006")
    cap: Decimal = Decimal("0.10")

    def portfolio(self, strategy: str) -> PortfolioPolicy:
        return PortfolioPolicy(
            name=strategy,
            sources=(strategy,),
            tiers=(Tier.SINGLE,),
            market=self.kind,
            start_equity=self.equity,
            risk_per_trade=self.risk,
            position_cap=self.cap,
            gross_exposure_cap=Decimal(BUSY),
            coin_exposure_cap=Decimal(BUSY),
            leverage=self.leverage,
            daily_loss_limit=Decimal(1),
            weekly_loss_limit=Decimal(1),
            drawdown_limit=Decimal(1),
        )


@dataclass(frozen=True)
class Fill:
    """An execution in whole numbers: price in ticks, quantity in lots, money in steps."""

    at_ms: int
    why: str
    ticks: int
    lots: int
    fee: int


@dataclass(frozen=True)
class Ended:
    """A trade that is over."""

    at_ms: int
    reason: str
    fees: int
    funding: int
    pnl: int
    r_ppm: int


@dataclass
class Story:
    """What one strategy did on one pair: decisions with their lots, executions, funding, trades, lost orders."""

    decided: dict[int, int] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    lost: dict[int, str] = field(default_factory=dict)
    equity: dict[int, Decimal] = field(default_factory=dict)
    """What the portfolio was worth at every close, over all its pairs; kept under an empty pair."""


def charter_of(account: Account, strategies: Sequence[Strategy], timeframe: str) -> Charter:
    policy = DeskPolicy(
        portfolios=tuple(account.portfolio(strategy.name) for strategy in strategies),
        costs=account.costs,
        perps=account.perps,
        limits=WIDE,
        breakers=OPEN_BREAKERS,
    )
    return Charter(
        account="test",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe=timeframe,
        paced=False,
        policy=policy,
        pacing={strategy.name: strategy.pacing for strategy in strategies},
        venue=PaperVenue(policy.costs),
        scanner_cron="0 0 1 1 *",
        monitor_cron="0 0 1 1 *",
        evaluator_cron="0 0 1 1 *",
        optimizer_cron="0 0 1 1 *",
        jobs_enabled=False,
    )


def told_by_desk(
    charter: Charter, markets: Sequence[Market], snapshots: Iterable[Snapshot], settlements: Sequence[Settlement] = ()
) -> dict[tuple[str, str], Story]:
    """Run the desk over the snapshots; its story by (strategy, pair)."""
    desk = Desk(charter)
    desk.open(markets, "digest")
    known = {market.pair: market for market in markets}
    stories: dict[tuple[str, str], Story] = defaultdict(Story)
    intents: dict[str, Intent] = {}
    due = sorted(settlements, key=lambda settlement: (settlement.at_ms, settlement.pair))
    for snapshot in snapshots:
        reached = [settlement for settlement in due if settlement.at_ms <= snapshot.at_ms]
        due = due[len(reached) :]
        for event in desk.step(replace(snapshot, context=Context(settlements=tuple(reached))), None):
            _listen(event, stories, intents, known)
        for name, portfolio in desk.state.portfolios.items():
            stories[name, ""].equity[snapshot.at_ms] = portfolio.equity
    return stories


def _listen(
    event: ev.Event,
    stories: dict[tuple[str, str], Story],
    intents: dict[str, Intent],
    markets: Mapping[str, Market],
) -> None:
    match event:
        case ev.SignalPublished(signal):
            market, stake = markets[signal.pair], signal.stakes[0]
            stories[signal.source, signal.pair].decided[signal.at_ms] = market.lots_floor(stake.quantity)
        case ev.OrderIntended(intent):
            intents[intent.client_id] = intent
        case ev.OrderFilled(fill, portfolio):
            market, intent = markets[fill.pair], intents.pop(fill.client_id)
            ticks, lots = market.ticks_nearest(fill.price), market.lots_floor(fill.quantity)
            assert market.price(ticks) == fill.price
            assert market.quantity(lots) == fill.quantity
            told = Fill(fill.at_ms, str(intent.purpose), ticks, lots, steps(fill.fee))
            stories[portfolio, fill.pair].fills.append(told)
        case ev.OrderCancelled(client_id, reason) if intents[client_id].purpose is Purpose.ENTRY:
            intent = intents.pop(client_id)
            stories[intent.portfolio, intent.pair].lost[intent.at_ms] = reason
        case ev.TradeClosed(trade):
            stories[trade.portfolio, trade.pair].ended.append(
                Ended(
                    trade.closed_ms,
                    trade.reason,
                    steps(trade.fees),
                    steps(trade.funding),
                    steps(trade.pnl),
                    int(trade.r * 1_000_000),
                )
            )
        case _:
            pass


def steps(money: Decimal) -> int:
    whole = money / MONEY_STEP
    assert whole == int(whole), "the ledger holds whole steps"
    return int(whole)


def told_by_runner(
    strategy: Strategy,
    columns: Columns,
    market: Market,
    account: Account,
    decided: Mapping[int, int],
    *,
    settlements: Sequence[Settlement] = (),
    steps_ms: IntArray | None = None,
) -> tuple[Story, CompiledResult]:
    """The compiled runner's story of the same strategy and pair, with the lots that the desk took."""
    book = orders_of(strategy, columns, market, steps_ms=steps_ms)
    lots = [decided.get(int(at_ms), UNHEARD_LOTS) for at_ms in book.orders["at_ms"]]
    perp = account.kind is MarketKind.PERP
    costs = RunCosts(
        rates=account.costs, leverage=account.leverage, perps=account.perps, settlements=tuple(settlements)
    )
    costs = costs if perp else costs.without("funding", "liquidation")
    sizing = Sizing(by="lots", lots=lots)
    result = run(strategy, columns, market, Conventions(), costs, sizing, book=book)
    return story_of(result), result


def story_of(result: CompiledResult) -> Story:
    """A compiled run in the form of the desk's story."""
    story, at_ms = Story(), result.at_ms
    for place, (order, outcome) in enumerate(zip(result.book.orders, result.outcomes.tolist(), strict=True)):
        if outcome in {tables.SILENT, tables.UNREADABLE}:
            continue
        blocked = outcome == tables.BLOCKED
        story.decided[int(order.at_ms)] = 0 if blocked else int(result.sizing.lots[place])
        if outcome in {tables.UNFILLED, tables.PASSED}:
            story.lost[int(order.at_ms)] = LOST[outcome]
    for part in result.parts:
        if part.reason != tables.FUNDING:
            why = tables.REASONS[part.reason]
            told = Fill(int(at_ms(part.row)), why, int(part.ticks), int(part.lots), int(part.fee))
            story.fills.append(told)
    for trade in result.trades:
        numbers = (int(number) for number in (trade.fees, trade.funding, trade.pnl, trade.r_ppm))
        story.ended.append(Ended(int(at_ms(trade.exit_row)), tables.REASONS[trade.reason], *numbers))
    return story


def differences(desk: Story, runner: Story) -> list[str]:
    """Where two stories part, in words; empty where they are one."""
    found: list[str] = []
    if desk.decided != runner.decided:
        changed = sorted(set(desk.decided.items()) ^ set(runner.decided.items()))
        found.append(f"decided otherwise: {changed[:4]}")
    lost = {at_ms: "unfilled" if reason == UNTOUCHED else "passed" for at_ms, reason in desk.lost.items()}
    if lost != runner.lost:
        found.append(f"lost otherwise: {sorted(set(lost.items()) ^ set(runner.lost.items()))[:4]}")
    for name in ("fills", "ended"):
        ours, theirs = getattr(desk, name), getattr(runner, name)
        if len(ours) != len(theirs):
            found.append(f"{name}: {len(ours)} on the desk, {len(theirs)} in the runner")
        found += [f"{name}: {one} and {other}" for one, other in zip(ours, theirs, strict=False) if one != other][:2]
    return found


def worth(results: Sequence[CompiledResult], steps_ms: IntArray, account: Account) -> dict[int, Decimal]:
    """What runs on several pairs are worth together at every step, each at its own newest close."""
    total = np.full(len(steps_ms), int(account.equity / MONEY_STEP))
    for result in results:
        row = np.searchsorted(result.columns.close_ms, steps_ms, side="right") - 1
        start = int(result.start_equity / MONEY_STEP)
        total += np.where(row < 0, 0, result.equity()[row] - start)
    return {int(at_ms): int(equity) * MONEY_STEP for at_ms, equity in zip(steps_ms, total, strict=True)}


def candles_by_step(candles: Iterable[Candle]) -> list[tuple[int, tuple[Candle, ...]]]:
    """Candles gathered by the instant they close, each step sorted by pair."""
    found: dict[int, list[Candle]] = defaultdict(list)
    for candle in candles:
        found[candle.close_ms].append(candle)
    return [(at_ms, tuple(sorted(found[at_ms], key=lambda candle: candle.pair))) for at_ms in sorted(found)]
