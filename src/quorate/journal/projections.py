"""Projections: what each event means for the tables, collected for a whole group of entries and written at once.

They are part of the transaction that appends the entries, so that a reader never sees one without the other. Within a
group only the last state of a row is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec

from quorate.domain import events as e
from quorate.domain.orders import OrderState
from quorate.journal import tables as t
from quorate.journal.entry import Draft, Place, instant
from quorate.journal.errors import JournalRefused
from quorate.journal.order_rows import OrderRows
from quorate.journal.published import percent, signal_json, trade_json
from quorate.journal.tables import Row, Table


class Projections:
    """The rows that a group of entries adds up to."""

    def __init__(self) -> None:
        self._appended: defaultdict[str, list[Row]] = defaultdict(list)
        self._newest: defaultdict[str, dict[Row, Row | None]] = defaultdict(dict)
        self._orders = OrderRows()

    def add(self, draft: Draft, place: Place) -> None:
        """Take in one entry; entries come in the order of the journal."""
        handler = _HANDLERS.get(type(draft.event))
        if handler is not None:
            handler(self, draft.event, draft, place)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Write everything collected. Raises what Postgres raises; JournalRefused for a slot that was run before."""
        for name, newest in self._newest.items():
            await _write_newest(connection, _BY_NAME[name], newest)
        for name, rows in self._appended.items():
            await _BY_NAME[name].copy(connection, rows)
        await self._orders.write(connection)

    def append(self, table: Table, place: Place, *values: Any) -> None:
        """A row that is new by nature."""
        self._appended[table.name].append((place.account, place.owner, *values, place.epoch, place.seq))

    def replace(self, table: Table, place: Place, key: Row, *values: Any) -> None:
        """The newest state of the row with this key (without the account)."""
        self.put(table, (place.account, *key), (place.account, place.owner, *values, place.epoch, place.seq))

    def put(self, table: Table, key: Row, row: Row) -> None:
        """A whole row, under its whole key."""
        self._newest[table.name][key] = row

    def remove(self, table: Table, place: Place, *key: Any) -> None:
        """The row with this key is gone."""
        self._newest[table.name][(place.account, *key)] = None

    def newest(self, table: Table, place: Place, *key: Any) -> Row | None:
        """The row as this group has it so far."""
        return self._newest[table.name].get((place.account, *key))

    @property
    def orders(self) -> OrderRows:
        """Orders, which most events change only in part."""
        return self._orders


async def _write_newest(connection: asyncpg.Connection, table: Table, newest: dict[Row, Row | None]) -> None:
    kept = [row for row in newest.values() if row is not None]
    gone = [key for key, row in newest.items() if row is None]
    if kept:
        written = await table.merge(connection, kept)
        if written != len(kept):
            raise JournalRefused(f"One of these {table.name} is settled already and cannot be written again.")
    if gone:
        await table.remove(connection, gone)


def _account_opened(p: Projections, event: e.AccountOpened, draft: Draft, place: Place) -> None:
    at = instant(draft.at_ms)
    row = (place.account, place.owner, event.mode, event.feed, place.account, at, event.settings_digest)
    p.put(t.ACCOUNTS, (place.account,), (*row, draft.body.decode()))
    for name, start in event.portfolios:
        p.replace(t.PORTFOLIOS, place, (name,), name, start, start, start, Decimal(0), Decimal(0), at)


def _equity(p: Projections, event: e.EquityMarked, _: Draft, place: Place) -> None:
    point = event.point
    at, drawdown_pct = instant(point.at_ms), Decimal(str(percent(point.drawdown)))
    worth = (point.equity, point.cash, point.unrealized, drawdown_pct)
    p.append(t.EQUITY, place, point.portfolio, at, *worth)
    before = p.newest(t.PORTFOLIOS, place, point.portfolio)
    start = point.equity if before is None else before[3]
    p.replace(t.PORTFOLIOS, place, (point.portfolio,), point.portfolio, start, *worth, at)


def _signal(p: Projections, event: e.SignalPublished, _: Draft, place: Place) -> None:
    s = event.signal
    words = (s.id, s.mode, s.source, s.tier, s.strategy, s.pair, s.side)
    p.append(t.SIGNALS, place, *words, instant(s.at_ms), signal_json(s).decode())


def _filled(p: Projections, event: e.OrderFilled, draft: Draft, place: Place) -> None:
    f = event.fill
    words = (event.portfolio, f.trade_id, f.client_id, f.pair, f.action)
    amounts = (f.price, f.quantity, f.fee, f.liquidity, event.realized, event.cash)
    p.append(t.LEDGER, place, *words, *amounts, instant(f.at_ms))
    state = OrderState.FILLED if event.complete else OrderState.PARTIALLY_FILLED
    p.orders.change(place, f.client_id, state, at_ms=draft.at_ms, filled=f.quantity, venue_id=f.venue_id)


def _position(p: Projections, event: e.PositionChanged, _: Draft, place: Place) -> None:
    x = event.position
    key = (x.portfolio, x.pair)
    if not x.quantity:
        p.remove(t.POSITIONS, place, *key)
        return
    body = msgspec.json.encode(x, order="sorted").decode()
    words = (x.side, x.source, x.signal_id)
    amounts = (x.quantity, x.entry, x.stop, x.realized, x.fees)
    p.replace(t.POSITIONS, place, key, *key, *words, *amounts, instant(x.opened_ms), body)


def _trade(p: Projections, event: e.TradeClosed, _: Draft, place: Place) -> None:
    x = event.trade
    p.remove(t.POSITIONS, place, x.portfolio, x.pair)
    words = (x.id, x.portfolio, x.signal_id, x.source, x.pair, x.side)
    amounts = (x.quantity, x.entry, x.exit, x.fees, x.pnl, x.r, x.reason)
    p.append(t.TRADES, place, *words, *amounts, instant(x.opened_ms), instant(x.closed_ms), trade_json(x).decode())


def _shadow(p: Projections, event: e.ShadowChanged, _: Draft, place: Place) -> None:
    x = event.shadow
    body = msgspec.json.encode(x, order="sorted").decode()
    p.replace(t.SHADOWS, place, (x.id,), x.id, x.analyst, x.pair, x.side, instant(x.opened_ms), body)


def _shadow_closed(p: Projections, event: e.ShadowClosed, _: Draft, place: Place) -> None:
    x = event
    p.remove(t.SHADOWS, place, x.id)
    times = (instant(x.opened_ms), instant(x.closed_ms))
    words = (x.id, x.analyst, x.pair, x.side, x.confidence, *times, x.r, x.reason)
    more = (x.record, x.contaminated, x.regime, x.opposite_of, x.hold_r, x.risk_share)
    p.append(t.SHADOW_RESULTS, place, *words, *more)


def _record_begun(p: Projections, x: e.RecordBegun, _: Draft, place: Place) -> None:
    p.append(t.RECORDS, place, x.analyst, x.key, x.knowledge_cutoff, instant(x.at_ms))


def _votes(p: Projections, x: e.VotesCast, _: Draft, place: Place) -> None:
    for analyst in sorted(set(x.panel)):
        own = [vote for vote in x.votes if vote.analyst == analyst]
        abstained = sum(vote.abstained for vote in own)
        p.append(t.COUNCIL_VOTES, place, x.slot, instant(x.at_ms), analyst, len(own) - abstained, abstained)


def _asked(p: Projections, x: e.CouncilAsked, _: Draft, place: Place) -> None:
    for model in x.asked:
        asks = model.askings
        figures = (
            sum(ask.input_tokens for ask in asks),
            sum(ask.output_tokens for ask in asks),
            sum((ask.cost_usd for ask in asks), Decimal(0)),
            sum(ask.latency_ms for ask in asks),
        )
        words = (x.slot, instant(x.at_ms), model.analyst, model.record, model.code, model.prompt)
        p.append(t.COUNCIL_ASKS, place, *words, *figures, model.repeats, model.flips)


def _optimization(p: Projections, x: e.OptimizationChanged, _: Draft, place: Place) -> None:
    config = x.config
    body = msgspec.json.encode(config, order="sorted").decode()
    p.append(t.OPTIMIZATIONS, place, config.version, instant(config.at_ms), config.by, body)


def _lesson(p: Projections, x: e.LessonLearned, _: Draft, place: Place) -> None:
    lesson = x.lesson
    body = msgspec.json.encode(lesson, order="sorted").decode()
    p.replace(t.LESSONS, place, (lesson.trade,), lesson.trade, lesson.pair, instant(lesson.at_ms), body)


def _funding(p: Projections, x: e.FundingPaid, _: Draft, place: Place) -> None:
    words = (x.portfolio, x.pair, x.side, x.rate, x.notional, x.amount, instant(x.at_ms))
    p.append(t.FUNDING, place, *words)


def _breaker(p: Projections, event: e.BreakerChanged, _: Draft, place: Place) -> None:
    x = event
    key = (x.portfolio, x.name, x.scope)
    until = None if x.until_ms is None else instant(x.until_ms)
    p.replace(t.BREAKERS, place, key, *key, x.tripped, x.reason, x.value, x.limit, instant(x.at_ms), until)


def _trading_state(p: Projections, x: e.TradingStateChanged, _: Draft, place: Place) -> None:
    p.replace(t.TRADING_STATES, place, (x.scope,), x.scope, x.state, x.by, x.reason, instant(x.at_ms))


def _regime(p: Projections, x: e.RegimeChanged, _: Draft, place: Place) -> None:
    p.replace(t.REGIMES, place, (x.pair,), x.pair, x.regime, "", instant(x.at_ms))


def _market_regime(p: Projections, x: e.MarketRegimeChanged, _: Draft, place: Place) -> None:
    p.replace(t.REGIMES, place, ("",), "", x.regime, x.why, instant(x.at_ms))


def _cooldown(p: Projections, x: e.CooldownSet, _: Draft, place: Place) -> None:
    p.replace(t.SILENCES, place, (x.pair, ""), x.pair, "", instant(x.until_ms), x.why, instant(x.at_ms))


def _strategy_paused(p: Projections, x: e.StrategyPaused, _: Draft, place: Place) -> None:
    key = (x.pair, x.strategy)
    p.replace(t.SILENCES, place, key, *key, instant(x.until_ms), x.why, instant(x.at_ms))


def _market(p: Projections, x: e.MarketListed, _: Draft, place: Place) -> None:
    body = msgspec.json.encode(x.market, order="sorted").decode()
    p.replace(t.MARKETS, place, (x.market.pair,), x.market.pair, body)


def _job_completed(p: Projections, x: e.JobCompleted, _: Draft, place: Place) -> None:
    before = p.newest(t.SLOTS, place, x.job, x.slot)
    if before is not None and "completed" in before:
        raise JournalRefused(f"Slot {x.slot} of {x.job} was run to its end already.")
    p.replace(t.SLOTS, place, (x.job, x.slot), x.job, x.slot, instant(x.at_ms), "completed", x.report, None)


def _job_failed(p: Projections, x: e.JobFailed, _: Draft, place: Place) -> None:
    p.replace(t.SLOTS, place, (x.job, x.slot), x.job, x.slot, instant(x.at_ms), "failed", None, x.error)


def _intended(p: Projections, x: e.OrderIntended, _: Draft, place: Place) -> None:
    p.orders.intend(place, x.intent)


def _denied(p: Projections, x: e.OrderDenied, _: Draft, place: Place) -> None:
    reason = f"{x.control}: {x.value} against {x.limit}"
    p.orders.change(place, x.client_id, OrderState.DENIED, at_ms=x.at_ms, reason=reason)


def _submitted(p: Projections, x: e.OrderSubmitted, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.SUBMITTED, at_ms=x.at_ms, sent_ms=x.at_ms)


def _accepted(p: Projections, x: e.OrderAccepted, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.ACCEPTED, at_ms=x.at_ms, venue_id=x.venue_id)


def _cancelled(p: Projections, x: e.OrderCancelled, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.CANCELLED, at_ms=x.at_ms, reason=x.reason)


def _rejected(p: Projections, x: e.OrderRejected, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.REJECTED, at_ms=x.at_ms, reason=x.reason)


def _unknown(p: Projections, x: e.OrderUnknown, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.UNKNOWN, at_ms=x.at_ms, reason=x.reason)


def _voided(p: Projections, x: e.OrderVoided, _: Draft, place: Place) -> None:
    p.orders.change(place, x.client_id, OrderState.VOID, at_ms=x.at_ms, reason=x.evidence)


def _cancel_requested(p: Projections, x: e.CancelRequested, _: Draft, place: Place) -> None:
    p.orders.ask_end(place, x.client_id, at_ms=x.at_ms)


def _protection(p: Projections, x: e.ProtectionChanged, _: Draft, place: Place) -> None:
    key = (x.portfolio, x.pair)
    if x.protected:
        p.remove(t.UNPROTECTED, place, *key)
    else:
        p.replace(t.UNPROTECTED, place, key, *key, x.reason, instant(x.at_ms))


def _book_status(p: Projections, x: e.BookStatusChanged, _: Draft, place: Place) -> None:
    if x.live:
        p.remove(t.BLOCKED_BOOKS, place, x.pair)
    else:
        p.replace(t.BLOCKED_BOOKS, place, (x.pair,), x.pair, x.reason, instant(x.at_ms))


def _external_order(p: Projections, event: e.ExternalOrderChanged, _: Draft, place: Place) -> None:
    x = event.order
    key = (x.pair, x.venue_id)
    if x.open_quantity > 0:
        p.replace(t.EXTERNAL_ORDERS, place, key, *key, x.action, x.open_quantity, x.price, instant(x.at_ms))
    else:
        p.remove(t.EXTERNAL_ORDERS, place, *key)


def _break(p: Projections, x: e.BreakFound, _: Draft, place: Place) -> None:
    p.append(t.BREAKS, place, x.subject, x.expected, x.found, x.reason, x.reckoned, instant(x.at_ms))


_HANDLERS: dict[type[e.Event], Callable[[Projections, Any, Draft, Place], None]] = {
    e.AccountOpened: _account_opened,
    e.EquityMarked: _equity,
    e.SignalPublished: _signal,
    e.OrderIntended: _intended,
    e.OrderDenied: _denied,
    e.OrderSubmitted: _submitted,
    e.OrderAccepted: _accepted,
    e.OrderFilled: _filled,
    e.OrderCancelled: _cancelled,
    e.OrderRejected: _rejected,
    e.OrderUnknown: _unknown,
    e.OrderVoided: _voided,
    e.CancelRequested: _cancel_requested,
    e.ProtectionChanged: _protection,
    e.BookStatusChanged: _book_status,
    e.ExternalOrderChanged: _external_order,
    e.BreakFound: _break,
    e.PositionChanged: _position,
    e.TradeClosed: _trade,
    e.ShadowChanged: _shadow,
    e.ShadowClosed: _shadow_closed,
    e.RecordBegun: _record_begun,
    e.VotesCast: _votes,
    e.CouncilAsked: _asked,
    e.OptimizationChanged: _optimization,
    e.LessonLearned: _lesson,
    e.FundingPaid: _funding,
    e.BreakerChanged: _breaker,
    e.TradingStateChanged: _trading_state,
    e.RegimeChanged: _regime,
    e.MarketRegimeChanged: _market_regime,
    e.CooldownSet: _cooldown,
    e.StrategyPaused: _strategy_paused,
    e.MarketListed: _market,
    e.JobCompleted: _job_completed,
    e.JobFailed: _job_failed,
}
_BY_NAME = {table.name: table for table in vars(t).values() if isinstance(table, Table)}
