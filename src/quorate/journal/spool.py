"""A venue's word on disk while the journal cannot take it: an unsequenced file, read when the journal is back.

The venue's own trade ids make it harmless to book anything twice, so nothing here has to be exact about what the
journal already holds. A line that was cut off by a crash was never promised to anybody, and is passed over.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from quorate.domain.venue import VenueFill, VenueOrder
from quorate.journal.errors import SpoolUnavailable

PRIVATE = 0o600


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One report; the field that is there says which kind."""

    order: VenueOrder | None = None
    fill: VenueFill | None = None


_encode = msgspec.json.Encoder(decimal_format="string").encode
_decode = msgspec.json.Decoder(_Line).decode


class FileSpool:
    """Reports of one account's venue, a line each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, report: VenueOrder | VenueFill) -> None:
        """Write it down; it is on disk when this returns. Raises SpoolUnavailable: nothing of it counts then."""
        line = _Line(order=report) if isinstance(report, VenueOrder) else _Line(fill=report)
        # It begins a line of its own whatever a crash, or a full disk, has left before it.
        text = b"\n" + _encode(line) + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
            try:
                if os.write(descriptor, text) < len(text):
                    raise _unavailable(self.path, "there is no room for all of it")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unavailable(self.path, (error.strerror or str(error)).lower()) from error

    def kept(self) -> Sequence[VenueOrder | VenueFill]:
        """Everything that is written down, oldest first."""
        if not self.path.exists():
            return ()
        found: list[VenueOrder | VenueFill] = []
        for text in self.path.read_bytes().splitlines():
            try:
                line = _decode(text) if text else _Line()
            except msgspec.MsgspecError:
                continue
            report = line.order or line.fill
            if report is not None:
                found.append(report)
        return found

    def clear(self) -> None:
        """Forget it: the journal has it now."""
        self.path.unlink(missing_ok=True)


def _unavailable(path: Path, reason: str) -> SpoolUnavailable:
    return SpoolUnavailable(
        f"The journal is away, and what the venue says cannot be kept in {path} either: {reason}.",
        hint="Make room there. Nothing is lost: the venue is asked for all of it once the journal is back.",
    )
