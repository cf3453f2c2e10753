"""One writer of a series at a time, across processes: a lock the kernel lets go when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from quorate.feeds.candles.faults import SeriesLocked, write_fault

LOCK_WAIT_S = 60.0
"""How long a writer waits for another one of the same series."""
LOCK_POLL_S = 0.02
LOCK_NAME = ".lock"

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def writing(folder: Path, *, wait_s: float = LOCK_WAIT_S) -> Generator[None]:
    """Hold the lock of the series in `folder`, which is made if need be. Errors: SeriesLocked, DataDirUnusable."""
    path = folder / LOCK_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise write_fault(path, error) from error
    try:
        deadline_s = time.monotonic() + wait_s
        while not _try_lock(descriptor):
            if time.monotonic() > deadline_s:
                raise SeriesLocked(
                    f"Another process has been writing {folder} for more than {wait_s:.0f} s.",
                    hint="Let it finish, or end it, and run this again.",
                )
            time.sleep(LOCK_POLL_S)
        yield
    finally:
        os.close(descriptor)
