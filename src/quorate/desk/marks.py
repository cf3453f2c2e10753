"""The close of a step: marks, equity, regimes and breakers, before anything new is decided."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from quorate.desk import schedule
from quorate.desk.state import DeskState, PortfolioState, day_of
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.money import ZERO
from quorate.domain.policy import PortfolioPolicy
from quorate.domain.portfolio import EquityPoint
from quorate.risk.breaker_board import BreakerState, changes, evaluate
from quorate.risk.breakers import (
    DRAWDOWN,
    PortfolioMarks,
    Room,
    key_of,
    rearm_due,
    rearmed,
    room_of,
    stirs,
    tripped_now,
)

HOUR_MS = 3_600_000
SHARE_STEP = Decimal("0.00000001")
Close = tuple[int, tuple[tuple[str, Decimal], ...]]
"""An instant, and the marks of the candles that close at it, by pair."""


def close_step(turn: Turn) -> None:
    """Mark everything to the closes of this step and let breakers and regimes follow."""
    step = turn.snapshot.step
    for candle, reason in step.quarantined:
        turn.emit(ev.CandleQuarantined(candle, reason))
    closes = tuple((candle.pair, turn.market(candle.pair).price(candle.close)) for candle in step.candles)
    close(turn, closes, fresh=step.fresh)
    _follow_regimes(turn)


def close(turn: Turn, closes: tuple[tuple[str, Decimal], ...], *, fresh: bool) -> None:
    """Mark everything to these closes and let breakers follow."""
    turn.emit(ev.StepClosed(turn.at_ms, closes, fresh))
    _rearm_by_rule(turn)
    value(turn, turn.at_ms)


def pass_closes(turn: Turn, closes: Sequence[Close]) -> None:
    """The same at closes that touch nothing, straight after another one, all of them fresh.

    Of portfolios that hold nothing, what they are worth and what their breakers measure is what it was a close ago,
    unless a day has begun, or something is tripped that time may end.
    """
    state, rooms, day = turn.state, dict[str, Room](), -1
    names = {name for held in state.positions.values() for name in held}
    tripped = _any_tripped(state)
    for at_ms, closed in closes:
        turn.at_ms = at_ms
        before, now = day_of(state.valued_ms), day_of(at_ms)
        if tripped or now != before:
            close(turn, closed, fresh=True)
            tripped = _any_tripped(state)
            continue
        turn.emit(ev.StepClosed(at_ms, closed, True))
        tell_worth(turn, at_ms)
        if day != now:
            day, rooms = now, {name: room_of(turn.charter.policies[name], _measured(turn, name)) for name in names}
        for name, room in rooms.items():
            worth = state.portfolios[name]
            gross = gross_notional(turn, name)
            if not room.holds(equity=worth.equity, peak=worth.peak, gross_notional=gross):
                follow_breakers(turn)
                tripped = _any_tripped(state)
                break


def _any_tripped(state: DeskState) -> bool:
    return any(change.tripped for change in state.breakers.values())


def value(turn: Turn, at_ms: int) -> None:
    """Publish every portfolio's equity where it moved, and let its breakers follow."""
    tell_worth(turn, at_ms)
    follow_breakers(turn)


def tell_worth(turn: Turn, at_ms: int) -> None:
    """Publish every portfolio's equity where it moved, and once an hour."""
    hour = at_ms // HOUR_MS
    for policy in turn.policy.portfolios:
        portfolio = turn.state.portfolios[policy.name]
        if portfolio.equity != portfolio.marked_equity or hour != portfolio.marked_ms // HOUR_MS:
            turn.emit(ev.EquityMarked(equity_point(policy.name, portfolio, at_ms)))


def follow_breakers(turn: Turn) -> None:
    """Write down every breaker that tripped or cleared at the latest marks."""
    turn.breakers.clear()
    state, now_ms = turn.state, turn.state.valued_ms
    for policy in turn.policy.portfolios:
        measured = _measured(turn, policy.name)
        given = (policy, turn.policy.breakers, measured, turn.snapshot.context)
        if stirs(*given, now_ms=now_ms, latched=state.breakers):
            for change in changes(breakers_of(turn, policy), state.breakers, now_ms=now_ms):
                turn.emit(change)
            turn.breakers.pop(policy.name, None)


def equity_point(name: str, portfolio: PortfolioState, at_ms: int) -> EquityPoint:
    """The portfolio's worth as it stands in the state."""
    below = (portfolio.peak - portfolio.equity) / portfolio.peak if portfolio.peak > 0 else ZERO
    return EquityPoint(
        portfolio=name,
        at_ms=at_ms,
        equity=portfolio.equity,
        cash=portfolio.cash,
        unrealized=portfolio.unrealized,
        drawdown=below.quantize(SHARE_STEP),
    )


def gross_notional(turn: Turn, portfolio: str) -> Decimal:
    """Value of everything the portfolio holds, long and short added up, at the latest marks."""
    state = turn.state
    if not state.positions:
        return ZERO
    if len(state.positions) == 1:
        ((pair, held),) = state.positions.items()
        return held[portfolio].notional(state.marks[pair]) if portfolio in held else ZERO
    return sum((each.notional(state.marks[each.pair]) for each in state.positions_of(portfolio)), ZERO)


def breakers_of(turn: Turn, policy: PortfolioPolicy) -> tuple[BreakerState, ...]:
    """Every breaker of a portfolio as it stands at the latest marks; evaluated once a turn and valuation."""
    known = turn.breakers.get(policy.name)
    if known is None:
        now_ms = turn.state.valued_ms
        next_ms = schedule.next_slot(turn.charter.optimizer_cron, now_ms)
        known = turn.breakers[policy.name] = evaluate(
            policy,
            turn.policy.breakers,
            replace(_measured(turn, policy.name), optimizer_next_ms=next_ms),
            turn.snapshot.context,
            now_ms=now_ms,
            latched=turn.state.breakers,
        )
    return known


def tripped_of(turn: Turn, policy: PortfolioPolicy) -> tuple[BreakerState, ...]:
    """What `breakers_of` says where any breaker is tripped, nothing where none is: most of the time nobody reads it."""
    if policy.name not in turn.breakers and not tripped_now(
        policy,
        turn.policy.breakers,
        _measured(turn, policy.name),
        turn.snapshot.context,
        now_ms=turn.state.valued_ms,
        latched=turn.state.breakers,
    ):
        return ()
    return breakers_of(turn, policy)


def _measured(turn: Turn, name: str) -> PortfolioMarks:
    """What breakers measure; when the optimizer runs next is only told, and looked up by whoever tells it."""
    portfolio = turn.state.portfolios[name]
    return PortfolioMarks(
        equity=portfolio.equity,
        peak=portfolio.peak,
        day_start_equity=portfolio.day_start,
        week_start_equity=portfolio.week_start,
        gross_notional=gross_notional(turn, name),
        losses_in_a_row=portfolio.losses_for_pause,
        optimizer_ran_ms=turn.state.optimized_ms,
    )


def _rearm_by_rule(turn: Turn) -> None:
    """In a replay nobody is there to re-arm: the owner may let the calendar do it, on the record."""
    if not turn.state.breakers:
        return
    for policy in turn.policy.portfolios:
        switch = turn.state.breakers.get(key_of(policy.name, DRAWDOWN, ""))
        if rearm_due(switch, turn.policy.breakers, now_ms=turn.at_ms):
            rearm(turn, policy.name, by="rule: weekly")


def rearm(turn: Turn, portfolio: str, *, by: str) -> None:
    """Re-arm a latched kill switch: the peak starts anew at the equity of now."""
    switch = turn.state.breakers[key_of(portfolio, DRAWDOWN, "")]
    turn.emit(ev.KillSwitchRearmed(portfolio, by, turn.at_ms))
    turn.emit(rearmed(switch, by=by, now_ms=turn.at_ms))
    turn.breakers.pop(portfolio, None)


def _follow_regimes(turn: Turn) -> None:
    snapshot = turn.snapshot
    for pair, regime in sorted(snapshot.regimes.items()):
        if turn.state.regimes.get(pair) != regime:
            turn.emit(ev.RegimeChanged(pair, regime, turn.at_ms))
    if snapshot.market_regime != turn.state.market_regime:
        turn.emit(ev.MarketRegimeChanged(snapshot.market_regime, snapshot.market_why, turn.at_ms))
