"""Server-sent events as bytes."""

from __future__ import annotations

import msgspec

from quorate.api.schemas.status import Bye, Hello, Reset
from quorate.journal.bus import Position

BEAT = b": beat\n\n"
"""The heartbeat: a comment that every client ignores and every proxy counts as traffic."""


def id_of(position: Position) -> str:
    """A place as text, `epoch-seq`."""
    return f"{position[0]}-{position[1]}"


def event(name: str, data: bytes, position: Position | None) -> bytes:
    """One event. The data is one line of JSON; a line break in it would end the event, so it goes out as two lines."""
    id_line = b"" if position is None else f"id: {position[0]}-{position[1]}\n".encode()
    if b"\n" in data:
        data = data.replace(b"\r", b"").replace(b"\n", b"\ndata: ")
    return b"%sevent: %s\ndata: %s\n\n" % (id_line, name.encode(), data)


def hello(shape: Hello, position: Position | None) -> bytes:
    """Where the stream begins; its id is the place that a resume would start from."""
    return event("hello", shape.model_dump_json().encode(), position)


def reset(shape: Reset, position: Position | None) -> bytes:
    """Events are missing before what follows."""
    return event("reset", shape.model_dump_json().encode(), position)


def bye(shape: Bye) -> bytes:
    """The end, and when to come back."""
    return f"retry: {shape.retry_ms}\n".encode() + event("bye", msgspec.json.encode(shape.model_dump()), None)
