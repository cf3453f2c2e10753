"""The gap between what an account did and what the backtester says of the same time: explained trade by trade.

Trades are the same where they come of the same signal in the same portfolio: a signal's id follows from its source,
pair, instant and side. Every difference in money is given whole to causes: fee, spread, delay, missed fill, data and
code; and to size and funding, which a trade has of its account. What follows from an earlier difference bears its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

import numpy as np

from quorate.domain import events as ev
from quorate.domain.money import ZERO, plain, to_money
from quorate.domain.orders import Purpose
from quorate.domain.portfolio import Trade
from quorate.domain.signals import Signal
from quorate.kernel.bars import IntArray
from quorate.research.gap_candles import Candles

Key = tuple[str, str]
"""Portfolio and id of the signal."""
TINY = Decimal("1e-7")
"""Shares of a fee that differ by less are the same rate: money is counted in steps."""
AVERAGED = Decimal("0.0005")
"""Share of the price by which averages over parts may differ where sizes do: parts are whole lots."""


class Cause(StrEnum):
    """Why a trade came to something else."""

    FEE = "fee"
    SPREAD = "spread"
    DELAY = "delay"
    MISSED = "missed fill"
    DATA = "data"
    CODE = "code"
    SIZE = "size"
    FUNDING = "funding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One of the two runs, as its events tell it."""

    trades: Mapping[Key, Trade]
    signals: Mapping[str, Signal]
    cancelled: Mapping[Key, str]
    """Entries that came to nothing, and why."""
    unclosed: frozenset[Key]
    """Trades that were open at the end."""
    fresh: IntArray
    """Instants at which anything new could be decided, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One trade that came to something else, or that only one of the two made."""

    portfolio: str
    source: str
    pair: str
    side: str
    decided_ms: int
    account: Decimal | None
    """Profit in the account; None where it made no such trade."""
    backtest: Decimal | None
    parts: Mapping[Cause, Decimal]
    """They add up to the difference."""
    why: str

    @property
    def difference(self) -> Decimal:
        """The account's profit less the backtester's."""
        return (self.account or ZERO) - (self.backtest or ZERO)

    @property
    def cause(self) -> Cause:
        """The one with the largest share."""
        return max(self.parts, key=lambda cause: (abs(self.parts[cause]), cause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Two runs beside one another."""

    trades: int
    """Made by both."""
    same: int
    """... and the same to the last digit."""
    account_only: int
    backtest_only: int
    account_pnl: Decimal
    backtest_pnl: Decimal
    lines: tuple[Line, ...]
    """What differs, oldest first."""
    candles: int = 0
    """Candles that both saw."""
    other_candles: int = 0
    """... that differ, or that only one of them saw."""
    notes: tuple[str, ...] = ()

    @property
    def by_cause(self) -> dict[Cause, Decimal]:
        """The whole difference by cause."""
        found = dict.fromkeys(Cause, ZERO)
        for line in self.lines:
            for cause, part in line.parts.items():
                found[cause] += part
        return found


def ran_of(events: Iterable[ev.Event]) -> Ran:
    """A run out of its events, oldest first."""
    trades: dict[Key, Trade] = {}
    signals: dict[str, Signal] = {}
    cancelled: dict[Key, str] = {}
    entries: dict[str, Key] = {}
    held: dict[tuple[str, str], Key] = {}
    fresh: list[int] = []
    for event in events:
        match event:
            case ev.TradeClosed(trade):
                trades[trade.portfolio, trade.signal_id] = trade
                held.pop((trade.portfolio, trade.pair), None)
            case ev.SignalPublished(signal):
                signals[signal.id] = signal
            case ev.OrderIntended(intent) if intent.purpose is Purpose.ENTRY:
                entries[intent.client_id] = (intent.portfolio, intent.signal_id)
            case ev.OrderCancelled(client_id, reason) if client_id in entries:
                cancelled[entries[client_id]] = reason
            case ev.PositionChanged(position):
                held[position.portfolio, position.pair] = (position.portfolio, position.signal_id)
            case ev.StepClosed() if event.fresh:
                fresh.append(event.at_ms)
            case _:
                pass
    return Ran(
        trades=trades,
        signals=signals,
        cancelled=cancelled,
        unclosed=frozenset(held.values()),
        fresh=np.array(fresh, np.int64),
    )


@dataclass(slots=True)
class _Explainer:
    """Looks at one trade after the other, in the order in which they were decided."""

    account: Ran
    backtest: Ran
    candles: Candles
    reach_ms: Callable[[str], int]
    earlier: list[Line] = field(default_factory=list[Line])

    def both(self, ours: Trade, theirs: Trade) -> Line | None:
        """Two trades of one signal; None where they are the same."""
        if _facts(ours) == _facts(theirs):
            return None
        per_unit = theirs.pnl / theirs.quantity
        scale = ours.quantity / theirs.quantity
        parts = {
            Cause.SIZE: to_money((ours.quantity - theirs.quantity) * per_unit),
            Cause.FUNDING: to_money(ours.funding - theirs.funding * scale),
        }
        cause, why = self._otherwise(ours, theirs)
        if cause is None:
            rate, usual = _fee_rate(ours), _fee_rate(theirs)
            if abs(rate - usual) > TINY:
                parts[Cause.FEE] = to_money((usual - rate) * _turnover(ours))
                why = f"fees of {plain(_bps(rate))} bps instead of {plain(_bps(usual))}"
        rest = ours.pnl - theirs.pnl - sum(parts.values(), ZERO)
        if cause is None and Cause.FEE not in parts and ours.quantity != theirs.quantity:
            why = f"{plain(ours.quantity)} instead of {plain(theirs.quantity)}: {self._sized(ours)}"
        home = cause or next((each for each in (Cause.FEE, Cause.SIZE) if parts.get(each)), Cause.FUNDING)
        parts[home] = parts.get(home, ZERO) + rest
        told = {each: part for each, part in parts.items() if part} or {home: ZERO}
        return self._line(ours, ours.pnl, theirs.pnl, told, why or "funding was counted otherwise")

    def _sized(self, trade: Trade) -> str:
        before = self._before(trade.portfolio, None, trade.opened_ms)
        return "the account was worth something else" if before is None else "earlier trades had gone otherwise"

    def _otherwise(self, ours: Trade, theirs: Trade) -> tuple[Cause | None, str]:
        """Why two trades of one signal went different ways; None where only size, fees or funding differ."""
        planned = self._planned(ours)
        if planned is not None:
            return planned
        if ours.opened_ms != theirs.opened_ms:
            late_s = (ours.opened_ms - theirs.opened_ms) / 1000
            return Cause.DELAY, f"got in {abs(late_s):,.0f} s {'later' if late_s > 0 else 'earlier'}"
        if ours.entry != theirs.entry:
            if self.candles.first(ours.pair, ours.opened_ms - 1, ours.opened_ms) is not None:
                return Cause.DATA, "the candle of the entry differs"
            return Cause.SPREAD, f"got in at {plain(ours.entry)} instead of {plain(theirs.entry)}"
        until_ms = max(ours.closed_ms, theirs.closed_ms)
        alike = ours.exit == theirs.exit or (
            ours.quantity != theirs.quantity and abs(ours.exit - theirs.exit) <= AVERAGED * theirs.exit
        )
        if alike and (ours.closed_ms, ours.reason) == (theirs.closed_ms, theirs.reason):
            return None, ""
        if self.candles.first(ours.pair, ours.opened_ms, until_ms) is not None:
            return Cause.DATA, "a candle on the way differs"
        if (ours.closed_ms, ours.reason) == (theirs.closed_ms, theirs.reason):
            return Cause.SPREAD, f"got out at {plain(ours.exit)} instead of {plain(theirs.exit)}"
        return Cause.CODE, f"left by {ours.reason} instead of {theirs.reason}, on the same candles"

    def _planned(self, trade: Trade) -> tuple[Cause, str] | None:
        """Why the two meant to trade the signal otherwise; None where its plan is one."""
        ours, theirs = (ran.signals.get(trade.signal_id) for ran in (self.account, self.backtest))
        if ours is None or theirs is None or (ours.entry, ours.plan) == (theirs.entry, theirs.plan):
            return None
        told = f"its stop is {plain(ours.plan.stop)} instead of {plain(theirs.plan.stop)}"
        if ours.plan.stop == theirs.plan.stop:
            told = "its way out was planned otherwise"
        if self.candles.first(trade.pair, ours.at_ms - self.reach_ms(trade.source), ours.at_ms) is None:
            return Cause.CODE, f"{told}, decided on the same candles"
        return Cause.DATA, f"{told}, decided on other candles"

    def alone(self, trade: Trade, *, here: Ran, there: Ran) -> Line:
        """A trade that only one of them made: `here`, and not `there`."""
        key = (trade.portfolio, trade.signal_id)
        cause, why = self._missing(trade, key, here, there)
        ours, theirs = (trade.pnl, None) if here is self.account else (None, trade.pnl)
        return self._line(trade, ours, theirs, {cause: (ours or ZERO) - (theirs or ZERO)}, why)

    def _missing(self, trade: Trade, key: Key, here: Ran, there: Ran) -> tuple[Cause, str]:
        who = "the backtester" if here is self.account else "the account"
        signal, decided_ms = there.signals.get(trade.signal_id), _decided_ms(here, trade)
        parted_ms = self.candles.first(trade.pair, decided_ms - self.reach_ms(trade.source), decided_ms)
        if signal is None:
            if there is self.account and decided_ms not in there.fresh:
                return Cause.MISSED, "the desk was away, or behind its feed, when it was to be decided"
            if parted_ms is not None:
                return Cause.DATA, f"{who} saw other candles before it and gave no signal"
            return self._follows(trade, decided_ms, f"{who} gave no such signal")
        if key in there.unclosed:
            return Cause.DELAY, f"{who} still held it at the end"
        if key in there.cancelled:
            if self.candles.first(trade.pair, decided_ms, trade.opened_ms) is not None:
                return Cause.DATA, f"its entry met another candle and {who} did not get in: {there.cancelled[key]}"
            return Cause.MISSED, f"{who} did not get in: {there.cancelled[key]}"
        stake = next((one for one in signal.stakes if one.portfolio == trade.portfolio), None)
        kept = "it does not trade this source" if stake is None else stake.blocked_by or "its order came to nothing"
        return self._follows(trade, decided_ms, f"{who} stayed out: {kept}")

    def _follows(self, trade: Trade, decided_ms: int, why: str) -> tuple[Cause, str]:
        """The cause of the difference that this one follows from; code where nothing went otherwise before."""
        before = self._before(trade.portfolio, trade.pair, decided_ms) or self._before(
            trade.portfolio, None, decided_ms
        )
        if before is None:
            return Cause.CODE, why
        return before.cause, f"{why}, after the trade on {before.pair} had gone otherwise"

    def _before(self, portfolio: str, pair: str | None, at_ms: int) -> Line | None:
        """The latest difference in the portfolio that was decided earlier, on the pair where one is given."""
        fits = (
            line
            for line in reversed(self.earlier)
            if line.portfolio == portfolio and line.decided_ms < at_ms and pair in (None, line.pair)
        )
        return next(fits, None)

    def _line(
        self, trade: Trade, ours: Decimal | None, theirs: Decimal | None, parts: Mapping[Cause, Decimal], why: str
    ) -> Line:
        here = self.account if trade.signal_id in self.account.signals else self.backtest
        line = Line(
            portfolio=trade.portfolio,
            source=trade.source,
            pair=trade.pair,
            side=trade.side.value,
            decided_ms=_decided_ms(here, trade),
            account=ours,
            backtest=theirs,
            parts=parts,
            why=why,
        )
        self.earlier.append(line)
        return line


def explain_gap(
    account: Ran,
    backtest: Ran,
    candles: Candles,
    *,
    reach_ms: Callable[[str], int],
    notes: Sequence[str] = (),
) -> Gap:
    """Every difference between two runs. `reach_ms`: how far before a decision of a source candles can change it."""
    explainer = _Explainer(account, backtest, candles, reach_ms)
    both = account.trades.keys() & backtest.trades.keys()
    lines = tuple(_lines(explainer, account, backtest))
    return Gap(
        trades=len(both),
        same=len(both) - sum(line.account is not None and line.backtest is not None for line in lines),
        account_only=len(account.trades.keys() - both),
        backtest_only=len(backtest.trades.keys() - both),
        account_pnl=sum((trade.pnl for trade in account.trades.values()), ZERO),
        backtest_pnl=sum((trade.pnl for trade in backtest.trades.values()), ZERO),
        lines=lines,
        candles=candles.common,
        other_candles=sum(len(parted) for parted in candles.parted.values()),
        notes=tuple(notes),
    )


def _lines(explainer: _Explainer, account: Ran, backtest: Ran) -> Iterator[Line]:
    every = {**backtest.trades, **account.trades}
    known = {**backtest.signals, **account.signals}

    def decided(key: Key) -> tuple[int, str, str]:
        signal, trade = known.get(key[1]), every[key]
        return (trade.opened_ms if signal is None else signal.at_ms, trade.pair, key[0])

    for key in sorted(every, key=decided):
        ours, theirs = account.trades.get(key), backtest.trades.get(key)
        if ours is not None and theirs is not None:
            line = explainer.both(ours, theirs)
            if line is not None:
                yield line
        elif ours is not None:
            yield explainer.alone(ours, here=account, there=backtest)
        elif theirs is not None:
            yield explainer.alone(theirs, here=backtest, there=account)


def _facts(trade: Trade) -> tuple[object, ...]:
    return (
        trade.entry, trade.exit, trade.quantity, trade.opened_ms, trade.closed_ms, trade.fees, trade.funding,
        trade.pnl, trade.reason,
    )  # fmt: skip


def _decided_ms(ran: Ran, trade: Trade) -> int:
    signal = ran.signals.get(trade.signal_id)
    return trade.opened_ms if signal is None else signal.at_ms


def _turnover(trade: Trade) -> Decimal:
    return (trade.entry + trade.exit) * trade.quantity


def _fee_rate(trade: Trade) -> Decimal:
    return trade.fees / _turnover(trade)


def _bps(share: Decimal) -> Decimal:
    return (share * 10_000).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
