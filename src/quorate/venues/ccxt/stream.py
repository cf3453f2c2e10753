"""The private stream: what a venue tells of our orders and executions by itself, for good.

It is read raw, not through ccxt's streams: those leave out our tag at Kraken, keep numbers as doubles, and drop what
nobody waits for just then. Silence is no sign of life: the venue is asked for one. A message that cannot be read is put
aside; where it may have told of an order, the stream says that it was away, so that what was missed is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from quorate.domain.errors import QuorateError
from quorate.domain.venue import Report, StreamLost, StreamUp
from quorate.venues.ccxt.answers import Malformed
from quorate.venues.ccxt.memory import Quarantine

CONNECT_S = 10.0
CONFIRM_S = 15.0
"""How long a venue may take to confirm that it streams to us."""
PROBE_S = 15.0
"""After so long without a message the venue is asked for one."""
QUIET_S_MAX = 40.0
"""After so long the stream is given up: whatever is at the other end does not hear us."""
STEADY_S = 20.0
"""A stream that was up for so long was no failure: the waits begin anew."""
UNREADABLE_MAX = 20
"""So many unreadable messages in a row, and it is not the venue that speaks, or not its language."""
FIRST_WAIT_S, WAIT_S_MAX = 0.25, 30.0
MESSAGE_BYTES_MAX = 16_000_000
CLOSE_S = 2.0


class Socket(Protocol):
    """One connection that carries texts both ways."""

    async def send(self, message: str) -> None:
        """Send a text. Errors: OSError."""
        ...

    async def receive(self) -> str:
        """The next text. Errors: OSError once the connection is gone. May be broken off and called again."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


Dial = Callable[[str], Awaitable[Socket]]
"""Connects to an address. Errors: OSError."""


class Ended(Exception):
    """The venue says that this stream is over, or what it says proves that something was missed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message brought."""

    reports: tuple[Report, ...] = ()
    confirmed: bool = False
    """Whether it confirms that the venue streams to us."""
    missed: str = ""
    """What proves that a message before it was not heard; empty where nothing does."""


class Dialect(Protocol):
    """How one venue streams."""

    async def address(self) -> str:
        """Where to connect; begins anew. Errors: those of the port."""
        ...

    async def greet(self, socket: Socket) -> bool:
        """Ask for our orders and executions; True where nothing more has to be confirmed.

        Errors: OSError, and those of the port.
        """
        ...

    async def upkeep(self) -> None:
        """Do what keeps the stream open, when it is due. Called at least every PROBE_S. Errors: those of the port."""
        ...

    def probe(self) -> str | None:
        """What makes the venue say something; None where nothing does: then its silence means nothing."""
        ...

    async def read(self, message: str) -> Heard:
        """Read one message. Errors: Malformed for one that may have told of an order; Ended; those of the port."""
        ...


class PrivateStream:
    """Connects, reads and connects again. `chance` draws uniformly from 0 to 1, for waits not in step with others."""

    def __init__(self, dialect: Dialect, dial: Dial, *, quarantine: Quarantine, chance: Callable[[], float]) -> None:
        self._dialect = dialect
        self._dial = dial
        self._quarantine = quarantine
        self._chance = chance
        self._up = False

    async def reports(self) -> AsyncIterator[Report]:
        """Everything the stream brings, and when it was up and away. Ends only when it is closed from outside."""
        failures = 0
        monotonic = asyncio.get_running_loop().time
        told_lost = False
        while True:
            began_s = monotonic()
            try:
                async with contextlib.aclosing(self._session()) as session:
                    async for report in session:
                        told_lost = told_lost and not isinstance(report, StreamUp)
                        yield report
            except (OSError, TimeoutError, EOFError, Ended, QuorateError) as error:
                reason = str(error) or type(error).__name__
            else:
                reason = "the venue closed it"
            self._up = False
            if not told_lost:
                told_lost = True
                yield StreamLost(reason)
            failures = 1 if monotonic() - began_s > STEADY_S else failures + 1
            await asyncio.sleep(self._wait_s(failures))

    def _wait_s(self, failures: int) -> float:
        step_s = min(WAIT_S_MAX, FIRST_WAIT_S * 2.0 ** min(failures - 1, 16))
        return step_s * (0.5 + 0.5 * self._chance())

    async def _session(self) -> AsyncGenerator[Report]:
        address = await self._dialect.address()
        async with asyncio.timeout(CONNECT_S):
            socket = await self._dial(address)
        try:
            if await self._dialect.greet(socket):
                self._up = True
                yield StreamUp()
            unreadable = 0
            async for message in self._messages(socket):
                try:
                    heard = await self._dialect.read(message)
                except Malformed as error:
                    self._quarantine.add(str(error), message)
                    unreadable += 1
                    if unreadable > UNREADABLE_MAX:
                        raise Ended("what comes cannot be read") from error
                    if self._up:
                        yield StreamLost(f"a message could not be read: {error}")
                        yield StreamUp()
                    continue
                unreadable = 0
                if heard.confirmed and not self._up:
                    self._up = True
                    yield StreamUp()
                for report in heard.reports:
                    yield report
                if heard.missed:
                    yield StreamLost(heard.missed)
                    yield StreamUp()
        finally:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await socket.close()

    async def _messages(self, socket: Socket) -> AsyncGenerator[str]:
        """Texts as they come. Errors: OSError, Ended for a venue that is silent although it was asked to speak."""
        monotonic = asyncio.get_running_loop().time
        begun_s = heard_s = monotonic()
        while True:
            if not self._up and monotonic() - begun_s > CONFIRM_S:
                raise Ended(f"the venue did not confirm the stream within {CONFIRM_S:.0f} s")
            try:
                async with asyncio.timeout(PROBE_S):
                    message = await socket.receive()
            except TimeoutError:
                await self._dialect.upkeep()
                probe = self._dialect.probe()
                if probe is None:
                    continue
                if monotonic() - heard_s > QUIET_S_MAX:
                    raise Ended(f"the venue was silent for {QUIET_S_MAX:.0f} s") from None
                await socket.send(probe)
                continue
            heard_s = monotonic()
            yield message
            await self._dialect.upkeep()


class _WebSocket:
    """A WebSocket over the network, whose errors are those of the port."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: str) -> None:
        """As the port says."""
        try:
            await self._connection.send(message)
        except WebSocketException as error:
            raise ConnectionError(_closing(error)) from error

    async def receive(self) -> str:
        """As the port says."""
        try:
            message = await self._connection.recv(decode=None)
        except WebSocketException as error:
            raise ConnectionError(_closing(error)) from error
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    async def close(self) -> None:
        """As the port says."""
        await self._connection.close()


def _closing(error: WebSocketException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


async def dial(address: str) -> Socket:
    """Connect over the network. Errors: OSError."""
    try:
        connection = await connect(
            address, max_size=MESSAGE_BYTES_MAX, open_timeout=CONNECT_S, close_timeout=CLOSE_S, ping_interval=PROBE_S
        )
    except WebSocketException as error:
        raise ConnectionError(type(error).__name__) from error  # its words may hold the address, and that our key
    return _WebSocket(connection)
