"""Trades that nobody decided on, one by one: each entered, held and left by the rules of the run. Compiled by `jit`."""

from quorate.kernel.bars import FloatArray, IntArray
from quorate.research.kernel import enter, fate, follow, forced_at, open_trade
from quorate.research.tables import (
    FILLED,
    SOUND,
    Candle,
    Counts,
    Order,
    Part,
    Rows,
    Rules,
    Settlement,
    Trade,
)
from quorate.rules import margin

PPM = 1_000_000
LOST = -1e300
"""Stands for an order that came to no trade."""


def outcome_of(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    order: Order,
    targets: IntArray,
    place: int,
    lots: int,
    counts: Counts,
    trades: Rows[Trade],
    parts: Rows[Part],
) -> int:
    """Work one order as if there were no other: the candle in which its trade ended, and the trade in `trades[0]`.

    0 where it came to no trade; a trade that is open at the last candle is worth what that candle says of nothing: it
    counts as none.
    """
    counts.trades, counts.parts, counts.cash = 0, 0, rules.cash
    row, start, ticks = enter(rules, tape, fine, first, order, lots)
    forced = forced_at(rules, order.side, ticks) if ticks else margin.NEVER
    if fate(rules, tape, order, targets[place, fractions.size - 1], row, ticks, forced) != FILLED:
        return 0
    trade = open_trade(rules, order, counts, trades, parts, place, row, ticks, lots, forced)
    end = follow(rules, fractions, tape, fine, first, settlements, targets, order, counts, trade, parts, row, start)
    return end if trade.left == 0 else 0


def alone(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    orders: Rows[Order],
    targets: IntArray,
    lots: IntArray,
    counts: Counts,
    trades: Rows[Trade],
    parts: Rows[Part],
    results: FloatArray,
) -> None:
    """Write the R of every order as if it were the only one; LOST where it comes to no trade."""
    for place in range(orders.size):
        results[place] = LOST
        order = orders[place]
        if order.state == SOUND and lots[place] > 0:
            end = outcome_of(
                rules,
                fractions,
                tape,
                fine,
                first,
                settlements,
                order,
                targets,
                place,
                lots[place],
                counts,
                trades,
                parts,
            )
            if end:
                results[place] = trades[0].r_ppm / PPM


def apart(
    rules: Rules,
    fractions: IntArray,
    tape: Rows[Candle],
    fine: Rows[Candle],
    first: IntArray,
    settlements: Rows[Settlement],
    orders: Rows[Order],
    targets: IntArray,
    lots: IntArray,
    tries: int,
    counts: Counts,
    trades: Rows[Trade],
    parts: Rows[Part],
    taken: IntArray,
    results: FloatArray,
    ends: IntArray,
) -> None:
    """One random trader: of every `tries` orders in a row the first that fills and meets none of its other trades.

    Where all that fill meet another trade the first of them is taken: a strategy that is nearly always in a trade could
    not be matched otherwise. `taken` marks the candles in which it holds something. `results` and `ends` get the R and
    the last candle of each trade, LOST and 0 where no try came to one.
    """
    for row in range(taken.size):
        taken[row] = 0
    for wish in range(results.size):
        results[wish], ends[wish] = LOST, 0
        begin = 0
        for place in range(wish * tries, (wish + 1) * tries):
            order = orders[place]
            if order.state != SOUND or lots[place] == 0:
                continue
            if ends[wish] and taken[order.row]:
                continue
            end = outcome_of(
                rules,
                fractions,
                tape,
                fine,
                first,
                settlements,
                order,
                targets,
                place,
                lots[place],
                counts,
                trades,
                parts,
            )
            if end == 0:
                continue
            free = not busy(taken, trades[0].entry_row, end)
            if free or ends[wish] == 0:
                results[wish], ends[wish], begin = trades[0].r_ppm / PPM, end, trades[0].entry_row
            if free:
                break
        for row in range(begin, ends[wish] + 1):
            taken[row] = 1


def busy(taken: IntArray, first: int, last: int) -> bool:
    """Whether any candle from `first` to `last` is taken."""
    found = False
    for row in range(first, last + 1):
        found = found or taken[row] != 0
    return found
