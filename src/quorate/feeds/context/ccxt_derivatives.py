"""Funding rates and open interest of any ccxt exchange. ccxt takes seconds to import: it is, when first asked."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Awaitable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from quorate.feeds.context.contract_names import multiplied_symbols_of_pair, pairs_of_contract, symbols_of_pair
from quorate.feeds.context.derivatives import HOURS_MAX, RATE_MAX, STANDARD_HOURS, Funding, OpenInterest
from quorate.feeds.context.faults import SourceFault, malformed
from quorate.feeds.context.numbers import sound, stamp_ms
from quorate.feeds.context.settings import DerivativesSettings
from quorate.feeds.context.web import RETRY_AFTER_S_DEFAULT

CLOSE_S = 5.0
PAIRS_MAX = 2_000
SETTLEMENTS_MAX = 1_000
"""Of one pair, told at once: almost a year of eight-hourly ones, six weeks of hourly ones."""
INTERVALS_ASKED_EVERY = 72
"""Lengths of intervals change rarely: they are asked for once in so many questions (six hours at five minutes)."""


class CcxtDerivatives:
    """One exchange. Close it."""

    def __init__(self, settings: DerivativesSettings) -> None:
        self._settings = settings
        self._library: Any = None
        self._exchange: Any = None
        self._hours: dict[str, int] = {}
        self._questions = 0

    async def funding(self) -> Mapping[str, Funding]:
        """The present rate of every linear perpetual contract. Errors: SourceFault."""
        exchange = await self._open("fetchFundingRates")
        await self._learn_hours(exchange)
        told: Mapping[str, Mapping[str, Any]] = await self._call(exchange.fetch_funding_rates())
        rates: dict[str, Funding] = {}
        for symbol, row in list(told.items())[:PAIRS_MAX]:
            rate = _exact(row.get("fundingRate"), bound=RATE_MAX)
            if rate is not None and self._linear_swap(symbol):
                hours = _hours(row.get("interval")) or self._hours.get(symbol)
                due_ms = _stamp(row.get("fundingTimestamp"))
                found = Funding(rate=rate, hours=hours or STANDARD_HOURS, hours_assumed=hours is None, due_ms=due_ms)
                for pair in pairs_of_contract(symbol):
                    rates.setdefault(pair, found)
        if told and not rates:
            raise malformed("has no funding rate that makes sense")
        return rates

    async def open_interest(self, pairs: Sequence[str]) -> Mapping[str, OpenInterest]:
        """Open interest of these pairs' contracts. Errors: SourceFault."""
        exchange = await self._open("fetchOpenInterests", "fetchOpenInterest")
        told: dict[str, Mapping[str, Any]] = {}
        wanted = {pair: symbol for pair in pairs if (symbol := self._contract_of(pair)) is not None}
        if exchange.has.get("fetchOpenInterests") is True:
            told = dict(await self._call(exchange.fetch_open_interests(list(wanted.values()))))
        else:
            for symbol in list(wanted.values())[: self._settings.interest_pairs_max]:
                told[symbol] = await self._call(exchange.fetch_open_interest(symbol))
        return {pair: _interest(told[symbol]) for pair, symbol in wanted.items() if symbol in told}

    async def settled(
        self, pairs: Sequence[str], *, after_ms: int, until_ms: int
    ) -> Mapping[str, Sequence[tuple[int, Decimal]]]:
        """What was settled on these pairs' contracts in that time. Errors: SourceFault."""
        exchange = await self._open("fetchFundingRateHistory")
        told: dict[str, list[tuple[int, Decimal]]] = {}
        for pair in list(pairs)[:PAIRS_MAX]:
            symbols = (*symbols_of_pair(pair), *multiplied_symbols_of_pair(pair))
            symbol = next((symbol for symbol in symbols if self._linear_swap(symbol)), None)
            if symbol is not None:
                rows = await self._call(exchange.fetch_funding_rate_history(symbol, after_ms, SETTLEMENTS_MAX))
                told[pair] = [point for row in rows if after_ms < (point := _settled(row))[0] <= until_ms]
        return told

    async def close(self) -> None:
        """Let go of connections."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            with contextlib.suppress(Exception):  # a connection that cannot even be closed is gone
                async with asyncio.timeout(CLOSE_S):
                    await exchange.close()

    async def _open(self, *abilities: str) -> Any:
        """The exchange with its markets loaded, if it has one of these abilities."""
        if self._exchange is None:
            self._library = await asyncio.to_thread(importlib.import_module, "ccxt.async_support")
            if self._settings.exchange not in self._library.exchanges:
                raise SourceFault("refused", f"ccxt knows no exchange {self._settings.exchange!r}.")
            config: dict[str, object] = {
                "enableRateLimit": True,
                "timeout": int(self._settings.limits.deadline_s * 1000),
                "options": {"fetchCurrencies": False, "fetchMargins": False},
            }
            if self._settings.urls:
                config["urls"] = dict(self._settings.urls)
            self._exchange = getattr(self._library, self._settings.exchange)(config)
            self._exchange.number = str  # exact, as it was told
        if not any(self._exchange.has.get(ability) is True for ability in abilities):
            raise SourceFault("refused", f"It has no {abilities[-1]}.", hint="Choose another exchange.")
        if not self._exchange.markets:
            await self._call(self._exchange.load_markets())
        return self._exchange

    async def _learn_hours(self, exchange: Any) -> None:
        due = self._questions % INTERVALS_ASKED_EVERY == 0
        self._questions += 1
        if due and exchange.has.get("fetchFundingIntervals") is True:
            told: Mapping[str, Mapping[str, Any]] = await self._call(exchange.fetch_funding_intervals())
            found = {symbol: _hours(row.get("interval")) for symbol, row in told.items()}
            self._hours = {symbol: hours for symbol, hours in found.items() if hours is not None}

    def _linear_swap(self, symbol: str) -> bool:
        market = self._exchange.markets.get(symbol)
        return market is not None and market.get("swap") is True and market.get("linear") is not False

    def _contract_of(self, pair: str) -> str | None:
        return next((symbol for symbol in symbols_of_pair(pair) if self._linear_swap(symbol)), None)

    async def _call(self, call: Awaitable[Any]) -> Any:
        library = self._library
        try:
            return await call
        except (library.RateLimitExceeded, library.DDoSProtection) as error:
            headers: Mapping[str, Any] = self._exchange.last_response_headers or {}
            told = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
            wait_s = float(told) if told.isascii() and told.isdigit() else RETRY_AFTER_S_DEFAULT
            raise SourceFault("throttled", "It wants fewer questions.", retry_after_s=wait_s) from error
        except (library.NetworkError, OSError) as error:
            raise SourceFault("down", f"It cannot be reached ({type(error).__name__}).") from error
        except (
            library.NotSupported,
            library.BadRequest,
            library.AuthenticationError,
            library.PermissionDenied,
        ) as error:
            raise SourceFault("refused", f"It refuses us ({type(error).__name__}).") from error
        except library.BaseError as error:
            raise malformed(f"cannot be understood ({type(error).__name__})") from error


def _interest(row: Mapping[str, Any]) -> OpenInterest:
    return OpenInterest(
        amount=_exact(row.get("openInterestAmount"), bound=None),
        value_usd=_exact(row.get("openInterestValue"), bound=None),
    )


def _exact(told: object, *, bound: Decimal | None) -> Decimal | None:
    try:
        value = Decimal(str(told))
    except InvalidOperation:
        return None
    return sound(value, least=Decimal(0) if bound is None else -bound, most=bound)


def _settled(row: Mapping[str, Any]) -> tuple[int, Decimal]:
    """(stamp, rate) of one settlement. Errors: SourceFault, as what was paid must not be guessed."""
    stamp, rate = _stamp(row.get("timestamp")), _exact(row.get("fundingRate"), bound=RATE_MAX)
    if stamp is None or rate is None:
        raise malformed("has a settlement without its time or its rate")
    return stamp, rate


def _stamp(told: object) -> int | None:
    """A stamp in UTC milliseconds; None for anything that is none."""
    return stamp_ms(told) if isinstance(told, int | float) else None


def _hours(told: object) -> int | None:
    """ "8h" -> 8; None for anything else."""
    text = str(told or "")
    hours = (
        int(text[:-1]) if text.endswith("h") and text[:-1].isascii() and text[:-1].isdigit() and len(text) < 5 else 0
    )
    return hours if 1 <= hours <= HOURS_MAX else None
