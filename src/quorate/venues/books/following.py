"""Keeps books up to date over the network: connects, does what a book says it needs, and connects again.

While anything is wrong the books say so themselves (`BookShelf.blocked`); nothing here decides whether one may be
traded on. Mending one book never disturbs the others of the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

import msgspec

from quorate.domain.errors import QuorateError
from quorate.venues.books.binance import BinanceBook, DepthUpdate, Numbering, read_snapshot
from quorate.venues.books.kraken import BookMessage, KrakenBook
from quorate.venues.books.shelf import BookShelf, MessageT, binance_shelf, kraken_shelf
from quorate.venues.books.status import Remedy
from quorate.venues.ccxt.stream import Dial, Socket

CONNECT_S = 10.0
QUIET_S_MAX = 30.0
"""A connection that says nothing for so long is given up."""
SYNC_MS_MAX = 10_000
"""A book that waits longer for what would complete it asks again."""
MEND_MS = 1_000
"""Least time between two tries to mend one book; doubled with every try that did not help, up to MEND_MS_MAX."""
MEND_MS_MAX = 30_000
FIRST_WAIT_S, WAIT_S_MAX = 0.25, 30.0
STEADY_MS = 20_000
"""A connection that held for so long was no failure: the waits begin anew."""
CLOSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BookMarket:
    """A pair as a venue streams it: its name there, and the decimals of its prices and quantities."""

    pair: str
    symbol: str
    price_decimals: int
    quantity_decimals: int


@dataclass(frozen=True, slots=True)
class BookDialect:
    """How a venue is asked for books: where, and the texts that join and leave them.

    `fetch` asks for a snapshot by REST and gives it to its book, where snapshots do not come by the stream.
    Errors of `fetch`: OSError, TimeoutError, QuorateError.
    """

    address: str
    join: Callable[[Sequence[str]], str]
    leave: Callable[[Sequence[str]], str]
    fetch: Callable[[str], Awaitable[None]] | None = None


class BookFollower(Generic[MessageT]):
    """The books of one connection. `chance` draws uniformly from 0 to 1, for waits that are not in step with others."""

    def __init__(
        self,
        shelf: BookShelf[MessageT],
        dialect: BookDialect,
        *,
        dial: Dial,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        self.shelf = shelf
        self.trouble: str | None = "not connected yet"
        """What is wrong with the connection just now; None when it is up."""
        self.connected = 0
        """How often a connection was made."""
        self._dialect = dialect
        self._dial = dial
        self._now_ms = now_ms
        self._sleep = sleep
        self._chance = chance
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._tries: dict[str, int] = {}
        self._next_try_ms: dict[str, int] = {}

    async def follow(self) -> None:
        """Keep up with the venue until cancelled; whatever goes wrong is tried again."""
        failures = 0
        while True:
            began_ms = self._now_ms()
            try:
                await self._session()
            except (OSError, TimeoutError, EOFError, QuorateError) as error:
                self.trouble = str(error) or f"silent for {QUIET_S_MAX:g} s"
            self.shelf.begin(f"the connection is gone: {self.trouble}", self._now_ms())
            failures = 1 if self._now_ms() - began_ms > STEADY_MS else failures + 1
            step_s = min(WAIT_S_MAX, FIRST_WAIT_S * 2.0 ** min(failures - 1, 16))
            await self._sleep(step_s * (0.5 + 0.5 * self._chance()))

    async def _session(self) -> None:
        """One connection, until it breaks. Errors: OSError, TimeoutError, EOFError."""
        async with asyncio.timeout(CONNECT_S):
            socket = await self._dial(self._dialect.address)
        try:
            self.shelf.begin("connected, no snapshot yet", self._now_ms())
            self._tries.clear()
            self._next_try_ms.clear()
            await socket.send(self._dialect.join(self.shelf.symbols))
            self.trouble = None
            self.connected += 1
            while True:
                async with asyncio.timeout(QUIET_S_MAX):
                    frame = await socket.receive()
                self.shelf.take(frame, self._now_ms())
                await self._mend(socket)
        finally:
            fetching = list(self._fetching.values())
            self._fetching.clear()
            for task in fetching:
                task.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await socket.close()

    async def _mend(self, socket: Socket) -> None:
        """Do what books need, each when its turn has come again."""
        now_ms = self._now_ms()
        needs = self.shelf.needs(now_ms, patience_ms=SYNC_MS_MAX)
        for symbol in [symbol for symbol in self._tries if symbol not in needs]:
            if self.shelf.is_whole(symbol):
                del self._tries[symbol]
        for symbol, remedy in needs.items():
            if now_ms < self._next_try_ms.get(symbol, 0):
                continue
            tries = self._tries[symbol] = self._tries.get(symbol, 0) + 1
            self._next_try_ms[symbol] = now_ms + min(MEND_MS * 2 ** min(tries - 1, 16), MEND_MS_MAX)
            if remedy is Remedy.RESUBSCRIBE:
                self.shelf.begin("subscribing anew", now_ms, only=symbol)
                await socket.send(self._dialect.leave([symbol]))
                await socket.send(self._dialect.join([symbol]))
            elif self._dialect.fetch is not None and symbol not in self._fetching:
                self._fetching[symbol] = asyncio.create_task(self._fetch(symbol), name=f"snapshot of {symbol}")

    async def _fetch(self, symbol: str) -> None:
        assert self._dialect.fetch is not None, "only where snapshots are asked for"
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._dialect.fetch(symbol)
        except (OSError, TimeoutError, QuorateError):
            return  # the book still says that it needs one, and is asked for again
        finally:
            self._fetching.pop(symbol, None)


def kraken_dialect(address: str, *, depth: int) -> BookDialect:
    """Kraken's WebSocket v2, books of one depth (10, 25, 100, 500 or 1000)."""

    def ask(method: str, symbols: Sequence[str]) -> str:
        params = {"channel": "book", "symbol": list(symbols), "depth": depth}
        return msgspec.json.encode({"method": method, "params": params}).decode()

    return BookDialect(
        address, join=lambda symbols: ask("subscribe", symbols), leave=lambda symbols: ask("unsubscribe", symbols)
    )


def kraken_books(markets: Iterable[BookMarket], *, depth: int, at_ms: int) -> BookShelf[BookMessage]:
    """Books of one depth for Kraken's WebSocket v2."""
    return kraken_shelf(
        KrakenBook(
            market.pair,
            market.symbol,
            price_decimals=market.price_decimals,
            quantity_decimals=market.quantity_decimals,
            depth=depth,
            at_ms=at_ms,
        )
        for market in markets
    )


Ask = Callable[[str], Awaitable[bytes]]
"""Asks for the depth of a symbol by REST. Errors: OSError, TimeoutError, QuorateError."""


def binance_books(
    markets: Iterable[BookMarket], *, numbering: Numbering, address: str, ask: Ask, now_ms: Callable[[], int]
) -> tuple[BookShelf[DepthUpdate], BookDialect]:
    """Books of Binance spot or futures, and how to keep them: `address` is that of combined streams (…/stream)."""
    books = {
        market.symbol: BinanceBook(
            market.pair,
            market.symbol,
            numbering=numbering,
            at_ms=now_ms(),
            price_decimals=market.price_decimals,
            quantity_decimals=market.quantity_decimals,
        )
        for market in markets
    }

    def told(method: str, symbols: Sequence[str]) -> str:
        streams = [f"{symbol.lower()}@depth@100ms" for symbol in symbols]
        return msgspec.json.encode({"method": method, "params": streams, "id": 1}).decode()

    async def fetch(symbol: str) -> None:
        snapshot = read_snapshot(await ask(symbol))
        books[symbol].take_snapshot(snapshot, now_ms())

    dialect = BookDialect(
        address,
        join=lambda symbols: told("SUBSCRIBE", symbols),
        leave=lambda symbols: told("UNSUBSCRIBE", symbols),
        fetch=fetch,
    )
    return binance_shelf(books.values()), dialect
