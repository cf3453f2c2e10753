"""What the kernel reads and writes: records of 64-bit numbers, the same in plain Python and in machine code.

Prices are ticks, quantities lots, ratios parts per million, money the ledger's smallest unit (1e-8 of the quote
currency), instants UTC milliseconds. A row is the position of a candle. The classes say what a record's fields mean;
the records themselves live in NumPy arrays of the types below.
"""

from typing import Any, Protocol, TypeVar

import numpy as np

NONE = -1
NEVER = 2**62
"""Row of something that does not happen within the candles."""

NEXT_OPEN, THIS_CLOSE = 0, 1
"""Where an order at market meets the market."""
PESSIMISTIC, OPTIMISTIC = 0, 1
"""Which comes first where stop and target lie in the same candle."""
THROUGH, TOUCH, VOLUME = 0, 1, 2
"""When a resting order fills: price trades through it; touches it; or trades enough volume at it."""
GIVEN, RISK, SHARE, AMOUNT = 0, 1, 2, 3
"""How an order is sized: lots from outside; a share of equity at risk; a share of equity; a fixed amount."""
UNREAD, SOUND, COARSE, BROKEN, UNSURE = 0, 1, 2, 3, 4
"""State of an order: not looked at; in ticks; ticks too coarse for it; numbers that are none; left to decimals."""

OUTCOMES = ("silent", "blocked", "unfilled", "passed", "filled", "pending", "unreadable")
"""What became of an order: the strategy was resting; no lots for it; untouched; the market had left its plan; a trade;
the candles ended before it met the market; it could not be read."""
SILENT, BLOCKED, UNFILLED, PASSED, FILLED, PENDING, UNREADABLE = 0, 1, 2, 3, 4, 5, 6
REASONS = ("entry", "stop", "target", "expiry", "liquidation", "funding", "break_even", "trailing_stop", "open")
"""Why cash moved, and why a trade ended, as trades of the desk tell it."""
ENTRY, STOP, TARGET, EXPIRY, LIQUIDATION, FUNDING, BREAK_EVEN, TRAILING_STOP, OPEN = 0, 1, 2, 3, 4, 5, 6, 7, 8

Row_co = TypeVar("Row_co", covariant=True)


class Rows(Protocol[Row_co]):
    """An array of records."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, place: int, /) -> Row_co:
        """The record itself, not a copy."""
        ...


class Candle(Protocol):
    """A closed candle. Volume in base units."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: float


class Settlement(Protocol):
    """Funding that fell due."""

    row: int
    """The newest candle that had closed by then."""
    booked_row: int
    """The candle at whose close the desk learns of it: the same, or the next for one on the way to it."""
    rate_ppb: int


class Order(Protocol):
    """An order of a strategy: where it was decided, in floats, and, once it was looked at, in ticks and ppm."""

    row: int
    """The newest candle that had closed when it was decided."""
    at_ms: int
    expires_ms: int
    """When the rest of its trade is sent out; NEVER for no such instant."""
    side: int
    entry_price: float
    stop_price: float
    trail_price: float
    """Distance of the trailing stop; negative where nothing trails."""
    belief: float
    """Confidence, 0 to 1."""
    weight: float
    """Share of the normal size, over 0 up to 1."""
    state: int
    entry: int
    stop: int
    trail: int
    confidence: int
    share: int


class Rules(Protocol):
    """All that stays the same in a run: the market's grid, costs and conventions, exits and pace, and sizes."""

    mantissa: int
    """The tick is mantissa / 10^decimals."""
    decimals: int
    numerator: int
    """One lot at a price of one tick is worth numerator / denominator of the ledger's smallest unit."""
    denominator: int
    lot: float
    length_ms: int
    """Length of a candle."""
    entry: int
    """NEXT_OPEN or THIS_CLOSE."""
    tie: int
    """PESSIMISTIC or OPTIMISTIC."""
    maker_fee: int
    taker_fee: int
    liquidation_fee: int
    half_spread: int
    slippage: int
    impact: int
    """Share of a candle's range that an order as large as its volume pays on top, in ppm; 0 for none."""
    round_trip: int
    latency_rows: int
    latency_ms: int
    queue: int
    """THROUGH, TOUCH or VOLUME."""
    queue_multiple: float
    leverage: int
    """0: nobody liquidates."""
    maintenance: int
    reserve: int
    maker: int
    """1 where entries rest."""
    break_even_target: int
    break_even_r: int
    trail_target: int
    trail_r: int
    cooldown_ms: int
    losses_pause: int
    """Losses in a row that start a pause, 0 for never."""
    pause_ms: int
    per_hour_max: int
    """NONE without a limit."""
    per_day_max: int
    sizing: int
    """GIVEN, RISK, SHARE or AMOUNT."""
    stake: int
    """Share of equity, or the fixed amount in units of one lot at one tick."""
    cap: int
    """Largest share of equity as notional."""
    by_confidence: int
    least: int
    """Smallest notional, in units of one lot at one tick."""
    cash: int
    """What the run begins with."""
    lots_max: int
    """Beyond it money would leave 63 bits."""


class Trade(Protocol):
    """A trade, open or over."""

    order: int
    """Place among the orders."""
    entry_row: int
    exit_row: int
    side: int
    lots: int
    entry: int
    initial_stop: int
    exit_value: int
    """Ticks times lots over the closed parts."""
    fees: int
    funding: int
    """Received (positive) or paid; part of `pnl`."""
    pnl: int
    """Net of every cost."""
    r_ppm: int
    reason: int
    bars: int
    """Candles in which it was open."""
    lowest: int
    """Lowest price while it was open."""
    highest: int
    stop: int
    """Where the stop stands, or stood at the end."""
    left: int
    """Lots still open."""
    hit: int
    """Targets passed."""
    trailing: int
    liquidation: int
    bankruptcy: int


class Part(Protocol):
    """One movement of cash: an entry, an exit or a part of one, a settlement of funding."""

    trade: int
    row: int
    reason: int
    ticks: int
    lots: int
    fee: int
    cash: int
    """Its change, net of the fee."""


class Counts(Protocol):
    """Where a run stands."""

    trades: int
    parts: int
    heard: int
    """Signals so far."""
    cash: int
    unsure: int
    """One more than the place of an order that decimals must read; 0 for none."""
    overflow: int
    """One more than the place of an order that is too large to count; 0 for none."""
    losses: int
    """In a row."""
    closed_ms: int
    paused_ms: int
    near: int
    """Powers of ten of the last price and the last distance that were read: the next are alike."""
    far: int


class Tally(Protocol):
    """The closed trades of a run in a few numbers. Money in the ledger's smallest unit."""

    trades: int
    wins: int
    pnl: int
    won: int
    """Sum of what trades gained."""
    lost: int
    """Sum of what trades lost, positive."""
    fees: int
    funding: int
    bars: int
    """Candles in which trades were open."""
    sum_r: float
    sum_r2: float
    """Sum of the squares of R."""
    drawdown: float
    """Deepest fall of equity from a peak, at the ends of trades, as a share of the peak."""


def _dtype(fields: type) -> np.dtype[np.void]:
    # In plain Python a field that NumPy's own records have already would be hidden by theirs.
    assert not any(hasattr(np.record, name) for name in fields.__annotations__), "a field's name is taken"
    # The elements are records, the arrays are plain: a `recarray` costs ten times as much to index and to hand in.
    return np.dtype((np.record, [(name, np.dtype(kind)) for name, kind in fields.__annotations__.items()]))


CANDLE, SETTLEMENT, ORDER, RULES = _dtype(Candle), _dtype(Settlement), _dtype(Order), _dtype(Rules)
TRADE, PART, COUNTS, TALLY = _dtype(Trade), _dtype(Part), _dtype(Counts), _dtype(Tally)


def blank(dtype: np.dtype[np.void], count: int) -> Any:
    """Room for so many records, not cleared."""
    return np.empty(count, dtype)


def record(dtype: np.dtype[np.void], **values: float) -> Any:
    """One record with these values, and zeros for the rest."""
    made = np.zeros(1, dtype)
    for name, value in values.items():
        made[name] = value
    return made[0]
