"""The conformance spec of a venue, written once against the desk's port; each venue passes it through the real library.

V01 to V40: each a promise. `docs/venues.md` says how another venue is run through it. The exchange is the loopback
exchange, with and without sockets between it and the adapter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from decimal import Decimal

import pytest

from quorate.desk.ports import Venue
from quorate.domain.errors import BadInput, QuorateError, Unavailable
from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import (
    ClockSkew,
    KeyFault,
    NotSent,
    OrderGone,
    OutcomeUnknown,
    Report,
    StreamLost,
    StreamUp,
    VenueBusy,
    VenueFill,
    VenueOrder,
    VenueRefused,
    VenueStatus,
)
from quorate.domain.votes import Action
from quorate.exchange import Side, Trading
from quorate.venues.ccxt.listing import changes
from tests.venues.ccxt.houses import House, binance, kraken
from tests.venues.ccxt.lines import Fault

HOUSES = {
    "binance, in process": lambda: binance(sockets=False),
    "binance, over sockets": lambda: binance(sockets=True),
    "kraken, in process": lambda: kraken(sockets=False),
    "kraken, over sockets": lambda: kraken(sockets=True),
}
BUY, SELL = Action.BUY, Action.SELL
PATIENCE_S = 20.0
"""Longest wait for what a stream must bring; a machine that runs tests is busy."""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) if "sockets" in name else name for name in HOUSES])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with HOUSES[request.param]() as made:
        yield made


async def found(house: House, tag: str) -> VenueOrder | None:
    return await house.venue.find(tag=tag, pair=house.pair, since_ms=house.now_ms() - 60_000)


async def sure(house: House, tag: str) -> VenueOrder:
    order = await found(house, tag)
    assert order is not None
    return order


async def fills(house: House) -> tuple[VenueFill, ...]:
    return await house.venue.fills(house.pair, since_ms=house.now_ms() - 60_000)


class Reports:
    """A venue's private stream, listened to aside."""

    def __init__(self, venue: Venue) -> None:
        self.heard: list[Report] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen(venue))

    async def _listen(self, venue: Venue) -> None:
        async for report in venue.reports():
            self.heard.append(report)
            self._news.set()

    def of(self, kind: type) -> list:
        return [report for report in self.heard if isinstance(report, kind)]

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@contextlib.asynccontextmanager
async def listening(house: House) -> AsyncGenerator[Reports]:
    reports = Reports(house.venue)
    try:
        await reports.until(lambda: reports.of(StreamUp))
        yield reports
    finally:
        await reports.close()


# --- orders ---------------------------------------------------------------------------------------------------------


async def test_v01_c25_a_tag_is_the_same_for_the_same_id_and_never_anothers(house: House) -> None:
    ids = [f"q{index:026d}" for index in range(200)]
    tags = [house.venue.tag(each) for each in ids]
    assert tags == [house.venue.tag(each) for each in ids]
    assert len(set(tags)) == len(ids)
    assert (await house.venue.place(house.request(OrderKind.LIMIT, BUY, "0.5", "90", tag=tags[0]))).tag == tags[0]


async def test_v02_a_limit_order_rests_exactly_as_it_was_sent(house: House) -> None:
    placed = await house.rest("95.53", "1.23456")
    (listed,) = await house.venue.open_orders()
    for order in (placed, listed):
        assert (order.tag, order.pair, order.action, order.kind) == (placed.tag, house.pair, BUY, OrderKind.LIMIT)
        assert (order.quantity, order.filled, order.price) == (Decimal("1.23456"), 0, Decimal("95.53"))
        assert order.status is VenueStatus.OPEN
        assert order.venue_id == placed.venue_id != ""


async def test_v03_c24_a_market_order_is_filled_and_its_executions_are_told_to_the_last_digit(house: House) -> None:
    before = await house.venue.account()
    placed = await house.venue.place(house.request(OrderKind.MARKET, BUY, "0.54321"))
    order = await sure(house, placed.tag)
    assert (order.status, order.filled) == (VenueStatus.FILLED, Decimal("0.54321"))
    (fill,) = await fills(house)
    assert (fill.venue_id, fill.action, fill.price, fill.quantity) == (
        placed.venue_id, BUY, Decimal("100.5"), Decimal("0.54321"),
    )  # fmt: skip
    assert fill.tag in ("", placed.tag)
    assert fill.liquidity is Liquidity.TAKER
    after = await house.venue.account()
    spent = {house.base: fill.quantity, house.quote_asset: -fill.quantity * fill.price}
    spent[fill.fee_asset] -= fill.fee
    for asset, change in spent.items():
        moved = after.balance(asset).total - before.balance(asset).total
        assert abs(moved - change) < house.money_step, "C24: to the last digit that the venue keeps, fees too"


async def test_v04_a_post_only_order_never_takes(house: House) -> None:
    with contextlib.suppress(VenueRefused):
        placed = await house.venue.place(house.request(OrderKind.POST_ONLY, BUY, "1", "100.5"))
        assert (await sure(house, placed.tag)).status in (VenueStatus.CANCELLED, VenueStatus.REJECTED)
    assert await fills(house) == ()
    resting = await house.venue.place(house.request(OrderKind.POST_ONLY, BUY, "1", "99"))
    assert (await sure(house, resting.tag)).kind is OrderKind.POST_ONLY


async def test_v05_c21_a_stop_rests_at_the_venue_and_sells_when_its_trigger_trades(house: House) -> None:
    assert house.venue.keeps_stops
    stop = await house.venue.place(house.request(OrderKind.STOP, SELL, "2", "97", reduce_only=True))
    (listed,) = await house.venue.open_orders()
    assert (listed.kind, listed.price, listed.quantity) == (OrderKind.STOP, Decimal(97), Decimal(2))
    house.quote("96.5", "97.5")
    house.print(Side.SELL, "96.5", "0.1")
    order = await sure(house, stop.tag)
    assert (order.status, order.filled) == (VenueStatus.FILLED, Decimal(2))
    assert sum(fill.quantity for fill in await fills(house)) == 2


async def test_v06_an_order_is_cancelled_by_the_venues_id_or_by_our_tag_alone(house: House) -> None:
    one, other = await house.rest(), await house.rest("94")
    await house.venue.cancel(tag=one.tag, venue_id=one.venue_id, pair=house.pair)
    await house.venue.cancel(tag=other.tag, venue_id="", pair=house.pair)
    assert await house.venue.open_orders() == ()
    for order in (one, other):
        assert (await sure(house, order.tag)).status is VenueStatus.CANCELLED


async def test_v07_f07_an_order_that_was_filled_meanwhile_is_gone_and_its_fill_is_told(house: House) -> None:
    placed = await house.rest("99")
    house.trade(Side.SELL, "99", "10")
    for venue_id in (placed.venue_id, ""):
        with pytest.raises(OrderGone):
            await house.venue.cancel(tag=placed.tag, venue_id=venue_id, pair=house.pair)
    assert (await sure(house, placed.tag)).status is VenueStatus.FILLED


async def test_v08_every_open_order_is_cancelled_at_once_ours_or_not(house: House) -> None:
    await house.rest()
    await house.venue.place(house.request(OrderKind.STOP, SELL, "1", "90", reduce_only=True))
    house.by_hand(Side.BUY, "93", "1")
    assert len(await house.venue.open_orders()) == 3
    await house.venue.cancel_all()
    assert await house.venue.open_orders() == ()
    await house.venue.cancel_all()


async def test_v09_f06_an_order_is_found_by_its_tag_alone_wherever_it_is(house: House) -> None:
    resting = await house.rest()
    ended = await house.rest("94")
    await house.venue.cancel(tag=ended.tag, venue_id=ended.venue_id, pair=house.pair)
    filled = await house.venue.place(house.request(OrderKind.MARKET, BUY, "1"))
    restarted = await house.again()
    for order, status in (
        (resting, VenueStatus.OPEN), (ended, VenueStatus.CANCELLED), (filled, VenueStatus.FILLED),
    ):  # fmt: skip
        told = await restarted.find(tag=order.tag, pair=house.pair, since_ms=house.now_ms() - 60_000)
        assert told is not None
        assert (told.venue_id, told.tag, told.status) == (order.venue_id, order.tag, status)
    assert await found(house, house.tag()) is None


async def test_v10_a_partly_filled_order_is_told_as_open_with_what_is_filled(house: House) -> None:
    placed = await house.rest("99", "2")
    house.trade(Side.SELL, "99", "0.5")
    order = await sure(house, placed.tag)
    assert (order.status, order.filled) == (VenueStatus.OPEN, Decimal("0.5"))
    house.trade(Side.SELL, "99", "0.25")
    await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
    order = await sure(house, placed.tag)
    assert (order.status, order.filled) == (VenueStatus.CANCELLED, Decimal("0.75"))
    told = await fills(house)
    assert [fill.quantity for fill in told] == [Decimal("0.5"), Decimal("0.25")]
    assert all(fill.liquidity is Liquidity.MAKER for fill in told)


async def test_v11_f12_an_order_placed_by_hand_is_listed_like_any_other(house: House) -> None:
    ours = await house.rest()
    house.by_hand(Side.SELL, "107", "0.5")
    tags = {order.tag: order for order in await house.venue.open_orders()}
    assert ours.tag in tags
    (other,) = [order for tag, order in tags.items() if tag != ours.tag]
    assert (other.action, other.quantity, other.price) == (SELL, Decimal("0.5"), Decimal(107))


# --- what is not known ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.FAIL_AFTER, Fault.NONSENSE])
async def test_v12_f02_f04_an_order_whose_answer_is_lost_is_unknown_and_found_and_there_once(
    house: House, fault: Fault
) -> None:
    request = house.request(OrderKind.LIMIT, BUY, "1", "95")
    house.line.next(house.words["place"], fault)
    with pytest.raises(OutcomeUnknown):
        await house.venue.place(request)
    assert (await sure(house, request.tag)).status is VenueStatus.OPEN
    assert len(house.orders()) == 1
    assert house.line.count(house.words["place"]) == 1, "never sent again by anybody"


async def test_v13_f02_a_time_out_is_unknown_too(house: House) -> None:
    request = house.request(OrderKind.LIMIT, BUY, "1", "95")
    house.line.next(house.words["place"], Fault.NEVER_ANSWER)
    venue = await house.again(place_s=1.0)
    with pytest.raises(OutcomeUnknown):
        await venue.place(request)
    assert (await sure(house, request.tag)).status is VenueStatus.OPEN


async def test_v14_f03_an_order_that_never_arrived_is_unknown_and_found_nowhere(house: House) -> None:
    await house.rest()
    request = house.request(OrderKind.LIMIT, BUY, "1", "95")
    house.line.next(house.words["place"], Fault.LOSE_REQUEST)
    with pytest.raises(OutcomeUnknown):
        await house.venue.place(request)
    assert await found(house, request.tag) is None
    assert house.venue.settles_ms >= house.settings.window_ms, "until then an absence proves nothing"


async def test_v15_an_order_that_never_left_was_not_sent(house: House) -> None:
    await house.rest()
    request = house.request(OrderKind.LIMIT, BUY, "1", "95")
    async with house.unreachable():
        with pytest.raises(NotSent):
            await house.venue.place(request)
        with pytest.raises(NotSent):
            await house.venue.cancel(tag=request.tag, venue_id="", pair=house.pair)
        with pytest.raises(Unavailable):
            await house.venue.open_orders()
    assert len(house.orders()) == 1
    placed = await house.venue.place(request)
    assert placed.tag == request.tag


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.FAIL_AFTER])
async def test_v16_a_cancel_whose_answer_is_lost_is_unknown(house: House, fault: Fault) -> None:
    placed = await house.rest()
    house.line.next(house.words["cancel"], fault)
    with pytest.raises(OutcomeUnknown):
        await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
    assert (await sure(house, placed.tag)).status is VenueStatus.CANCELLED


async def test_v17_f13_the_same_tag_twice_is_never_a_second_resting_order(house: House) -> None:
    request = house.request(OrderKind.LIMIT, BUY, "1", "95")
    await house.venue.place(request)
    with pytest.raises(OutcomeUnknown):
        await house.venue.place(request)
    assert len(await house.venue.open_orders()) == 1


async def test_v18_a_question_without_an_answer_is_no_answer(house: House) -> None:
    await house.rest()
    for fault in (Fault.LOSE_ANSWER, Fault.FAIL_AFTER, Fault.NONSENSE):
        house.line.next(house.words["open"], fault)
        with pytest.raises(Unavailable):
            await house.venue.open_orders()
    assert len(await house.venue.open_orders()) == 1


# --- what is refused ------------------------------------------------------------------------------------------------


async def test_v19_f30_too_little_money_is_refused_in_the_venues_own_words(house: House) -> None:
    with pytest.raises(VenueRefused) as refused:
        await house.venue.place(house.request(OrderKind.LIMIT, BUY, "90000", "95"))
    assert refused.value.code_there in house.words["no money"]
    assert house.orders() == []


async def test_v20_f28_f29_what_is_not_whole_steps_or_not_listed_is_refused_and_not_sent(house: House) -> None:
    await house.rest()
    sent = house.line.count(house.words["place"])
    for request in (
        house.request(OrderKind.LIMIT, BUY, "1", "95.001"),
        house.request(OrderKind.LIMIT, BUY, "1.123456789123", "95"),
        house.request(OrderKind.LIMIT, BUY, "0", "95"),
        house.request(OrderKind.LIMIT, BUY, "1", "95", pair="NOTHING/USD"),
    ):
        with pytest.raises(VenueRefused):
            await house.venue.place(request)
    assert house.line.count(house.words["place"]) == sent


async def test_v21_f29_an_order_below_the_least_is_refused_by_the_venue(house: House) -> None:
    with pytest.raises(VenueRefused):
        await house.venue.place(house.request(OrderKind.LIMIT, BUY, "0.00001", "95"))
    assert house.orders() == []


async def test_v22_f26_a_wrong_key_or_secret_is_the_keys_fault(house: House) -> None:
    for wrong in ({"key": "nobody"}, {"secret": "d3Jvbmc="}, {"secret": "no base64 !"}):
        venue = await house.again(**wrong)
        with pytest.raises(KeyFault):
            await venue.account()
        with pytest.raises(KeyFault):
            await venue.place(house.request(OrderKind.LIMIT, BUY, "1", "95"))
    assert house.orders() == []


async def test_v23_f27_a_closed_market_takes_no_order_and_says_so(house: House) -> None:
    await house.rest()
    house.halt(Trading.CANCEL_ONLY)
    with pytest.raises((VenueBusy, OutcomeUnknown)) as closed:
        await house.venue.place(house.request(OrderKind.LIMIT, BUY, "1", "94"))
    assert isinstance(closed.value, OutcomeUnknown) or closed.value.maintenance
    assert len(house.orders()) == 1
    await house.venue.cancel_all()


async def test_v24_c14_two_orders_of_ours_never_trade_with_each_other(house: House) -> None:
    await house.venue.place(house.request(OrderKind.LIMIT, BUY, "1", "99.9"))
    exit_order = house.request(OrderKind.MARKET, SELL, "1", reduce_only=True)
    with contextlib.suppress(VenueRefused):
        await house.venue.place(exit_order)
    ids = {fill.venue_id for fill in await fills(house)}
    assert len(ids) <= 1, "nobody is on both sides"
    order = await found(house, exit_order.tag)
    assert order is None or order.status is VenueStatus.FILLED, "an exit is not held up by our own entry"


# --- limits and time ------------------------------------------------------------------------------------------------


async def test_v25_f26_when_the_venue_wants_to_be_left_alone_entries_stop_and_cancels_go(house: House) -> None:
    placed = await house.rest()
    house.line.next(house.words["open"], house.busy)
    with pytest.raises(VenueBusy) as busy:
        await house.venue.open_orders()
    assert busy.value.retry_after_s > 0
    sent = len(house.line.sent)
    with pytest.raises(VenueBusy):
        await house.rest("94")
    with pytest.raises(VenueBusy):
        await house.venue.account()
    assert len(house.line.sent) == sent, "nothing was asked of it meanwhile"
    await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
    assert house.orders()[0].open is False


async def test_v26_f20_a_clock_that_is_wrong_stops_entries_and_nothing_else(house: House) -> None:
    for ahead_ms in (3_600_000, -3_600_000, 5_000):
        house.clock.ahead_ms = ahead_ms
        venue = await house.again()
        assert await venue.open_orders() == ()
        with pytest.raises(ClockSkew):
            await venue.place(house.request(OrderKind.LIMIT, BUY, "1", "95"))
        stop = house.request(OrderKind.STOP, SELL, "1", "90", reduce_only=True)
        placed = await venue.place(stop)
        await venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
        assert await venue.open_orders() == ()
        assert abs(await venue.measure_time() - ahead_ms) < 2_500


async def test_v27_f20_a_clock_that_jumps_while_we_run_stops_entries_at_once(house: House) -> None:
    placed = await house.rest()
    house.clock.ahead_ms = 3_600_000
    with pytest.raises(ClockSkew):
        await house.rest("94")
    await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
    house.clock.ahead_ms = 0
    await house.rest("94")


async def test_v28_f20_when_the_venues_clock_jumps_it_is_measured_again(house: House) -> None:
    placed = await house.rest()
    house.exchange_clock.ahead_ms = 30_000
    house.line.next(house.words["open"], house.out_of_time)
    assert len(await house.venue.open_orders()) == 1, "asked once more, with the time right"
    with pytest.raises(ClockSkew):
        await house.rest("94")
    await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
    house.line.next(house.words["place"], house.out_of_time)
    house.exchange_clock.ahead_ms = 0
    with pytest.raises((ClockSkew, OutcomeUnknown)):
        await house.venue.place(house.request(OrderKind.STOP, SELL, "1", "90", reduce_only=True))
    assert house.line.count(house.words["place"]) == 1, "an order is never sent twice by the venue's own doing"


# --- the private stream ---------------------------------------------------------------------------------------------


async def test_v29_the_stream_tells_of_orders_and_fills_as_questions_do(house: House) -> None:
    async with listening(house) as reports:
        placed = await house.rest("99", "2")
        house.trade(Side.SELL, "99", "0.5")
        await reports.until(lambda: reports.of(VenueFill))
        (told,) = reports.of(VenueFill)
        (asked,) = await fills(house)
        assert told.tag == placed.tag
        assert (told.trade_id, told.venue_id, told.price, told.quantity, told.fee, told.fee_asset, told.action) == (
            asked.trade_id, asked.venue_id, asked.price, asked.quantity, asked.fee, asked.fee_asset, asked.action,
        ), "F8: one execution has one id, whoever tells it"  # fmt: skip
        assert told.liquidity is asked.liquidity is Liquidity.MAKER
        await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
        ended = VenueStatus.CANCELLED
        await reports.until(lambda: [each for each in reports.of(VenueOrder) if each.status is ended])
        last = reports.of(VenueOrder)[-1]
        assert (last.tag, last.filled, last.quantity) == (placed.tag, Decimal("0.5"), Decimal(2))


async def test_v30_a_stop_that_triggers_is_told_under_its_tag(house: House) -> None:
    async with listening(house) as reports:
        stop = await house.venue.place(house.request(OrderKind.STOP, SELL, "2", "97", reduce_only=True))
        house.quote("96.5", "97.5")
        house.print(Side.SELL, "96.5", "0.1")
        await reports.until(lambda: sum(fill.quantity for fill in reports.of(VenueFill)) == 2)
        assert {fill.tag for fill in reports.of(VenueFill)} == {stop.tag}


async def test_v31_f22_a_stream_that_breaks_says_so_and_comes_back(house: House) -> None:
    async with listening(house) as reports:
        await house.sockets.cut()
        await reports.until(lambda: len(reports.of(StreamUp)) == 2)
        assert [type(each) for each in reports.heard if isinstance(each, StreamUp | StreamLost)] == [
            StreamUp, StreamLost, StreamUp,
        ]  # fmt: skip
        placed = await house.rest()
        await reports.until(lambda: [each for each in reports.of(VenueOrder) if each.tag == placed.tag])


@pytest.mark.parametrize("message", ["no json", "[]", '{"channel":"executions","data":7,"sequence":2}', "{}"])
async def test_v32_a_message_that_cannot_be_read_is_put_aside_and_what_it_may_have_said_is_asked_for(
    house: House, message: str
) -> None:
    async with listening(house) as reports:
        house.sockets.say(message)
        await reports.until(lambda: reports.of(StreamLost))
        await reports.until(lambda: len(reports.of(StreamUp)) == 2)
        assert house.venue.quarantine.total >= 1
        placed = await house.rest()
        await reports.until(lambda: [each for each in reports.of(VenueOrder) if each.tag == placed.tag])


async def test_v33_a_stream_that_is_refused_keeps_trying_and_says_once_that_it_is_away(house: House) -> None:
    venue = await house.again(secret="d3Jvbmc=")
    reports = Reports(venue)
    try:
        await reports.until(lambda: reports.of(StreamLost))
        assert reports.of(StreamUp) == []
        assert len(reports.of(StreamLost)) == 1
    finally:
        await reports.close()


# --- the account and the key ----------------------------------------------------------------------------------------


async def test_v34_the_account_tells_what_is_there_and_what_orders_hold(house: House) -> None:
    await house.venue.place(house.request(OrderKind.LIMIT, SELL, "2.5", "105"))
    account = await house.venue.account()
    assert account.balance(house.base).total == 10
    assert account.balance(house.base).held == Decimal("2.5")
    assert account.balance(house.base).free == Decimal("7.5")
    assert account.balance("NOTHING").total == 0
    assert abs(account.at_ms - house.now_ms()) < 5_000
    assert [each.asset for each in account.balances] == sorted(each.asset for each in account.balances)


async def test_v35_markets_are_told_with_nothing_estimated(house: House) -> None:
    (market,) = await house.venue.markets([house.pair])
    assert market.estimated == ()
    assert (market.pair, market.tick, market.lot) == (house.pair, Decimal("0.01"), house.lot)
    assert market.min_notional > 0
    assert market.spread_ppm == 10_000, "99.5 to 100.5"
    with pytest.raises(BadInput):
        await house.venue.markets(["NOTHING/USD"])


async def test_v36_f28_a_step_that_changes_and_a_market_that_closes_are_seen(house: House) -> None:
    before = await house.venue.listings()
    house.coarser()
    house.halt(Trading.CANCEL_ONLY)
    told = changes(before, await house.venue.listings())
    assert {each.pair for each in told} == {house.pair}
    assert "trading" in {each.what for each in told}
    assert {each.what for each in told} >= house.coarser_changes


async def test_v37_a_key_proves_that_it_trades_and_cannot_withdraw(house: House) -> None:
    rights = await house.venue.rights()
    assert rights.trade is True
    assert rights.withdraw in (False, None)
    house.key_may_withdraw()
    assert (await house.venue.rights()).withdraw in (True, None)
    assert house.orders() == [], "asking places nothing"


async def test_v38_c19_the_dead_mans_switch_is_wound_up_and_off(house: House) -> None:
    if not house.venue.has_dead_man:
        await house.venue.keep_alive(60)
        assert house.line.sent == []
        return
    await house.rest()
    await house.venue.keep_alive(60)
    await house.venue.keep_alive(0)
    house.exchange_clock.ahead_ms += 61_000
    assert len(await house.venue.open_orders()) == 1
    await house.venue.keep_alive(30)
    house.exchange_clock.ahead_ms += 31_000
    assert await house.venue.open_orders() == ()


async def test_v39_i7_no_error_and_no_picture_of_anything_shows_the_secret(house: House) -> None:
    secret, key = "c2VjcmV0LXNlY3JldA==", "the-key-itself"
    venue = await house.again(secret=secret, key=key)
    shown = [
        repr(venue),
        repr(house.settings),
        str(vars(house.settings) if hasattr(house.settings, "__dict__") else ""),
    ]
    for act in (venue.account, venue.open_orders, venue.cancel_all):
        with pytest.raises(QuorateError) as error:
            await act()
        shown += [str(error.value), repr(error.value), repr(error.value.__cause__)]
    house.line.next(house.words["place"], Fault.FAIL_AFTER)
    with pytest.raises(QuorateError) as error:
        await venue.place(house.request(OrderKind.LIMIT, BUY, "1", "95"))
    shown += [str(error.value), repr(error.value.__cause__)]
    assert not any(secret in text or key in text for text in shown)


async def test_v40_executions_are_told_oldest_first_and_only_since(house: House) -> None:
    for quantity in ("0.1", "0.2", "0.3"):
        await house.venue.place(house.request(OrderKind.MARKET, BUY, quantity))
    told = await fills(house)
    assert [fill.quantity for fill in told] == [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
    assert len({fill.trade_id for fill in told}) == 3
    assert await house.venue.fills(house.pair, since_ms=house.now_ms() + 60_000) == ()
