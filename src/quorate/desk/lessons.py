"""What a closed trade teaches, told by rule: what was expected, what happened, and one sentence to remember.

Deterministic and cheap, since strategies close hundreds of trades a month. A model may later put the sentence into
better words (`quorate.desk.evaluator`); until then, and wherever there is none, these stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.ids import trade_id
from quorate.domain.lessons import RULES, Lesson
from quorate.domain.money import plain
from quorate.domain.orders import Purpose
from quorate.domain.portfolio import Position, Trade
from quorate.domain.votes import Regime

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
SOON_MS = HOUR_MS
"""A stop that goes off sooner says that the entry was wrong, not that the market turned."""
DEAR_R = Decimal("-1.25")
"""A stop that costs so much has cost a quarter more than it was to."""
R_SHOWN = Decimal("0.01")
MOVED_STOPS = frozenset({"break_even", "trailing_stop"})
"""Stops that moved because the trade had been ahead."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a trade ended, as the table below looks at it."""

    reason: str
    won: bool
    r: Decimal
    lasted_ms: int
    then: Regime
    now: Regime


@dataclass(frozen=True, slots=True)
class _Case:
    """One line of the table: when it holds, and what is to be remembered. Fields are side, then, now, r, reason."""

    holds: Callable[[_Ended], bool]
    sentence: str


CASES = (
    _Case(
        lambda ended: ended.reason == Purpose.LIQUIDATION,
        "A {side} taken in {then} was closed by force at {r} R: its stop lay beyond what its leverage could bear.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.ADVICE and not ended.won,
        "A {side} taken in {then} was given up at {r} R before its stop, in {now}: the loss was not left to run.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.ADVICE,
        "A {side} taken in {then} was closed ahead of its target at {r} R, in {now}: what was there was kept.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.STOP and ended.r <= DEAR_R,
        "A {side} taken in {then} lost {r} R where 1 R was meant: costs, or a gap, weighed too much on so near a stop.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.STOP and not ended.won and ended.lasted_ms <= SOON_MS,
        "A {side} taken in {then} was stopped out within the hour at {r} R: the entry was early or the stop too near.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.STOP and not ended.won and ended.then is not ended.now,
        "A {side} taken in {then} was stopped out at {r} R once the market was {now}: no plan outlives its regime.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.STOP and not ended.won,
        "A {side} taken in {then} was stopped out at {r} R although its regime still held: the side was wrong.",
    ),
    _Case(
        lambda ended: ended.reason == "tightened_stop",
        "A {side} taken in {then} ended at {r} R by a stop that advice had tightened: less was left at risk.",
    ),
    _Case(
        lambda ended: ended.reason in MOVED_STOPS and not ended.won,
        "A {side} taken in {then} was ahead, gave it back and ended at {r} R: a moved stop does not pay for all.",
    ),
    _Case(
        lambda ended: ended.reason in MOVED_STOPS,
        "A {side} taken in {then} kept {r} R by its moved stop and never saw its last target.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.TARGET,
        "A {side} taken in {then} ran to its last target for {r} R: such a plan is worth holding to.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.EXPIRY and not ended.won,
        "A {side} taken in {then} ran out of time at {r} R: the move that it waited for did not come.",
    ),
    _Case(
        lambda ended: ended.reason == Purpose.EXPIRY,
        "A {side} taken in {then} ran out of time with {r} R, short of its last target: the move was slow.",
    ),
    _Case(lambda ended: True, "A {side} taken in {then} ended by {reason} at {r} R, in {now}."),
)
"""The first case that holds is the one; the last always does."""


def learn(turn: Turn, position: Position, trade: Trade) -> None:
    """Write down the lesson of a trade that has just closed; `position` is what it was until then.

    Portfolios trade the same signals: the first of them to close gives the signal's lesson, the others have none of
    their own while that one is remembered, so that nobody reads the same thing twice.
    """
    siblings = {trade_id(signal=trade.signal_id, portfolio=policy.name) for policy in turn.policy.portfolios}
    if siblings.isdisjoint([known.trade for known in turn.state.lessons]):
        turn.emit(ev.LessonLearned(_lesson(position, trade, turn.snapshot.regimes.get(trade.pair, Regime.NEUTRAL))))


def _lesson(position: Position, trade: Trade, now: Regime) -> Lesson:
    lasted_ms = trade.closed_ms - trade.opened_ms
    r, reason = plain(trade.r.quantize(R_SHOWN) + 0), trade.reason.replace("_", " ")
    ended = _Ended(trade.reason, trade.pnl > 0, trade.r, lasted_ms, position.regime, now)
    case = next(case for case in CASES if case.holds(ended))
    return Lesson(
        trade=trade.id,
        portfolio=trade.portfolio,
        pair=trade.pair,
        side=trade.side,
        source=trade.source,
        r=trade.r,
        expected=position.thesis,
        happened=f"Ended by {reason} {_span(lasted_ms)} at {r} R; {position.regime} then, {now} now.",
        lesson=case.sentence.format(side=trade.side, then=position.regime, now=now, r=r, reason=reason),
        by=RULES,
        at_ms=trade.closed_ms,
    )


def _span(span_ms: int) -> str:
    """How long it lasted, in minutes, from an hour on in hours to one decimal; rounded down, without a float."""
    if span_ms < MINUTE_MS:
        return "within one bar"
    if span_ms < HOUR_MS:
        return f"after {span_ms // MINUTE_MS} min"
    tenths = 10 * span_ms // HOUR_MS
    return f"after {tenths // 10}.{tenths % 10} h"
