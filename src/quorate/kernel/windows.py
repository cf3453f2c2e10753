"""The last closed bars of every pair and timeframe, kept from step to step.

Base candles come with the steps; bars of higher timeframes are built from them. Where a bar comes from depends on a
fixed origin only, the start of the account's time, never on the instant at which a process was restarted: bars that
closed at or before the origin are the feed's own history of that timeframe, later ones are built from base candles. A
process that was killed and warmed again therefore holds bit for bit the windows of one that was never interrupted.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.kernel.bars import Bars, tick_scale
from quorate.kernel.resample import Bucket, higher_timeframes, resample

WINDOW_BARS = 1_000
"""Closed bars that a decision is computed on (RULES section 1)."""
_ROOM_BARS = WINDOW_BARS + 200
"""Room for a window and what comes after it: little, because an idle desk keeps hundreds of these."""


class _Column:
    """Growing columns of one pair and timeframe.

    Rows are only ever appended: when the room is used up, the last window moves into new room, so that views handed out
    earlier stay what they were. Appending costs O(1) on average.
    """

    __slots__ = ("_bars", "_open_ms", "_open_view", "_values", "_views", "length", "pair", "timeframe")

    def __init__(self, pair: str, timeframe: str) -> None:
        self.pair = pair
        self.timeframe = timeframe
        self.length = 0
        self._make_room(Bars.empty(pair, timeframe))

    def _make_room(self, bars: Bars) -> None:
        kept = len(bars)
        self._bars: Bars | None = None
        self._open_ms = np.zeros(_ROOM_BARS, np.int64)
        self._values = np.zeros((5, _ROOM_BARS), np.float64)
        self._open_ms[:kept] = bars.open_ms
        for row, column in zip(self._values, (bars.open, bars.high, bars.low, bars.close, bars.volume), strict=True):
            row[:kept] = column
        self.length = kept
        self._open_view = self._open_ms.view()
        self._open_view.flags.writeable = False
        self._views = self._values.view()
        self._views.flags.writeable = False

    def fill(self, bars: Bars) -> None:
        """Hold the last window of `bars` and nothing else."""
        self._make_room(bars.tail(WINDOW_BARS))

    def append(self, open_ms: int, values: tuple[float, float, float, float, float]) -> None:
        """Add a bar later than every other."""
        if self.length == _ROOM_BARS:
            self._make_room(self.bars())
        self._open_ms[self.length] = open_ms
        self._values[:, self.length] = values
        self.length += 1
        self._bars = None

    @property
    def last_open_ms(self) -> int:
        """Open time of the last bar; -1 where there is none."""
        return self._open_ms[self.length - 1].item() if self.length else -1

    def bars(self) -> Bars:
        """The last window, as views; the same object until a bar is added, so that its readings are made once."""
        if self._bars is None:
            part = slice(max(0, self.length - WINDOW_BARS), self.length)
            open_, high, low, close, volume = self._views[:, part]
            self._bars = Bars(self.pair, self.timeframe, self._open_view[part], open_, high, low, close, volume)
        return self._bars


class Windows:
    """The last `WINDOW_BARS` closed bars of every pair, at the base timeframe and every higher one."""

    def __init__(self, pairs: Iterable[str], base: str) -> None:
        self.base = base
        self.pairs = tuple(sorted(pairs))
        self.timeframes = (base, *higher_timeframes(base))
        self._columns = {
            (pair, timeframe): _Column(pair, timeframe) for pair in self.pairs for timeframe in self.timeframes
        }
        self._filling: dict[str, dict[str, Bucket]] = {timeframe: {} for timeframe in self.timeframes[1:]}
        self._due_ms = dict.fromkeys(self.timeframes[1:], 0)
        self._scales: dict[str, tuple[Decimal, int, int]] = {}

    def bars(self, pair: str, timeframe: str) -> Bars:
        """The last closed bars, at most `WINDOW_BARS`; none for a pair or timeframe that the feed does not give."""
        column = self._columns.get((pair, timeframe))
        return column.bars() if column else Bars.empty(pair, timeframe)

    def seed(self, pair: str, timeframe: str, bars: Bars) -> None:
        """Replace what is held of the pair and timeframe by the end of `bars`, which are whole, closed bars."""
        assert np.all(np.diff(bars.open_ms) > 0), "history comes oldest first, without repeats"
        self._columns[pair, timeframe].fill(bars)

    def seed_base(self, bars: Bars, *, origin_ms: int, resume_ms: int) -> None:
        """Take in base bars up to `resume_ms` as if each had been absorbed in its step.

        Higher bars that close later than `origin_ms` are built from them and follow what `seed` put there; what is not
        complete at `resume_ms` goes on filling. `bars` should reach back to the start of the longest bucket that holds
        the origin, else that bucket begins with the first bar there is.
        """
        self.seed(bars.pair, self.base, bars)
        for timeframe in self.timeframes[1:]:
            built = resample(bars, timeframe)
            ends = built.close_ms
            whole = int(np.searchsorted(ends, resume_ms, side="right"))
            after_origin = int(np.searchsorted(ends, origin_ms, side="right"))
            column = self._columns[bars.pair, timeframe]
            column.fill(_joined(column.bars(), built.between(after_origin, max(whole, after_origin))))
            if whole < len(built):
                self._fill(bars.pair, timeframe, _bucket(built, whole))

    def absorb(self, step: Step, markets: Mapping[str, Market]) -> list[tuple[str, str]]:
        """Take in a step; the (pair, timeframe) whose bar closed with it, sorted by pair, then by length of timeframe.

        A higher bar closes at the first step at or after its end, whether or not its last base candles came. A candle
        that is not later than the pair's last one is passed over: windows only grow forward.
        """
        closed: set[tuple[str, str]] = set()
        for candle in step.candles:
            assert candle.timeframe == self.base, f"a {candle.timeframe} candle in a feed of {self.base}"
            column = self._columns[candle.pair, self.base]
            if candle.open_ms <= column.last_open_ms:
                continue
            values = self._floats(candle, markets[candle.pair])
            column.append(candle.open_ms, values)
            closed.add((candle.pair, self.base))
            for timeframe in self.timeframes[1:]:
                if self._gather(candle, timeframe, values):
                    closed.add((candle.pair, timeframe))
        for timeframe in self.timeframes[1:]:
            if self._due_ms[timeframe] <= step.at_ms and self._filling[timeframe]:
                closed.update(self._close_due(timeframe, step.at_ms))
        return sorted(closed, key=lambda key: (key[0], TIMEFRAME_MS[key[1]]))

    def _floats(self, candle: Candle, market: Market) -> tuple[float, float, float, float, float]:
        scale = self._scales.get(candle.pair)
        if scale is None or scale[0] is not market.tick:
            scale = self._scales[candle.pair] = (market.tick, *tick_scale(market.tick))
        _, n, d = scale
        # Division of integers is correctly rounded: the same doubles as `to_floats` gives.
        return candle.open * n / d, candle.high * n / d, candle.low * n / d, candle.close * n / d, candle.volume

    def _gather(self, candle: Candle, timeframe: str, values: tuple[float, float, float, float, float]) -> bool:
        """Put a base candle into its bucket; whether an older bucket had to be closed for it.

        A candle whose bar was closed without it is too late for that bar: a closed bar never changes.
        """
        open_, high, low, close, volume = values
        start = candle.open_ms - candle.open_ms % TIMEFRAME_MS[timeframe]
        bucket = self._filling[timeframe].get(candle.pair)
        if bucket is not None and bucket.open_ms == start:
            bucket.high = max(bucket.high, high)
            bucket.low = min(bucket.low, low)
            bucket.close = close
            bucket.volume += volume
            return False
        if bucket is not None:
            self._close(candle.pair, timeframe, bucket)
        if start > self._columns[candle.pair, timeframe].last_open_ms:
            self._fill(candle.pair, timeframe, Bucket(start, open_, high, low, close, volume))
        return bucket is not None

    def _fill(self, pair: str, timeframe: str, bucket: Bucket) -> None:
        filling = self._filling[timeframe]
        end = bucket.open_ms + TIMEFRAME_MS[timeframe]
        self._due_ms[timeframe] = min(self._due_ms[timeframe], end) if filling else end
        filling[pair] = bucket

    def _close(self, pair: str, timeframe: str, bucket: Bucket) -> None:
        values = (bucket.open, bucket.high, bucket.low, bucket.close, bucket.volume)
        self._columns[pair, timeframe].append(bucket.open_ms, values)

    def _close_due(self, timeframe: str, at_ms: int) -> list[tuple[str, str]]:
        length = TIMEFRAME_MS[timeframe]
        filling = self._filling[timeframe]
        due = [pair for pair, bucket in filling.items() if bucket.open_ms + length <= at_ms]
        for pair in due:
            self._close(pair, timeframe, filling.pop(pair))
        self._due_ms[timeframe] = min([bucket.open_ms + length for bucket in filling.values()], default=0)
        return [(pair, timeframe) for pair in due]


def _bucket(bars: Bars, row: int) -> Bucket:
    return Bucket(
        int(bars.open_ms[row]),
        float(bars.open[row]),
        float(bars.high[row]),
        float(bars.low[row]),
        float(bars.close[row]),
        float(bars.volume[row]),
    )


def _joined(earlier: Bars, later: Bars) -> Bars:
    keep = int(np.searchsorted(earlier.open_ms, int(later.open_ms[0]))) if len(later) else len(earlier)
    return Bars(
        earlier.pair,
        earlier.timeframe,
        np.concatenate((earlier.open_ms[:keep], later.open_ms)),
        np.concatenate((earlier.open[:keep], later.open)),
        np.concatenate((earlier.high[:keep], later.high)),
        np.concatenate((earlier.low[:keep], later.low)),
        np.concatenate((earlier.close[:keep], later.close)),
        np.concatenate((earlier.volume[:keep], later.volume)),
    )


class History(Protocol):
    """The part of a feed that warming needs (see `quorate.desk.ports.Feed`)."""

    @property
    def timeframe(self) -> str:
        """The base timeframe."""
        ...

    @property
    def markets(self) -> Sequence[Market]:
        """The markets, sorted by pair."""
        ...

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars whose close is at or before `before_ms`, oldest first."""
        ...


async def warm(windows: Windows, feed: History, *, origin_ms: int, resume_ms: int) -> None:
    """Fill `windows` to what they hold once every step up to and including `resume_ms` has been absorbed.

    `origin_ms` is the account's fixed beginning: on a first start it equals `resume_ms`, later it must be the same
    number again (see the module). Prices are put on each market's ticks, as candles are.
    """
    assert origin_ms <= resume_ms, "a desk resumes at or after its origin"
    base_ms = TIMEFRAME_MS[windows.base]
    longest_ms = TIMEFRAME_MS[windows.timeframes[-1]]
    span = (resume_ms - (origin_ms - origin_ms % longest_ms)) // base_ms
    for market in feed.markets:
        for timeframe in windows.timeframes[1:]:
            whole = await feed.history(market.pair, timeframe, before_ms=origin_ms, count=WINDOW_BARS)
            windows.seed(market.pair, timeframe, whole.on_ticks(market.tick))
        count = max(WINDOW_BARS, span)
        base = await feed.history(market.pair, windows.base, before_ms=resume_ms, count=count)
        windows.seed_base(base.on_ticks(market.tick), origin_ms=origin_ms, resume_ms=resume_ms)
