"""Candles of one market as columns of ticks, made once and read by every run over them; and funding beside them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.snapshot import Settlement
from quorate.kernel.bars import EXACT_INTEGER_MAX, Bars, IntArray, tick_scale
from quorate.kernel.resample import resample
from quorate.research import tables
from quorate.research.jit import compiled
from quorate.research.ticks import fill_tape

RATE_STEP = Decimal(1).scaleb(-9)
"""Funding rates count in parts per billion."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The candles of one market. `bars` hold the floats that strategies see, `tape` the ticks that fills happen at."""

    bars: Bars
    tape: Any
    """Records of `tables.Candle`."""
    highest: int
    """The highest price in ticks; 1 where there are no candles."""
    first: IntArray = field(repr=False)
    """Its own positions and one more: every candle is its own finest (see `Path`)."""
    _resampled: dict[str, Bars] = field(init=False, repr=False, default_factory=dict[str, Bars])
    _settled: dict[int, tuple[object, Any]] = field(
        init=False, repr=False, default_factory=dict[int, tuple[object, Any]]
    )

    @classmethod
    def of(cls, bars: Bars, market: Market) -> Columns:
        """The columns of `bars`, whose prices are put on the market's ticks as a feed puts them.

        BadInput where the bars are not in the order of time, a price is under one tick, or a tick has too many digits.
        """
        if len(bars) > 1 and not bool((np.diff(bars.open_ms) > 0).all()):
            raise BadInput(f"The candles of {bars.pair} are not in the order of time.", hint="Sort them, once each.")
        tape = tables.blank(tables.CANDLE, len(bars))
        numerator, denominator = tick_scale(market.tick)
        if max(numerator, denominator) > EXACT_INTEGER_MAX:
            raise BadInput(f"A tick of {market.tick} cannot be counted in.", hint="Use one of fewer digits.")
        plain = np.ascontiguousarray
        prices = (plain(bars.open), plain(bars.high), plain(bars.low), plain(bars.close))
        grid = (float(numerator), float(denominator))
        astray = compiled(fill_tape)(tape, plain(bars.open_ms), prices, plain(bars.volume), *grid)
        highest = int(tape["high"].max(initial=1))
        # Beyond exact doubles the float of a tick is not one product and one quotient away.
        if astray or highest * numerator > EXACT_INTEGER_MAX:
            bars = bars.on_ticks(market.tick)
        if len(bars) and int(tape["low"].min()) <= 0:
            raise BadInput(f"A price of {bars.pair} is under one tick of {market.tick}.", hint="Use a finer tick.")
        return cls(bars, tape, highest, np.arange(len(bars) + 1))

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def length_ms(self) -> int:
        """Length of a candle."""
        return TIMEFRAME_MS[self.bars.timeframe]

    @property
    def close_ms(self) -> IntArray:
        """When each candle closed, UTC milliseconds."""
        return self.bars.close_ms

    def signal_bars(self, timeframe: str) -> Bars:
        """The bars that a strategy of this timeframe sees; gathered once. BadInput where it is shorter than ours."""
        if timeframe == self.bars.timeframe:
            return self.bars
        if TIMEFRAME_MS[timeframe] < self.length_ms:
            raise BadInput(
                f"The strategy reads {timeframe} bars; the candles are {self.bars.timeframe}.",
                hint="Give candles of its timeframe or shorter.",
            )
        known = self._resampled.get(timeframe)
        if known is None:
            known = self._resampled[timeframe] = resample(self.bars, timeframe)
        return known

    def forgetful(self) -> Columns:
        """The same candles without the indicators that were computed of them: what a long sweep lets go of."""
        return Columns(replace(self.bars), self.tape, self.highest, self.first)

    def path(self, finer: Columns | None) -> Path:
        """Finer candles of the same market as the way inside these. BadInput where they do not fit into them."""
        if finer is None:
            return Path(self.tape, self.first)
        check_inside(finer.bars.timeframe, self.bars.timeframe)
        row = np.maximum(np.searchsorted(self.bars.open_ms, finer.bars.open_ms, side="right") - 1, 0)
        # A finer candle in a hole of these candles is nobody's.
        fits = (finer.bars.open_ms >= self.bars.open_ms[row]) & (finer.bars.open_ms < self.close_ms[row])
        high, low = self.tape["high"][row], self.tape["low"][row]
        beyond = fits & ((finer.tape["high"] > high) | (finer.tape["low"] < low))
        if beyond.any():
            at_ms = int(finer.bars.open_ms[np.argmax(beyond)])
            raise BadInput(
                f"The {finer.bars.timeframe} candle at {at_ms} leaves the range of its {self.bars.timeframe} candle.",
                hint="Both must come from the same source.",
            )
        # A candle without finer ones stands for itself.
        alone = np.setdiff1d(np.arange(len(self)), row[fits])
        rows = np.concatenate((row[fits], alone))
        order = np.argsort(rows, kind="stable")
        fine = np.concatenate((finer.tape[fits], self.tape[alone]))[order]
        return Path(fine, np.searchsorted(rows[order], self.first).astype(np.int64))

    def settlements(self, due: tuple[Settlement, ...]) -> Any:
        """Funding as the desk applies it: at the candle that closes then, else at the newest closed before.

        Settlements of other pairs, before the first close or after the last are left out. Records of
        `tables.Settlement`, made once for the same tuple.
        """
        known = self._settled.get(id(due))
        if known is None or known[0] is not due:
            known = self._settled[id(due)] = (due, self._settle(due))
        return known[1]

    def _settle(self, due: tuple[Settlement, ...]) -> Any:
        ours = sorted((s for s in due if s.pair == self.bars.pair), key=lambda settlement: settlement.at_ms)
        if not ours:
            return tables.blank(tables.SETTLEMENT, 0)
        at_ms = np.array([settlement.at_ms for settlement in ours], np.int64)
        row = np.searchsorted(self.close_ms, at_ms, side="right") - 1
        keep = (row >= 0) & (at_ms <= (self.close_ms[-1] if len(self) else 0))
        found = tables.blank(tables.SETTLEMENT, int(keep.sum()))
        found["row"], found["booked_row"] = row[keep], (row + (self.close_ms[row] < at_ms))[keep]
        rates = [int(settlement.rate.quantize(RATE_STEP, ROUND_HALF_EVEN).scaleb(9)) for settlement in ours]
        found["rate_ppb"] = np.array(rates, np.int64)[keep]
        return found


class Path(NamedTuple):
    """The way inside candles: `fine[first[row] : first[row + 1]]` lie inside candle `row`."""

    fine: Any
    """Records of `tables.Candle`."""
    first: IntArray


def check_inside(finer: str, timeframe: str) -> None:
    """BadInput where candles of the timeframe `finer` do not divide those of `timeframe`."""
    if TIMEFRAME_MS[finer] >= TIMEFRAME_MS[timeframe] or TIMEFRAME_MS[timeframe] % TIMEFRAME_MS[finer]:
        raise BadInput(f"{finer} candles do not lie inside {timeframe} candles.", hint="Choose a shorter timeframe.")
