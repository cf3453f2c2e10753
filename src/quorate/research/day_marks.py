"""What a run was worth at the closes that are asked for: an equity curve of days without the candles between. Compiled
by `jit`."""

from quorate.kernel.bars import IntArray
from quorate.research.tables import ENTRY, FUNDING, Candle, Part, Rows, Rules, Trade
from quorate.research.walk import gain_of


def mark_rows(
    rules: Rules, tape: Rows[Candle], trades: Rows[Trade], parts: Rows[Part], rows: IntArray, worth: IntArray
) -> None:
    """Write the worth at the close of each of `rows`, ascending, as `equity.mark` has it; before row 0: the start."""
    cash, place, left, entry, side = rules.cash, 0, 0, 0, 0
    for mark in range(rows.size):
        row = rows[mark]
        while place < parts.size and parts[place].row <= row:
            part = parts[place]
            cash += part.cash
            if part.reason == ENTRY:
                left, entry, side = part.lots, trades[part.trade].entry, trades[part.trade].side
            elif part.reason != FUNDING:
                left -= part.lots
            place += 1
        worth[mark] = cash + gain_of(rules, (tape[row].close - entry) * side, left) if left else cash
