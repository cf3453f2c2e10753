"""Filling the store from an exchange: only what is missing is asked for, so that a run that was cut off goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from quorate.desk.ports import Clock
from quorate.domain.errors import BadInput, QuorateError
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.download_plan import Reach, windows
from quorate.feeds.candles.gaps import Gap, missing_in
from quorate.feeds.candles.merging import NOTHING, MergeCounts
from quorate.feeds.candles.parts import months_of
from quorate.feeds.candles.rows import STAMP_NONE, Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.candles.sifting import Reason, sift
from quorate.feeds.candles.timeframes import DAY_MS
from quorate.feeds.exchange_client import INVERSE, LINEAR, SPOT, ExchangeClient, Row
from quorate.feeds.exchange_questions import PAGE_ROWS, Questions
from quorate.feeds.pace import Sleep
from quorate.kernel.bars import IntArray
from quorate.store.errors import DataDirUnusable, DiskFull

SERIES_AT_ONCE = 4
"""Series whose months are in memory at the same time; how many questions run at once is `Questions`' business."""
FUNDING_PAGE_ROWS = 100
"""Rates in one question: as many as the most modest exchange gives."""
FUNDING_SKIP_MS = 30 * DAY_MS
"""How far to look on where an exchange has no rate: the contract may be younger than the range."""
CELLS = 6


class Told(Protocol):
    """Whom a download tells how it goes."""

    def __call__(self, series: Series, *, done: int, total: int, at_ms: int) -> None:
        """So much of a series was asked for: candles, of funding milliseconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOptions:
    """Which series of one exchange, and how much of them."""

    exchange: str
    series: Sequence[Series]
    reach: Reach
    urls: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over ccxt's own addresses."""
    pause_ms: float | None = None
    """Takes the place of the rate limit that ccxt knows of."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What came of one series."""

    series: Series
    asked: int = 0
    """Candles that were missing and asked for."""
    counts: MergeCounts = NOTHING
    refused: tuple[tuple[Reason, int], ...] = ()
    missing: int = 0
    """Of those asked for, candles the exchange did not give."""
    first_missing_ms: int | None = None
    error: QuorateError | None = None


async def download(
    options: DownloadOptions,
    store: CandleStore,
    *,
    clock: Clock,
    sleep: Sleep,
    chance: Callable[[], float],
    tell: Told,
) -> list[Downloaded]:
    """Ask for what is missing and write it, a month at a time; what fails for one series is told in its result.

    When it is cancelled, what was got so far is written first. Errors: BadInput for series the exchange does not have,
    Unavailable where it cannot be reached at all, DiskFull, DataDirUnusable.
    """
    classes = {name for series in options.series for name in _classes(series)}
    client = await ExchangeClient.connect(
        options.exchange, urls=options.urls, pause_ms=options.pause_ms, classes=sorted(classes)
    )
    try:
        await client.load_markets()
        server_ms = await client.server_ms()
        for series in options.series:
            _check(client, series)
        questions = Questions(client, "1m", sleep=sleep, chance=chance)
        now_ms = clock.now_ms() if server_ms is None else server_ms
        work = _Work(client, questions, store, options.reach, now_ms, tell)
        turns = asyncio.Semaphore(SERIES_AT_ONCE)

        async def one(series: Series) -> Downloaded:
            async with turns:
                return await work.series(series)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(series), name=series.label) for series in options.series]
        return [task.result() for task in tasks]
    except BaseExceptionGroup as failed:
        known = failed.subgroup(QuorateError)
        if known is None:
            raise
        raise _first(known) from failed
    finally:
        await client.close()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner  # pyright: ignore[reportUnknownArgumentType]  a group of groups is one of the same


def _classes(series: Series) -> tuple[str, ...]:
    if series.kind is SeriesKind.SPOT:
        return SPOT
    _, _, money = series.pair.partition("/")
    quote, _, settle = money.partition(":")
    return LINEAR if quote == settle else INVERSE


def _check(client: ExchangeClient, series: Series) -> None:
    """BadInput for a series the exchange does not have."""
    if client.market(series.pair) is None:
        base = series.pair.partition("/")[0]
        near = [pair for pair in client.known() if pair.startswith(f"{base}/")][:6]
        raise BadInput(
            f"{client.id} does not trade {series.pair}.",
            hint=f"With {base} it trades {', '.join(near)}." if near else "Check the pair's spelling.",
        )
    needed = {SeriesKind.MARK: "fetchMarkOHLCV", SeriesKind.FUNDING: "fetchFundingRateHistory"}
    ability = needed.get(series.kind, "fetchOHLCV")
    if not client.has(ability):
        raise BadInput(f"{client.id} does not give {series.kind} data.", hint="Leave it out, or use another exchange.")
    if series.timeframe and series.timeframe not in client.timeframes():
        raise BadInput(
            f"{client.id} has no {series.timeframe} candles.", hint=f"It has {', '.join(client.timeframes())}."
        )


@dataclass(slots=True)
class _Buffer:
    """Rows of one series that wait to be written, and what became of earlier ones."""

    parts: list[Rows] = field(default_factory=list[Rows])
    counts: MergeCounts = NOTHING
    refused: Counter[Reason] = field(default_factory=Counter[Reason])

    def take(self, width: int) -> Rows:
        """What waits, in order, each stamp once; nothing waits then."""
        rows, self.parts = Rows.joined(self.parts, width).in_order(), []
        if not len(rows):
            return rows
        return rows.at(np.flatnonzero(np.diff(rows.stamps, append=rows.stamps[-1] + 1)))


@dataclass(slots=True)
class _Work:
    """One download's tools."""

    client: ExchangeClient
    questions: Questions
    store: CandleStore
    reach: Reach
    now_ms: int
    tell: Told

    async def series(self, series: Series) -> Downloaded:
        """Bring one series up to date. Errors: DiskFull, DataDirUnusable."""
        buffer = _Buffer()
        stamps = await asyncio.to_thread(self.store.stamps, series)
        error: QuorateError | None = None
        holes = self._holes(series, stamps)
        try:
            if series.kind is SeriesKind.FUNDING:
                await self._funding(series, stamps, buffer)
            else:
                await self._candles(series, holes, stamps, buffer)
        except (DiskFull, DataDirUnusable):
            raise
        except QuorateError as fault:
            error = fault
        finally:
            # Also when somebody stops us: nothing that was got is lost. Not awaited, since we may be cancelled.
            self._write(series, buffer)
        missing = await asyncio.to_thread(self._missing, series, holes)
        return Downloaded(
            series,
            sum(hole.missing for hole in holes),
            buffer.counts,
            tuple(sorted(buffer.refused.items())),
            sum(hole.missing for hole in missing),
            missing[0].start_ms if missing else None,
            error,
        )

    def _holes(self, series: Series, stamps: IntArray) -> list[Gap]:
        if series.kind is SeriesKind.FUNDING:
            return []
        return self.reach.holes(stamps, series.length_ms, now_ms=self.now_ms)

    async def _candles(self, series: Series, holes: Sequence[Gap], stamps: IntArray, buffer: _Buffer) -> None:
        total, done = sum(hole.missing for hole in holes), 0
        price = "mark" if series.kind is SeriesKind.MARK else None
        for window in windows(holes, PAGE_ROWS):
            if buffer.parts and _month(int(buffer.parts[0].stamps[0])) != _month(window.start_ms):
                await asyncio.to_thread(self._write, series, buffer)
            told = await self.questions.rows(
                series.pair, series.timeframe, start_ms=window.start_ms, stop_ms=window.stop_ms, price=price
            )
            self._take(_rows(told), series, stamps, buffer)
            done += window.wanted
            self.tell(series, done=done, total=total, at_ms=window.stop_ms)

    async def _funding(self, series: Series, stamps: IntArray, buffer: _Buffer) -> None:
        reach = self.reach.of(stamps, series.length_ms, now_ms=self.now_ms)
        assert reach.start_ms is not None, "a reach has two ends"
        assert reach.stop_ms is not None, "a reach has two ends"
        since_ms, total = reach.start_ms, max(1, reach.stop_ms - reach.start_ms)
        while since_ms < reach.stop_ms:
            if buffer.parts and _month(int(buffer.parts[0].stamps[0])) != _month(since_ms):
                await asyncio.to_thread(self._write, series, buffer)
            told = await self.questions.asked(
                lambda since_ms=since_ms: self.client.funding_rates(
                    series.pair, since_ms=since_ms, limit=FUNDING_PAGE_ROWS
                )
            )
            fresh = [(at, rate) for at, rate in told if since_ms <= at < reach.stop_ms]
            since_ms = fresh[-1][0] + 1 if fresh else _on(told, since_ms)
            raw = Rows(np.array([at for at, _ in fresh], np.int64), np.array([[rate for _, rate in fresh]], np.float64))
            self._take(raw, series, stamps, buffer)
            done = min(since_ms, reach.stop_ms) - reach.start_ms
            self.tell(series, done=done, total=total, at_ms=min(since_ms, reach.stop_ms))

    def _take(self, raw: Rows, series: Series, stamps: IntArray, buffer: _Buffer) -> None:
        """Judge an answer's rows and keep those that are not stored yet, or all where stored ones give way."""
        sifted = sift(raw, series, now_ms=self.now_ms)
        buffer.refused.update(sifted.refused)
        rows = sifted.rows if self.reach.overwrite else sifted.rows.at(~np.isin(sifted.rows.stamps, stamps))
        if len(rows):
            buffer.parts.append(rows)

    def _write(self, series: Series, buffer: _Buffer) -> None:
        rows = buffer.take(len(series.kind.columns))
        buffer.counts += self.store.write(series, rows, overwrite=self.reach.overwrite)

    def _missing(self, series: Series, holes: Sequence[Gap]) -> list[Gap]:
        stamps = self.store.stamps(series)
        return [
            gap
            for hole in holes
            for gap in missing_in(stamps, hole.length_ms, start_ms=hole.start_ms, stop_ms=hole.stop_ms)
        ]


def _rows(told: Sequence[Row]) -> Rows:
    """An exchange's rows as columns; what is no number is not finite, what has no time has none."""
    cells = [[_number(cell) for cell in (*row, *([None] * CELLS))[:CELLS]] for row in told]
    table = np.array(cells, np.float64).reshape(len(cells), CELLS)
    timed = np.isfinite(table[:, 0]) & (table[:, 0] >= 0)
    stamps = np.where(timed, np.where(timed, table[:, 0], 0), STAMP_NONE).astype(np.int64)
    return Rows(stamps, np.ascontiguousarray(table[:, 1:].T))


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else float("nan")


def _month(at_ms: int) -> int:
    return int(months_of(np.array([at_ms], np.int64))[0])


def _on(told: Sequence[tuple[int, float]], since_ms: int) -> int:
    """Where to look on after an answer without news: later on, or where the exchange says its rates begin."""
    later = [at for at, _ in told if at > since_ms]
    return min(later) if later else since_ms + FUNDING_SKIP_MS
