"""The desk's state, and how each event changes it. State is a fold over the account's journal and nothing else.

`evolve` is total: every event kind is either applied or named as one that leaves no trace in the state, so that a new
kind cannot be forgotten silently. It never decides anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.money import ZERO
from quorate.domain.orders import OPEN_STATES, Order, OrderState, advance
from quorate.domain.portfolio import Position
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import MarketRegime, Regime, Vote

OPTIMIZER = "optimizer"
"""The job whose run ends the pause after losses in a row."""
DAY_MS = 86_400_000
_MONDAY_OFFSET_MS = 4 * DAY_MS
"""The epoch began on a Thursday: weeks are counted from the Monday after it."""
RESULTS_KEPT = 200
"""Closed shadow trades kept for each analyst, the most the sizing chain looks back on."""
RECENT_ORDERS_MS = 86_400_000
"""How long sent orders are remembered for throttles and duplicate checks."""
TRAIL_MARKS = 8
"""Earlier marks kept for each pair, for the collar over a period."""


def day_of(at_ms: int) -> int:
    """Number of the UTC day."""
    return at_ms // DAY_MS


def week_of(at_ms: int) -> int:
    """Number of the week, Monday 00:00 UTC to Monday 00:00 UTC."""
    return (at_ms - _MONDAY_OFFSET_MS) // (7 * DAY_MS)


@dataclass(slots=True)
class PortfolioState:
    """What one portfolio is worth, and what its breakers measure against."""

    cash: Decimal
    equity: Decimal
    unrealized: Decimal
    peak: Decimal
    day_start: Decimal
    week_start: Decimal
    streak: int = 0
    """Trades won (positive) or lost (negative) in a row."""
    losses_for_pause: int = 0
    """Losses in a row since the optimizer last ran."""
    marked_ms: int = -1
    """Hour of the last published equity point, and what it said."""
    marked_equity: Decimal = ZERO


@dataclass(slots=True)
class Activity:
    """What a strategy has done on one pair lately: its pacing looks at this."""

    signals_ms: list[int] = field(default_factory=list[int])
    losses: int = 0
    paused_until_ms: int = 0
    closed_ms: int = 0


@dataclass(slots=True)
class Result:
    """One closed shadow trade, as the sizing chain reads it."""

    closed_ms: int
    r: Decimal


@dataclass(slots=True)
class SentOrder:
    """An order that was sent lately, kept for throttles."""

    at_ms: int
    pair: str
    entry: bool


@dataclass(slots=True)
class DeskState:
    """Everything the desk knows. Dictionaries are keyed by text, so that a checkpoint is plain JSON."""

    account: str
    at_ms: int | None = None
    """Instant of the last closed step: where a restarted feed goes on."""
    valued_ms: int = 0
    markets: dict[str, Market] = field(default_factory=dict[str, Market])
    marks: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    marks_ms: dict[str, int] = field(default_factory=dict[str, int])
    trails: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict[str, list[tuple[int, Decimal]]])
    """pair -> (instant, mark) of the marks before the present one, oldest first."""
    portfolios: dict[str, PortfolioState] = field(default_factory=dict[str, PortfolioState])
    positions: dict[str, dict[str, Position]] = field(default_factory=dict[str, dict[str, Position]])
    """pair -> portfolio -> position."""
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    """client id -> order, open ones only."""
    sent: list[SentOrder] = field(default_factory=list[SentOrder])
    sent_ids: dict[str, int] = field(default_factory=dict[str, int])
    """Ids of intents and orders sent lately -> when."""
    shadows: dict[str, dict[str, ev.ShadowTrade]] = field(default_factory=dict[str, dict[str, ev.ShadowTrade]])
    """pair -> "analyst|side" -> open shadow trade."""
    results: dict[str, list[Result]] = field(default_factory=dict[str, list[Result]])
    cooldowns: dict[str, int] = field(default_factory=dict[str, int])
    """pair -> feed time until which the council publishes nothing on it."""
    activity: dict[str, Activity] = field(default_factory=dict[str, Activity])
    """"strategy|pair" -> its recent activity."""
    breakers: dict[str, ev.BreakerChanged] = field(default_factory=dict[str, ev.BreakerChanged])
    """"portfolio|name|scope" -> latest change; a cleared breaker is kept, so that it can say when."""
    trading: dict[str, str] = field(default_factory=dict[str, str])
    """scope ("" for the account, or a pair) -> ACTIVE, REDUCING or HALTED."""
    enabled_ms: dict[str, int] = field(default_factory=dict[str, int])
    """pair -> when it was last opened to entries again."""
    regimes: dict[str, Regime] = field(default_factory=dict[str, Regime])
    market_regime: MarketRegime = MarketRegime.NEUTRAL
    slots: dict[str, int] = field(default_factory=dict[str, int])
    """job -> instant of the newest slot that was run."""
    stances: str = ""
    """Fingerprint of the last ballot that was written down."""
    weights: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """analyst -> weight in the council; 1 where absent."""
    steps: int = 0
    candles: int = 0

    def position(self, portfolio: str, pair: str) -> Position | None:
        """The portfolio's open position on the pair, if any."""
        return self.positions.get(pair, {}).get(portfolio)

    def positions_of(self, portfolio: str) -> list[Position]:
        """Every open position of a portfolio, by pair."""
        return [held[portfolio] for _, held in sorted(self.positions.items()) if portfolio in held]


def equity_of(state: DeskState, portfolio: str) -> tuple[Decimal, Decimal]:
    """(equity, unrealized) of a portfolio at the latest marks."""
    unrealized = ZERO
    for pair, held in state.positions.items():
        position = held.get(portfolio)
        if position is not None:
            unrealized += position.unrealized(state.marks.get(pair, position.entry))
    return state.portfolios[portfolio].cash + unrealized, unrealized


def _revalue(state: DeskState, marks: tuple[tuple[str, Decimal], ...], at_ms: int) -> None:
    new_day = day_of(at_ms) != day_of(state.valued_ms)
    new_week = week_of(at_ms) != week_of(state.valued_ms)
    for pair, price in marks:
        if pair in state.marks:
            trail = state.trails.setdefault(pair, [])
            trail.append((state.marks_ms[pair], state.marks[pair]))
            del trail[:-TRAIL_MARKS]
        state.marks[pair] = price
        state.marks_ms[pair] = at_ms
    for name, portfolio in state.portfolios.items():
        if new_day:
            portfolio.day_start = portfolio.equity
        if new_week:
            portfolio.week_start = portfolio.equity
        portfolio.equity, portfolio.unrealized = equity_of(state, name)
        portfolio.peak = max(portfolio.peak, portfolio.equity)
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


def _order_intended(state: DeskState, event: ev.OrderIntended) -> None:
    state.orders[event.intent.client_id] = Order(event.intent, OrderState.INTENDED)


def _move(state: DeskState, client_id: str, to: OrderState, filled: Decimal | None = None) -> Order:
    order = state.orders[client_id]
    order = replace(order, state=advance(order.state, to), filled=order.filled if filled is None else filled)
    if to in OPEN_STATES:
        state.orders[client_id] = order
    else:
        del state.orders[client_id]
    return order


def _order_denied(state: DeskState, event: ev.OrderDenied) -> None:
    _move(state, event.client_id, OrderState.DENIED)


def _order_submitted(state: DeskState, event: ev.OrderSubmitted) -> None:
    intent = _move(state, event.client_id, OrderState.SUBMITTED).intent
    state.sent.append(SentOrder(event.at_ms, intent.pair, entry=not intent.reduces))
    state.sent_ids[intent.id] = event.at_ms
    state.sent_ids[intent.client_id] = event.at_ms


def _order_accepted(state: DeskState, event: ev.OrderAccepted) -> None:
    _move(state, event.client_id, OrderState.ACCEPTED)


def _order_cancelled(state: DeskState, event: ev.OrderCancelled) -> None:
    _move(state, event.client_id, OrderState.CANCELLED)


def _order_rejected(state: DeskState, event: ev.OrderRejected) -> None:
    _move(state, event.client_id, OrderState.REJECTED)


def _order_filled(state: DeskState, event: ev.OrderFilled) -> None:
    order = state.orders[event.fill.client_id]
    to = OrderState.FILLED if event.complete else OrderState.PARTIALLY_FILLED
    _move(state, event.fill.client_id, to, order.filled + event.fill.quantity)
    state.portfolios[event.portfolio].cash = event.cash


def _position_changed(state: DeskState, event: ev.PositionChanged) -> None:
    position = event.position
    state.positions.setdefault(position.pair, {})[position.portfolio] = position


def _trade_closed(state: DeskState, event: ev.TradeClosed) -> None:
    trade = event.trade
    held = state.positions[trade.pair]
    del held[trade.portfolio]
    if not held:
        del state.positions[trade.pair]
    portfolio = state.portfolios[trade.portfolio]
    won = trade.pnl > 0
    portfolio.streak = max(portfolio.streak, 0) + 1 if won else min(portfolio.streak, 0) - 1
    portfolio.losses_for_pause = 0 if won else portfolio.losses_for_pause + 1
    if trade.source != COUNCIL:
        recent = _activity(state, trade.source, trade.pair)
        recent.losses = 0 if won else recent.losses + 1
        recent.closed_ms = trade.closed_ms


def _shadow_changed(state: DeskState, event: ev.ShadowChanged) -> None:
    shadow = event.shadow
    state.shadows.setdefault(shadow.pair, {})[f"{shadow.analyst}|{shadow.side}"] = shadow


def _shadow_closed(state: DeskState, event: ev.ShadowClosed) -> None:
    held = state.shadows[event.pair]
    del held[f"{event.analyst}|{event.side}"]
    if not held:
        del state.shadows[event.pair]
    if event.r is not None:
        results = state.results.setdefault(event.analyst, [])
        results.append(Result(event.closed_ms, event.r))
        del results[:-RESULTS_KEPT]


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


def _trading_state_changed(state: DeskState, event: ev.TradingStateChanged) -> None:
    state.trading[event.scope] = event.state
    if event.state == "ACTIVE":
        state.enabled_ms[event.scope] = event.at_ms


def _job_completed(state: DeskState, event: ev.JobCompleted) -> None:
    if event.slot.isdigit():
        state.slots[event.job] = int(event.slot)
    if event.job == OPTIMIZER:
        for portfolio in state.portfolios.values():
            portfolio.losses_for_pause = 0


def _no_trace(state: DeskState, event: ev.Event) -> None:
    """Kinds that are told to readers and change nothing the desk decides on."""


_EVOLVE: dict[type, Callable[..., None]] = {
    ev.AccountOpened: _account_opened,
    ev.WriterChanged: _no_trace,
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
    ev.SignalPublished: _signal_published,
    ev.CooldownSet: _cooldown_set,
    ev.StrategyPaused: _pause_set,
    ev.OrderIntended: _order_intended,
    ev.OrderDenied: _order_denied,
    ev.OrderSubmitted: _order_submitted,
    ev.OrderAccepted: _order_accepted,
    ev.OrderFilled: _order_filled,
    ev.OrderCancelled: _order_cancelled,
    ev.OrderRejected: _order_rejected,
    ev.PositionChanged: _position_changed,
    ev.TradeClosed: _trade_closed,
    ev.ShadowChanged: _shadow_changed,
    ev.ShadowClosed: _shadow_closed,
    ev.BreakerChanged: _breaker_changed,
    ev.KillSwitchRearmed: _kill_switch_rearmed,
    ev.TradingStateChanged: _trading_state_changed,
    ev.JobCompleted: _job_completed,
    ev.JobFailed: _no_trace,
}
assert set(_EVOLVE) == set(ev.EVENT_KINDS.values()), "every kind of event must say what it does to the state"


def evolve(state: DeskState, event: ev.Event) -> None:
    """Apply one event to the state."""
    _EVOLVE[type(event)](state, event)
