"""How each event changes the desk's state: the fold over the account's journal.

`evolve` is total: every event kind is either applied or named as one that leaves no trace in the state, so that a new
kind cannot be forgotten silently. It never decides anything.
"""

from collections.abc import Callable
from decimal import Decimal

from quorate.desk import evolve_orders as orders
from quorate.desk.state import (
    DAY_MS,
    LESSONS_KEPT,
    OPTIMIZATIONS_KEPT,
    OPTIMIZER,
    RECENT_ORDERS_MS,
    TRAIL_MARKS,
    Activity,
    DeskState,
    PortfolioState,
    Result,
    day_of,
    remember,
    unrealized_of,
    week_of,
)
from quorate.domain import events as ev
from quorate.domain.money import ZERO
from quorate.domain.shadows import ShadowClosed
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import Vote


def _revalue(state: DeskState, marks: tuple[tuple[str, Decimal], ...], at_ms: int) -> None:
    new_day = day_of(at_ms) != day_of(state.valued_ms)
    new_week = new_day and week_of(at_ms) != week_of(state.valued_ms)
    known, known_ms, trails = state.marks, state.marks_ms, state.trails
    for pair, price in marks:
        if pair in known:
            trail = trails.setdefault(pair, [])
            trail.append((known_ms[pair], known[pair]))
            if len(trail) > TRAIL_MARKS:
                del trail[:-TRAIL_MARKS]
        known[pair] = price
        known_ms[pair] = at_ms
    gains = unrealized_of(state)
    for name, portfolio in state.portfolios.items():
        if new_day:
            portfolio.day_start = portfolio.equity
        if new_week:
            portfolio.week_start = portfolio.equity
        portfolio.unrealized = gains.get(name, ZERO)
        portfolio.equity = equity = portfolio.cash + portfolio.unrealized
        portfolio.peak = max(portfolio.peak, equity)
    state.valued_ms = at_ms


def _account_opened(state: DeskState, event: ev.AccountOpened) -> None:
    for name, start in event.portfolios:
        state.portfolios.setdefault(
            name,
            PortfolioState(cash=start, equity=start, unrealized=ZERO, peak=start, day_start=start, week_start=start),
        )


def _market_listed(state: DeskState, event: ev.MarketListed) -> None:
    state.markets[event.market.pair] = event.market


def _step_closed(state: DeskState, event: ev.StepClosed) -> None:
    _revalue(state, event.marks, event.at_ms)
    state.at_ms = event.at_ms
    if event.fresh:
        state.fresh_ms = event.at_ms
    state.steps += 1
    state.candles += len(event.marks)
    horizon = event.at_ms - RECENT_ORDERS_MS
    if state.sent and state.sent[0].at_ms < horizon:
        state.sent = [order for order in state.sent if order.at_ms >= horizon]
        state.sent_ids = {sent_id: at_ms for sent_id, at_ms in state.sent_ids.items() if at_ms >= horizon}


def _quotes_marked(state: DeskState, event: ev.QuotesMarked) -> None:
    _revalue(state, event.marks, event.at_ms)


def _equity_marked(state: DeskState, event: ev.EquityMarked) -> None:
    portfolio = state.portfolios[event.point.portfolio]
    portfolio.marked_ms = event.point.at_ms
    portfolio.marked_equity = event.point.equity


def _regime_changed(state: DeskState, event: ev.RegimeChanged) -> None:
    state.regimes[event.pair] = event.regime


def _market_regime_changed(state: DeskState, event: ev.MarketRegimeChanged) -> None:
    state.market_regime = event.regime


def fingerprint(votes: tuple[Vote, ...]) -> str:
    """Who stands where, without prices: two ballots with the same fingerprint hold the same stances."""
    return ";".join(f"{vote.pair}|{vote.analyst}|{vote.side}|{int(vote.abstained)}" for vote in votes)


def _votes_cast(state: DeskState, event: ev.VotesCast) -> None:
    state.stances = fingerprint(event.votes)


def _signal_published(state: DeskState, event: ev.SignalPublished) -> None:
    signal = event.signal
    if signal.source != COUNCIL:
        _activity(state, signal.source, signal.pair).signals_ms.append(signal.at_ms)
        recent = _activity(state, signal.source, signal.pair)
        recent.signals_ms = [at for at in recent.signals_ms if at > signal.at_ms - DAY_MS]


def _activity(state: DeskState, strategy: str, pair: str) -> Activity:
    return state.activity.setdefault(f"{strategy}|{pair}", Activity())


def _position_changed(state: DeskState, event: ev.PositionChanged) -> None:
    position = event.position
    state.positions.setdefault(position.pair, {})[position.portfolio] = position


def _trade_closed(state: DeskState, event: ev.TradeClosed) -> None:
    trade = event.trade
    held = state.positions[trade.pair]
    regime = held.pop(trade.portfolio).regime
    state.unprotected.pop(f"{trade.portfolio}|{trade.pair}", None)
    if not held:
        del state.positions[trade.pair]
    portfolio = state.portfolios[trade.portfolio]
    won = trade.pnl > 0
    portfolio.streak = max(portfolio.streak, 0) + 1 if won else min(portfolio.streak, 0) - 1
    portfolio.losses_for_pause = 0 if won else portfolio.losses_for_pause + 1
    remember(portfolio.trades, Result(trade.closed_ms, trade.r, regime=regime))
    if trade.source in state.live_results:
        remember(state.live_results[trade.source], Result(trade.closed_ms, trade.r, regime=regime))
    if trade.source != COUNCIL:
        recent = _activity(state, trade.source, trade.pair)
        recent.losses = 0 if won else recent.losses + 1
        recent.closed_ms = trade.closed_ms


def _shadow_changed(state: DeskState, event: ev.ShadowChanged) -> None:
    shadow = event.shadow
    state.shadows.setdefault(shadow.pair, {})[shadow.key] = shadow


def _shadow_closed(state: DeskState, event: ShadowClosed) -> None:
    held = state.shadows[event.pair]
    del held[event.key]
    if not held:
        del state.shadows[event.pair]
    counts = event.r is not None and not event.contaminated and not event.opposite_of
    if counts and event.record == state.records.get(event.analyst, event.record):
        assert event.r is not None, "what counts has a result"
        result = Result(event.closed_ms, event.r, event.confidence, event.regime)
        remember(state.results.setdefault(event.analyst, []), result)


def _record_begun(state: DeskState, event: ev.RecordBegun) -> None:
    """What an analyst did under another key says nothing about what it will do."""
    if event.analyst in state.records:
        state.results.pop(event.analyst, None)
        state.weights.pop(event.analyst, None)
    state.records[event.analyst] = event.key


def _lesson_learned(state: DeskState, event: ev.LessonLearned) -> None:
    """The council's few trades and the strategies' many are kept apart: the many do not wash the few away."""
    newest = event.lesson
    lessons = [lesson for lesson in state.lessons if lesson.trade != newest.trade]
    alike = [lesson for lesson in lessons if (lesson.source == COUNCIL) == (newest.source == COUNCIL)]
    if len(alike) >= LESSONS_KEPT:
        lessons.remove(alike[0])
    state.lessons = [*lessons, newest]


def _optimization_changed(state: DeskState, event: ev.OptimizationChanged) -> None:
    state.optimization = event.config
    state.optimizations.append(event.config)
    del state.optimizations[:-OPTIMIZATIONS_KEPT]
    state.weights = dict(event.config.weights)


def _funding_paid(state: DeskState, event: ev.FundingPaid) -> None:
    """Cash only: the position follows in an event of its own."""
    state.portfolios[event.portfolio].cash = event.cash


def _cooldown_set(state: DeskState, event: ev.CooldownSet) -> None:
    state.cooldowns[event.pair] = event.until_ms


def _pause_set(state: DeskState, event: ev.StrategyPaused) -> None:
    recent = _activity(state, event.strategy, event.pair)
    recent.paused_until_ms = event.until_ms
    recent.losses = 0


def _breaker_changed(state: DeskState, event: ev.BreakerChanged) -> None:
    state.breakers[f"{event.portfolio}|{event.name}|{event.scope}"] = event


def _kill_switch_rearmed(state: DeskState, event: ev.KillSwitchRearmed) -> None:
    portfolio = state.portfolios[event.portfolio]
    portfolio.peak = portfolio.equity


def _promotion_changed(state: DeskState, event: ev.PromotionChanged) -> None:
    step = event.promotion
    state.promotions[step.source] = step
    if step.rung.live:
        state.live_results[step.source] = []
    else:
        state.live_results.pop(step.source, None)


def _trading_state_changed(state: DeskState, event: ev.TradingStateChanged) -> None:
    state.trading[event.scope] = event.state
    if event.state == "ACTIVE":
        state.enabled_ms[event.scope] = event.at_ms


def _book_status_changed(state: DeskState, event: ev.BookStatusChanged) -> None:
    if event.live:
        state.books_blocked.pop(event.pair, None)
    else:
        state.books_blocked[event.pair] = event.reason


def _job_completed(state: DeskState, event: ev.JobCompleted) -> None:
    if event.slot.isdigit():
        state.slots[event.job] = int(event.slot)
    if event.job == OPTIMIZER:
        state.optimized_ms = event.at_ms
        for portfolio in state.portfolios.values():
            portfolio.losses_for_pause = 0


def _no_trace(state: DeskState, event: ev.Event) -> None:
    """Kinds that are told to readers and change nothing the desk decides on."""


_EVOLVE: dict[type, Callable[..., None]] = {
    ev.AccountOpened: _account_opened,
    ev.WriterChanged: _no_trace,
    ev.JournalRestored: _no_trace,
    ev.MarketListed: _market_listed,
    ev.CandleQuarantined: _no_trace,
    ev.StepClosed: _step_closed,
    ev.QuotesMarked: _quotes_marked,
    ev.SnapshotTaken: _no_trace,
    ev.EquityMarked: _equity_marked,
    ev.RegimeChanged: _regime_changed,
    ev.MarketRegimeChanged: _market_regime_changed,
    ev.VotesCast: _votes_cast,
    ev.CouncilAsked: _no_trace,
    ev.PositionsEvaluated: _no_trace,
    ev.LessonLearned: _lesson_learned,
    ev.OptimizationChanged: _optimization_changed,
    ev.FundingPaid: _funding_paid,
    ev.SignalPublished: _signal_published,
    ev.CooldownSet: _cooldown_set,
    ev.StrategyPaused: _pause_set,
    ev.OrderIntended: orders.intended,
    ev.OrderDenied: orders.denied,
    ev.OrderSubmitted: orders.submitted,
    ev.OrderAccepted: orders.accepted,
    ev.OrderFilled: orders.filled,
    ev.OrderCancelled: orders.cancelled,
    ev.OrderRejected: orders.rejected,
    ev.OrderUnknown: orders.unknown,
    ev.OrderVoided: orders.voided,
    ev.CancelRequested: orders.cancel_requested,
    ev.DustLeft: orders.dust_left,
    ev.ProtectionChanged: orders.protection_changed,
    ev.BookStatusChanged: _book_status_changed,
    ev.DepthMeasured: _no_trace,
    ev.VenueAccountOpened: orders.venue_account_opened,
    ev.VenuePaid: orders.venue_paid,
    ev.BalancesRounded: orders.balances_rounded,
    ev.ExternalOrderChanged: orders.external_order_changed,
    ev.ExternalFilled: orders.external_filled,
    ev.BreakFound: orders.break_found,
    ev.PositionChanged: _position_changed,
    ev.TradeClosed: _trade_closed,
    ev.ShadowChanged: _shadow_changed,
    ShadowClosed: _shadow_closed,
    ev.RecordBegun: _record_begun,
    ev.BreakerChanged: _breaker_changed,
    ev.KillSwitchRearmed: _kill_switch_rearmed,
    ev.PromotionChanged: _promotion_changed,
    ev.TradingStateChanged: _trading_state_changed,
    ev.JobCompleted: _job_completed,
    ev.JobFailed: _no_trace,
}
assert set(_EVOLVE) == set(ev.EVENT_KINDS.values()), "every kind of event must say what it does to the state"


def evolve(state: DeskState, event: ev.Event) -> None:
    """Apply one event to the state."""
    _EVOLVE[type(event)](state, event)
