"""Prices and quantities of a stream as whole numbers: exact, quick to compare, and what checksums are made of."""

from decimal import Decimal

from quorate.domain.errors import QuorateError

TEXT_MAX = 40
"""Characters of a number; what is longer is no price."""
KNOWN_MAX = 50_000
"""Texts remembered per scale: streams repeat the same few thousand prices and quantities over and over."""


class MalformedFrame(QuorateError):
    """A frame of a stream that cannot be believed. `symbol` is the book it was about, None where it does not tell."""

    code = "malformed_frame"

    def __init__(self, message: str, *, symbol: str | None = None) -> None:
        super().__init__(message, hint="The book is asked for anew.")
        self.symbol = symbol


class Scale:
    """Turns decimal text into whole units of 10 ** -`decimals` and back."""

    __slots__ = ("_known", "decimals")

    def __init__(self, decimals: int) -> None:
        assert 0 <= decimals <= 18, "exchanges quote at most 18 decimals"
        self.decimals = decimals
        self._known: dict[str, int] = {}

    def units(self, text: str) -> int:
        """The number as units. Errors: MalformedFrame for what is no plain number >= 0 with at most `decimals`."""
        units = self._known.get(text)
        if units is None:
            units = self._read(text)
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[text] = units
        return units

    def decimal(self, units: int) -> Decimal:
        """What so many units stand for."""
        return Decimal(units).scaleb(-self.decimals)

    def _read(self, text: str) -> int:
        whole, _, fraction = text.partition(".")
        digits = whole + fraction
        if not (digits.isascii() and digits.isdigit() and whole and len(text) <= TEXT_MAX):
            return self._read_rare(text)
        if len(fraction) > self.decimals:
            if fraction[self.decimals :].strip("0"):
                raise MalformedFrame(f"{text[:TEXT_MAX]} has more than {self.decimals} decimals.")
            digits = whole + fraction[: self.decimals]
        return int(digits) * 10 ** max(self.decimals - len(fraction), 0)

    def _read_rare(self, text: str) -> int:
        """JSON may also write a number with an exponent."""
        if "e" in text.lower() and len(text) <= TEXT_MAX and text.isascii() and "_" not in text:
            try:
                plain = f"{Decimal(text):f}"
            except ArithmeticError:
                plain = ""
            if plain and len(plain) <= TEXT_MAX and "e" not in plain.lower() and not plain.startswith(("-", "I", "N")):
                return self._read(plain)
        raise MalformedFrame(f"{text[:TEXT_MAX]!r} is not a price or a quantity.")
