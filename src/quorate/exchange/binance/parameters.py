"""The parameters of one request: read once each, strictly, with Binance's own words for what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar
from urllib.parse import unquote_plus

from quorate.exchange.binance.errors import BinanceError, illegal, missing
from quorate.exchange.binance.figures import DECIMALS, PLAIN_NUMBER, count_of, decimals_written

NUMBERS_LEGAL = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
SYMBOL = re.compile(r"[A-Z0-9_.-]{1,20}")
SYMBOL_LEGAL = "^[A-Z0-9-_.]{1,20}$"
CLIENT_ID = re.compile(r"[a-zA-Z0-9_.:/-]{1,36}")
CLIENT_ID_LEGAL = "^[a-zA-Z0-9-_]{1,36}$"
PARAMETERS_MAX = 100
SECURITY = frozenset({"timestamp", "recvWindow", "signature", "apiKey", "returnRateLimits"})

Value = TypeVar("Value")


def parse(raw: str) -> dict[str, str]:
    """The parameters of a query or a form. Errors: -1101 for too many, -1102 for one that cannot be decoded."""
    found: dict[str, str] = {}
    for part in raw.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        try:
            found[unquote_plus(name, errors="strict")] = unquote_plus(value, errors="strict")
        except UnicodeDecodeError:
            raise missing(name) from None
    if len(found) > PARAMETERS_MAX:
        raise BinanceError(-1101, "Too many parameters sent for this endpoint.")
    return found


class Parameters:
    """What was sent, and which of it was read."""

    def __init__(self, sent: Mapping[str, str]) -> None:
        self._sent = sent
        self._read: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether it was sent at all."""
        return name in self._sent

    def optional(self, name: str) -> str | None:
        """Its text, or None where it was not sent. Errors: -1105 where it is empty."""
        self._read.add(name)
        value = self._sent.get(name)
        if value == "":
            raise BinanceError(-1105, f"Parameter '{name}' was empty.")
        return value

    def text(self, name: str) -> str:
        """Its text. Errors: -1102, -1105."""
        value = self.optional(name)
        if value is None:
            raise missing(name)
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number that is not negative. Errors: -1102 without a default, -1100."""
        value = self.optional(name)
        if value is None:
            if default is None:
                raise missing(name)
            return default
        if not value.isascii() or not value.isdigit() or len(value) > 20:
            raise illegal(name, "^[0-9]{1,20}$")
        return int(value)

    def number(self, name: str, *, required: bool = False) -> str | None:
        """A plain number as it was written, None where it was not sent. Errors: -1102, -1105, -1100."""
        value = self.text(name) if required else self.optional(name)
        if value is not None and not PLAIN_NUMBER.fullmatch(value):
            raise illegal(name, NUMBERS_LEGAL)
        return value

    def amount(self, name: str, *, required: bool = False) -> int:
        """A number above zero in hundred-millionths, 0 where it was not sent.

        Errors: -1102, -1100, -1111 for more than eight decimals, -1013 for zero.
        """
        value = self.number(name, required=required)
        if value is None:
            return 0
        if decimals_written(value) > DECIMALS:
            raise BinanceError(-1111, f"Parameter '{name}' has too much precision.")
        count = count_of(Decimal(value))
        if count <= 0:
            raise BinanceError(-1013, f"Invalid {name}.")
        return count

    def symbol(self, name: str = "symbol") -> str:
        """A symbol. Errors: -1102, -1100; whether it is listed is another question."""
        value = self.text(name)
        if not SYMBOL.fullmatch(value):
            raise illegal(name, SYMBOL_LEGAL)
        return value

    def client_id(self, name: str) -> str:
        """A client order id, empty where none was sent. Errors: -1100, -1105."""
        value = self.optional(name)
        if value is not None and not CLIENT_ID.fullmatch(value):
            raise illegal(name, CLIENT_ID_LEGAL)
        return value or ""

    def choice(self, name: str, choices: Mapping[str, Value], error: tuple[int, str], default: str = "") -> Value:
        """One of a few words. Errors: -1102 where it must be there, `error` for any other word."""
        value = self.optional(name) or default
        if not value:
            raise missing(name)
        if value not in choices:
            raise BinanceError(*error)
        return choices[value]

    def sorted_text(self) -> str:
        """All of it except the signature, sorted by name: what the WebSocket API signs."""
        return "&".join(f"{name}={self._sent[name]}" for name in sorted(self._sent) if name != "signature")

    def refuse_unread(self) -> None:
        """Errors: -1104 where something was sent that this endpoint does not know."""
        unread = set(self._sent) - self._read - SECURITY
        if unread:
            sent = len(set(self._sent) - SECURITY)
            read = sent - len(unread)
            raise BinanceError(
                -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."
            )
