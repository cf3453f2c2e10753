"""What a run was worth at every close, and what its trades come to. Compiled by `jit`."""

from quorate.kernel.bars import IntArray
from quorate.research.tables import ENTRY, FUNDING, Candle, Part, Rows, Rules, Tally, Trade
from quorate.research.walk import gain_of


def mark(rules: Rules, tape: Rows[Candle], trades: Rows[Trade], parts: Rows[Part], equity: IntArray) -> None:
    """Write the worth at every close: cash, and the open position at that close before the costs of leaving it."""
    cash, place, left, entry, side = rules.cash, 0, 0, 0, 0
    for row in range(tape.size):
        while place < parts.size and parts[place].row == row:
            part = parts[place]
            cash += part.cash
            if part.reason == ENTRY:
                left, entry, side = part.lots, trades[part.trade].entry, trades[part.trade].side
            elif part.reason != FUNDING:
                left -= part.lots
            place += 1
        equity[row] = cash + gain_of(rules, (tape[row].close - entry) * side, left) if left else cash


def tally(cash: int, trades: Rows[Trade], found: Tally) -> None:
    """Add up closed trades, oldest first, of a run that began with `cash`."""
    worth = peak = cash
    for n in range(trades.size):
        trade = trades[n]
        found.trades += 1
        found.pnl += trade.pnl
        if trade.pnl > 0:
            found.wins += 1
            found.won += trade.pnl
        else:
            found.lost -= trade.pnl
        found.fees += trade.fees
        found.funding += trade.funding
        found.bars += trade.bars
        r = trade.r_ppm / 1_000_000
        found.sum_r += r
        found.sum_r2 += r * r
        worth += trade.pnl
        peak = max(peak, worth)
        found.drawdown = max(found.drawdown, (peak - worth) / peak)
