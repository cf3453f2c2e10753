"""V25 to V28 of the conformance spec: rate limits, and clocks that are wrong."""

from __future__ import annotations

import pytest

from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    ClockSkew,
    OutcomeUnknown,
    VenueBusy,
)
from quorate.domain.votes import Action
from tests.venues.ccxt.houses import House

BUY, SELL = Action.BUY, Action.SELL


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
