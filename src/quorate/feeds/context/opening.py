"""Builds the board from settings: which sources there are, how each is asked, and where its answers are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path

import httpx

from quorate.domain.errors import BadInput
from quorate.feeds.context.board import Asked, ContextBoard, Kept, OnDemand
from quorate.feeds.context.ccxt_derivatives import CcxtDerivatives
from quorate.feeds.context.coin_questions import CoinQuestions
from quorate.feeds.context.coingecko import CoinGecko, CoinMarket, by_coin
from quorate.feeds.context.derivatives import Derivatives, FundingRates, OpenInterest, read_funding_folder
from quorate.feeds.context.discord import DiscordChannel
from quorate.feeds.context.dominance import DominanceSeries
from quorate.feeds.context.fear_greed import FearGreed, FearGreedIndex, read_fear_greed
from quorate.feeds.context.items import ItemKind, ItemShelf, RawItem
from quorate.feeds.context.lane import Lane, Timepiece
from quorate.feeds.context.news_api import NewsApi
from quorate.feeds.context.parts import PartName
from quorate.feeds.context.past_funding import PastFunding
from quorate.feeds.context.recorded_news import read_news
from quorate.feeds.context.rss import RssFeed
from quorate.feeds.context.sentiment import HeadlineSentiment
from quorate.feeds.context.series import Series
from quorate.feeds.context.settings import ContextSettings, FeedAddress, Limits
from quorate.feeds.context.source import Source
from quorate.feeds.context.web import Web, open_client

TABLES_MAX = 24
"""Tables of all coins that are remembered: two hours at one in five minutes."""
RECORDED_ITEMS_MAX = 500_000
DOMINANCE_FILE = Path("context") / "btc_dominance.csv"


def open_context(
    settings: ContextSettings,
    *,
    pairs: Callable[[], Sequence[str]],
    clock: Timepiece,
    chance: Callable[[], float],
    data_dir: Path | None,
    client: httpx.AsyncClient | None = None,
    derivatives: Derivatives | None = None,
) -> ContextBoard:
    """The board of these settings; nothing is asked yet. Errors: BadInput for a recording that cannot be read.

    `pairs` tells whose open interest to ask for. `data_dir` is where the dominance series is kept (None: nowhere).
    `client` and `derivatives` take the place of our own, for a test or another transport.
    """
    opened = _Opened(settings, clock=clock, chance=chance, client=client or open_client())
    opened.coingecko(data_dir)
    opened.contracts(derivatives, pairs)
    opened.fear_greed()
    opened.news()
    opened.social()
    opened.discord()
    return opened.board()


class _Opened:
    """The board in the making."""

    def __init__(
        self, settings: ContextSettings, *, clock: Timepiece, chance: Callable[[], float], client: httpx.AsyncClient
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._web = Web(client, clock=clock)
        self._closers: list[Callable[[], Awaitable[None]]] = [client.aclose]
        self._kept = Kept()
        self._sources: dict[PartName, list[Asked]] = {}
        self._recorded: dict[PartName, str] = {}
        self._sentiment = HeadlineSentiment.open()
        self._questions: CoinQuestions | None = None
        self._past_funding: PastFunding | None = None

    def board(self) -> ContextBoard:
        return ContextBoard(
            self._settings,
            kept=self._kept,
            sources=self._sources,
            recorded=self._recorded,
            on_demand=OnDemand(coins=self._questions, past_funding=self._past_funding),
            skew_ms=lambda: self._web.skew_ms,
            clock=self._clock,
            closers=self._closers,
        )

    def coingecko(self, data_dir: Path | None) -> None:
        settings = self._settings.coingecko
        if settings.kind == "off":
            return
        gecko, lane = CoinGecko(self._web, settings), self._lane("CoinGecko", settings.limits)
        shares = DominanceSeries(None if data_dir is None else data_dir / DOMINANCE_FILE)
        tables: Series[Mapping[str, CoinMarket]] = Series(points_max=TABLES_MAX)

        def take_coins(coins: Sequence[CoinMarket], now_ms: int) -> None:
            tables.add(now_ms, by_coin(coins, settings.coins))
            shares.take_coins(coins, now_ms)

        fresh_s, stale_s, clock = settings.fresh_s, settings.stale_s, self._clock
        coins = Source(
            "CoinGecko coins", gecko.coins, lane=lane, fresh_s=fresh_s, stale_s=stale_s, clock=clock, take=take_coins
        )
        world = Source(
            "CoinGecko market",
            gecko.world,
            lane=lane,
            fresh_s=fresh_s,
            stale_s=stale_s,
            clock=clock,
            take=shares.take_world,
        )
        self._kept.dominance, self._kept.coins = shares, tables
        self._sources["coins"], self._sources["dominance"] = [coins], [world]
        self._questions = CoinQuestions(gecko, settings, lane=lane, clock=clock)

    def contracts(self, derivatives: Derivatives | None, pairs: Callable[[], Sequence[str]]) -> None:
        settings = self._settings.derivatives
        if settings.kind == "recorded":
            if settings.folder is None:
                raise BadInput("Recorded funding needs its folder.", hint="Set context.derivatives.folder.")
            self._kept.funding = read_funding_folder(settings.folder)
            self._recorded["funding"] = settings.folder.name
        if settings.kind != "live":
            return
        exchange = derivatives or CcxtDerivatives(settings)
        lane = self._lane(settings.exchange, settings.limits)
        rates = FundingRates()
        interest: Series[Mapping[str, OpenInterest]] = Series(points_max=TABLES_MAX)
        fresh_s, stale_s, clock = settings.fresh_s, settings.stale_s, self._clock
        self._kept.funding, self._kept.open_interest = rates, interest
        self._past_funding = PastFunding(exchange, rates, lane=lane)
        self._sources["funding"] = [
            Source(
                f"{settings.exchange} funding",
                exchange.funding,
                lane=lane,
                fresh_s=fresh_s,
                stale_s=stale_s,
                clock=clock,
                take=rates.take,
            )
        ]
        self._sources["open_interest"] = [
            Source(
                f"{settings.exchange} open interest",
                lambda: exchange.open_interest(pairs()[: settings.interest_pairs_max]),
                lane=lane,
                fresh_s=fresh_s,
                stale_s=stale_s,
                clock=clock,
                take=lambda told, now_ms: interest.add(now_ms, told),
            )
        ]
        self._closers.append(exchange.close)

    def fear_greed(self) -> None:
        settings = self._settings.fear_greed
        if settings.kind == "recorded":
            if settings.file is None:
                raise BadInput("A recorded Fear & Greed index needs its file.", hint="Set context.fear_greed.file.")
            self._kept.fear_greed = read_fear_greed(settings.file)
            self._recorded["fear_greed"] = settings.file.name
        if settings.kind != "live":
            return
        days: Series[FearGreed] = Series()
        self._kept.fear_greed = days
        index = FearGreedIndex(self._web, settings)
        self._sources["fear_greed"] = [
            Source(
                "Fear & Greed",
                index.newest,
                lane=self._lane("alternative.me", settings.limits),
                fresh_s=settings.fresh_s,
                stale_s=settings.stale_s,
                clock=self._clock,
                take=lambda day, now_ms: days.add(now_ms, day),
            )
        ]

    def news(self) -> None:
        settings = self._settings.news
        if settings.kind == "recorded":
            if settings.file is None:
                raise BadInput("Recorded news need their file.", hint="Set context.news.file.")
            shelf = ItemShelf("news", settings.file.name, self._sentiment, items_max=RECORDED_ITEMS_MAX)
            shelf.take(read_news(settings.file).items, None)
            self._kept.shelves.append(shelf)
            self._recorded["news"] = settings.file.name
        if settings.kind != "live":
            return
        if settings.api is not None:
            name = "CoinDesk" if settings.api == "coindesk" else "CryptoCompare"
            ask = NewsApi(self._web, settings, settings.api).newest
            lane = self._lane(name, settings.limits)
            self._shelf("news", f"{name} news", ask, lane=lane, fresh_s=settings.fresh_s, stale_s=settings.stale_s)
        self._feeds("news", settings.feeds, settings.limits, fresh_s=settings.fresh_s, stale_s=settings.stale_s)

    def social(self) -> None:
        settings = self._settings.social
        self._feeds("social", settings.feeds, settings.limits, fresh_s=settings.fresh_s, stale_s=settings.stale_s)

    def discord(self) -> None:
        settings = self._settings.discord
        if not settings.token or not settings.channels:
            return
        lane = self._lane("Discord", settings.limits)
        for channel in settings.channels:
            ask = DiscordChannel(self._web, channel, settings, lane=lane).newest
            name = f"Discord {channel}"
            self._shelf("community", name, ask, lane=lane, fresh_s=settings.fresh_s, stale_s=settings.stale_s)

    def _feeds(
        self, kind: ItemKind, feeds: Iterable[FeedAddress], limits: Limits, *, fresh_s: float, stale_s: float
    ) -> None:
        for address in feeds:
            ask = RssFeed(self._web, address, bytes_max=limits.body_bytes_max).newest
            lane = self._lane(address.name, limits)
            self._shelf(kind, address.name, ask, lane=lane, fresh_s=fresh_s, stale_s=stale_s)

    def _shelf(
        self,
        kind: ItemKind,
        name: str,
        ask: Callable[[], Awaitable[tuple[RawItem, ...]]],
        *,
        lane: Lane,
        fresh_s: float,
        stale_s: float,
    ) -> None:
        shelf = ItemShelf(kind, name, self._sentiment)
        source = Source(name, ask, lane=lane, fresh_s=fresh_s, stale_s=stale_s, clock=self._clock, take=shelf.take)
        self._kept.shelves.append(shelf)
        self._sources.setdefault(kind, []).append(source)

    def _lane(self, name: str, limits: Limits) -> Lane:
        return Lane(name, limits, clock=self._clock, chance=self._chance)
