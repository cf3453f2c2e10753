"""An account beside the backtester: the same where nothing differs, and each difference with its cause."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.domain import events as ev
from quorate.domain.policy import DeskPolicy
from quorate.kernel.bars import Bars
from quorate.research.council_votes import ballots_in
from quorate.research.desk_backtesting import run_desk
from quorate.research.gap import Cause, Gap, Line, Ran, explain_gap, ran_of
from quorate.research.gap_candles import Candles
from quorate.research.materials import Materials
from quorate.venues.paper import PaperVenue
from tests.research.desk_story import (
    MARKETS,
    POLICY,
    START_MS,
    charter_of,
    made_columns,
    materials_of,
    members,
    story,
)

HOUR_MS = 3_600_000


def quiet(_about: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def told() -> list[ev.Event]:
    return [entry.event for entry in story()]


@pytest.fixture(scope="module")
def columns() -> dict[str, Bars]:
    return made_columns()


def backtest(
    told: list[ev.Event], materials: Materials, *, policy: DeskPolicy = POLICY, charter=None, heard: bool = True
) -> Ran:
    ballots = {ballot.at_ms: ballot for ballot in ballots_in(told)} if heard else {}
    result = run_desk(members(policy), materials, charter or charter_of(policy), ballots, step=quiet)
    return ran_of(result.events)


def gap_between(
    told: list[ev.Event], other: Ran, columns: dict[str, Bars], known: dict[str, Bars] | None = None
) -> Gap:
    end_ms = max(int(bars.close_ms[-1]) for bars in columns.values())
    candles = Candles.beside(columns, known or columns, start_ms=START_MS, end_ms=end_ms)
    gap = explain_gap(ran_of(told), other, candles, reach_ms=lambda _: 1_000 * HOUR_MS)
    for line in gap.lines:
        assert sum(line.parts.values()) == line.difference, line
    assert sum(gap.by_cause.values()) == sum(line.difference for line in gap.lines)
    return gap


def test_a_desk_and_the_backtester_make_the_same_trades_council_included(told, columns):
    gap = gap_between(told, backtest(told, materials_of(columns)), columns)
    assert gap.lines == ()
    assert gap.trades == gap.same > 20
    assert gap.account_pnl == gap.backtest_pnl
    assert any(trade.source == "council" for trade in ran_of(told).trades.values())
    assert gap.other_candles == 0 < gap.candles


def test_other_fees_are_told_as_fees_and_as_what_follows_from_them(told, columns):
    costs = replace(POLICY.costs, maker_fee_ppm=400, taker_fee_ppm=1_000)
    # The strategies keep to the old floor: only what trades cost is another.
    charter = replace(charter_of(POLICY), policy=replace(POLICY, costs=costs), venue=PaperVenue(costs))
    gap = gap_between(told, backtest(told, materials_of(columns), charter=charter), columns)
    fees = [line for line in gap.lines if Cause.FEE in line.parts]
    assert fees
    of_both = [line for line in fees if line.account is not None and line.backtest is not None]
    assert len(of_both) > 10
    assert all(line.parts[Cause.FEE] > 0 for line in of_both)
    assert all("had gone otherwise" in line.why for line in fees if line not in of_both)
    assert any("instead of" in line.why for line in fees)
    assert gap.by_cause[Cause.DATA] == 0


def test_another_spread_is_told_as_spread(told, columns):
    materials = materials_of(columns)
    markets = {pair: replace(market, spread_ppm=market.spread_ppm * 4) for pair, market in MARKETS.items()}
    gap = gap_between(told, backtest(told, replace(materials, markets=markets)), columns)
    spread = [line for line in gap.lines if line.cause is Cause.SPREAD]
    assert any("got in at" in line.why for line in spread)
    assert gap.by_cause[Cause.SPREAD] != 0


def test_other_candles_are_told_as_data(told, columns):
    ours = ran_of(told)
    trade = min(ours.trades.values(), key=lambda each: each.opened_ms)
    bars = columns[trade.pair]
    row = int(np.searchsorted(bars.close_ms, trade.opened_ms))
    changed = {name: getattr(bars, name).copy() for name in ("open", "high", "low", "close")}
    for column in changed.values():
        column[row] *= 1.004
    other = Bars(bars.pair, bars.timeframe, bars.open_ms, volume=bars.volume, **changed).on_ticks(
        MARKETS[bars.pair].tick
    )
    known = {**columns, trade.pair: other}
    gap = gap_between(told, backtest(told, materials_of(known)), columns, known)
    assert gap.other_candles == 1
    assert gap.lines[0].cause is Cause.DATA
    assert "another candle" in gap.lines[0].why or "differs" in gap.lines[0].why


def test_a_council_that_is_not_heard_is_missing_trades_of_code(told, columns):
    gap = gap_between(told, backtest(told, materials_of(columns), heard=False), columns)
    missing = [line for line in gap.lines if line.source == "council"]
    assert missing
    assert all(line.backtest is None for line in missing)
    assert {line.cause for line in missing} == {Cause.CODE}
    assert gap.account_only >= len(missing)


def test_a_desk_that_was_away_missed_its_trades(told, columns):
    ours = backtest(told, materials_of(columns))
    trade = sorted(ours.trades.values(), key=lambda each: each.opened_ms)[3]
    signal = ours.signals[trade.signal_id]
    stale = [
        replace(event, fresh=False) if isinstance(event, ev.StepClosed) and event.at_ms == signal.at_ms else event
        for event in told
        if not (isinstance(event, ev.TradeClosed) and event.trade.signal_id == trade.signal_id)
        and not (isinstance(event, ev.SignalPublished) and event.signal.id == trade.signal_id)
    ]
    gap = gap_between(stale, ours, columns)
    (line,) = [line for line in gap.lines if line.decided_ms == signal.at_ms and line.source == trade.source]
    assert line.cause is Cause.MISSED
    assert "away" in line.why
    assert (line.account, line.backtest) == (None, trade.pnl)


def changed_trade(told: list[ev.Event], **values: object) -> tuple[Gap, Line]:
    """The story with its third trade changed, beside the story as it was."""
    trades = [event for event in told if isinstance(event, ev.TradeClosed)]
    changed = [
        replace(event, trade=replace(event.trade, **values)) if event is trades[2] else event  # type: ignore[arg-type]
        for event in told
    ]
    gap = explain_gap(ran_of(changed), ran_of(told), Candles(0, {}), reach_ms=lambda _: HOUR_MS)
    (line,) = gap.lines
    return gap, line


def test_each_kind_of_difference_has_its_own_cause(told):
    trade = next(event.trade for event in [e for e in told if isinstance(e, ev.TradeClosed)][2:3])
    _, late = changed_trade(told, opened_ms=trade.opened_ms + 300_000, pnl=trade.pnl - 1)
    assert (late.cause, late.difference) == (Cause.DELAY, Decimal(-1))
    assert "300 s later" in late.why
    _, funded = changed_trade(told, funding=trade.funding - 2, pnl=trade.pnl - 2)
    assert funded.parts == {Cause.FUNDING: Decimal(-2)}
    _, doubled = changed_trade(
        told, quantity=trade.quantity * 2, pnl=trade.pnl * 2, fees=trade.fees * 2, funding=trade.funding * 2
    )
    assert doubled.cause is Cause.SIZE
    assert sum(doubled.parts.values()) == trade.pnl
    _, left = changed_trade(told, reason="manual", pnl=trade.pnl + 3)
    assert (left.cause, left.parts) == (Cause.CODE, {Cause.CODE: Decimal(3)})
    assert "manual" in left.why


def test_candles_are_held_beside_one_another_by_their_times(columns):
    bars = columns["BTC/USDT"]
    short = {"BTC/USDT": bars.between(0, len(bars) - 5)}
    end_ms = int(bars.close_ms[-1])
    found = Candles.beside(short, {"BTC/USDT": bars}, start_ms=START_MS, end_ms=end_ms)
    assert found.parted["BTC/USDT"].tolist() == bars.close_ms[-5:].tolist()
    assert found.first("BTC/USDT", START_MS, end_ms) == int(bars.close_ms[-5])
    assert found.first("BTC/USDT", START_MS, int(bars.close_ms[-6])) is None
    assert found.first("ETH/USDT", START_MS, end_ms) is None
    nothing = Candles.beside({}, {"BTC/USDT": bars}, start_ms=START_MS, end_ms=end_ms)
    assert nothing.common == 0 < len(nothing.parted["BTC/USDT"])
