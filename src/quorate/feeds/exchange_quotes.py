"""The newest prices of a live exchange between two closes, by stream where it has one, else by question."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from loguru import logger

from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.feeds.backoff import Backoff
from quorate.feeds.exchange_client import ExchangeClient
from quorate.feeds.exchange_markets import price_of
from quorate.feeds.pace import Sleep
from quorate.feeds.quote import Quote, quote_around

ASKED_S = 5.0
"""Seconds between quotes where they have to be asked for."""


class QuoteBoard:
    """The latest quote of every pair of one exchange, kept up to date by `follow`: for eyes, not for decisions."""

    def __init__(
        self,
        client: ExchangeClient,
        markets: Sequence[Market],
        *,
        now_ms: Callable[[], int],
        sleep: Sleep,
        chance: Callable[[], float],
    ) -> None:
        self._client = client
        self._markets = markets
        self._now_ms = now_ms
        self._sleep = sleep
        self._chance = chance
        self._quotes: dict[str, Quote] = {}

    def begin(self, lasts: Mapping[str, float | None]) -> None:
        """Start from last prices alone, with the modelled spread around them."""
        for market in self._markets:
            last = price_of(market, lasts.get(market.pair))
            if last is not None:
                self._quotes[market.pair] = quote_around(market, market.ticks_nearest(last), self._now_ms())

    def at(self, at_ms: int) -> list[Quote]:
        """The newest quotes that are not later than `at_ms`, sorted by pair."""
        return [quote for _, quote in sorted(self._quotes.items()) if quote.at_ms <= at_ms]

    async def follow(self) -> None:
        """Keep up with the exchange until cancelled; whatever goes wrong is tried again and stops nothing."""
        backoff = Backoff(self._chance)
        pairs = [market.pair for market in self._markets]
        while True:
            try:
                if self._client.has("watchTickers"):
                    async with contextlib.aclosing(self._client.stream_tickers(pairs)) as stream:
                        async for tickers in stream:
                            self._note(tickers)
                            backoff.reset()
                else:
                    self._note(await self._client.tickers(pairs))
                    backoff.reset()
                    await self._sleep(ASKED_S)
            except QuorateError as error:
                logger.debug("quotes of {} are missing: {}", self._client.id, error.message)
                await self._sleep(backoff.next_s())

    def _note(self, tickers: Mapping[str, dict[str, Any]]) -> None:
        for market in self._markets:
            told = tickers.get(market.pair)
            last = price_of(market, told.get("last")) if told else None
            if told is not None and last is not None:
                bid, ask = _sane(price_of(market, told.get("bid")), price_of(market, told.get("ask")))
                self._quotes[market.pair] = Quote(market.pair, last, bid, ask, self._now_ms())


def _sane(bid: Decimal | None, ask: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Bid and ask unless they are crossed: then neither can be shown."""
    return (None, None) if bid is not None and ask is not None and bid > ask else (bid, ask)
