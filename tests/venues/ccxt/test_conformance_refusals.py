"""V19 to V24 of the conformance spec: what a venue, or the adapter before it, refuses."""

from __future__ import annotations

import contextlib

import pytest

from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    KeyFault,
    OutcomeUnknown,
    VenueBusy,
    VenueRefused,
    VenueStatus,
)
from quorate.domain.votes import Action
from quorate.exchange import Trading
from tests.venues.ccxt.hearing import fills, found
from tests.venues.ccxt.houses import House

BUY, SELL = Action.BUY, Action.SELL


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
