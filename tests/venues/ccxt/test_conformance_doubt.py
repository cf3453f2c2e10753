"""V12 to V18 of the conformance spec: what is not known is never said to be known."""

from __future__ import annotations

import pytest

from quorate.domain.errors import Unavailable
from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    NotSent,
    OutcomeUnknown,
    VenueStatus,
)
from quorate.domain.votes import Action
from tests.venues.ccxt.hearing import found, sure
from tests.venues.ccxt.houses import House
from tests.venues.ccxt.lines import Fault

BUY, SELL = Action.BUY, Action.SELL


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
