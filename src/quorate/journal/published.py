"""How entries look to the outside: which stream an entry goes to, and its JSON there.

The relay writes these bytes into Redis, the journal's own bus hands out the same ones, and the projections keep them
whole, so that a signal is the same JSON on REST, SSE and Redis. The shapes are RULES section 13.
"""

from decimal import Decimal
from typing import Any

import msgspec

from quorate.domain import events as e
from quorate.domain.market import symbol_of
from quorate.domain.money import plain
from quorate.domain.optimization import Optimization
from quorate.domain.portfolio import EquityPoint, Trade
from quorate.domain.signals import Mode, Signal, Stake
from quorate.domain.votes import ExitPlan, Vote
from quorate.journal.entry import Entry, instant

SIGNALS = {Mode.PAPER: "signals:paper", Mode.LIVE: "signals:live"}
EQUITY = "pnl:equity"
CLOSED_TRADES = "pnl:signals"
EVENTS = "events:bus"
STREAMS = (*SIGNALS.values(), EQUITY, CLOSED_TRADES, EVENTS)

KINDS_OF_STREAM: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(SIGNALS.values(), (e.SignalPublished.__name__,)),
    EQUITY: (e.EquityMarked.__name__,),
    CLOSED_TRADES: (e.TradeClosed.__name__,),
    EVENTS: tuple(sorted(e.EVENT_KINDS)),
}
"""Kinds of entries that a stream may carry. Every kind of today is public; a private one is left out of EVENTS."""
BODY_KINDS = (e.SignalPublished.__name__, e.EquityMarked.__name__, e.TradeClosed.__name__)
"""Kinds whose body is needed to publish them; of the others only the envelope is told."""
REFERENCE_PORTFOLIO = "conservative"
"""The portfolio whose size a signal shows as `position_size_usd`."""

_encode = msgspec.json.Encoder().encode


def timestamp(at_ms: int) -> str:
    """Feed time as ISO 8601 in UTC; milliseconds only where there are some."""
    at = instant(at_ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at_ms % 1000:03d}Z" if at_ms % 1000 else "Z")


def published(entry: Entry) -> list[tuple[str, bytes]]:
    """The streams `entry` goes to, with its JSON in each; its envelope in `events:bus` comes last."""
    messages: list[tuple[str, bytes]] = []
    if entry.kind in BODY_KINDS:
        event = entry.event()
        if isinstance(event, e.SignalPublished):
            messages.append((SIGNALS[event.signal.mode], signal_json(event.signal)))
        elif isinstance(event, e.EquityMarked):
            messages.append((EQUITY, equity_json(event.point, entry.id)))
        elif isinstance(event, e.TradeClosed):
            messages.append((CLOSED_TRADES, trade_json(event.trade)))
    if entry.kind in KINDS_OF_STREAM[EVENTS]:
        messages.append((EVENTS, envelope_json(entry)))
    return messages


def in_stream(entry: Entry, stream: str) -> bytes | None:
    """The JSON of `entry` in `stream`; None when it does not belong there."""
    if stream == EVENTS:
        return envelope_json(entry) if entry.kind in KINDS_OF_STREAM[EVENTS] else None
    return dict(published(entry)).get(stream)


def envelope_json(entry: Entry) -> bytes:
    """That something happened: enough to decide whether to look it up."""
    return _encode(
        {
            "id": entry.id,
            "kind": entry.kind,
            "account": entry.account,
            "timestamp": timestamp(entry.at_ms),
            "subject": entry.subject,
        }
    )


def equity_json(point: EquityPoint, id_: str) -> bytes:
    """One point of a portfolio's equity curve."""
    return _encode(
        {
            "id": id_,
            "timestamp": timestamp(point.at_ms),
            "portfolio": point.portfolio,
            "equity": plain(point.equity),
            "cash": plain(point.cash),
            "unrealized": plain(point.unrealized),
            "drawdown_pct": percent(point.drawdown),
        }
    )


def percent(share: Decimal) -> float:
    """A share (0 to 1) in percent, to six places."""
    return round(float(share * 100), 6)


def trade_json(trade: Trade) -> bytes:
    """A closed trade."""
    return _encode(
        {
            "id": trade.id,
            "portfolio": trade.portfolio,
            "signal_id": trade.signal_id,
            "source": trade.source,
            "pair": trade.pair,
            "side": trade.side,
            "quantity": plain(trade.quantity),
            "entry": plain(trade.entry),
            "exit": plain(trade.exit),
            "opened_at": timestamp(trade.opened_ms),
            "closed_at": timestamp(trade.closed_ms),
            "fees": plain(trade.fees),
            "funding": plain(trade.funding),
            "leverage": plain(trade.leverage),
            "pnl": plain(trade.pnl),
            "r": plain(trade.r),
            "reason": trade.reason,
        }
    )


def signal_json(signal: Signal) -> bytes:
    """A signal, complete. Prices are numbers in the fields that older clients read, exact text everywhere else."""
    reference = next((s.size_usd for s in signal.stakes if s.portfolio == REFERENCE_PORTFOLIO), Decimal(0))
    targets = [{"price": plain(t.price), "fraction": plain(t.fraction)} for t in signal.plan.targets]
    return _encode(
        {
            "id": signal.id,
            "mode": signal.mode,
            "source": signal.source,
            "tier": signal.tier,
            "symbol": symbol_of(signal.pair),
            "pair": signal.pair,
            "action": signal.action,
            "side": signal.side,
            "strategy": signal.strategy,
            "regime": signal.regime,
            "confidence": float(signal.confidence),
            "entry_price": float(signal.entry),
            "entry_kind": signal.entry_kind,
            "stop_loss": float(signal.plan.stop),
            "take_profit": float(signal.plan.targets[-1].price),
            "targets": targets,
            "plan": _plan(signal.plan, targets),
            "risk_reward_ratio": float(signal.risk_reward_ratio),
            "position_size_usd": float(reference),
            "portfolios": [_stake(stake) for stake in signal.stakes],
            "indicators": {
                "rsi_14": signal.facts.rsi_14,
                "macd_signal": signal.facts.macd_signal,
                "atr_14": signal.facts.atr_14,
                "volume_ratio": signal.facts.volume_ratio,
            },
            "votes": [_vote(vote) for vote in signal.votes],
            "timestamp": timestamp(signal.at_ms),
            "metadata": {
                "model_version": signal.model_version,
                "latency_ms": None,
                "snapshot": signal.snapshot,
                "estimated": signal.estimated,
            },
        }
    )


def optimization_fields(body: str) -> dict[str, Any]:
    """A version of the optimizer's configuration, from its JSON in the tables."""
    config = msgspec.json.decode(body, type=Optimization)
    bases = dict(config.bases)
    return {
        "version": config.version,
        "by": config.by,
        "reverts_to": config.reverts_to,
        "weights": {analyst: plain(weight) for analyst, weight in config.weights},
        "base_risk": {
            name: {"factor": plain(config.base_factor(name)), "base": _optional(bases.get(name))}
            for name in sorted({*bases, *dict(config.base_factors)})
        },
        "blocked_regimes": config.blocked_regimes,
        "adjustments": [
            {
                "subject": each.subject,
                "count": each.count,
                "expectancy_r": _optional(each.expectancy_r),
                "win_rate": _optional(each.win_rate),
                "average_r": _optional(each.average_r),
                "before": plain(each.before),
                "after": plain(each.after),
                "reason": each.reason,
            }
            for each in config.adjustments
        ],
    }


def lesson_fields(body: str) -> dict[str, Any]:
    """A lesson, from its JSON in the tables; its instant is told beside it."""
    fields: dict[str, Any] = msgspec.json.decode(body)
    return {name: value for name, value in fields.items() if name != "at_ms"}


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _plan(plan: ExitPlan, targets: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "stop": plain(plan.stop),
        "targets": targets,
        "break_even_target": plan.break_even_target,
        "break_even_r": _optional(plan.break_even_r),
        "trail_target": plan.trail_target,
        "trail_r": _optional(plan.trail_r),
        "trail_distance": _optional(plan.trail_distance),
        "expires": None if plan.expires_ms is None else timestamp(plan.expires_ms),
    }


def _stake(stake: Stake) -> dict[str, Any]:
    return {
        "name": stake.portfolio,
        "size_usd": plain(stake.size_usd),
        "quantity": plain(stake.quantity),
        "final_risk_pct": plain(stake.final_risk_pct),
        "factors": {factor.name: {"value": plain(factor.value), "why": factor.why} for factor in stake.factors},
        "blocked_by": stake.blocked_by,
    }


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "analyst": vote.analyst,
        "side": vote.side,
        "confidence": float(vote.confidence),
        "entry": _optional(vote.entry),
        "stop": _optional(vote.stop),
        "target": _optional(vote.target),
        "reason": vote.reason,
        "abstained": vote.abstained,
    }
