"""Recorded candles as a feed, at any speed: what makes the desk's work repeatable."""

from __future__ import annotations

import asyncio
import hashlib
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from quorate.desk.ports import Clock
from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.bar_ranges import closed_before, gathered, joined, opening_from
from quorate.feeds.candle_files import CandleFile, CandleFolder, check_timeframe, fingerprint, open_folder
from quorate.feeds.estimates import estimate_market, pair_of
from quorate.feeds.gate import GateCounts, in_order
from quorate.feeds.pace import MAX_SPEED, Pace, Sleep, parse_speed
from quorate.feeds.quote import Quote, quote_around
from quorate.feeds.recording import Recording, judge
from quorate.feeds.timerange import TimeRange, day_text, parse_timerange
from quorate.kernel.bars import Bars

CHUNK_MS = 86_400_000
"""Candles are made a day at a time, so that memory stays flat however long the range is."""
STEPS_BETWEEN_YIELDS = 64
"""At full speed the feed lets others run after so many steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """What to replay: see `ReplayFeed`."""

    folder: Path
    pairs: Sequence[str] = ()
    """Empty: every pair the folder holds in this timeframe."""
    timeframe: str = "5m"
    timerange: str | None = None
    speed: str | float = MAX_SPEED
    """ "max", or feed seconds per second: 1 is real time."""
    exchange: str | None = None


class ReplayFeed:
    """The candles of a folder, passed through the gate once, then delivered in order.

    Every judgement (ticks, lots, which rows are refused) rests on whole files, so neither the time range nor the point
    a run is resumed at changes anything about a candle.
    """

    kind = "replay"

    def __init__(self, options: ReplayOptions, *, costs: Costs, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        check_timeframe(options.timeframe)
        self._options = options
        self._range = parse_timerange(options.timerange)
        self._speed = parse_speed(options.speed)
        self._costs = costs
        self._clock = clock
        self._sleep = sleep
        self._folder: CandleFolder | None = None
        self._recordings: dict[str, Recording] = {}
        self._higher: dict[tuple[str, str], Bars] = {}
        self._refused: list[tuple[Candle, str]] = []
        self._start_ms = 0
        self._stop_ms = 0
        self._now_ms = 0

    @property
    def key(self) -> str:
        """What its candles are kept under: a digest of the recordings and of what is replayed of them."""
        parts = (self.fingerprint(), self.timeframe, *sorted(self._recordings), str(self._start_ms), str(self._stop_ms))
        return f"replay-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"

    @property
    def timeframe(self) -> str:
        """The base timeframe of the steps."""
        return self._options.timeframe

    @property
    def paced(self) -> bool:
        """True unless it runs as fast as steps are taken."""
        return self._speed is not None

    @property
    def label(self) -> str:
        """What to call it in front of people."""
        exchange = self._folder.exchange if self._folder else "recorded candles"
        last_ms = max(0, self._stop_ms - 1)
        return f"replay of {exchange} {self.timeframe}, {day_text(self._start_ms)} to {day_text(last_ms)}"

    @property
    def markets(self) -> Sequence[Market]:
        """The markets, sorted by pair."""
        return [recording.market for _, recording in sorted(self._recordings.items())]

    @property
    def counts(self) -> dict[str, GateCounts]:
        """What the gate made of each pair's whole file."""
        return {pair: recording.counts for pair, recording in sorted(self._recordings.items())}

    @property
    def start_ms(self) -> int:
        """Beginning of the replayed range: candles that close later than this are delivered."""
        return self._start_ms

    @property
    def end_ms(self) -> int:
        """Close of the last candle that will be delivered."""
        return self._stop_ms

    @property
    def candle_count(self) -> int:
        """Number of candles in the range."""
        return sum(
            recording.position(self._stop_ms) - recording.position(self._start_ms)
            for recording in self._recordings.values()
        )

    async def open(self) -> None:
        """Read, judge and measure the files. Errors: BadInput that says what is missing or broken."""
        await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """Let go of the columns."""
        self._recordings = {}
        self._higher = {}

    def fingerprint(self) -> str:
        """SHA-256 over every file this replay may read: the data part of its identity."""
        return fingerprint([file for pair in sorted(self._recordings) for file in self._files_of(pair)])

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars whose close is at or before `before_ms`.

        Bars that close by the range's start come from the file of their own timeframe where there is one; later ones,
        and those of timeframes without a file, are gathered from base candles.
        """
        recording = self._recordings[pair]
        base = recording.bars(0, recording.position(before_ms))
        if timeframe == self.timeframe:
            return closed_before(base, before_ms, count)
        older = closed_before(self._own_bars(pair, timeframe), min(before_ms, self._start_ms), count)
        length_ms = TIMEFRAME_MS[timeframe]
        if len(older):
            base = opening_from(base, int(older.open_ms[-1]) + length_ms)
        newest_only = opening_from(base, before_ms - before_ms % length_ms - count * length_ms)
        return closed_before(joined(older, gathered(newest_only, timeframe)), before_ms, count)

    def now_ms(self) -> int:
        """Feed time of now: the last step that was delivered; before the first one, the range's start."""
        return self._now_ms

    def quotes(self, at_ms: int) -> list[Quote]:
        """Each pair's last close at or before `at_ms` with the modelled spread around it."""
        found: list[Quote] = []
        for pair, recording in sorted(self._recordings.items()):
            position = recording.position(at_ms - TIMEFRAME_MS[self.timeframe] + 1)
            if position:
                closed_ms = int(recording.open_ms[position - 1]) + TIMEFRAME_MS[self.timeframe]
                found.append(quote_around(self._recordings[pair].market, int(recording.close[position - 1]), closed_ms))
        return found

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """Every step later than `after_ms`, at the pace asked for."""
        pace = Pace(self._speed, clock=self._clock, sleep=self._sleep)
        for number, step in enumerate(self._steps(after_ms)):
            await pace.hold(step.at_ms)
            if number % STEPS_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)
            self._now_ms = step.at_ms
            yield step

    def _steps(self, after_ms: int | None) -> Iterator[Step]:
        length_ms = TIMEFRAME_MS[self.timeframe]
        recordings = [recording for _, recording in sorted(self._recordings.items())]
        first_ms = self._start_ms if after_ms is None else max(self._start_ms, after_ms - length_ms + 1)
        told_ms = self._last_step_ms(after_ms)
        for chunk_ms in range(first_ms - first_ms % CHUNK_MS, self._stop_ms, CHUNK_MS):
            begin, end = max(first_ms, chunk_ms), min(self._stop_ms, chunk_ms + CHUNK_MS)
            candles: list[Candle] = []
            for recording in recordings:
                candles.extend(recording.candles(recording.position(begin), recording.position(end)))
            # The sort is stable and pairs came in order, so each group keeps the pairs sorted.
            candles.sort(key=_opening)
            for open_ms, group in groupby(candles, key=_opening):
                at_ms = open_ms + length_ms
                refused = in_order(self._refused_between(told_ms, at_ms))
                told_ms = at_ms
                yield Step(at_ms, tuple(group), quarantined=refused)

    def _last_step_ms(self, after_ms: int | None) -> int:
        """Instant of the last step at or before `after_ms`; where there is none, the beginning that was asked for."""
        length_ms = TIMEFRAME_MS[self.timeframe]
        last_ms = -1 if self._range.start_ms is None else self._start_ms
        if after_ms is None:
            return last_ms
        for recording in self._recordings.values():
            position = recording.position(min(after_ms - length_ms + 1, self._stop_ms))
            if position:
                last_ms = max(last_ms, int(recording.open_ms[position - 1]) + length_ms)
        return last_ms

    def _refused_between(self, after_ms: int, until_ms: int) -> list[tuple[Candle, str]]:
        if not self._refused:
            return []
        begin, end = (bisect_right(self._refused, at_ms, key=_closing) for at_ms in (after_ms, until_ms))
        return self._refused[begin:end]

    def _read(self) -> None:
        folder = open_folder(self._options.folder, self._options.exchange)
        pairs = sorted({_spelled(pair) for pair in self._options.pairs}) or folder.pairs(self.timeframe)
        self._folder = folder
        self._recordings = {pair: self._record(folder.file_of(pair, self.timeframe), pair) for pair in pairs}
        self._refused = sorted(
            (entry for recording in self._recordings.values() for entry in recording.refused), key=_closing
        )
        self._set_range(folder)

    def _record(self, file: CandleFile, pair: str) -> Recording:
        columns = file.read()
        if not len(columns.open_ms):
            raise BadInput(f"{file.path} holds no candles.", hint="Remove it or download it again.")
        return judge(columns, estimate_market(pair, columns.prices, self._costs), self.timeframe)

    def _set_range(self, folder: CandleFolder) -> None:
        length_ms = TIMEFRAME_MS[self.timeframe]
        spans = [(int(r.open_ms[0]), int(r.open_ms[-1])) for r in self._recordings.values() if len(r.open_ms)]
        if not spans:
            raise BadInput(f"No row of these files in {folder.path} is a possible candle.", hint="Download them again.")
        oldest_ms = min(first for first, _ in spans)
        newest_ms = max(last for _, last in spans)
        asked: TimeRange = self._range
        # A start inside a candle leaves that candle out; an end inside one leaves it in: only whole candles count.
        start_ms = oldest_ms if asked.start_ms is None else max(oldest_ms, -(-asked.start_ms // length_ms) * length_ms)
        stop_ms = newest_ms + length_ms if asked.stop_ms is None else min(newest_ms + length_ms, asked.stop_ms)
        self._start_ms, self._stop_ms, self._now_ms = start_ms, stop_ms, start_ms
        if start_ms >= stop_ms or not self.candle_count:
            there = f"{day_text(oldest_ms)} to {day_text(newest_ms)}"
            raise BadInput(
                f"The time range {self._options.timerange!r} holds no candle.", hint=f"The recordings cover {there}."
            )

    def _files_of(self, pair: str) -> list[CandleFile]:
        assert self._folder is not None, "the feed is open"
        there = [file for file in self._folder.of(pair) if file.timeframe in TIMEFRAME_MS]
        return sorted(there, key=lambda file: TIMEFRAME_MS[file.timeframe])

    def _own_bars(self, pair: str, timeframe: str) -> Bars:
        """Clean bars of a longer timeframe's own file on the market's ticks; none where there is no such file."""
        known = self._higher.get((pair, timeframe))
        if known is not None:
            return known
        assert self._folder is not None, "the feed is open"
        file = self._folder.find(pair, timeframe)
        if file is None:
            bars = Bars.empty(pair, timeframe)
        else:
            recording = judge(file.read(), self._recordings[pair].market, timeframe)
            bars = recording.bars(0, len(recording.open_ms))
        self._higher[pair, timeframe] = bars
        return bars


def _opening(candle: Candle) -> int:
    return candle.open_ms


def _closing(entry: tuple[Candle, str]) -> int:
    return entry[0].close_ms


def _spelled(pair: str) -> str:
    """A pair as the desk spells it; a bare symbol is understood where its quote currency is known."""
    upper = pair.strip().upper()
    if "/" in upper:
        return upper
    found = pair_of(upper)
    if found is None:
        raise BadInput(f"{pair!r} is not a pair.", hint="Write it like BTC/USDT.")
    return found
