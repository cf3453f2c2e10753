"""What research is handed: candles of pairs as columns, the time that counts, and where all of it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.snapshot import Settlement
from quorate.research.columns import Columns


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Materials:
    """Candles of one timeframe by pair, with those before the range that strategies warm up on."""

    columns: Mapping[str, Columns]
    markets: Mapping[str, Market]
    start_ms: int
    """Decisions later than this count."""
    end_ms: int
    """Close of the last candle of any pair."""
    source: str
    """For people: exchange, kind, folder's name; never a path."""
    settlements: tuple[Settlement, ...] = ()
    """Recorded funding."""
    finer: Mapping[str, Columns] = field(default_factory=dict[str, Columns])
    """Shorter candles of the range by pair, which tell what came first inside a candle; none where nobody asked."""
    notes: tuple[str, ...] = ()
    """What was found while reading, for whoever reads the result."""

    @property
    def pairs(self) -> tuple[str, ...]:
        """The pairs, sorted."""
        return tuple(sorted(self.columns))

    @property
    def timeframe(self) -> str:
        """Of the candles. BadInput where there are none."""
        for columns in self.columns.values():
            return columns.bars.timeframe
        raise BadInput("There are no candles to run on.", hint="Name pairs that the data holds.")

    def first_row(self, pair: str) -> int:
        """Position of the first candle inside the range."""
        return int(np.searchsorted(self.columns[pair].bars.open_ms, self.start_ms))

    @property
    def bars(self) -> int:
        """Candles inside the range, of all pairs."""
        return sum(len(columns) - self.first_row(pair) for pair, columns in self.columns.items())

    def only(self, pair: str) -> Materials:
        """The same with one pair."""
        finer = {pair: self.finer[pair]} if pair in self.finer else {}
        return replace(self, columns={pair: self.columns[pair]}, markets={pair: self.markets[pair]}, finer=finer)

    def digest(self) -> str:
        """SHA-256 over the numbers of all candles, the markets, the range and the funding, in hex."""
        told = hashlib.sha256(f"{self.timeframe} {self.start_ms} {self.end_ms}".encode())
        for pair in self.pairs:
            told.update(repr(self.markets[pair]).encode())
            for columns in (self.columns[pair], *([self.finer[pair]] if pair in self.finer else [])):
                bars = columns.bars
                for column in (bars.open_ms, bars.open, bars.high, bars.low, bars.close, bars.volume):
                    told.update(np.ascontiguousarray(column).data)
        for settlement in self.settlements:
            told.update(repr(settlement).encode())
        return told.hexdigest()
