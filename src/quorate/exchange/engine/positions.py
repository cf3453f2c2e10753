"""A position in a perpetual contract: what it holds, what that has cost, and what trading has made of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Position:
    """What one account holds of one contract. Flat positions stay, with the leverage that was chosen."""

    account: str
    symbol: str
    leverage: int
    lots: int = 0
    """Above zero long, below zero short."""
    cost: int = 0
    """What the open lots were bought for, in atoms of the quote; below zero: sold for."""
    realised: int = 0
    """Profits of everything closed so far, in atoms; fees and funding apart."""
    updated_ms: int = 0

    def reducible(self, sign: int) -> int:
        """How many lots an order that buys (1) or sells (-1) can close."""
        return max(0, -sign * self.lots)

    def take(self, lots: int, atoms: int) -> int:
        """Book a fill: lots and their value, both above zero when bought. Gives the profit it realised, in atoms.

        What is closed leaves with its share of the cost. `profit - change of cost` is always `-atoms`, so that no
        rounding of a share makes or loses money.
        """
        held = self.lots
        self.lots += lots
        if not held or (held > 0) is (lots > 0):
            self.cost += atoms
            return 0
        closed = min(abs(lots), abs(held))
        freed = self.cost if closed == abs(held) else self.cost * closed // abs(held)
        traded = atoms if closed == abs(lots) else atoms * closed // abs(lots)
        self.cost += atoms - traded - freed
        profit = -freed - traded
        self.realised += profit
        return profit
