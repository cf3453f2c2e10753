"""Events of the journal as decisions of an agent, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from quorate.api.answers.rows import instant, moment
from quorate.api.schemas.agents import Decision
from quorate.domain import events as ev
from quorate.domain.evaluation import Advice
from quorate.domain.money import plain
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import Regime, Side

if TYPE_CHECKING:
    from decimal import Decimal

    from quorate.domain.evaluation import Evaluated
    from quorate.domain.signals import Stake, VerdictOutcome
    from quorate.store.readers.entries import EntryRow
    from quorate.store.readers.orders import OrderRow

RULE_OF_REGIME = {
    Regime.VOLATILE: "ATR is over its 80th percentile of 500 bars of 1h.",
    Regime.TRENDING_UP: "ADX is over 25 and the close over SMA 50, on 1h.",
    Regime.TRENDING_DOWN: "ADX is over 25 and the close under SMA 50, on 1h.",
    Regime.CHOPPY: "ADX is under 20 and the Choppiness Index over 61.8, on 1h.",
    Regime.RANGING: "ADX is under 20 and the band width under its 30th percentile, on 1h.",
    Regime.NEUTRAL: "No other regime's rule holds.",
}
ENDED_BY = {
    "stop": "The stop was reached.",
    "tightened_stop": "The tightened stop was reached.",
    "break_even": "The stop at break-even was reached.",
    "trailing_stop": "The trailing stop was reached.",
    "target": "The last target was reached.",
    "expiry": "Its time was up.",
    "manual": "A person closed it.",
    "advice": "The evaluator advised to get out.",
    "liquidation": "The venue closed it by force.",
}
NO_QUORUM = "No quorum."
STOP_MOVED, TARGET_TAKEN = "stop moved", "target"
"""Why a position changed, in the desk's words: what the position manager did of it."""


def regime_changed(row: EntryRow, event: ev.RegimeChanged) -> Iterator[Decision]:
    """A pair's regime."""
    yield Decision(
        at=_at(event.at_ms),
        subject=event.pair,
        decided=f"{event.regime}.",
        why=RULE_OF_REGIME[event.regime],
        entry=row.id,
        event="RegimeChanged",
        pair=event.pair,
    )


def market_regime_changed(row: EntryRow, event: ev.MarketRegimeChanged) -> Iterator[Decision]:
    """The regime of the whole market."""
    yield Decision(
        at=_at(event.at_ms),
        subject="the whole market",
        decided=f"{event.regime}.",
        why=event.why,
        entry=row.id,
        event="MarketRegimeChanged",
    )


def votes_cast(row: EntryRow, event: ev.VotesCast) -> Iterator[Decision]:
    """What the panel agreed on, pair by pair; or that it did not agree on anything."""
    for outcome in event.outcomes:
        yield _outcome(row, event, outcome)
    if not event.outcomes:
        sides = [vote for vote in event.votes if vote.side is not Side.FLAT]
        silent = sorted({vote.analyst for vote in event.votes if vote.abstained})
        pairs = len({vote.pair for vote in sides})
        votes = f"{len(sides)} vote{_s(len(sides))} with a side on {pairs} pair{_s(pairs)}"
        votes = votes if sides else "Nobody took a side"
        yield Decision(
            at=_at(event.at_ms),
            subject="the council",
            decided=NO_QUORUM,
            why=f"{votes}; {', '.join(silent)} abstained." if silent else f"{votes}.",
            entry=row.id,
            event="VotesCast",
        )


def _outcome(row: EntryRow, event: ev.VotesCast, outcome: VerdictOutcome) -> Decision:
    agreed = f"{_listed(outcome.agreeing)} for {outcome.side} with confidence {outcome.confidence:.2f}"
    against = f"; {_listed(outcome.dissenting)} against" if outcome.dissenting else ""
    said = f"Published {outcome.side} as {outcome.tier}." if outcome.signal else f"Kept {outcome.side} back."
    return Decision(
        at=_at(event.at_ms),
        subject=outcome.pair,
        decided=said,
        why=f"{outcome.kept_back} {agreed}{against}.".strip(),
        entry=row.id,
        event="VotesCast",
        pair=outcome.pair,
        signal=outcome.signal or None,
    )


def setup_published(row: EntryRow, event: ev.SignalPublished) -> Iterator[Decision]:
    """A strategy's own signal; the council's are told by its ballots."""
    signal = event.signal
    if signal.source == COUNCIL:
        return
    yield Decision(
        at=_at(signal.at_ms),
        subject=signal.pair,
        decided=f"Published {signal.side} by strategy {signal.strategy}.",
        why=f"Its own setup, with confidence {signal.confidence:.2f}; regime {signal.regime}.",
        entry=row.id,
        event="SignalPublished",
        pair=signal.pair,
        signal=signal.id,
    )


def stakes_taken(row: EntryRow, event: ev.SignalPublished) -> Iterator[Decision]:
    """What every portfolio may make of a signal."""
    for stake in event.signal.stakes:
        yield _stake(row, event, stake)


def _stake(row: EntryRow, event: ev.SignalPublished, stake: Stake) -> Decision:
    signal = event.signal
    if stake.blocked_by is None:
        decided = f"Let {stake.portfolio} take {stake.size_usd:.2f} USD, {_percent(stake.final_risk_pct)} of equity."
    else:
        decided = f"Kept {stake.portfolio} out."
    chain = ", ".join(f"{factor.name} {factor.value:.4g}" for factor in stake.factors)
    parts = (stake.blocked_by and f"Stopped by {stake.blocked_by}.", chain and f"Sizing chain: {chain}.")
    return Decision(
        at=_at(signal.at_ms),
        subject=f"{signal.pair} {signal.side}",
        decided=decided,
        why=" ".join(part for part in parts if part),
        entry=row.id,
        event="SignalPublished",
        pair=signal.pair,
        portfolio=stake.portfolio,
        signal=signal.id,
    )


def order_denied(row: EntryRow, event: ev.OrderDenied, known: Mapping[str, OrderRow]) -> Iterator[Decision]:
    """An order that a control refused."""
    order = known.get(event.client_id)
    yield Decision(
        at=_at(event.at_ms),
        subject=event.client_id if order is None else f"{order.pair} {order.action}",
        decided="Denied an order." if order is None else f"Denied {order.portfolio} an order ({order.purpose}).",
        why=f"Control {event.control}: {event.value} (limit {event.limit}).",
        entry=row.id,
        event="OrderDenied",
        pair=None if order is None else order.pair,
        portfolio=None if order is None else order.portfolio,
        signal=None if order is None else order.signal_id or None,
    )


def breaker_changed(row: EntryRow, event: ev.BreakerChanged) -> Iterator[Decision]:
    """A circuit breaker that tripped or cleared."""
    scope = f" for {event.scope}" if event.scope else ""
    until = "" if event.until_ms is None or not event.tripped else f" Until {_at(event.until_ms)}."
    yield Decision(
        at=_at(event.at_ms),
        subject=f"breaker {event.name}",
        decided=f"{'Tripped' if event.tripped else 'Cleared'} {event.name} of {event.portfolio}{scope}.",
        why=f"{event.reason} ({event.value} against {event.limit}).{until}",
        entry=row.id,
        event="BreakerChanged",
        portfolio=event.portfolio,
    )


def trading_state_changed(row: EntryRow, event: ev.TradingStateChanged) -> Iterator[Decision]:
    """A change of what may be traded at all."""
    yield Decision(
        at=_at(event.at_ms),
        subject=event.scope or "the whole account",
        decided=f"Set trading to {event.state}.",
        why=f"{event.reason} (by {event.by}).",
        entry=row.id,
        event="TradingStateChanged",
        pair=event.scope or None,
    )


def kill_switch_rearmed(row: EntryRow, event: ev.KillSwitchRearmed) -> Iterator[Decision]:
    """The drawdown kill switch, armed again."""
    yield Decision(
        at=_at(event.at_ms),
        subject="breaker drawdown",
        decided=f"Re-armed the kill switch of {event.portfolio}.",
        why=f"By {event.by}; the peak starts anew.",
        entry=row.id,
        event="KillSwitchRearmed",
        portfolio=event.portfolio,
    )


def positions_evaluated(row: EntryRow, event: ev.PositionsEvaluated) -> Iterator[Decision]:
    """The evaluator's advice on every open trade, and what became of it."""
    for trade in event.trades:
        by = f"By {event.by}{f' ({event.fault})' if event.fault else ''}."
        yield Decision(
            at=_at(event.at_ms),
            subject=trade.pair,
            decided=_advice(trade),
            why=f"{_sentence(trade.reason)} {by}".strip(),
            entry=row.id,
            event="PositionsEvaluated",
            pair=trade.pair,
            portfolio=trade.portfolio,
            prompt=None if event.asked is None else event.asked.prompt or None,
        )


def _advice(trade: Evaluated) -> str:
    if trade.ignored:
        return f"Left the trade of {trade.portfolio} as it is: {trade.advice} was ignored, {trade.ignored}."
    if trade.advice is Advice.HOLD:
        return f"Held the trade of {trade.portfolio}."
    if trade.advice is Advice.EXIT:
        return f"Got {trade.portfolio} out."
    stop = "" if trade.stop is None else f" to {plain(trade.stop)}"
    return f"Tightened the stop of {trade.portfolio}{stop}."


def position_changed(row: EntryRow, event: ev.PositionChanged) -> Iterator[Decision]:
    """A stop that was moved, or a part of the profit that was taken."""
    position = event.position
    if event.why == TARGET_TAKEN:
        decided = f"Took a part of the profit for {position.portfolio}."
        place = f"Target {position.targets_hit} of {len(position.plan.targets)}"
        why = f"{place} was reached; {plain(position.quantity)} left."
    else:
        decided = f"Moved the stop of {position.portfolio} to {plain(position.stop)}."
        why = "The exit plan trails." if position.trailing else "The exit plan goes to break-even."
    yield Decision(
        at=_at(event.at_ms),
        subject=f"{position.pair} {position.side}",
        decided=decided,
        why=why,
        entry=row.id,
        event="PositionChanged",
        pair=position.pair,
        portfolio=position.portfolio,
        signal=position.signal_id or None,
    )


def trade_closed(row: EntryRow, event: ev.TradeClosed) -> Iterator[Decision]:
    """A trade that came to its end."""
    trade = event.trade
    yield Decision(
        at=_at(trade.closed_ms),
        subject=f"{trade.pair} {trade.side}",
        decided=f"Closed the trade of {trade.portfolio} at {plain(trade.exit)}: {trade.r:+.2f} R.",
        why=ENDED_BY.get(trade.reason, f"Reason: {trade.reason}."),
        entry=row.id,
        event="TradeClosed",
        pair=trade.pair,
        portfolio=trade.portfolio,
        signal=trade.signal_id or None,
    )


def _at(at_ms: int) -> str:
    return instant(moment(at_ms))


def _sentence(text: str) -> str:
    """An analyst's reason as a sentence among others: with a full stop."""
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.2f} %"
