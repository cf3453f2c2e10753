"""Strategies speak at the close of their bars: their setups become signals of their own, at their own pace."""

from typing import Protocol

from quorate.desk.call import Call
from quorate.desk.publish import publish
from quorate.desk.records import keep_record
from quorate.desk.shadows import Opinion, open_shadow
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter, Turn
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.policy import Pacing
from quorate.domain.signals import Tier
from quorate.domain.votes import Setup

HOUR_MS = 3_600_000
DAY_MS = 86_400_000
MODEL_VERSION = "rule-based"
UNPACED = Pacing()


def hear_strategies(turn: Turn) -> None:
    """Publish every setup whose strategy is not resting on that pair."""
    for setup in turn.snapshot.setups:
        if resting(turn.charter, turn.state, setup, at_ms=turn.at_ms) is None:
            _publish_setup(turn, setup)


class Speaker(Protocol):
    """Who would speak, and on what: a setup, or what is known of one before it is measured."""

    @property
    def strategy(self) -> str:
        """The strategy's name."""
        ...

    @property
    def pair(self) -> str:
        """The pair it would speak on."""
        ...

    @property
    def timeframe(self) -> str:
        """The timeframe of its bars."""
        ...


def resting(charter: Charter, state: DeskState, setup: Speaker, *, at_ms: int) -> str | None:
    """Why the strategy keeps silent on this pair at an instant, or None: its own trade is on, or its pacing says so."""
    if _engaged(state, setup):
        return "its own trade is open"
    pacing = charter.pacing.get(setup.strategy, UNPACED)
    recent = state.activity.get(f"{setup.strategy}|{setup.pair}")
    if recent is None:
        return None
    if at_ms < recent.paused_until_ms:
        return "paused after losses"
    if recent.closed_ms and at_ms - recent.closed_ms < pacing.cooldown_bars * TIMEFRAME_MS[setup.timeframe]:
        return "cooling down"
    if pacing.per_hour_max is not None and _since(recent.signals_ms, at_ms - HOUR_MS) >= pacing.per_hour_max:
        return "signals of the hour used up"
    today_ms = at_ms - at_ms % DAY_MS
    if pacing.per_day_max is not None and _since(recent.signals_ms, today_ms - 1) >= pacing.per_day_max:
        return "signals of the day used up"
    return None


def _engaged(state: DeskState, setup: Speaker) -> bool:
    held = state.positions.get(setup.pair)
    if held and any(position.source == setup.strategy for position in held.values()):
        return True
    intents = (order.intent for order in state.orders.values())
    return any((intent.source, intent.pair) == (setup.strategy, setup.pair) for intent in intents)


def _since(instants: list[int], start_ms: int) -> int:
    return sum(1 for instant in instants if instant > start_ms)


def _publish_setup(turn: Turn, setup: Setup) -> None:
    publish(
        turn,
        Call(
            source=setup.strategy,
            strategy=setup.strategy,
            tier=Tier.SINGLE,
            pair=setup.pair,
            side=setup.side,
            confidence=setup.confidence,
            entry=setup.entry,
            entry_kind=setup.entry_kind,
            plan=setup.plan,
            size=setup.size,
            history_of=(setup.strategy,),
            facts=turn.snapshot.facts[setup.pair, setup.timeframe],
            votes=(),
            model_version=MODEL_VERSION,
        ),
    )
    key, _ = keep_record(turn, setup.strategy)
    opinion = Opinion(
        analyst=setup.strategy,
        pair=setup.pair,
        side=setup.side,
        confidence=setup.confidence,
        entry_kind=setup.entry_kind,
        entry=setup.entry,
        plan=setup.plan,
        record=key,
    )
    open_shadow(turn, opinion, mirrored=False)
