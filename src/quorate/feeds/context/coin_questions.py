"""Questions about single coins that are asked when somebody wants to know: prices and price history, cached."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from quorate.feeds.context.coingecko import ChartPoint, CoinGecko
from quorate.feeds.context.lane import Lane, Timepiece
from quorate.feeds.context.settings import CoinGeckoSettings
from quorate.feeds.context.source import Reading, Source, SourceHealth

QUESTIONS_MAX = 64
"""Answers kept; the one longest unused is forgotten first."""


class CoinQuestions:
    """Asks CoinGecko about coins by their id. A fault is None with the reason in `health`, never raised."""

    def __init__(self, gecko: CoinGecko, settings: CoinGeckoSettings, *, lane: Lane, clock: Timepiece) -> None:
        self._gecko = gecko
        self._settings = settings
        self._lane = lane
        self._clock = clock
        self._sources: OrderedDict[str, Source[Any]] = OrderedDict()

    async def prices(self, ids: Sequence[str]) -> Reading[Mapping[str, Decimal]] | None:
        """Prices in USD of these coins; the last good ones where CoinGecko does not answer."""
        wanted = sorted(set(ids))
        source: Source[Mapping[str, Decimal]] = self._source(
            f"prices {','.join(wanted)}", lambda: self._gecko.prices(wanted)
        )
        return await source.read()

    async def history(self, coin_id: str, days: int) -> Reading[tuple[ChartPoint, ...]] | None:
        """Price history of a coin up to now; the last good one where CoinGecko does not answer."""
        source: Source[tuple[ChartPoint, ...]] = self._source(
            f"history {coin_id} {days}", lambda: self._gecko.chart(coin_id, days)
        )
        return await source.read()

    def health(self) -> tuple[SourceHealth, ...]:
        """Every question that was asked, the latest last."""
        return tuple(source.health() for source in self._sources.values())

    def _source(self, name: str, ask: Any) -> Source[Any]:
        source = self._sources.get(name)
        if source is None:
            settings = self._settings
            source = self._sources[name] = Source(
                name, ask, lane=self._lane, fresh_s=settings.fresh_s, stale_s=settings.stale_s, clock=self._clock
            )
        self._sources.move_to_end(name)
        while len(self._sources) > QUESTIONS_MAX:
            self._sources.popitem(last=False)
        return source
