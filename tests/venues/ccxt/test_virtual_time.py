"""The real adapter on a virtual clock: real ccxt, no sockets, hours in a moment, the same in every run."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from quorate.domain.orders import OrderKind
from quorate.domain.venue import OutcomeUnknown, StreamLost, StreamUp, VenueStatus
from quorate.domain.votes import Action
from quorate.venues.ccxt import library
from quorate.venues.ccxt.answers import Malformed
from quorate.venues.ccxt.memory import Quarantine
from quorate.venues.ccxt.stream import (
    CONFIRM_S,
    QUIET_S_MAX,
    UNREADABLE_MAX,
    WAIT_S_MAX,
    Ended,
    Heard,
    PrivateStream,
    Socket,
)
from tests.simulation.virtual import VirtualClock, run
from tests.venues.ccxt import houses
from tests.venues.ccxt.houses import Shifted
from tests.venues.ccxt.lines import Fault

HOUSES = {"binance": houses.binance, "binanceusdm": houses.binanceusdm, "kraken": houses.kraken}


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """A thread could not be waited for on a virtual clock."""
    importlib.import_module(library.LIBRARY)


def virtual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(houses, "Shifted", lambda: Shifted(clock=VirtualClock()))


async def a_morning(venue: str, told: list[Any]) -> None:
    async with HOUSES[venue](sockets=False) as house:
        placed = await house.rest()
        house.line.next(house.words["place"], Fault.NEVER_ANSWER)
        lost = house.request(OrderKind.LIMIT, Action.BUY, "1", "94")
        begun = house.now_ms()
        with pytest.raises(OutcomeUnknown):
            await house.venue.place(lost)
        assert house.now_ms() - begun == house.settings.place_s * 1000, "to the millisecond"
        order = await house.venue.find(tag=lost.tag, pair=house.pair, since_ms=begun)
        assert order is not None
        assert order.status is VenueStatus.OPEN
        await asyncio.sleep(3_600)
        await house.venue.cancel(tag=placed.tag, venue_id=placed.venue_id, pair=house.pair)
        await house.venue.place(house.request(OrderKind.MARKET, Action.SELL, "1"))
        told += [*house.line.sent, await house.venue.fills(house.pair, since_ms=begun), await house.venue.account()]


@pytest.mark.parametrize("venue", list(HOUSES))
def test_a_day_with_a_lost_answer_is_the_same_to_the_last_byte_of_every_request(
    venue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    virtual(monkeypatch)
    once, again = list[Any](), list[Any]()
    run(a_morning(venue, once))
    run(a_morning(venue, again))
    assert once == again


# --- the stream, by itself ------------------------------------------------------------------------------------------


@dataclass
class Script:
    """A socket that brings these texts and then says nothing; None cuts it."""

    texts: list[str | None]
    sent: list[str] = field(default_factory=list)

    async def send(self, message: str) -> None:
        self.sent.append(message)

    async def receive(self) -> str:
        if not self.texts:
            await asyncio.sleep(1e9)
        text = self.texts.pop(0)
        if text is None:
            raise ConnectionResetError("cut")
        return text

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Plain:
    """A language in which "up" confirms, "bad" cannot be read and "over" ends the stream."""

    probing: bool = True
    upkept: int = 0

    async def address(self) -> str:
        return "ws://nowhere"

    async def greet(self, socket: Socket) -> bool:
        del socket
        return False

    async def upkeep(self) -> None:
        self.upkept += 1

    def probe(self) -> str | None:
        return "ping" if self.probing else None

    async def read(self, message: str) -> Heard:
        if message == "bad":
            raise Malformed("it is bad")
        if message == "over":
            raise Ended("it is over")
        return Heard(confirmed=message == "up")


@dataclass
class Told:
    """What a stream has told, and when."""

    reports: list[tuple[float, Any]]
    dialled: list[float]
    quarantine: Quarantine
    sockets: list[Script]


def streamed(scripts: list[list[str | None]], *, seconds: float, dialect: Plain | None = None) -> Told:
    """Listen for so long to sockets that follow these scripts, one after another; then nobody answers."""
    told = Told([], [], Quarantine("Venue"), [])

    async def dial(_address: str) -> Script:
        told.dialled.append(asyncio.get_running_loop().time())
        if not scripts:
            raise ConnectionRefusedError("nobody there")
        told.sockets.append(Script(scripts.pop(0)))
        return told.sockets[-1]

    async def listen() -> None:
        stream = PrivateStream(dialect or Plain(), dial, quarantine=told.quarantine, chance=lambda: 1.0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), contextlib.aclosing(stream.reports()) as reports:  # type: ignore[type-var]
                async for report in reports:
                    told.reports.append((asyncio.get_running_loop().time(), report))

    work: Coroutine[Any, Any, None] = listen()
    run(work)
    return told


def kinds(told: Told) -> list[type]:
    return [type(report) for _, report in told.reports]


def test_f23_a_stream_that_is_connected_and_silent_is_asked_and_then_given_up() -> None:
    told = streamed([["up"], ["up"]], seconds=QUIET_S_MAX + 20)
    assert kinds(told) == [StreamUp, StreamLost, StreamUp]
    assert told.sockets[0].sent[:2] == ["ping", "ping"]
    assert told.reports[1][0] <= QUIET_S_MAX + 16


def test_a_stream_that_nothing_makes_speak_may_be_silent_for_hours_and_is_kept_open() -> None:
    dialect = Plain(probing=False)
    assert kinds(streamed([["up"]], seconds=4 * 3_600, dialect=dialect)) == [StreamUp]
    assert dialect.upkept > 900


def test_a_stream_that_is_never_confirmed_is_no_stream() -> None:
    told = streamed([[]], seconds=3 * CONFIRM_S)
    assert kinds(told) == [StreamLost]


def test_it_tries_again_ever_more_slowly_and_says_once_that_it_is_away() -> None:
    told = streamed([], seconds=600)
    assert kinds(told) == [StreamLost]
    waits = [later - earlier for earlier, later in zip(told.dialled, told.dialled[1:], strict=False)]
    assert waits == sorted(waits)
    assert waits[-1] == WAIT_S_MAX
    assert len(told.dialled) < 40


def test_a_stream_that_was_steady_comes_back_at_once() -> None:
    told = streamed([["up", *["x"] * 3], ["up"], ["up"]], seconds=200)
    lost = [at for at, report in told.reports if isinstance(report, StreamLost)]
    up = [at for at, report in told.reports if isinstance(report, StreamUp)]
    assert all(after - before <= 1.0 for before, after in zip(lost, up[1:], strict=False))


def test_a_flood_of_what_cannot_be_read_ends_the_connection_and_is_counted() -> None:
    told = streamed([["up", *["bad"] * 100], ["up"]], seconds=30)
    assert told.quarantine.total == UNREADABLE_MAX + 1
    assert told.quarantine.counts["it is bad"] == UNREADABLE_MAX + 1
    assert kinds(told)[-2:] == [StreamLost, StreamUp]
    assert told.quarantine.newest[-1] == "it is bad: bad"


@pytest.mark.parametrize("end", ["over", None])
def test_what_ends_a_stream_is_told_with_its_reason(end: str | None) -> None:
    told = streamed([["up", end], ["up"]], seconds=5)
    assert kinds(told) == [StreamUp, StreamLost, StreamUp]
    assert told.reports[1][1].reason == ("it is over" if end else "cut")
