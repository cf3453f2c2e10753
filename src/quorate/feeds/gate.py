"""The gate every candle passes before the desk may see it: what is malformed, impossible, absurd or late stays out.

A feed offers candles as they come, in any order and any state of repair, and asks for the steps that are ready. The
gate never raises on bad data: what it refuses is quarantined with the reason and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from quorate.domain.candle import TIMEFRAME_MS, Candle, fault_in
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.kernel.bars import tick_scale

JUMP_FACTOR_MAX = 4
"""Prices further apart than this factor within one bar are a bad tick (F24); real crashes stay inside it (F25)."""
JUMP_CONFIRMATIONS = 3
"""So many candles in a row that agree with one another make a far price real: the band must not blind us (F25)."""
TICKS_MAX = 10**15
"""A price of more ticks than this is absurd; it also keeps every price exact as a double."""
QUARANTINE_MAX = 1_000
"""Quarantined candles kept until the next step; more are counted only."""
FUTURE_MS_MAX = 5_000
"""How far a candle's close may lie ahead of the clock: clocks differ."""


class Fault(StrEnum):
    """Kinds of refusal, for counters."""

    UNKNOWN_PAIR = "unknown_pair"
    MALFORMED = "malformed"
    IMPOSSIBLE = "impossible"
    JUMP = "jump"
    CONFLICT = "conflict"
    LATE = "late"
    FUTURE = "future"


@dataclass(slots=True)
class GateCounts:
    """What went through the gate so far: for health and metrics."""

    accepted: int = 0
    duplicates: int = 0
    """Identical repetitions, dropped silently."""
    quarantined: Counter[Fault] = field(default_factory=Counter[Fault])

    @property
    def refused(self) -> int:
        """All quarantined candles, whatever the reason."""
        return sum(self.quarantined.values())


def within_band(a: int, b: int) -> bool:
    """Whether two positive prices are at most JUMP_FACTOR_MAX apart."""
    return a <= b * JUMP_FACTOR_MAX and b <= a * JUMP_FACTOR_MAX


class JumpBand:
    """One pair's sense of what a price can be after the last one.

    A candle outside the band around the last accepted close is refused, until JUMP_CONFIRMATIONS candles in a row agree
    on the new level; a candle that itself spans more than the band is always refused.
    """

    __slots__ = ("_agreeing", "_close", "_suspect")

    def __init__(self) -> None:
        self._close: int | None = None
        self._suspect: int | None = None
        self._agreeing = 0

    def refuse(self, candle: Candle) -> str | None:
        """Why this candle, taken in order of time, cannot be believed yet; None when it can."""
        if candle.high > candle.low * JUMP_FACTOR_MAX:
            return f"price spans more than x{JUMP_FACTOR_MAX} within one candle"
        last = self._close
        if last is None or (within_band(candle.high, last) and within_band(candle.low, last)):
            self._accept(candle)
            return None
        suspect = self._suspect
        agrees = suspect is not None and within_band(candle.high, suspect) and within_band(candle.low, suspect)
        self._suspect = candle.close
        self._agreeing = self._agreeing + 1 if agrees else 1
        if self._agreeing >= JUMP_CONFIRMATIONS:
            self._accept(candle)
            return None
        return f"price jumps by more than x{JUMP_FACTOR_MAX} from one candle to the next"

    def _accept(self, candle: Candle) -> None:
        self._close = candle.close
        self._suspect = None
        self._agreeing = 0


def in_order(refused: Iterable[tuple[Candle, str]]) -> tuple[tuple[Candle, str], ...]:
    """Refused candles as a step tells them: by pair, then time, then reason."""
    return tuple(sorted(refused, key=lambda entry: (entry[0].pair, entry[0].open_ms, entry[1])))


class TickScale:
    """Turns prices as feeds give them (float, text, Decimal, int) into ticks of one market, exactly where possible."""

    __slots__ = ("_denominator", "_market", "_numerator")

    def __init__(self, market: Market) -> None:
        self._market = market
        self._numerator, self._denominator = tick_scale(market.tick)

    def ticks(self, price: object) -> int | None:
        """The nearest number of ticks; None for what is no finite number or beyond TICKS_MAX either way."""
        if isinstance(price, float):
            # The nearest double of a decimal price, times a power of ten, is the tick count to far less than half.
            scaled = price * self._denominator / self._numerator
            return round(scaled) if -TICKS_MAX < scaled < TICKS_MAX else None
        if isinstance(price, bool) or not isinstance(price, int | str | Decimal):
            return None
        try:
            exact = Decimal(price)
            if not exact.is_finite() or abs(exact) > self._market.tick * TICKS_MAX:
                return None
            return self._market.ticks_nearest(exact)
        except ArithmeticError:
            return None


def _volume(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        volume = float(value)
    except (ValueError, OverflowError):
        return None
    return volume if math.isfinite(volume) else None


ROW_FIELDS = 6
"""A raw candle: open time in UTC ms, open, high, low, close, volume."""


class Gate:
    """Assembles steps from candles of several pairs; pure, synchronous, never raises on data.

    `offer` takes one candle, `ready` gives every step up to an instant. `passed_ms` is the last instant that was given
    out: what comes later for it or for an earlier one is late.
    """

    def __init__(
        self,
        markets: Iterable[Market],
        timeframe: str,
        *,
        after_ms: int | None = None,
        quarantine_max: int = QUARANTINE_MAX,
    ) -> None:
        self._timeframe = timeframe
        self._length_ms = TIMEFRAME_MS[timeframe]
        self._scales = {market.pair: TickScale(market) for market in markets}
        self._bands = {pair: JumpBand() for pair in self._scales}
        self._waiting: dict[int, dict[str, Candle]] = {}
        self._last: dict[str, Candle] = {}
        self._quarantine: list[tuple[int, Candle, str]] = []
        self._quarantine_max = quarantine_max
        self.passed_ms = after_ms
        self.counts = GateCounts()

    @property
    def untold(self) -> tuple[tuple[Candle, str], ...]:
        """Refused candles that no step has told of yet."""
        return tuple((candle, reason) for _, candle, reason in self._quarantine)

    @property
    def waiting(self) -> dict[int, set[str]]:
        """Pairs that are in already, by the instant their candle closes at."""
        return {at_ms: set(candles) for at_ms, candles in self._waiting.items()}

    def has(self, pair: str, at_ms: int) -> bool:
        """Whether a candle of `pair` that closes at `at_ms` waits for its step."""
        return pair in self._waiting.get(at_ms, {})

    def offer(self, pair: str, row: Sequence[object], *, now_ms: int | None = None) -> bool:
        """Take one raw candle as exchanges give it; True when it is in (or was already). `now_ms` bounds the future."""
        candle, fault = self._read(pair, row)
        if fault is not None:
            self._refuse(candle, *fault)
            return False
        return self.offer_candle(candle, now_ms=now_ms)

    def offer_candle(self, candle: Candle, *, now_ms: int | None = None) -> bool:
        """Take one candle in ticks; True when it is in (or was already)."""
        if candle.pair not in self._scales:
            self._refuse(candle, Fault.UNKNOWN_PAIR, f"{candle.pair} is not a market of this feed")
            return False
        if candle.timeframe != self._timeframe:
            self._refuse(candle, Fault.MALFORMED, f"{candle.timeframe} candle on a {self._timeframe} feed")
            return False
        at_ms = candle.open_ms + self._length_ms
        if now_ms is not None and at_ms > now_ms + FUTURE_MS_MAX:
            self._refuse(candle, Fault.FUTURE, f"closes {at_ms - now_ms} ms in the future")
            return False
        reason = fault_in(candle)
        if reason is not None:
            self._refuse(candle, Fault.IMPOSSIBLE, reason)
            return False
        if self.passed_ms is not None and at_ms <= self.passed_ms:
            if self._last.get(candle.pair) == candle:
                self.counts.duplicates += 1
                return True
            self._refuse(candle, Fault.LATE, f"arrived after the step of {at_ms} was given out")
            return False
        return self._hold(candle, at_ms)

    def ready(self, until_ms: int | None = None) -> list[Step]:
        """Every step that closes at or before `until_ms` (None: all that wait), oldest first."""
        due = sorted(at_ms for at_ms in self._waiting if until_ms is None or at_ms <= until_ms)
        steps = [step for at_ms in due if (step := self._emit(at_ms)) is not None]
        if until_ms is not None and (self.passed_ms is None or until_ms > self.passed_ms):
            self.passed_ms = until_ms
        return steps

    def settle(self, candle: Candle) -> None:
        """Let the jump band know an earlier, trusted candle, so that the first one offered is compared with it."""
        self._bands[candle.pair].refuse(candle)

    def _read(self, pair: str, row: Sequence[object]) -> tuple[Candle, tuple[Fault, str] | None]:
        nothing = Candle(pair, self._timeframe, 0, 0, 0, 0, 0, 0.0)
        scale = self._scales.get(pair)
        if scale is None:
            return nothing, (Fault.UNKNOWN_PAIR, f"{pair} is not a market of this feed")
        if isinstance(row, str | bytes) or len(row) < ROW_FIELDS:
            return nothing, (Fault.MALFORMED, f"a candle has {ROW_FIELDS} fields")
        stamp = row[0]
        if isinstance(stamp, float) and stamp.is_integer():
            stamp = int(stamp)
        if isinstance(stamp, bool) or not isinstance(stamp, int) or not 0 <= stamp < TICKS_MAX:
            return nothing, (Fault.MALFORMED, "its time is not a number of milliseconds")
        prices = [scale.ticks(value) for value in row[1:5]]
        volume = _volume(row[5])
        open_, high, low, close = (0 if ticks is None else ticks for ticks in prices)
        candle = Candle(pair, self._timeframe, stamp, open_, high, low, close, 0.0 if volume is None else volume)
        if None in prices:
            return candle, (Fault.MALFORMED, "a price is missing or not a finite number")
        if volume is None:
            return candle, (Fault.MALFORMED, "the volume is missing or not a finite number")
        return candle, None

    def _hold(self, candle: Candle, at_ms: int) -> bool:
        held = self._waiting.setdefault(at_ms, {})
        known = held.get(candle.pair)
        if known is None:
            held[candle.pair] = candle
            return True
        if known == candle:
            self.counts.duplicates += 1
            return True
        self._refuse(candle, Fault.CONFLICT, "another candle of the same interval came first and differs")
        return False

    def _refuse(self, candle: Candle, fault: Fault, reason: str) -> None:
        self.counts.quarantined[fault] += 1
        if len(self._quarantine) < self._quarantine_max:
            passed_ms = self.passed_ms or 0
            due_ms = passed_ms if fault is Fault.FUTURE else max(candle.open_ms + self._length_ms, passed_ms)
            self._quarantine.append((due_ms, candle, reason))

    def _emit(self, at_ms: int) -> Step | None:
        held = self._waiting.pop(at_ms)
        self.passed_ms = at_ms
        accepted: list[Candle] = []
        for pair in sorted(held):
            candle = held[pair]
            reason = self._bands[pair].refuse(candle)
            if reason is None:
                accepted.append(candle)
            else:
                self._refuse(candle, Fault.JUMP, reason)
        if not accepted:
            return None
        self.counts.accepted += len(accepted)
        self._last.update((candle.pair, candle) for candle in accepted)
        told = [(candle, reason) for due_ms, candle, reason in self._quarantine if due_ms <= at_ms]
        if told:
            self._quarantine = [entry for entry in self._quarantine if entry[0] > at_ms]
        return Step(at_ms, tuple(accepted), quarantined=in_order(told))
