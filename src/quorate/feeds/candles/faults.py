"""What can go wrong with the candle store, each with a code and a sentence that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from quorate.domain.errors import BadInput, Refused, Unavailable
from quorate.store.errors import DataDirUnusable, DiskFull

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Damaged(BadInput):
    """A part of the store is not what was written: half there, changed, or no part at all."""

    code = "damaged_file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} is damaged: {reason}.",
            hint="Remove it, then download or import that month again; `quorate data check` looks at all the others.",
        )
        self.path = path


class Conflict(Refused):
    """New rows differ from stored ones of the same time, and nobody said which of them are right."""

    code = "candle_conflict"


class SeriesLocked(Unavailable):
    """Another process is writing the same series."""

    code = "series_locked"


def write_fault(path: Path, error: OSError) -> DiskFull | DataDirUnusable:
    """The operating error behind `error` while `path` was written."""
    if error.errno in NO_ROOM:
        return DiskFull(
            f"There is no room to write {path}.",
            hint="Make room and run it again: what is written is whole, and it goes on from there.",
        )
    reason = (error.strerror or str(error)).lower()
    return DataDirUnusable(f"{path} cannot be written: {reason}.", hint="Mend that, or choose another folder.")
