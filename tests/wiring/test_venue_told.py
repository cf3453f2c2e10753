"""What a worker tells of its venue is what its dealer has heard, and what a look at the account has found."""

import asyncio
from decimal import Decimal

import pytest

from quorate.accounts.settings import TITLES, LiveVenueSettings, VenueName
from quorate.domain.venue import StreamLost
from quorate.store.readers.venue import BalanceSaid, DifferenceSaid
from quorate.venues.ccxt.connect import connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.wiring.telling import venue_said
from tests.desk.staged import Stage
from tests.simulation.virtual import VirtualClock, run

KRAKEN = LiveVenueSettings(name="kraken", testnet=True)


def test_a_desk_that_is_being_opened_says_which_venue_it_will_trade_at() -> None:
    said = venue_said(KRAKEN, "live", None)
    assert (said.account, said.name, said.testnet, said.spot, said.stream_up) == ("live", "Kraken", True, True, False)
    assert said.fault == "the desk is being opened"
    assert not venue_said(LiveVenueSettings(name="binanceusdm"), "live", None).spot


@pytest.mark.parametrize("name", TITLES)
async def test_a_venue_is_called_what_it_calls_itself(name: VenueName) -> None:
    settings = VenueSettings(exchange=name, key="demo", secret="demo", pairs=("BTC/USDT",))
    venue = await connect(settings, clock=VirtualClock(), chance=lambda: 0.5)
    assert venue.name == TITLES[name]
    await venue.close()


def test_what_the_venue_said_last_and_what_it_has_is_told() -> None:
    async def scene() -> None:
        stage = Stage()
        running = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
        await asyncio.sleep(5)
        said = venue_said(KRAKEN, "live", stage.dealer)
        assert (said.name, said.stream_up, said.fault) == ("Kraken", True, ""), "it is called the same as before"
        assert said.heard_ms is not None
        assert said.reconciled_ms is not None
        assert said.balances == (BalanceSaid(asset="USDT", total=Decimal(10_000), held=Decimal(0)),)
        assert (said.differences, said.elsewhere) == ((), False)

        stage.venue.cash = Decimal(9_000)
        stage.venue.heard.put_nowait(StreamLost("reset"))
        await asyncio.sleep(2)
        said = venue_said(KRAKEN, "live", stage.dealer)
        assert said.differences == (DifferenceSaid(subject="USDT", expected=Decimal(10_000), found=Decimal(9_000)),), (
            "suspected already, before it is a break"
        )
        assert not said.stream_up
        assert said.heard_ms is not None
        assert VirtualClock().now_ms() - said.heard_ms < 2_000, "an answer is a word of the venue, too"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scene())
