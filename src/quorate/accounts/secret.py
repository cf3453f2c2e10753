"""A text that is never shown by accident: not in a log, an error, a repr, a dump of fields or a pickle."""

import hmac

HIDDEN = "***"


class Secret:
    """Holds a text and gives it out only to who asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself: for a signature, a cipher or a venue, and for nothing that is written down."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a set of secrets would compare by a hash of the text

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave its process")
