"""Under a rate limit, what takes risk away goes first."""

from __future__ import annotations

import asyncio

import pytest

from quorate.domain.venue import VenueBusy
from quorate.venues.ccxt.budget import ENTRY_FLOOR, QUESTION_FLOOR, Budget, Rate
from quorate.venues.ccxt.outcomes import Errand


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


REQUESTS, ORDERS = Rate(100, 1.0), Rate(10, 1.0)


def budget(seconds: Seconds, *, requests: Rate = REQUESTS, orders: Rate = ORDERS) -> Budget:
    return Budget("Venue", seconds, requests=requests, orders=orders)


async def drain(limits: Budget, errand: Errand) -> int:
    """How many requests of weight one go through at once."""
    count = 0
    while True:
        try:
            async with asyncio.timeout(0.02):
                await limits.turn(errand, cost=1)
        except (VenueBusy, TimeoutError):
            return count
        count += 1


async def test_f26_entries_leave_a_share_that_questions_and_exits_still_have() -> None:
    limits = budget(Seconds(), requests=Rate(100, 0.01))
    assert await drain(limits, Errand.ENTRY) == 100 * (1 - ENTRY_FLOOR)
    assert await drain(limits, Errand.QUESTION) == 100 * (ENTRY_FLOOR - QUESTION_FLOOR)
    assert await drain(limits, Errand.CANCEL) == 100 * QUESTION_FLOOR


async def test_c10_orders_have_a_limit_of_their_own() -> None:
    limits = budget(Seconds(), orders=Rate(10, 0.01))
    for _ in range(6):
        await limits.turn(Errand.ENTRY, cost=1, orders=1)
    with pytest.raises(VenueBusy) as busy:
        await limits.turn(Errand.ENTRY, cost=1, orders=1)
    assert busy.value.retry_after_s == pytest.approx(100)
    await limits.turn(Errand.EXIT, cost=1, orders=1)


async def test_f26_after_a_ban_entries_and_questions_wait_and_exits_go_on_slowly() -> None:
    seconds = Seconds()
    limits = budget(seconds)
    limits.back_off(60)
    for errand in (Errand.ENTRY, Errand.QUESTION):
        with pytest.raises(VenueBusy) as busy:
            await limits.turn(errand, cost=1)
        assert busy.value.retry_after_s == 60
    await limits.turn(Errand.CANCEL, cost=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await limits.turn(Errand.EXIT, cost=1)
    seconds.now += 1.0
    await limits.turn(Errand.EXIT, cost=1)
    seconds.now += 60
    await limits.turn(Errand.ENTRY, cost=1)


async def test_f26_while_we_are_banned_what_takes_risk_away_knocks_every_ten_seconds() -> None:
    seconds = Seconds()
    limits = budget(seconds)
    limits.back_off(600)
    await limits.turn(Errand.CANCEL, cost=1)
    with pytest.raises(VenueBusy) as busy:
        await limits.turn(Errand.EXIT, cost=1)
    assert busy.value.retry_after_s == 10
    seconds.now += 10
    await limits.turn(Errand.EXIT, cost=1)


async def test_what_the_venue_counts_is_believed_where_it_is_more() -> None:
    limits = budget(Seconds(), requests=Rate(100, 0.01))
    limits.requests.told(70)
    with pytest.raises(VenueBusy):
        await limits.turn(Errand.ENTRY, cost=1)
    limits.requests.told(5)
    assert limits.requests.left == 30, "another session's requests are not forgotten for our own count"


async def test_a_limit_fills_again_with_time_and_no_further_than_full() -> None:
    seconds = Seconds()
    limits = budget(seconds)
    await limits.turn(Errand.CANCEL, cost=90)
    seconds.now += 45
    assert limits.requests.left == 55
    seconds.now += 1_000
    assert limits.requests.left == 100
