"""Files that only their owner may read: written whole and renamed into place, one writer at a time."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from quorate.domain.errors import BadInput, Refused, Unavailable

PRIVATE = 0o600
FILE_BYTES_MAX = 4_000_000
LOCK_WAIT_S, LOCK_POLL_S = 10.0, 0.01

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


class OpenToOthers(Refused):
    """A file that holds secrets can be read by others on this machine."""

    code = "open_to_others"


def read_private(path: Path) -> bytes | None:
    """The contents of a file that only its owner may read; None where there is none.

    Errors: OpenToOthers, with the command that mends it; BadInput for what is no such file; Unavailable.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise BadInput(f"{path} is not a file.")
            if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
                raise OpenToOthers(
                    f"{path} can be read or changed by others on this machine (mode {stat.S_IMODE(mode):04o}).",
                    hint=f"Type `chmod 600 {path}`, and treat what is in it as known to them.",
                )
            body = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if len(body) > FILE_BYTES_MAX:
        raise BadInput(f"{path} is larger than {FILE_BYTES_MAX // 1_000_000} MB: not a file of ours.")
    return body


def write_private(path: Path, body: bytes) -> None:
    """Write a file of mode 0600 so that it is there whole, on disk, or as it was before. Errors: Unavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                if sys.platform != "win32":
                    os.fchmod(file.fileno(), PRIVATE)
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}.",
            hint="Make room, mend the permissions, or choose another --data-dir.",
        ) from error


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Be the only process that changes `path`; the kernel lets the lock go when its holder dies.

    Errors: Unavailable where another one has been at it for too long, or where nothing can be written.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE)
    except OSError as error:
        raise Unavailable(
            f"{lock} cannot be written: {(error.strerror or str(error)).lower()}.",
            hint="Choose another --data-dir, or mend the permissions.",
        ) from error
    try:
        deadline_s = time.monotonic() + LOCK_WAIT_S
        while not _try_lock(descriptor):
            if time.monotonic() > deadline_s:
                raise Unavailable(f"Another process has been changing {path} for more than {LOCK_WAIT_S:.0f} s.")
            time.sleep(LOCK_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where a folder can be synced at all."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
