"""A second opinion on the conventions that the desk does not have: one symbol, candle by candle, in plain Python.

It shares no code with the runner or the rules, and is written the other way round: a clock that goes through the finest
candles, with whatever is pending or open, instead of a trade that goes through its candles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, sqrt


@dataclass(frozen=True)
class Bar:
    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: float


@dataclass(frozen=True)
class Wish:
    """An order: decided at the close of candle `row`."""

    row: int
    at_ms: int
    side: int
    entry: int
    stop: int
    targets: tuple[int, ...]
    trail: int | None
    expires_ms: int | None
    lots: int


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Conventions and costs, rates as fractions of a million."""

    maker: bool
    fractions: tuple[int, ...]
    this_close: bool = False
    optimistic: bool = False
    half_spread: int = 0
    slippage: int = 0
    impact: float = 0.0
    lot: float = 1.0
    latency_bars: int = 0
    latency_ms: int = 0
    queue: float | None = None
    """None: price must trade through; 0: a touch is enough; else the multiple of the order that must trade there."""
    even_after: int = 0
    trail_after: int = 0
    round_trip: int = 0


@dataclass
class Held:
    wish: Wish
    entry: int
    left: int
    stop: int
    hit: int = 0
    trailing: bool = False
    sent: bool = False


@dataclass
class Walker:
    bars: Sequence[Bar]
    inside: Sequence[Sequence[Bar]]
    length_ms: int
    ways: Ways
    told: list[tuple[int, str, int, int]] = field(default_factory=list)
    """(row, why, ticks, lots) of every fill."""
    pending: Wish | None = None
    pending_row: int | None = None
    held: Held | None = None

    def run(self, wishes: Sequence[Wish]) -> list[tuple[int, str, int, int]]:
        by_row = {wish.row: wish for wish in wishes}
        for row in range(len(self.bars)):
            for bar in self.inside[row]:
                self.open_if_due(row, bar)
            if self.pending is not None and self.pending_row == row:
                self.pending = self.pending_row = None
            self.close_of(row)
            wish = by_row.get(row)
            if wish is not None and self.held is None and self.pending is None and wish.lots:
                self.decide(row, wish)
        return self.told

    def decide(self, row: int, wish: Wish) -> None:
        if self.ways.this_close and not self.ways.maker:
            self.fill(row, wish, self.worse(row, wish.side, self.bars[row].close, wish.lots))
        else:
            self.pending, self.pending_row = wish, None

    def open_if_due(self, row: int, bar: Bar) -> None:
        wish, fresh = self.pending, False
        if wish is not None and self.held is None:
            reached = row >= wish.row + 1 + self.ways.latency_bars and bar.open_ms >= wish.at_ms + self.ways.latency_ms
            if reached and self.pending_row is None:
                self.pending_row = row
            if reached and self.pending_row == row:
                fresh = self.try_entry(row, wish, bar)
        if self.held is not None:
            self.through(row, bar, fresh_maker=fresh and self.ways.maker)

    def try_entry(self, row: int, wish: Wish, bar: Bar) -> bool:
        if not self.ways.maker:
            whole = self.bars[row]
            price = whole.open if whole.open_ms >= wish.at_ms + self.ways.latency_ms else bar.open
            return self.fill(row, wish, self.worse(row - 1, wish.side, price, wish.lots))
        if not self.rests_fill(bar, wish.entry, wish.side, wish.lots):
            return False
        return self.fill(row, wish, wish.entry)

    def fill(self, row: int, wish: Wish, price: int) -> bool:
        self.pending = self.pending_row = None
        past_stop = price <= wish.stop if wish.side > 0 else price >= wish.stop
        past_goal = price >= wish.targets[-1] if wish.side > 0 else price <= wish.targets[-1]
        if past_stop or past_goal:
            return False
        self.held = Held(wish, price, wish.lots, wish.stop)
        self.told.append((row, "entry", price, wish.lots))
        return True

    def rests_fill(self, bar: Bar, limit: int, side: int, lots: int) -> bool:
        """Whether a resting order that buys (+1) or sells (-1) fills."""
        if (bar.low < limit) if side > 0 else (bar.high > limit):
            return True
        touched = limit == (bar.low if side > 0 else bar.high)
        if self.ways.queue is None or not touched:
            return False
        return bar.volume / (bar.high - bar.low + 1) >= self.ways.queue * lots * self.ways.lot

    def worse(self, before: int, side: int, price: int, lots: int) -> int:
        rate = self.ways.half_spread + self.ways.slippage
        bar = self.bars[before]
        if self.ways.impact:
            moved = 100_000.0
            if bar.volume > 0:
                share = lots * self.ways.lot / bar.volume
                moved = min(self.ways.impact * 1e6 * ((bar.high - bar.low) / bar.open) * sqrt(share), moved)
            rate += floor(moved)
        return max(1, price + side * ceil(price * rate / 1_000_000))

    def through(self, row: int, bar: Bar, *, fresh_maker: bool) -> None:
        held = self.held
        assert held is not None
        side = held.wish.side
        if held.sent:
            self.out(row, "expiry", self.worse(row - 1, -side, bar.open, held.left), held.left)
            return
        gapped = bar.open <= held.stop if side > 0 else bar.open >= held.stop
        touched = gapped or (bar.low <= held.stop if side > 0 else bar.high >= held.stop)
        kind = self.ways.optimistic and not gapped
        if kind or not (touched or fresh_maker):
            self.goals(row, bar)
        if touched and self.held is not None:
            level = bar.open if gapped else held.stop
            self.out(row, "stop", self.worse(row - 1, -side, level, held.left), held.left)

    def goals(self, row: int, bar: Bar) -> None:
        while self.held is not None and self.held.hit < len(self.held.wish.targets):
            held = self.held
            goal = held.wish.targets[held.hit]
            part = held.left * self.ways.fractions[held.hit] // 1_000_000
            if not self.rests_fill(bar, goal, -held.wish.side, part):
                return
            held.hit += 1
            if part:
                self.out(row, "target", goal, part)

    def out(self, row: int, why: str, price: int, lots: int) -> None:
        assert self.held is not None
        self.told.append((row, why, price, lots))
        self.held.left -= lots
        if self.held.left == 0:
            self.held = None

    def close_of(self, row: int) -> None:
        held, close = self.held, self.bars[row].close
        if held is None:
            return
        side = held.wish.side
        candidates = [held.stop]
        if self.ways.even_after and held.hit >= self.ways.even_after:
            candidates.append(held.entry + side * ceil(held.entry * self.ways.round_trip / 1_000_000))
        held.trailing |= bool(self.ways.trail_after) and held.hit >= self.ways.trail_after
        if held.trailing and held.wish.trail is not None:
            candidates.append(close - side * held.wish.trail)
        held.stop = max(candidates) if side > 0 else min(candidates)
        closed_ms = self.bars[row].open_ms + self.length_ms
        held.sent = held.wish.expires_ms is not None and closed_ms >= held.wish.expires_ms
