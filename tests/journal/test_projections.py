"""Projections: what the tables say is what the journal says, in the same transaction."""

import json
from dataclasses import replace
from decimal import Decimal as D

import pytest

from quorate.api.schemas.results import EquityPoint
from quorate.api.schemas.signals import Signal
from quorate.api.schemas.trading import Trade
from quorate.domain import events as e
from quorate.domain.orders import ExternalOrder
from quorate.domain.votes import Action
from quorate.journal.codec import encode
from quorate.journal.entry import LOCAL_OWNER, Entry, instant
from quorate.journal.errors import JournalRefused
from quorate.journal.published import EVENTS, KINDS_OF_STREAM, published
from tests.journal.conftest import drafts
from tests.journal.samples import (
    START_MS,
    STEP_MS,
    busy_batch,
    equity,
    filled,
    intended,
    listed,
    opened,
    position,
    shadow,
    shadow_closed,
    signal,
    trade,
)


async def only(pool, query: str):
    rows = await pool.fetch(query)
    assert len(rows) == 1
    return rows[0]


async def test_an_account_and_its_books_are_there_once_it_is_opened(journal, writer, pool):
    await journal.append(drafts(opened(), equity(1), equity(2)), writer=writer)
    account = await only(pool, "select * from accounts")
    assert (account["account"], account["mode"], account["feed"]) == ("paper", "paper", "replay")
    books = await pool.fetch("select name, start_equity, equity, drawdown_pct from portfolios order by name")
    assert [tuple(book) for book in books] == [
        ("aggressive", D(10_000), D("10000.02"), D("1.25")),
        ("conservative", D(10_000), D(10_000), D(0)),
        ("strategies", D(10_000), D(10_000), D(0)),
    ]
    await journal.append(drafts(equity(3)), writer=writer)
    book = await only(pool, "select start_equity, equity from portfolios where name = 'aggressive'")
    assert tuple(book) == (D(10_000), D("10000.03"))
    assert await pool.fetchval("select count(*) from equity") == 3


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_goes_through_its_life(journal, writer, pool, together):
    life = [
        intended(),
        e.OrderSubmitted("q1", START_MS),
        e.OrderAccepted("q1", START_MS),
        filled("t1", quantity="4", complete=False),
        filled("t2", quantity="6.005", at_ms=START_MS + STEP_MS),
    ]
    if together:
        await journal.append(drafts(*life), writer=writer)
    else:
        for event in life:
            await journal.append(drafts(event), writer=writer)
    order = await only(pool, "select state, filled, quantity, seq from orders")
    assert tuple(order) == ("FILLED", D("10.005"), D("10.005"), 5)
    assert await pool.fetchval("select sum(quantity) from ledger") == D("10.005")


async def test_executions_of_two_markets_and_of_both_sides_may_carry_the_same_trade_id(journal, writer, pool):
    one = filled("319", quantity="4", complete=False)
    other_market = replace(one, fill=replace(one.fill, pair="ETH/USDT", client_id="q2"))
    other_side = replace(one, fill=replace(one.fill, action=Action.SELL, client_id="q3"))
    await journal.append(drafts(one, other_market, other_side), writer=writer)
    assert await pool.fetchval("select count(*) from ledger where trade_id = '319'") == 3
    with pytest.raises(JournalRefused):
        await journal.append(drafts(one), writer=writer)


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        (e.OrderDenied("q1", "C3", "120 bps", "100 bps", START_MS), "DENIED", "C3: 120 bps against 100 bps"),
        (e.OrderCancelled("q1", "untouched", START_MS), "CANCELLED", "untouched"),
        (e.OrderRejected("q1", "too small", START_MS), "REJECTED", "too small"),
    ],
)
async def test_an_order_that_did_not_come_about_says_why(journal, writer, pool, event, state, reason):
    await journal.append(drafts(intended()), writer=writer)
    await journal.append(drafts(event), writer=writer)
    assert tuple(await only(pool, "select state, reason from orders")) == (state, reason)


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_knows_its_number_at_the_venue_and_when_its_end_was_asked_for(journal, writer, pool, together):
    life = [
        intended(),
        e.OrderSubmitted("q1", START_MS),
        e.OrderUnknown("q1", "no answer", START_MS + 1_000),
        e.CancelRequested("q1", "not taken in time", START_MS + 2_000),
        e.OrderAccepted("q1", START_MS + 3_000, "V7"),
        e.CancelRequested("q1", "not taken in time", START_MS + 8_000),
    ]
    for batch in [life] if together else [[event] for event in life]:
        await journal.append(drafts(*batch), writer=writer)
    row = await only(pool, "select state, venue_id, sent_at, changed_at, cancel_at from orders")
    assert (row["state"], row["venue_id"], row["sent_at"]) == ("ACCEPTED", "V7", instant(START_MS))
    assert row["changed_at"] == instant(START_MS + 3_000), "asking for its end is no new state"
    assert row["cancel_at"] == instant(START_MS + 8_000)


@pytest.mark.parametrize("together", [True, False])
async def test_an_execution_told_late_does_not_open_an_order_that_has_ended(journal, writer, pool, together):
    life = [
        intended(),
        e.OrderSubmitted("q1", START_MS),
        e.OrderCancelled("q1", "not taken in time", START_MS),
        filled("t1", quantity="4", complete=False),
    ]
    for batch in [life] if together else [[event] for event in life]:
        await journal.append(drafts(*batch), writer=writer)
    assert tuple(await only(pool, "select state, filled from orders")) == ("CANCELLED", D(4))


async def test_what_is_wrong_at_the_venue_is_there_while_it_is(journal, writer, pool):
    def strange(left: str) -> e.ExternalOrderChanged:
        order = ExternalOrder(
            venue_id="X1", pair="BTC/USDT", action=Action.BUY, open_quantity=D(left), price=None, at_ms=START_MS
        )
        return e.ExternalOrderChanged(order)

    def bare(*, protected: bool) -> e.ProtectionChanged:
        return e.ProtectionChanged("aggressive", "BTC/USDT", protected, "no stop for 5.0 s", START_MS)

    def book(*, live: bool) -> e.BookStatusChanged:
        return e.BookStatusChanged("BTC/USDT", live, "" if live else "stale", START_MS)

    tables = ("unprotected", "blocked_books", "external_orders")
    await journal.append(drafts(bare(protected=False), book(live=False), strange("2"), strange("1")), writer=writer)
    assert [await pool.fetchval(f"select count(*) from {table}") for table in tables] == [1, 1, 1]
    assert (await only(pool, "select open_quantity from external_orders"))["open_quantity"] == D(1)
    await journal.append(drafts(bare(protected=True), book(live=True), strange("0")), writer=writer)
    assert [await pool.fetchval(f"select count(*) from {table}") for table in tables] == [0, 0, 0]


async def test_every_break_is_kept(journal, writer, pool):
    found = e.BreakFound("BTC", D("0.5"), D("0.4"), "no execution explains it", START_MS, reckoned=True)
    await journal.append(drafts(found, replace(found, subject="USDT")), writer=writer)
    rows = await pool.fetch("select subject, expected, found, reckoned from breaks order by seq")
    assert [tuple(row) for row in rows] == [("BTC", D("0.5"), D("0.4"), True), ("USDT", D("0.5"), D("0.4"), True)]


async def test_a_position_is_there_while_it_is_open_and_becomes_a_trade(journal, writer, pool):
    await journal.append(drafts(position()), writer=writer)
    await journal.append(drafts(position(stop="99.5", quantity="5")), writer=writer)
    assert tuple(await only(pool, "select stop, quantity from positions")) == (D("99.5"), D(5))
    await journal.append(drafts(trade()), writer=writer)
    assert await pool.fetchval("select count(*) from positions") == 0
    row = await only(pool, "select pnl, r, body::text as body from trades")
    assert (row["pnl"], row["r"]) == (D("28.8"), D("1.9"))
    assert Trade.model_validate_json(row["body"]).exit == "103"


async def test_a_shadow_trade_ends_as_a_result(journal, writer, pool):
    await journal.append(drafts(shadow()), writer=writer)
    assert (await only(pool, "select analyst from shadows"))["analyst"] == "trend"
    await journal.append(drafts(shadow_closed()), writer=writer)
    assert await pool.fetchval("select count(*) from shadows") == 0
    assert (await only(pool, "select r from shadow_results"))["r"] == D("-1.02")


async def test_states_show_their_newest_change(journal, writer, pool):
    def breaker(*, tripped: bool) -> e.BreakerChanged:
        until = START_MS + STEP_MS if tripped else None
        return e.BreakerChanged("aggressive", "daily_loss", "", tripped, "5.1 %", "5.1", "5", START_MS, until)

    await journal.append(
        drafts(
            listed(),
            breaker(tripped=True),
            e.TradingStateChanged("", "REDUCING", "user", "panic", START_MS),
            e.RegimeChanged("BTC/USDT", e.Regime.CHOPPY, START_MS),
            e.MarketRegimeChanged(e.MarketRegime.RISK_OFF, "breadth 31 %", START_MS),
            e.CooldownSet("BTC/USDT", START_MS + STEP_MS, "signal", START_MS),
        ),
        writer=writer,
    )
    await journal.append(drafts(breaker(tripped=False)), writer=writer)
    assert tuple(await only(pool, "select tripped, until from breakers")) == (False, None)
    assert tuple(await only(pool, "select state, changed_by from trading_states")) == ("REDUCING", "user")
    regimes = await pool.fetch("select pair, regime from regimes order by pair")
    assert [tuple(row) for row in regimes] == [("", "RISK_OFF"), ("BTC/USDT", "CHOPPY")]
    assert (await only(pool, "select pair from silences"))["pair"] == "BTC/USDT"
    assert json.loads((await only(pool, "select body::text from markets"))[0])["tick"] == "0.01"


@pytest.mark.parametrize("together", [True, False])
async def test_a_slot_is_run_to_its_end_once_but_may_fail_before(journal, writer, pool, together):
    failed = e.JobFailed("scan", "slot-1", START_MS, "no answer")
    completed = e.JobCompleted("scan", "slot-1", START_MS, '{"success":true}')
    if together:
        await journal.append(drafts(failed, completed), writer=writer)
    else:
        await journal.append(drafts(failed), writer=writer)
        await journal.append(drafts(completed), writer=writer)
    assert (await only(pool, "select outcome from slots"))["outcome"] == "completed"
    for again in (
        drafts(completed),
        drafts(failed),
        drafts(e.JobCompleted("scan", "slot-2", START_MS, "{}"), completed),
    ):
        with pytest.raises(JournalRefused):
            await journal.append(again, writer=writer)
    assert await pool.fetchval("select count(*) from slots") == 1


async def test_f08_the_same_fill_is_never_applied_twice(journal, writer, pool):
    await journal.append(drafts(intended(), filled("t1")), writer=writer)
    with pytest.raises(JournalRefused):
        await journal.append(drafts(filled("t1")), writer=writer)
    assert await pool.fetchval("select filled from orders") == D("10.005")


async def test_a_signal_is_kept_as_the_json_everybody_sees(journal, writer, pool):
    await journal.append(drafts(signal()), writer=writer)
    row = await only(pool, "select mode, tier, source, body::text as body from signals")
    assert tuple(row)[:3] == ("paper", "silver", "council")
    shown = Signal.model_validate_json(row["body"])
    assert (shown.symbol, shown.take_profit, shown.position_size_usd) == ("BTCUSDT", 104.5, 0.0)
    assert shown.timestamp == "2025-01-01T00:00:00Z"
    assert shown.portfolios[0].factors["kelly"].value == "1.02"


def entry_of(event: e.Event) -> Entry:
    return Entry(1, 7, "paper", LOCAL_OWNER, type(event).__name__, "x", START_MS, encode(event).decode())


def test_published_entries_have_the_promised_shapes():
    (stream, data), (events, envelope) = published(entry_of(signal()))
    assert (stream, events) == ("signals:paper", EVENTS)
    Signal.model_validate_json(data)
    assert json.loads(envelope) == {
        "id": "1-7",
        "kind": "SignalPublished",
        "account": "paper",
        "timestamp": "2025-01-01T00:00:00Z",
        "subject": "x",
    }
    (stream, data), _ = published(entry_of(equity(1)))
    assert stream == "pnl:equity"
    point = EquityPoint.model_validate_json(data)
    assert (point.id, point.equity, point.drawdown_pct) == ("1-7", "10000.01", 1.25)
    (stream, data), _ = published(entry_of(trade()))
    assert stream == "pnl:signals"
    Trade.model_validate_json(data)


def test_every_kind_of_event_is_either_public_or_named_private():
    assert set(KINDS_OF_STREAM[EVENTS]) == set(e.EVENT_KINDS)


async def test_every_sample_of_a_busy_step_is_taken(journal, writer, pool):
    await journal.append(drafts(*busy_batch(1)), writer=writer)
    for table in ("signals", "orders", "ledger", "trades", "equity", "shadows"):
        assert await pool.fetchval(f"select count(*) from {table}") == 1, table
