"""From a verdict to a published signal: what every portfolio makes of it, its orders, and the record of why."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache

from quorate.desk.call import Call
from quorate.desk.marks import tripped_of
from quorate.desk.optimizer import base_factor
from quorate.desk.orders import entry_intent, submit
from quorate.desk.promotions import room_of
from quorate.desk.shadows import R_STEP
from quorate.desk.state import Result
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.ids import signal_id
from quorate.domain.market import MarketKind
from quorate.domain.money import ZERO
from quorate.domain.policy import STRATEGIES, PortfolioPolicy
from quorate.domain.signals import COUNCIL, Signal, Stake
from quorate.domain.votes import Regime, Side, opening_action
from quorate.risk.breaker_board import blocking
from quorate.risk.sizing import Sized, cut_to, size


def publish(turn: Turn, call: Call) -> Signal:
    """Size the call for every portfolio that trades its source, send its orders, and publish the signal."""
    identity = signal_id(source=call.source, pair=call.pair, at_ms=turn.at_ms, side=call.side)
    digest = _take_snapshot(turn, call)
    stakes = tuple(
        _take_stake(turn, policy, call, identity) for policy in turn.policy.portfolios if _trades(policy, call.source)
    )
    last = call.plan.targets[-1].price
    signal = Signal(
        id=identity,
        mode=turn.charter.mode,
        source=call.source,
        tier=call.tier,
        pair=call.pair,
        side=call.side,
        action=opening_action(call.side),
        strategy=call.strategy,
        regime=turn.snapshot.regimes.get(call.pair, Regime.NEUTRAL),
        confidence=call.confidence,
        entry=call.entry,
        entry_kind=call.entry_kind,
        plan=call.plan,
        risk_reward_ratio=(abs(last - call.entry) / abs(call.entry - call.plan.stop)).quantize(R_STEP),
        stakes=stakes,
        facts=call.facts,
        votes=call.votes,
        at_ms=turn.at_ms,
        snapshot=digest,
        model_version=call.model_version,
        estimated=turn.market(call.pair).estimated,
    )
    turn.emit(ev.SignalPublished(signal))
    return signal


def _trades(policy: PortfolioPolicy, source: str) -> bool:
    return source in policy.sources or (source != COUNCIL and STRATEGIES in policy.sources)


def _take_stake(turn: Turn, policy: PortfolioPolicy, call: Call, identity: str) -> Stake:
    """What one portfolio does with the call: a sized order on its way, or the reason it stays out."""
    blocked_by = _blocked(turn, policy, call)
    if blocked_by is not None:
        return Stake(policy.name, ZERO, ZERO, ZERO, (), blocked_by)
    sized = _size(turn, policy, call)
    room = room_of(turn, portfolio=policy.name, source=call.source)
    if room is not None and sized.blocked_by is None:
        sized = cut_to(sized, room, market=turn.market(call.pair), price=call.entry)
    blocked_by = sized.blocked_by
    if blocked_by is None:
        quantity = turn.market(call.pair).quantity(sized.lots)
        intent = entry_intent(turn, call, signal_id=identity, portfolio=policy.name, quantity=quantity)
        refused = submit(turn, intent, rests=True)
        blocked_by = None if refused is None else str(refused)
    taken = blocked_by is None
    return Stake(
        portfolio=policy.name,
        size_usd=sized.notional if taken else ZERO,
        quantity=sized.quantity if taken else ZERO,
        final_risk_pct=sized.final_risk_pct,
        factors=sized.factors,
        blocked_by=blocked_by,
    )


def _blocked(turn: Turn, policy: PortfolioPolicy, call: Call) -> str | None:
    """The first rule of the portfolio itself that keeps it out."""
    if call.tier not in policy.tiers:
        return f"tier: {call.tier}"
    if turn.charter.real_venue is not None and not turn.state.venue:
        # What is bought before the balances were read would be in them already, and be counted twice.
        return "venue: its balances were not read yet"
    if turn.state.position(policy.name, call.pair) is not None:
        return "position_open"
    if any(
        (order.intent.portfolio, order.intent.pair) == (policy.name, call.pair) for order in turn.state.orders.values()
    ):
        return "order_open"
    if policy.market is MarketKind.SPOT and call.side is Side.SHORT:
        return "spot: a short can only reduce or close"
    regime = turn.snapshot.regimes.get(call.pair, Regime.NEUTRAL)
    if call.source == COUNCIL and regime in turn.state.optimization.blocked_regimes:
        return f"optimizer: regime {regime}"
    breaker = blocking(tripped_of(turn, policy), policy.name, call.pair, call.side)
    return None if breaker is None else f"breaker: {breaker}"


def _size(turn: Turn, policy: PortfolioPolicy, call: Call) -> Sized:
    portfolio = turn.state.portfolios[policy.name]
    return size(
        policy,
        turn.policy.sizing,
        equity=portfolio.equity,
        price=call.entry,
        stop=call.plan.stop,
        market=turn.market(call.pair),
        history=_history(turn, call.history_of),
        streak=portfolio.streak,
        market_regime=turn.snapshot.market_regime,
        regime=turn.snapshot.regimes.get(call.pair, Regime.NEUTRAL),
        confidence=call.confidence,
        size=call.size,
        base_factor=base_factor(turn, policy.name),
        version=turn.state.optimization.version,
    )


def _history(turn: Turn, analysts: Sequence[str]) -> list[Decimal]:
    """R of the last closed shadow trades of these analysts, oldest first; of an instant by analyst, then R."""
    count = turn.policy.sizing.kelly_trades
    closed = sorted(
        (result.closed_ms, analyst, result.r)
        for analyst in analysts
        for result in _newest(turn.state.results.get(analyst, ()), count)
    )
    return [r for _, _, r in closed[-count:]]


def _newest(results: Sequence[Result], count: int) -> Sequence[Result]:
    """The last `count` results, which are in the order of their closing, and all that closed with the first of them."""
    start = max(0, len(results) - count)
    while start and results[start - 1].closed_ms == results[start].closed_ms:
        start -= 1
    return results[start:]


def _take_snapshot(turn: Turn, call: Call) -> str:
    """Store the exact inputs of this decision under their hash."""
    optimization = turn.state.optimization
    inputs = {
        "at_ms": turn.at_ms,
        "call": call,
        "mark": turn.state.marks[call.pair],
        "market": turn.market(call.pair),
        "market_regime": turn.snapshot.market_regime,
        "regime": turn.snapshot.regimes.get(call.pair, Regime.NEUTRAL),
        "optimizer": {
            "version": optimization.version,
            "base_factors": dict(optimization.base_factors),
            "blocked_regimes": optimization.blocked_regimes,
        },
        "weights": {analyst: turn.state.weights.get(analyst, Decimal(1)) for analyst in call.history_of},
    }
    body = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=_plain)
    digest = hashlib.sha256(body.encode()).hexdigest()
    turn.emit(ev.SnapshotTaken(digest, turn.at_ms, body))
    return digest


def _plain(value: object) -> object:
    """What JSON does not know: a value's fields by name, anything else as text."""
    names = _names_of(type(value))
    return str(value) if names is None else {name: getattr(value, name) for name in names}


@cache
def _names_of(kind: type) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None for any other kind."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
