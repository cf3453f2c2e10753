"""Places in the journal as page cursors, and conditions put together from fixed words and bound values."""

SEQ_MAX = 2**63 - 1
EPOCH_MAX = 2**31 - 1


def parse_cursor(text: str | None) -> tuple[int, int] | None:
    """(epoch, seq) of a cursor `epoch-seq`; None for none. The text must have been checked for its digits."""
    if text is None:
        return None
    epoch, _, seq = text.partition("-")
    return min(int(epoch), EPOCH_MAX), min(int(seq), SEQ_MAX)


class Conditions:
    """A `where` clause: fixed words of ours, values as parameters."""

    def __init__(self, *values: object) -> None:
        self.values: list[object] = list(values)
        self._words: list[str] = []

    def add(self, words: str, *values: object) -> None:
        """`words` with `{}` for each value."""
        places = [f"${len(self.values) + i + 1}" for i in range(len(values))]
        self._words.append(words.format(*places))
        self.values.extend(values)

    def sql(self, head: str, tail: str) -> str:
        """`head`, then the conditions, then `tail`."""
        return " ".join((head, *(f"and {words}" for words in self._words), tail))
