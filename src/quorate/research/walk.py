"""A trade through the candles, from its entry to its end, by the rules of the desk. Compiled by `jit`.

The order inside a candle is that of `quorate.desk.bars` and `quorate.desk.walk`: a liquidation the venue made at the
open, an expiry sent out before, the stop, the targets; then funding of that close; then the stop moves.
"""

from math import sqrt

from quorate.kernel.bars import IntArray
from quorate.research.tables import (
    BREAK_EVEN,
    EXPIRY,
    FUNDING,
    LIQUIDATION,
    NEVER,
    NONE,
    OPEN,
    OPTIMISTIC,
    STOP,
    TARGET,
    THROUGH,
    TOUCH,
    TRAILING_STOP,
    Candle,
    Counts,
    Order,
    Part,
    Rows,
    Rules,
    Settlement,
    Trade,
)
from quorate.rules import costs, exits, funding, margin

PPM = 1_000_000
MILLE = 1_000
SCALED_MAX = 9_000_000_000_000
"""A number up to here stays inside 63 bits when it is told in ppm."""
BEYOND = 2**62
"""A price that no candle reaches."""
IMPACT_PPM_MAX = 100_000
"""No order is taken to move the market further than this: the model says nothing about more."""


def notional_of(rules: Rules, ticks: int, lots: int, up: int) -> int:
    """Worth of lots at a price, in the ledger's smallest unit, rounded down, or up where `up` is 1."""
    value = ticks * lots * rules.numerator
    if rules.denominator == 1:
        return value
    return -(-value // rules.denominator) if up else value // rules.denominator


def gain_of(rules: Rules, ticks: int, lots: int) -> int:
    """Worth of a price difference on lots, rounded half-even to the ledger's smallest unit."""
    value = ticks * lots * rules.numerator
    if rules.denominator == 1:
        return value
    whole, twice = value // rules.denominator, value % rules.denominator * 2
    return whole + int(twice > rules.denominator or (twice == rules.denominator and whole % 2 == 1))


def r_of(rules: Rules, pnl: int, ticks: int, lots: int) -> int:
    """Profit in ppm of a risk of `ticks` on `lots`, rounded half-even; split where a product would leave 63 bits."""
    risk = ticks * lots * rules.numerator
    scaled = pnl * rules.denominator
    if abs(scaled) < SCALED_MAX:
        whole = scaled * PPM // risk
        rest = scaled * PPM - whole * risk
    else:
        whole = scaled // risk
        rest = scaled - whole * risk
        for _ in range(2):
            rest *= MILLE
            part = rest // risk
            whole, rest = whole * MILLE + part, rest - part * risk
    return whole + int(2 * rest > risk or (2 * rest == risk and whole % 2 == 1))


def impact_ppm(rules: Rules, before: Candle, lots: int) -> int:
    """Slippage beyond the constant one of an order of `lots` that follows a candle: the square-root law.

    impact x range of the candle as a share of its open x square root of (order / volume of the candle).
    """
    if rules.impact == 0:
        return 0
    if before.volume <= 0.0:
        return IMPACT_PPM_MAX
    span = (before.high - before.low) / before.open
    return int(min(rules.impact * span * sqrt(lots * rules.lot / before.volume), float(IMPACT_PPM_MAX)))


def taken_at(rules: Rules, before: Candle, action: int, ticks: int, lots: int) -> int:
    """Price that an order which takes at `ticks` gets; `before` is the newest candle that had closed."""
    slippage = rules.slippage + impact_ppm(rules, before, lots)
    return costs.taking_price(action, ticks, rules.half_spread, slippage)


def touch_fills(rules: Rules, candle: Candle, limit: int, edge: int, lots: int) -> bool:
    """Whether a resting order fills though price did not trade through it; `edge` is how far price came.

    The volume traded at one price is taken to be the candle's, spread evenly over every tick of its range.
    """
    if rules.queue == THROUGH or limit != edge:
        return False
    if rules.queue == TOUCH:
        return True
    at_price = candle.volume / (candle.high - candle.low + 1)
    return at_price >= rules.queue_multiple * lots * rules.lot


def move_cash(
    counts: Counts, trade: Trade, parts: Rows[Part], row: int, reason: int, ticks: int, lots: int, fee: int, cash: int
) -> None:
    """Write a movement of cash down."""
    part = parts[counts.parts]
    part.trade, part.row, part.reason = counts.trades - 1, row, reason
    part.ticks, part.lots, part.fee, part.cash = ticks, lots, fee, cash
    counts.parts += 1
    counts.cash += cash
    trade.pnl += cash
    trade.fees += fee


def leave(
    rules: Rules,
    counts: Counts,
    trade: Trade,
    parts: Rows[Part],
    row: int,
    reason: int,
    ticks: int,
    lots: int,
    fee_ppm: int,
) -> None:
    """Close lots of a trade at `ticks`; the trade is over with its last ones."""
    fee = costs.fee(notional_of(rules, ticks, lots, 0), fee_ppm)
    gained = gain_of(rules, (ticks - trade.entry) * trade.side, lots)
    move_cash(counts, trade, parts, row, reason, ticks, lots, fee, gained - fee)
    trade.exit_value += ticks * lots
    trade.left -= lots
    stretch(trade, ticks, ticks)
    if trade.left == 0:
        finish(rules, trade, row, reason)


def finish(rules: Rules, trade: Trade, row: int, reason: int) -> None:
    """The trade is over; a stop that had moved is told by why it had."""
    if reason == STOP and trade.stop != trade.initial_stop:
        trade.reason = TRAILING_STOP if trade.trailing else BREAK_EVEN
    else:
        trade.reason = reason
    trade.exit_row = row
    trade.bars = row - trade.entry_row + 1
    trade.r_ppm = r_of(rules, trade.pnl, (trade.entry - trade.initial_stop) * trade.side, trade.lots)


def stretch(trade: Trade, low: int, high: int) -> None:
    """Widen the range of prices seen while the trade was open."""
    trade.lowest = min(trade.lowest, low)
    trade.highest = max(trade.highest, high)


def bearable(trade: Trade, ticks: int) -> int:
    """An exit price that costs no more than the margin."""
    if trade.liquidation == margin.NEVER:
        return ticks
    return margin.not_beyond(trade.side, ticks, trade.bankruptcy)


def meet(
    rules: Rules,
    fractions: IntArray,
    targets: IntArray,
    counts: Counts,
    trade: Trade,
    parts: Rows[Part],
    before: Candle,
    candle: Candle,
    row: int,
    sent: bool,
    counting: bool,
) -> None:
    """Take an open trade through one candle, or a finer one in it.

    `sent`: its expiry was sent out at the close before. `counting` is False in the candle in which a resting entry
    filled: there only the stop counts, and only what went against the trade.
    """
    side = trade.side
    if margin.gapped(side, trade.liquidation, candle.open):
        leave(rules, counts, trade, parts, row, LIQUIDATION, trade.bankruptcy, trade.left, rules.liquidation_fee)
        return
    level, reason = exits.stop_touched(side, trade.stop, candle.open, candle.high, candle.low), STOP
    kind = rules.tie == OPTIMISTIC and (candle.open - trade.stop) * side > 0
    if sent:
        level, reason = candle.open, EXPIRY
    elif level == 0 or kind:
        if counting or kind:
            take_targets(rules, fractions, targets, counts, trade, parts, candle, row)
        if trade.left == 0:
            return
    if level:
        ticks = bearable(trade, taken_at(rules, before, -side, level, trade.left))
        leave(rules, counts, trade, parts, row, reason, ticks, trade.left, rules.taker_fee)
        return
    against = candle.low if side > 0 else candle.high
    stretch(trade, candle.low if counting else against, candle.high if counting else against)


def take_targets(
    rules: Rules,
    fractions: IntArray,
    targets: IntArray,
    counts: Counts,
    trade: Trade,
    parts: Rows[Part],
    candle: Candle,
    row: int,
) -> None:
    """Close the parts whose targets the candle reaches; a part under one lot is passed without an order."""
    side, s = trade.side, trade.order
    edge = candle.high if side > 0 else candle.low
    while trade.left and trade.hit < fractions.size:
        target = targets[s, trade.hit]
        part = exits.part_of(trade.left, fractions[trade.hit])
        reached = exits.target_reached(side, target, candle.high, candle.low)
        if not reached and not touch_fills(rules, candle, target, edge, part):
            return
        trade.hit += 1
        if part:
            leave(rules, counts, trade, parts, row, TARGET, target, part, rules.maker_fee)


def settle(
    rules: Rules, settlements: Rows[Settlement], counts: Counts, trade: Trade, parts: Rows[Part], mark: int, row: int
) -> None:
    """Apply the settlements of funding at candle `row` to an open trade."""
    due = first_from(settlements, row)
    while due < settlements.size and settlements[due].row == row:
        rate = settlements[due].rate_ppb
        units = notional_of(rules, mark, trade.left, int(trade.side * rate > 0))
        amount = funding.payment(trade.side, units, rate)
        if amount != 0:
            move_cash(counts, trade, parts, settlements[due].booked_row, FUNDING, mark, 0, 0, amount)
            trade.funding += amount
        due += 1


def first_from(settlements: Rows[Settlement], row: int) -> int:
    """The place of the first settlement at candle `row` or later."""
    low, high = 0, settlements.size
    while low < high:
        middle = (low + high) // 2
        if settlements[middle].row < row:
            low = middle + 1
        else:
            high = middle
    return low


def row_from(settlements: Rows[Settlement], row: int) -> int:
    """The candle of the first settlement at candle `row` or later; NEVER for none."""
    place = first_from(settlements, row)
    return settlements[place].row if place < settlements.size else NEVER


def stop_after(rules: Rules, trade: Trade, trail: int, close: int, break_even: int) -> int:
    """Where the stop stands after a close that the trade survived; notes when it begins to trail."""
    side, entry, first, hit = trade.side, trade.entry, trade.initial_stop, trade.hit
    even = exits.reached(side, entry, first, close, hit, rules.break_even_target, rules.break_even_r)
    trailing = trade.trailing == 1
    if not trailing and exits.reached(side, entry, first, close, hit, rules.trail_target, rules.trail_r):
        trailing = True
        trade.trailing = 1
    return exits.stop_after_close(side, trade.stop, close, even, break_even, trailing, trail)


def hold(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    targets: IntArray,
    order: Order,
    expiry_row: int,
    counts: Counts,
    trade: Trade,
    parts: Rows[Part],
    row: int,
    opened_now: bool,
) -> int:
    """Hold an open trade from the close of candle `row` until it ends; returns the candle in which it did.

    `opened_now`: it was opened at this very close, at which nothing more happens to it. The number of candles is
    returned where they end first: then the trade stays open.
    """
    side = trade.side
    break_even = exits.break_even_stop(side, trade.entry, rules.round_trip)
    # Without conditions in R a stop moves after a target at the earliest.
    restless = rules.break_even_r != NONE or rules.trail_r != NONE
    due_row = row_from(settlements, row + 1 if opened_now else row)
    while True:
        if not opened_now:
            if row == due_row:
                settle(rules, settlements, counts, trade, parts, tape[row].close, row)
                due_row = row_from(settlements, row + 1)
            if restless or trade.hit:
                trade.stop = stop_after(rules, trade, order.trail, tape[row].close, break_even)
        sent = row >= expiry_row and not opened_now
        opened_now = False
        row += 1
        if row >= tape.size:
            break
        goal = side * BEYOND
        if trade.hit < fractions.size:
            goal = targets[trade.order, trade.hit] - (0 if rules.queue == THROUGH else side)
        if not (sent or restless or trade.hit):
            row = idle_until(tape, row, min(due_row, expiry_row, tape.size - 1), trade, goal)
        candle = tape[row]
        if not sent and not happens(candle, side, trade.stop, goal):
            stretch(trade, candle.low, candle.high)
            continue
        for step in range(first[row], first[row + 1]):
            if trade.left:
                meet(rules, fractions, targets, counts, trade, parts, tape[row - 1], fine[step], row, sent, True)
        if trade.left == 0:
            return row
    trade.exit_row, trade.reason, trade.bars = NONE, OPEN, row - trade.entry_row
    return row


def happens(candle: Candle, side: int, stop: int, goal: int) -> bool:
    """Whether a candle may close a part of a trade; a liquidation lies behind the stop."""
    touched = exits.stop_touched(side, stop, candle.open, candle.high, candle.low)
    return touched != 0 or exits.target_reached(side, goal, candle.high, candle.low)


def idle_until(tape: Rows[Candle], row: int, last: int, trade: Trade, goal: int) -> int:
    """The first candle from `row` on in which something happens to a trade whose stop stands still, `last` at most."""
    side, stop, lowest, highest = trade.side, trade.stop, trade.lowest, trade.highest
    while row < last:
        candle = tape[row]
        if happens(candle, side, stop, goal):
            break
        lowest, highest = min(lowest, candle.low), max(highest, candle.high)
        row += 1
    stretch(trade, lowest, highest)
    return row
