"""One side of an order book: prices in order, the best at hand.

A plain sorted list with bisection beats a tree of sorted blocks here: nearly every change is close to the best price,
which is kept at the list's end, so that an insertion moves a few elements and looking at the best costs nothing.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

Level = tuple[int, int]
"""Price and quantity, both in units of their scale."""


class Ladder:
    """Quantities by price. `sign` is 1 for bids (the highest is best) and -1 for asks (the lowest is best)."""

    __slots__ = ("_keys", "_quantities", "_sign")

    def __init__(self, sign: int) -> None:
        assert sign in {1, -1}, "a side is 1 (bids) or -1 (asks)"
        self._sign = sign
        self._keys: list[int] = []  # prices times sign, ascending: the best is last
        self._quantities: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def best(self) -> int | None:
        """The best price; None where the side is empty."""
        return self._keys[-1] * self._sign if self._keys else None

    def replace(self, levels: Iterable[Level]) -> None:
        """Forget everything and hold these levels instead."""
        self._quantities = {price: quantity for price, quantity in levels if quantity}
        self._keys = sorted(price * self._sign for price in self._quantities)

    def apply(self, levels: Iterable[Level]) -> None:
        """Set levels to their new quantities; nought takes a level away, and one that is not there stays away."""
        quantities, keys, sign = self._quantities, self._keys, self._sign
        for price, quantity in levels:
            if quantity:
                if price not in quantities:
                    insort(keys, price * sign)
                quantities[price] = quantity
            elif quantities.pop(price, None) is not None:
                del keys[bisect_left(keys, price * sign)]

    def cut(self, depth: int) -> None:
        """Keep the best `depth` levels."""
        beyond = len(self._keys) - depth
        if beyond > 0:
            for key in self._keys[:beyond]:
                del self._quantities[key * self._sign]
            del self._keys[:beyond]

    def reaches(self, levels: Iterable[Level], depth: int) -> bool:
        """Whether any of these levels, just applied, is or was among the best `depth`."""
        if len(self._keys) < depth:
            return True
        last, sign = self._keys[-depth], self._sign
        return any(price * sign >= last for price, _ in levels)

    def top(self, depth: int) -> list[Level]:
        """The best `depth` levels, best first."""
        quantities, sign = self._quantities, self._sign
        return [(key * sign, quantities[key * sign]) for key in self._keys[: -depth - 1 : -1]]
