"""Asks every source of context once, for somebody who wants to know what they say now: nothing is kept or traded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from quorate.clock import SystemClock
from quorate.domain.errors import BadInput, Unavailable
from quorate.feeds.context.opening import open_context
from quorate.wiring.telling import FigureSaid, PartSaid, figures_in, parts_in

if TYPE_CHECKING:
    from quorate.feeds.context.board import ContextBoard
    from quorate.feeds.context.coingecko import ChartPoint
    from quorate.feeds.context.parts import ContextView
    from quorate.settings import Settings

PAIRS = ("BTC/USDT", "ETH/USDT")
"""Asked about where the settings name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinHistory:
    """A coin's price now and over so many days up to now, in USD."""

    coin: str
    id: str
    days: int
    price: Decimal
    points: tuple[ChartPoint, ...]
    """Oldest first: hourly for up to 90 days, daily beyond."""

    @property
    def change_percent(self) -> Decimal:
        """From the first point to the last."""
        first = self.points[0].price
        return ((self.points[-1].price - first) / first * 100).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextNow:
    """What the sources said."""

    parts: Sequence[PartSaid]
    figures: Sequence[FigureSaid]
    coin: CoinHistory | None


async def context_now(settings: Settings, *, coin: str | None, days: int) -> ContextNow:
    """Every part of the context with its state and figures, and the history of `coin` where one is named.

    A source that fails is a part that says why. Raises BadInput for a coin that is not among the largest and has no id
    in `context.coingecko.coins`, Unavailable where CoinGecko has no history of it just now.
    """
    pairs, clock = settings.feed.pairs or PAIRS, SystemClock()
    async with AsyncExitStack() as stack:
        board = open_context(settings.context, pairs=lambda: pairs, clock=clock, chance=random.random, data_dir=None)
        stack.push_async_callback(board.close)
        await board.refresh()
        view = board.view(clock.now_ms(), pairs)
        history = None if coin is None else await _history(settings, board, view, coin=coin.upper(), days=days)
    return ContextNow(parts=parts_in(view), figures=figures_in(view), coin=history)


async def _history(settings: Settings, board: ContextBoard, view: ContextView, *, coin: str, days: int) -> CoinHistory:
    questions = board.on_demand.coins
    if questions is None:
        raise BadInput("CoinGecko is not asked.", hint='Set context.coingecko.kind = "live".')
    known = board.coin(coin, view.at_ms)
    id_ = settings.context.coingecko.coins.get(coin) or (None if known is None else known.id)
    if id_ is None:
        why = next((part.why for part in view.parts if part.name == "coins"), "")
        raise BadInput(
            f"{coin} is not among the largest coins that CoinGecko told. {why}".strip(),
            hint=f"Name its id there: context.coingecko.coins.{coin}.",
        )
    prices, chart = await questions.prices([id_]), await questions.history(id_, days)
    price = None if prices is None else prices.value.get(id_)
    if price is None or chart is None or not chart.value:
        reasons = [health.why for health in questions.health() if health.why]
        raise Unavailable(f"CoinGecko has no history of {coin} ({id_}) just now.", hint="; ".join(reasons))
    return CoinHistory(coin=coin, id=id_, days=days, price=price, points=chart.value)
