"""V29 to V33 of the conformance spec: the private stream."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import (
    StreamLost,
    StreamUp,
    VenueFill,
    VenueOrder,
    VenueStatus,
)
from quorate.domain.votes import Action
from quorate.exchange import Side
from tests.venues.ccxt.hearing import Reports, fills, listening
from tests.venues.ccxt.houses import House

BUY, SELL = Action.BUY, Action.SELL


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
    venue = await house.again(key="nobody", secret="d3Jvbmc=")
    reports = Reports(venue)
    try:
        await reports.until(lambda: reports.of(StreamLost))
        assert reports.of(StreamUp) == []
        assert len(reports.of(StreamLost)) == 1
    finally:
        await reports.close()
