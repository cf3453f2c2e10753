"""A whole live house at each venue that it can trade at: it trades, is killed, comes back, and all adds up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.live_checks import at_rest, require_invariants
from tests.crash.live_desk import live_desk
from tests.crash.live_exchange import live_exchange
from tests.crash.live_venues import KRAKEN, PERPETUALS, LiveVenue


@pytest.mark.timeout(900)
@pytest.mark.parametrize("venue", [PERPETUALS, KRAKEN], ids=lambda venue: venue.name)
async def test_f01_a_live_house_trades_is_killed_and_goes_on_and_the_account_comes_out_even(
    desks: Path, venue: LiveVenue
) -> None:
    async with live_exchange(11, venue=venue) as exchange, live_desk(desks, exchange.address) as desk:
        house = desk.start()
        try:
            await desk.until("OrderFilled", 2, house)
            house.kill()
            house = desk.start()
            await desk.until("TradeClosed", 1, house)
            exchange.calm()
            await at_rest(exchange, desk, house)
        finally:
            house.kill()
        await require_invariants(exchange, desk)
