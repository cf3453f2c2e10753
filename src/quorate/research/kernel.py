"""One pass over a symbol: from flat to the next order, through its trade, and on. Compiled by `jit`.

Candles between trades are never touched: the strategy's orders say where something can happen.
"""

from quorate.kernel.bars import FloatArray, IntArray
from quorate.research.tables import (
    AMOUNT,
    BLOCKED,
    ENTRY,
    FILLED,
    GIVEN,
    NEVER,
    NONE,
    PASSED,
    PENDING,
    RISK,
    SILENT,
    SOUND,
    THIS_CLOSE,
    UNFILLED,
    UNREAD,
    UNREADABLE,
    UNSURE,
    Candle,
    Counts,
    Order,
    Part,
    Rows,
    Rules,
    Settlement,
    Trade,
)
from quorate.research.ticks import read_order
from quorate.research.walk import hold, meet, move_cash, notional_of, taken_at, touch_fills
from quorate.rules import costs, margin, matching, sizing

PPM = 1_000_000
CONFIDENCE_BASE_PPM = 500_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


def run(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    orders: Rows[Order],
    goals: FloatArray,
    targets: IntArray,
    given: IntArray,
    counts: Counts,
    trades: Rows[Trade],
    parts: Rows[Part],
    outcomes: IntArray,
    heard_ms: IntArray,
) -> None:
    """Work every order of a strategy on one symbol, and write down what came of it.

    `fine[first[row] : first[row + 1]]` are the finer candles inside candle `row`, or that candle itself. `goals` are
    the orders' targets as prices, `targets` in ticks once an order was looked at, `given` its lots where they are
    given. `counts` comes in cleared, with the cash that the run begins with. Where it says unsure or overflow in the
    end, the run stopped at that order, and what was written means nothing.
    """
    free = 0
    for s in range(orders.size):
        order = orders[s]
        if order.row < free or resting(rules, counts, heard_ms, order.at_ms):
            outcomes[s] = SILENT
            continue
        outcomes[s] = heard_as(rules, counts, order, goals, targets, heard_ms, s)
        if outcomes[s] != FILLED:
            continue
        lots = lots_for(rules, order, given, s, counts.cash)
        if lots == 0:
            outcomes[s] = BLOCKED
            continue
        counts.overflow = s + 1 if lots > rules.lots_max else 0
        if counts.unsure or counts.overflow:
            return
        row, start, ticks = enter(rules, tape, fine, first, order, lots)
        forced = forced_at(rules, order.side, ticks) if ticks else margin.NEVER
        outcomes[s] = fate(rules, tape, order, targets[s, fractions.size - 1], row, ticks, forced)
        free = row
        if outcomes[s] == FILLED:
            trade = open_trade(rules, order, counts, trades, parts, s, row, ticks, lots, forced)
            free = follow(
                rules, fractions, tape, fine, first, settlements, targets, order, counts, trade, parts, row, start
            )
            if trade.left == 0:
                rest_after(rules, counts, trade, tape[free].open_ms + rules.length_ms)


def heard_as(
    rules: Rules, counts: Counts, order: Order, goals: FloatArray, targets: IntArray, heard_ms: IntArray, s: int
) -> int:
    """FILLED where an order is one to be sized and brought to the market; UNREADABLE where it is none.

    An order that doubles cannot tell is noted in `counts`, and passes.
    """
    if order.state == UNREAD:
        read_order(rules, counts, order, goals, targets, s)
    if order.state == UNSURE:
        counts.unsure = s + 1
    elif order.state != SOUND:
        return UNREADABLE
    heard_ms[counts.heard] = order.at_ms
    counts.heard += 1
    return FILLED


def resting(rules: Rules, counts: Counts, heard_ms: IntArray, at_ms: int) -> bool:
    """Whether the strategy keeps silent now because of what it did lately; as `quorate.desk.strategies` has it."""
    if counts.heard == 0:
        return False
    if at_ms < counts.paused_ms:
        return True
    if counts.closed_ms and at_ms - counts.closed_ms < rules.cooldown_ms:
        return True
    if used_up(counts, heard_ms, rules.per_hour_max, at_ms - HOUR_MS + 1):
        return True
    return used_up(counts, heard_ms, rules.per_day_max, at_ms - at_ms % DAY_MS)


def used_up(counts: Counts, heard_ms: IntArray, most: int, since_ms: int) -> bool:
    """Whether as many signals as allowed have come since an instant, this included."""
    if most == NONE or counts.heard < most:
        return False
    return most == 0 or heard_ms[counts.heard - most] >= since_ms


def lots_for(rules: Rules, order: Order, given: IntArray, s: int, cash: int) -> int:
    """Lots that an order may take, 0 where it may not be made."""
    if not stop_protects(rules, order.side, order.entry, order.stop, forced_at(rules, order.side, order.entry)):
        return 0
    if rules.sizing == GIVEN:
        return given[s]
    confidence = CONFIDENCE_BASE_PPM + order.confidence if rules.by_confidence else PPM
    lots = 0
    if rules.sizing == AMOUNT:
        # Half the chain, as a share of the amount may be over one.
        scale = sizing.chain_ppm(PPM // 2, PPM, PPM, PPM, confidence, order.share, PPM)
        lots = sizing.part_of_units(rules.stake, scale) * 2 // order.entry
    elif cash > 0:
        share = sizing.chain_ppm(rules.stake, PPM, PPM, PPM, confidence, order.share, PPM)
        if rules.sizing == RISK:
            share = sizing.share_at_risk_ppm(share, order.entry, (order.entry - order.stop) * order.side)
        units = cash * rules.denominator // rules.numerator
        lots = sizing.lots_of_share(units, min(share, rules.cap), order.entry)
    return 0 if lots * order.entry < rules.least else lots


def forced_at(rules: Rules, side: int, entry: int) -> int:
    """Price at which the venue closes a position entered at `entry` by force; NEVER (0) where it never does."""
    if rules.leverage == 0:
        return margin.NEVER
    return margin.liquidation_price(side, entry, rules.leverage, rules.maintenance)


def stop_protects(rules: Rules, side: int, entry: int, stop: int, forced: int) -> bool:
    """Whether the stop comes before the venue's liquidation."""
    return forced == margin.NEVER or margin.stop_is_safe(side, entry, stop, forced, rules.reserve)


def enter(
    rules: Rules, tape: Rows[Candle], fine: Rows[Candle], first: IntArray, order: Order, lots: int
) -> tuple[int, int, int]:
    """Where an order meets the market: the candle, the finer candle in it, and the price; 0 for one that never fills.

    The number of candles is returned where they end first.
    """
    side = order.side
    if rules.entry == THIS_CLOSE and rules.maker == 0:
        decided = tape[order.row]
        return order.row, first[order.row + 1], taken_at(rules, decided, side, decided.close, lots)
    row, start = arrival(rules, tape, fine, first, order)
    if row >= tape.size:
        return tape.size, start, 0
    if rules.maker == 0:
        late = rules.latency_ms > 0 and tape[row].open_ms < order.at_ms + rules.latency_ms
        opened = fine[start].open if late else tape[row].open
        return row, start, taken_at(rules, tape[row - 1], side, opened, lots)
    for step in range(start, first[row + 1]):
        candle = fine[step]
        ticks = matching.maker_filled(side, order.entry, candle.open, candle.high, candle.low)
        if ticks == 0 and touch_fills(rules, candle, order.entry, candle.low if side > 0 else candle.high, lots):
            ticks = order.entry
        if ticks:
            return row, step, ticks
    return row, start, 0


def arrival(rules: Rules, tape: Rows[Candle], fine: Rows[Candle], first: IntArray, order: Order) -> tuple[int, int]:
    """The first candle that an order meets after its latency, and the first finer candle in it."""
    row = order.row + 1 + rules.latency_rows
    instant = order.at_ms + rules.latency_ms
    if rules.latency_ms:
        while row < tape.size and tape[row].open_ms + rules.length_ms <= instant:
            row += 1
    if row >= tape.size:
        return tape.size, 0
    if rules.latency_ms and tape[row].open_ms < instant:
        # Inside this candle only finer ones tell where price was then.
        for step in range(first[row], first[row + 1]):
            if fine[step].open_ms >= instant:
                return row, step
        row += 1
    return row, first[row] if row < tape.size else 0


def fate(rules: Rules, tape: Rows[Candle], order: Order, far: int, row: int, ticks: int, forced: int) -> int:
    """What becomes of an order that meets the market at this price; `far` is its last target."""
    if row >= tape.size:
        return PENDING
    if ticks == 0:
        return UNFILLED
    if (ticks - order.stop) * order.side <= 0 or (far - ticks) * order.side <= 0:
        return PASSED
    return FILLED if stop_protects(rules, order.side, ticks, order.stop, forced) else PASSED


def open_trade(
    rules: Rules,
    order: Order,
    counts: Counts,
    trades: Rows[Trade],
    parts: Rows[Part],
    s: int,
    row: int,
    ticks: int,
    lots: int,
    forced: int,
) -> Trade:
    """Write a new trade down and pay for its entry."""
    trade = trades[counts.trades]
    counts.trades += 1
    trade.order, trade.entry_row, trade.exit_row, trade.side, trade.lots = s, row, NONE, order.side, lots
    trade.entry, trade.initial_stop, trade.stop, trade.left = ticks, order.stop, order.stop, lots
    trade.lowest, trade.highest, trade.hit, trade.trailing = ticks, ticks, 0, 0
    trade.exit_value, trade.fees, trade.funding, trade.pnl, trade.r_ppm, trade.bars = 0, 0, 0, 0, 0, 0
    trade.liquidation, trade.bankruptcy, trade.reason = forced, 0, ENTRY
    if forced != margin.NEVER:
        trade.bankruptcy = margin.bankruptcy_price(order.side, ticks, rules.leverage)
    fee = costs.fee(notional_of(rules, ticks, lots, 0), rules.maker_fee if rules.maker else rules.taker_fee)
    move_cash(counts, trade, parts, row, ENTRY, ticks, lots, fee, -fee)
    return trade


def follow(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    targets: IntArray,
    order: Order,
    counts: Counts,
    trade: Trade,
    parts: Rows[Part],
    row: int,
    start: int,
) -> int:
    """Take a new trade through the rest of its first candle and on; returns the candle in which it ended."""
    counting = rules.maker == 0
    for step in range(start, first[row + 1]):
        if trade.left:
            meet(rules, fractions, targets, counts, trade, parts, tape[row - 1], fine[step], row, False, counting)
        counting = True
    if trade.left == 0:
        return row
    at_close = rules.entry == THIS_CLOSE and rules.maker == 0
    return hold(
        rules,
        fractions,
        tape,
        fine,
        first,
        settlements,
        targets,
        order,
        expiry_of(rules, tape, order),
        counts,
        trade,
        parts,
        row,
        at_close,
    )


def expiry_of(rules: Rules, tape: Rows[Candle], order: Order) -> int:
    """The first candle at whose close the rest of a trade is sent out."""
    if order.expires_ms == NEVER:
        return NEVER
    low, high = order.row, tape.size
    while low < high:
        middle = (low + high) // 2
        if tape[middle].open_ms + rules.length_ms < order.expires_ms:
            low = middle + 1
        else:
            high = middle
    return low


def rest_after(rules: Rules, counts: Counts, trade: Trade, closed_ms: int) -> None:
    """What a closed trade means for the strategy's pace."""
    counts.closed_ms = closed_ms
    counts.losses = 0 if trade.pnl > 0 else counts.losses + 1
    if rules.losses_pause and counts.losses >= rules.losses_pause:
        counts.paused_ms = closed_ms + rules.pause_ms
        counts.losses = 0
