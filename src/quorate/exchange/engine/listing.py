"""A market while it lives: its book, its tape, its waiting orders, and how its grid turns into money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from quorate.exchange.engine.book import BookSide
from quorate.exchange.engine.tape import Tape
from quorate.exchange.engine.triggers import Triggers
from quorate.exchange.engine.words import Side, Trading

if TYPE_CHECKING:
    from quorate.exchange.engine.orders import Order
    from quorate.exchange.engine.specs import MarketSpec, NewOrder, VenueRules


class Listing:
    """One market of the engine. Protocols read it; only the engine changes it."""

    __slots__ = (
        "_den",
        "_num",
        "asks",
        "atoms_per_lot",
        "bids",
        "listed_ms",
        "mark_ticks",
        "mark_triggers",
        "outside",
        "sequence",
        "spec",
        "tape",
        "trading",
        "triggers",
    )

    def __init__(self, spec: MarketSpec, rules: VenueRules, *, at_ms: int) -> None:
        self.spec = spec
        self.trading = Trading.OPEN
        self.listed_ms = at_ms
        self.bids = BookSide(1)
        self.asks = BookSide(-1)
        self.tape = Tape()
        self.triggers = Triggers()
        self.mark_triggers = Triggers()
        self.mark_ticks = 0
        """Set by `Engine.mark`; 0 before the first."""
        self.sequence = 0
        self.outside: dict[Side, dict[int, Order]] = {Side.BUY: {}, Side.SELL: {}}
        per_lot = spec.lot.scaleb(rules.decimals_of(spec.base))
        assert per_lot == int(per_lot) > 0, f"the lot of {spec.symbol} is finer than the smallest unit of {spec.base}"
        self.atoms_per_lot = int(per_lot)
        self._num, self._den = (spec.tick * spec.lot).scaleb(rules.decimals_of(spec.quote)).as_integer_ratio()

    @property
    def last_ticks(self) -> int:
        """Price of the last trade; 0 before the first."""
        return self.tape.last_ticks

    @property
    def mark(self) -> int:
        """What positions are valued at: the mark price, the last price where none was ever set."""
        return self.mark_ticks or self.tape.last_ticks

    def triggers_of(self, asked: NewOrder) -> Triggers:
        """Where an order waits: by the price that it watches."""
        return self.mark_triggers if asked.by_mark else self.triggers

    def watched_ticks(self, asked: NewOrder) -> int:
        """The price that sets an order off: the mark price or the last one; 0 before there is any."""
        return self.mark if asked.by_mark else self.last_ticks

    def side(self, side: Side) -> BookSide:
        """The resting orders of one side."""
        return self.bids if side is Side.BUY else self.asks

    def cost(self, ticks: int, lots: int) -> int:
        """Value of `lots` at a price, in atoms of the quote; a fraction of an atom is dropped."""
        return ticks * lots * self._num // self._den

    def ticks_for(self, atoms: int, lots: int) -> int:
        """The price at which `lots` are worth `atoms` of the quote, to the nearest tick."""
        divisor = lots * self._num
        return (2 * atoms * self._den + divisor) // (2 * divisor)

    def lots_for(self, ticks: int, atoms: int) -> int:
        """How many lots `atoms` of the quote are worth at a price, down to a whole lot."""
        return atoms * self._den // (ticks * self._num)

    def value_of(self, amount: Decimal, decimals: int) -> int:
        """An amount of money in atoms of an asset with so many decimals; a fraction of an atom is dropped."""
        return int(amount.scaleb(decimals))

    def sweep(self, side: Side, lots: int, limit_ticks: int) -> tuple[int, int]:
        """What an order of this side would meet in the book: lots found, up to `lots`, and their value in atoms.

        `limit_ticks` 0 is no limit.
        """
        found = atoms = 0
        resting = self.asks if side is Side.BUY else self.bids
        for level in resting.walk():
            if limit_ticks and level.ticks * resting.sign < limit_ticks * resting.sign:
                break
            taken = min(lots - found, level.lots)
            found += taken
            atoms += self.cost(level.ticks, taken)
            if found == lots:
                break
        return found, atoms

    def sweep_value(self, side: Side, atoms: int) -> int:
        """Lots that a market order for `atoms` of the quote would trade, down to the step of the filters."""
        found, step = 0, self.spec.filters.lot_step
        for level in (self.asks if side is Side.BUY else self.bids).walk():
            affordable = self.lots_for(level.ticks, atoms)
            if affordable <= level.lots:
                return (found + affordable) // step * step
            found += level.lots
            atoms -= self.cost(level.ticks, level.lots)
        return found // step * step
