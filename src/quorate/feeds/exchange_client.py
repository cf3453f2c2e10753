"""The one place that speaks to ccxt: public market data of any exchange, each call under a total deadline.

ccxt takes seconds to import, so it is imported when the first client is made, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar, cast

from quorate.domain.errors import BadInput, QuorateError, Unavailable
from quorate.feeds.universe import Listing

T = TypeVar("T")
Row = Sequence[object]
REQUEST_S = 10.0
"""Total deadline of one request, waiting for the rate limit's turn not included."""
QUEUE_S = 120.0
"""Longest wait for a request's turn under the exchange's rate limit, and the request."""
MARKETS_S = 30.0
STREAM_QUIET_S = 90.0
"""A stream that says nothing for so long is given up."""
CLOSE_S = 5.0
RETRY_AFTER_S_MAX = 300.0
RETRY_AFTER_S_DEFAULT = 10.0
ROWS_SEEN = 3
"""Newest candles of a pair that are looked at when a stream wakes us."""
DECIMAL_PLACES, SIGNIFICANT_DIGITS = 2, 3
SPOT = ("spot",)
LINEAR, INVERSE = ("linear", "swap"), ("inverse", "swap")
"""Classes of markets, as exchanges in ccxt name those they can be asked for: coins, and contracts on them that are
settled in their quote currency or in the coin."""


class Throttled(Unavailable):
    """The exchange asks for fewer requests. `retry_after_s` is how long it wants to be left alone."""

    code = "throttled"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message, hint="It is asked again later.")
        self.retry_after_s = retry_after_s


class ExchangeClient:
    """Public data of one exchange. Make one with `connect`, and `close` it."""

    def __init__(
        self, exchange_id: str, library: Any, config: Mapping[str, object], classes: Sequence[str] = SPOT
    ) -> None:
        self.id = exchange_id
        self._library = library
        self._config = dict(config)
        self._classes = classes
        self._rest: Any = self._make()

    @classmethod
    async def connect(
        cls, exchange_id: str, *, urls: Mapping[str, object], pause_ms: float | None, classes: Sequence[str] = SPOT
    ) -> ExchangeClient:
        """A client of the exchange that ccxt knows as `exchange_id`; nothing is sent yet. Errors: BadInput.

        `urls` are laid over ccxt's own: for test networks, and servers on this machine. `pause_ms` takes the place of
        the rate limit that ccxt knows of. Only markets of `classes` are learnt of, where the exchange can be asked so.
        """
        library = await asyncio.to_thread(importlib.import_module, "ccxt.pro")
        if exchange_id not in library.exchanges and not hasattr(library, exchange_id):
            near = [name for name in library.exchanges if name.startswith(exchange_id[:3])]
            raise BadInput(
                f"ccxt knows no exchange {exchange_id!r}.", hint=f"Try {', '.join(near[:6]) or 'binance or kraken'}."
            )
        config: dict[str, object] = {
            "enableRateLimit": True,
            "timeout": int(REQUEST_S * 1000),
            "options": {
                "fetchCurrencies": False,
                "fetchMargins": False,
                "watchTickers": {"name": "ticker"},  # Binance's default stream leaves out bid and ask
            },
            "newUpdates": True,
        }
        if urls:
            config["urls"] = urls
        if pause_ms is not None:
            config["rateLimit"] = pause_ms
        return cls(exchange_id, library, config, classes)

    def _make(self) -> Any:
        exchange = getattr(self._library, self.id)(self._config)
        told: object = exchange.options.get("fetchMarkets")
        types: object = cast("dict[str, object]", told).get("types") if isinstance(told, dict) else None
        if isinstance(types, list):
            wanted = [name for name in cast("list[str]", types) if name in self._classes]
            exchange.options["fetchMarkets"] = {**cast("dict[str, object]", told), "types": wanted or types}
        return exchange

    def has(self, ability: str) -> bool:
        """Whether ccxt can do something natively at this exchange."""
        return self._rest.has.get(ability) is True

    @property
    def pause_ms(self) -> float:
        """Least time between two of our questions, by the exchange's rate limit."""
        return float(self._rest.rateLimit or 0)

    async def close(self) -> None:
        """Close every connection."""
        await _closed(self._rest)

    async def load_markets(self) -> None:
        """Learn what is traded. Errors: Unavailable, Throttled."""
        await self._call(self._rest.load_markets(), MARKETS_S, "list its markets")

    async def server_ms(self) -> int | None:
        """The exchange's clock; None where it does not show it. Errors: Unavailable, Throttled."""
        if not self.has("fetchTime"):
            return None
        return int(await self._call(self._rest.fetch_time(), REQUEST_S, "tell the time"))

    async def listings(self) -> list[Listing]:
        """Every market with its last 24 h. Markets must be loaded. Errors: Unavailable, Throttled."""
        tickers: dict[str, dict[str, Any]] = await self._call(self._rest.fetch_tickers(), MARKETS_S, "list its prices")
        markets: dict[str, dict[str, Any]] = self._rest.markets
        return [self._listing(market, tickers.get(pair, {})) for pair, market in markets.items()]

    def _listing(self, market: dict[str, Any], ticker: dict[str, Any]) -> Listing:
        last = ticker.get("last")
        volume = ticker.get("quoteVolume")
        if volume is None and last and ticker.get("baseVolume"):
            volume = ticker["baseVolume"] * (ticker.get("vwap") or last)
        return Listing(
            pair=market["symbol"],
            spot=bool(market.get("spot")),
            active=market.get("active") is not False,
            tick=self.step(market, "price", last),
            listed_ms=market.get("created"),
            last=last,
            bid=ticker.get("bid"),
            ask=ticker.get("ask"),
            quote_volume=volume,
        )

    def market(self, pair: str) -> dict[str, Any] | None:
        """ccxt's own description of a market; None for one that is not there."""
        return self._rest.markets.get(pair)

    def pairs(self) -> list[str]:
        """Every spot pair, sorted."""
        return sorted(pair for pair, market in self._rest.markets.items() if market.get("spot"))

    def known(self) -> list[str]:
        """Every pair and contract, sorted."""
        return sorted(self._rest.markets)

    def timeframes(self) -> list[str]:
        """Timeframes the exchange has candles of."""
        return list(self._rest.timeframes or {})

    def step(self, market: dict[str, Any], what: str, price: float | None) -> Decimal | None:
        """The smallest step of a market's "price" or "amount", however the exchange expresses it."""
        precision: dict[str, Any] = market.get("precision") or {}
        value = precision.get(what)
        if value is None:
            return None
        exact = Decimal(str(value))
        mode = self._rest.precisionMode
        if mode == DECIMAL_PLACES:
            return Decimal(1).scaleb(-int(exact))
        if mode == SIGNIFICANT_DIGITS:
            return None if not price else Decimal(1).scaleb(Decimal(str(price)).adjusted() + 1 - int(exact))
        return exact.normalize() if exact > 0 else None

    async def candles(
        self, pair: str, timeframe: str, *, since_ms: int, limit: int, price: str | None = None
    ) -> list[Row]:
        """Candles that open at or after `since_ms`, oldest first, the forming one perhaps among them.

        `price` is "mark" for those of a contract's mark price. Errors: Unavailable, Throttled, BadInput.
        """
        more = {} if price is None else {"price": price}
        rows = await self._call(
            self._rest.fetch_ohlcv(pair, timeframe, since_ms, limit, more), QUEUE_S, f"give candles of {pair}"
        )
        return list(rows)

    async def funding_rates(self, pair: str, *, since_ms: int, limit: int) -> list[tuple[int, float]]:
        """Funding that a contract paid at or after `since_ms`: instants (UTC ms) and rates, oldest first.

        Errors: Unavailable, Throttled, BadInput.
        """
        told: list[dict[str, Any]] = await self._call(
            self._rest.fetch_funding_rate_history(pair, since_ms, limit), QUEUE_S, f"give funding rates of {pair}"
        )
        rows = [(row.get("timestamp"), row.get("fundingRate")) for row in told]
        return sorted((int(at), float(rate)) for at, rate in rows if at is not None and rate is not None)

    async def tickers(self, pairs: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Newest prices by pair. Errors: Unavailable, Throttled."""
        return dict(await self._call(self._rest.fetch_tickers(list(pairs)), QUEUE_S, "give prices"))

    async def stream_candles(self, pairs: Sequence[str], timeframe: str) -> AsyncGenerator[dict[str, list[Row]]]:
        """The newest rows of every pair, whenever a stream of its own says something. Errors: Unavailable, BadInput.

        The client library hands each message to whoever waits just then and drops it otherwise, but keeps its own
        table of candles: that table is what is read.
        """
        socket = await self._socket()
        heard = asyncio.Event()
        watchers = self._watchers(socket, pairs, timeframe, heard)
        try:
            while True:
                await self._wait(heard, watchers)
                heard.clear()
                yield {pair: list(socket.ohlcvs.get(pair, {}).get(timeframe, []))[-ROWS_SEEN:] for pair in pairs}
        finally:
            await _stopped(watchers)
            await _closed(socket)

    async def stream_tickers(self, pairs: Sequence[str]) -> AsyncGenerator[dict[str, dict[str, Any]]]:
        """Tickers as they change. Errors: Unavailable, BadInput."""
        socket = await self._socket()
        try:
            while True:
                yield dict(await self._call(socket.watch_tickers(list(pairs)), STREAM_QUIET_S, "stream prices"))
        finally:
            await _closed(socket)

    async def _socket(self) -> Any:
        """A client of its own for each stream, so that breaking one off disturbs nothing else."""
        socket = self._make()
        socket.set_markets(self._rest.markets, self._rest.currencies)
        return socket

    def _watchers(
        self, socket: Any, pairs: Sequence[str], timeframe: str, heard: asyncio.Event
    ) -> list[asyncio.Task[None]]:
        async def follow(watch: Any, *arguments: object) -> None:
            while True:
                await self._call(watch(*arguments), None, "stream candles")
                heard.set()

        if self.has("watchOHLCVForSymbols"):
            wanted = [[pair, timeframe] for pair in pairs]
            return [asyncio.create_task(follow(socket.watch_ohlcv_for_symbols, wanted))]
        return [asyncio.create_task(follow(socket.watch_ohlcv, pair, timeframe)) for pair in pairs]

    async def _wait(self, heard: asyncio.Event, watchers: Sequence[asyncio.Task[None]]) -> None:
        woken = asyncio.create_task(heard.wait())
        try:
            done, _ = await asyncio.wait(
                [woken, *watchers], timeout=STREAM_QUIET_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if not done:
                raise Unavailable(f"{self.id} has streamed nothing for {STREAM_QUIET_S:.0f} s.", hint="")
        finally:
            woken.cancel()

    async def _call(self, call: Awaitable[T], deadline_s: float | None, what: str) -> T:
        try:
            async with asyncio.timeout(deadline_s):
                return await call
        except TimeoutError as error:
            raise Unavailable(f"{self.id} did not {what} within {deadline_s} s.", hint="") from error
        except QuorateError:
            raise
        except (OSError, self._library.BaseError) as error:
            raise self._meaning(error, what) from error
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            # The library does not check what it parses: a malformed answer surfaces as any of these.
            raise Unavailable(f"{self.id} answered nonsense when asked to {what}: {error!r}.", hint="") from error

    def _meaning(self, error: Exception, what: str) -> QuorateError:
        library = self._library
        text = f"{self.id} did not {what}: {_brief(error)}"
        if isinstance(error, library.RateLimitExceeded | library.DDoSProtection):
            return Throttled(text, retry_after_s=self._retry_after_s())
        if isinstance(error, library.BadSymbol | library.NotSupported | library.BadRequest):
            return BadInput(text, hint="Check the exchange and the pairs.")
        return Unavailable(text, hint="Check the network, or use --feed simulated.")

    def _retry_after_s(self) -> float:
        headers: Mapping[str, str] = self._rest.last_response_headers or {}
        told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
        try:
            return min(max(float(told), 0.0), RETRY_AFTER_S_MAX)
        except ValueError:
            return RETRY_AFTER_S_DEFAULT


BRIEF_MAX = 160


def _brief(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= BRIEF_MAX else f"{words[:BRIEF_MAX]}…"


async def _stopped(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _closed(exchange: Any) -> None:
    with contextlib.suppress(Exception):  # a connection that cannot even be closed is gone
        async with asyncio.timeout(CLOSE_S):
            await exchange.close()
