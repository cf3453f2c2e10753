"""Funding rates and open interest of perpetual contracts, as they became known, live or recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Protocol

import polars as pl

from quorate.domain.errors import BadInput
from quorate.feeds.context.contract_names import spellings
from quorate.feeds.context.numbers import sound, stamp_ms
from quorate.feeds.context.series import Series
from quorate.feeds.context.settlements import Settlements
from quorate.feeds.context.source import Reading
from quorate.feeds.estimates import pair_of

HOUR_MS = 3_600_000
STANDARD_HOURS = 8
HOURS_MAX = 24
RATE_MAX = Decimal(1)
"""A rate beyond 100 % per interval is an error, not a market."""
PLACES = Decimal("0.0000000001")
LIVE_POINTS_MAX = 64
FILE = re.compile(r"(?P<exchange>[a-z0-9]+)_(?P<symbol>[A-Z0-9]+)_funding\.parquet")
STAMP_COLUMNS, RATE_COLUMNS = ("ts", "date"), ("funding_rate", "open")
"""The second of each is how freqtrade stores funding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """What longs pay shorts (negative: the other way), as a ratio of the position."""

    rate: Decimal
    """Per interval, as the exchange tells it."""
    hours: int
    """Length of the interval."""
    hours_assumed: bool = False
    """True where the exchange did not say: eight are assumed."""
    due_ms: int | None = None
    """When it will be settled, where the exchange says."""

    @property
    def per_8h(self) -> Decimal:
        """The rate brought to eight hours."""
        return (self.rate * STANDARD_HOURS / self.hours).quantize(PLACES, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterest:
    """Contracts that are open: in coins, and in USD where it is told."""

    amount: Decimal | None
    value_usd: Decimal | None


class Derivatives(Protocol):
    """An exchange with perpetual contracts. Questions raise SourceFault."""

    async def funding(self) -> Mapping[str, Funding]:
        """The present rate of every pair that has a perpetual contract."""
        ...

    async def open_interest(self, pairs: Sequence[str]) -> Mapping[str, OpenInterest]:
        """Open interest of those of `pairs` that have a perpetual contract."""
        ...

    async def settled(
        self, pairs: Sequence[str], *, after_ms: int, until_ms: int
    ) -> Mapping[str, Sequence[tuple[int, Decimal]]]:
        """(stamp, rate) of every settlement in that time of those of `pairs` that have a perpetual contract."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class FundingRates:
    """Rates of every pair, as they became known, and what was settled at them."""

    def __init__(self) -> None:
        self._rates: dict[str, Series[Funding]] = {}
        self.settlements = Settlements()

    def take(self, rates: Mapping[str, Funding], now_ms: int) -> None:
        """Keep what an exchange just told."""
        for pair, rate in rates.items():
            self._rates.setdefault(pair, Series(points_max=LIVE_POINTS_MAX)).add(now_ms, rate)
            if rate.due_ms is not None:
                self.settlements.announce(pair, rate.due_ms, rate.rate, known_ms=now_ms)

    def take_recorded(self, pair: str, points: Series[Funding]) -> None:
        """Keep a recorded series of a pair: what it holds was settled at its stamps."""
        self._rates[pair] = points
        self.settlements.take(pair, ((at_ms, funding.rate) for at_ms, funding in points.points()))

    @property
    def pairs(self) -> tuple[str, ...]:
        """Pairs with at least one rate, sorted."""
        return tuple(sorted(self._rates))

    def at(self, pair: str, at_ms: int, *, age_ms_max: int) -> Reading[Funding] | None:
        """The rate of a pair as known at `at_ms`, or of the contract on the same coin in another dollar."""
        for name in spellings(pair):
            series = self._rates.get(name)
            found = None if series is None else series.at(at_ms, age_ms_max=age_ms_max)
            if found is not None:
                return found
        return None


def read_funding_folder(folder: Path, *, exchange: str | None = None) -> FundingRates:
    """Every recorded funding series of a folder. Errors: BadInput where there is none that can be read."""
    rates = FundingRates()
    for path in sorted(folder.glob("*_funding.parquet")) if folder.is_dir() else ():
        named = FILE.fullmatch(path.name)
        pair = pair_of(named["symbol"]) if named else None
        if named and pair and exchange in (None, named["exchange"]):
            rates.take_recorded(pair, read_funding_file(path))
    if not rates.pairs:
        raise BadInput(
            f"There is no recorded funding in {folder}.", hint="Files are named binanceusdm_BTCUSDT_funding.parquet."
        )
    return rates


def read_funding_file(path: Path) -> Series[Funding]:
    """A recorded series: rates count from their stamp on, rows that make no sense are left out. Errors: BadInput."""
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path.name} cannot be read: {str(error)[:120]}", hint="Export it again.") from error
    stamps = next((frame[name] for name in STAMP_COLUMNS if name in frame.columns), None)
    rates = next((frame[name] for name in RATE_COLUMNS if name in frame.columns), None)
    if stamps is None or rates is None or not rates.dtype.is_numeric():
        raise BadInput(f"{path.name} has no columns ts and funding_rate.", hint=f"It has {', '.join(frame.columns)}.")
    if stamps.dtype.is_temporal():
        stamps = stamps.dt.epoch("ms")
    rows = sorted(_sound_rows(stamps.to_list(), rates.cast(pl.Float64).to_list()))
    points: list[tuple[int, Funding]] = []
    before_ms: int | None = None
    for at_ms, rate in rows:
        # Only from what was known by then: the distance to the rate before.
        hours = 0 if before_ms is None else round((at_ms - before_ms) / HOUR_MS)
        known = 1 <= hours <= STANDARD_HOURS
        points.append((at_ms, Funding(rate=rate, hours=hours if known else STANDARD_HOURS, hours_assumed=not known)))
        before_ms = at_ms
    return Series(points)


def _sound_rows(stamps: Sequence[object], rates: Sequence[float | None]) -> list[tuple[int, Decimal]]:
    rows: dict[int, Decimal] = {}
    for stamp, rate in zip(stamps, rates, strict=True):
        at_ms = stamp_ms(stamp) if isinstance(stamp, int | float) else None
        exact = None if rate is None else sound(Decimal(str(rate)), least=-RATE_MAX, most=RATE_MAX)
        if at_ms is not None and exact is not None:
            rows.setdefault(at_ms, exact)
    return list(rows.items())
