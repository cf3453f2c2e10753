"""Who uses an embedded server just now: locks on files, which the kernel lets go when a process dies.

Several of our processes share one embedded server. Each holds `Presence` while it uses the server; the one that leaves
last stops it. A process that was killed leaves nothing behind to clean up. `exclusive` lets one process at a time
create, start or stop a server.
"""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from quorate.store.errors import ServerFailed

START_LOCK_TIMEOUT_S = 60.0
"""How long a process waits for another one that is creating or starting the same server."""
LOCK_POLL_S = 0.02
PLACES_MAX = 256
"""Most processes that can share one embedded server where locks are taken by byte (Windows)."""

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int, *, alone: bool) -> bool:
        # Windows has no shared lock in the standard library: a user locks one byte of many, the last one locks all.
        if alone:
            return _lock_bytes(fd, 0, PLACES_MAX)
        return any(_lock_bytes(fd, place, 1) for place in range(PLACES_MAX))

    def _lock_bytes(fd: int, start: int, count: int) -> bool:
        os.lseek(fd, start, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, count)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(fd: int, *, alone: bool) -> bool:
        try:
            fcntl.flock(fd, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def exclusive(path: Path) -> Generator[None]:
    """Hold the lock file at `path` alone; waits up to START_LOCK_TIMEOUT_S, then raises ServerFailed."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + START_LOCK_TIMEOUT_S
        while not _try_lock(fd, alone=True):
            if time.monotonic() > deadline:
                raise ServerFailed(
                    f"Another process has been starting a server in {path.parent} for {START_LOCK_TIMEOUT_S:.0f} s.",
                    hint="End it, or use another --data-dir.",
                )
            time.sleep(LOCK_POLL_S)
        yield
    finally:
        os.close(fd)


class Presence:
    """This process's mark that it uses a server; gone by itself when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def enter(self) -> None:
        """Say that we use the server. Call inside `exclusive`."""
        assert self._fd is None, "already present"
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(self._fd, alone=False):
            os.close(self._fd)
            self._fd = None
            raise ServerFailed(f"More than {PLACES_MAX} processes use {self._path.parent}.", hint="End some of them.")

    def leave(self) -> bool:
        """Stop using the server; True when nobody else uses it. Call inside `exclusive`."""
        if self._fd is None:
            return False
        os.close(self._fd)
        self._fd = None
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            return _try_lock(fd, alone=True)
        finally:
            os.close(fd)
