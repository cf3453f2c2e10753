"""Gathers every source. It asks in the background; what is read from it is read at once, as of an instant.

No fault of any source is ever raised from here: a missing source leaves a gap in the view, and the gap has a name.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quorate.domain.snapshot import Context, Settlement
from quorate.feeds.context.coin_questions import CoinQuestions
from quorate.feeds.context.coingecko import CoinMarket
from quorate.feeds.context.contract_names import spellings
from quorate.feeds.context.derivatives import Funding, FundingRates, OpenInterest
from quorate.feeds.context.dominance import Dominance, DominanceSeries
from quorate.feeds.context.fear_greed import FearGreed
from quorate.feeds.context.items import Item, ItemKind, ItemShelf, merged
from quorate.feeds.context.lane import Timepiece
from quorate.feeds.context.parts import PARTS, ContextFigures, ContextTexts, ContextView, Part, PartName
from quorate.feeds.context.past_funding import PastFunding
from quorate.feeds.context.series import Series
from quorate.feeds.context.settings import ContextSettings
from quorate.feeds.context.source import Reading, SourceHealth

HOUR_MS = 3_600_000
WHY_CHARS_MAX = 300
SKEW_MS_MAX = 30_000
"""A difference of clocks beyond this is told."""
KIND_OF_PART: dict[PartName, ItemKind] = {"news": "news", "social": "social", "community": "community"}


class Asked(Protocol):
    """A source as the board sees it."""

    @property
    def name(self) -> str:
        """What to call it."""
        ...

    async def refresh(self) -> None:
        """Ask if due."""
        ...

    def health(self) -> SourceHealth:
        """How it is."""
        ...


@dataclass(slots=True, kw_only=True)
class Kept:
    """Where answers are kept, by when they became known. None: no source of that part is set."""

    dominance: DominanceSeries | None = None
    coins: Series[Mapping[str, CoinMarket]] | None = None
    funding: FundingRates | None = None
    open_interest: Series[Mapping[str, OpenInterest]] | None = None
    fear_greed: Series[FearGreed] | None = None
    shelves: list[ItemShelf] = field(default_factory=list[ItemShelf])


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemand:
    """Questions that are asked when somebody wants to know. None: their source is off."""

    coins: CoinQuestions | None = None
    """Prices and history of single coins."""
    past_funding: PastFunding | None = None
    """What was settled while nobody listened."""


class ContextBoard:
    """All sources. Made by `opening.open_context`; close it."""

    def __init__(
        self,
        settings: ContextSettings,
        *,
        kept: Kept,
        sources: Mapping[PartName, Sequence[Asked]],
        recorded: Mapping[PartName, str],
        on_demand: OnDemand,
        skew_ms: Callable[[], int | None],
        clock: Timepiece,
        closers: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._sources = {part: tuple(asked) for part, asked in sources.items()}
        self._recorded = dict(recorded)
        self.on_demand = on_demand
        self._skew_ms = skew_ms
        self._clock = clock
        self._closers = tuple(closers)

    async def run(self) -> None:
        """Keep asking whatever is due, until cancelled. A source that hangs delays no other."""
        async with asyncio.TaskGroup() as group:
            for asked in self._all():
                group.create_task(self._keep_asking(asked))

    async def _keep_asking(self, asked: Asked) -> None:
        while True:
            await asked.refresh()
            await self._clock.sleep(self._settings.tick_s)

    async def refresh(self) -> None:
        """Ask every source that is due, all at the same time; each within its own deadline."""
        async with asyncio.TaskGroup() as group:
            for asked in self._all():
                group.create_task(asked.refresh())

    async def close(self) -> None:
        """Let go of connections."""
        for close in self._closers:
            with contextlib.suppress(OSError):
                await close()

    def health(self) -> tuple[SourceHealth, ...]:
        """Every source as a page shows it, live ones first."""
        live = tuple(asked.health() for asked in self._all())
        return (*live, *(_recorded_health(part, what) for part, what in sorted(self._recorded.items())))

    @property
    def skew_ms(self) -> int | None:
        """How far the sources' clocks are ahead of this machine's, by most of them; None where none showed it."""
        return self._skew_ms()

    def view(self, at_ms: int, pairs: Sequence[str]) -> ContextView:
        """Everything known at `at_ms` for these pairs. Asks nobody, and never fails."""
        figures = self._figures(at_ms, pairs)
        texts = self._texts(at_ms)
        return ContextView(
            at_ms=at_ms,
            context=_context(figures.dominance, figures.funding),
            figures=figures,
            texts=texts,
            parts=tuple(self._part(name, at_ms, figures, texts) for name in PARTS),
        )

    def coin(self, coin: str, at_ms: int) -> CoinMarket | None:
        """What is known at `at_ms` of a coin as pairs spell it, whether or not a pair of it is traded; else None."""
        kept = self._kept.coins
        rows = None if kept is None else kept.at(at_ms, age_ms_max=_ms(self._settings.coingecko.stale_s))
        return None if rows is None else rows.value.get(coin)

    def context(self, at_ms: int, pairs: Sequence[str]) -> Context:
        """What the risk controls read, alone."""
        return _context(self._dominance(at_ms), self._funding(at_ms, pairs))

    def settlements(self, after_ms: int, until_ms: int, pairs: Sequence[str]) -> tuple[Settlement, ...]:
        """Funding that fell due on these pairs later than `after_ms`, up to `until_ms`, as far as it is known."""
        funding = self._kept.funding
        return () if funding is None else funding.settlements.between(after_ms, until_ms, pairs)

    def _all(self) -> list[Asked]:
        return list(dict.fromkeys(asked for part in PARTS for asked in self._sources.get(part, ())))

    def _figures(self, at_ms: int, pairs: Sequence[str]) -> ContextFigures:
        kept, settings = self._kept, self._settings
        gecko_ms = _ms(settings.coingecko.stale_s)
        contracts_ms = _ms(settings.derivatives.stale_s)
        rows = None if kept.coins is None else kept.coins.at(at_ms, age_ms_max=gecko_ms)
        interest = None if kept.open_interest is None else kept.open_interest.at(at_ms, age_ms_max=contracts_ms)
        mood = (
            None if kept.fear_greed is None else kept.fear_greed.at(at_ms, age_ms_max=_ms(settings.fear_greed.stale_s))
        )
        return ContextFigures(
            dominance=self._dominance(at_ms),
            coins=_of_coins(rows, pairs),
            funding=self._funding(at_ms, pairs),
            open_interest=_of_pairs(interest, pairs),
            fear_greed=mood,
        )

    def _dominance(self, at_ms: int) -> Dominance | None:
        kept, age_ms_max = self._kept.dominance, _ms(self._settings.coingecko.stale_s)
        return None if kept is None else kept.at(at_ms, age_ms_max=age_ms_max)

    def _funding(self, at_ms: int, pairs: Sequence[str]) -> dict[str, Reading[Funding]]:
        kept, age_ms_max = self._kept.funding, _ms(self._settings.derivatives.stale_s)
        if kept is None:
            return {}
        found = ((pair, kept.at(pair, at_ms, age_ms_max=age_ms_max)) for pair in pairs)
        return {pair: rate for pair, rate in found if rate is not None}

    def _texts(self, at_ms: int) -> ContextTexts:
        span_ms = self._settings.span_hours * HOUR_MS

        def of(kind: ItemKind) -> tuple[Item, ...]:
            each = self._settings.items_per_source_max
            shelves = (shelf for shelf in self._kept.shelves if shelf.kind == kind)
            newest = (shelf.at(at_ms, span_ms=span_ms, items_max=each) for shelf in shelves)
            return merged(newest, items_max=self._settings.items_max)

        return ContextTexts(at_ms=at_ms, news=of("news"), social=of("social"), community=of("community"))

    def _part(self, name: PartName, at_ms: int, figures: ContextFigures, texts: ContextTexts) -> Part:
        if not self._sources.get(name) and name not in self._recorded:
            return Part(name=name, state="off")
        why = self._why(name)
        age_ms = _age_ms(name, figures, texts)
        if age_ms is None:
            return Part(name=name, state="missing", why=why or "Nothing young enough is known.")
        return Part(name=name, state="present", age_ms=age_ms, why=why)

    def _why(self, name: PartName) -> str:
        sources = self._sources.get(name, ())
        reasons = [f"{health.name}: {health.why}" for asked in sources if (health := asked.health()).why]
        skew_ms = self._skew_ms() if sources else None
        if skew_ms is not None and abs(skew_ms) > SKEW_MS_MAX:
            side = "behind" if skew_ms > 0 else "ahead of"
            reasons.append(f"This machine's clock is {abs(skew_ms) / 1000:.0f} s {side} the sources'.")
        return "; ".join(reasons)[:WHY_CHARS_MAX]


def _age_ms(name: PartName, figures: ContextFigures, texts: ContextTexts) -> int | None:
    """Age of the newest value of a part; None where there is none."""
    if name == "dominance":
        return None if figures.dominance is None else figures.dominance.age_ms
    if name == "fear_greed":
        return None if figures.fear_greed is None else figures.fear_greed.age_ms
    if name in KIND_OF_PART:
        items: dict[PartName, tuple[Item, ...]] = {
            "news": texts.news,
            "social": texts.social,
            "community": texts.community,
        }
        return min((texts.age_ms(item) for item in items[name]), default=None)
    tables = {"coins": figures.coins, "funding": figures.funding, "open_interest": figures.open_interest}
    return min((reading.age_ms for reading in tables[name].values()), default=None)


def _of_coins(rows: Reading[Mapping[str, CoinMarket]] | None, pairs: Sequence[str]) -> dict[str, Reading[CoinMarket]]:
    if rows is None:
        return {}
    coins = sorted({pair.partition("/")[0] for pair in pairs})
    return {coin: Reading(rows.value[coin], rows.age_ms) for coin in coins if coin in rows.value}


def _of_pairs(
    table: Reading[Mapping[str, OpenInterest]] | None, pairs: Sequence[str]
) -> dict[str, Reading[OpenInterest]]:
    if table is None:
        return {}
    found = {pair: next((name for name in spellings(pair) if name in table.value), None) for pair in pairs}
    return {pair: Reading(table.value[name], table.age_ms) for pair, name in found.items() if name is not None}


def _recorded_health(part: PartName, what: str) -> SourceHealth:
    return SourceHealth(
        name=f"{part} ({what})",
        state="recorded",
        breaker="closed",
        why="",
        fault=None,
        age_ms=None,
        answered_ms=None,
        failures=0,
        rests_s=0.0,
    )


def _context(dominance: Dominance | None, funding: Mapping[str, Reading[Funding]]) -> Context:
    rates = {pair: found.value.per_8h for pair, found in funding.items()}
    return Context(None if dominance is None else dominance.change_24h, rates or None)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
