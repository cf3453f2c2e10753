"""V01 to V11 of the conformance spec: what becomes of orders. The whole of it is in `docs/venues.md`."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import (
    OrderGone,
    VenueRefused,
    VenueStatus,
)
from quorate.domain.votes import Action
from quorate.exchange import Side
from tests.venues.ccxt.hearing import fills, found, sure
from tests.venues.ccxt.houses import House

BUY, SELL = Action.BUY, Action.SELL


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
    if house.perpetual:
        spent = {house.quote_asset: Decimal(0)}
        (held,), (had,) = after.positions, before.positions
        assert (held.pair, held.quantity - had.quantity) == (house.pair, fill.quantity)
        assert held.entry == pytest.approx((had.quantity * 100 + fill.quantity * fill.price) / held.quantity)
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
