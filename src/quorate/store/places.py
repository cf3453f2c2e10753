"""Folders for embedded servers: made private, checked for room, with a short path for the socket."""

import errno
import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from quorate.store.errors import DataDirUnusable, DiskFull

SOCKET_PATH_BYTES_MAX = 103
"""Longest path of a Unix socket: 103 bytes on macOS, 107 on Linux."""
ROOM_BYTES_MIN = 256 * 1024 * 1024
"""Free space an embedded database wants before it is created: a fresh one takes 73 MB, its log up to 128 MB more."""


def private_folder(path: Path) -> Path:
    """Make `path` (and its parents) with access for its owner only; DataDirUnusable or DiskFull when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise folder_error(path, error) from error
    return path


def folder_error(path: Path, error: OSError) -> DataDirUnusable | DiskFull:
    """The operating error behind `error` on `path`, as a sentence for the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No room left on the disk that holds {path}.", hint="Make room, or choose another --data-dir.")
    reason = (error.strerror or str(error)).lower()
    return DataDirUnusable(f"The folder {path} cannot be written: {reason}.", hint="Choose another --data-dir.")


def require_room(path: Path, *, bytes_min: int = ROOM_BYTES_MIN) -> None:
    """DiskFull when the disk of `path` has less than `bytes_min` free."""
    if sys.platform == "win32":
        return
    usage = os.statvfs(path)
    free = usage.f_bavail * usage.f_frsize
    if free < bytes_min:
        raise DiskFull(
            f"Only {free // 1_000_000} MB are free on the disk of {path}; {bytes_min // 1_000_000} MB are needed.",
            hint="Make room, or choose another --data-dir.",
        )


def socket_folder(home: Path, socket_name: str) -> Path:
    """Where the server of `home` puts its socket: there, or in a short private folder when that path is too long."""
    if len(os.fsencode(home / socket_name)) <= SOCKET_PATH_BYTES_MAX:
        return home
    name = "quorate-" + hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    for base in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108  the folder is private
        if not base or len(os.fsencode(Path(base) / name / socket_name)) > SOCKET_PATH_BYTES_MAX:
            continue
        folder = private_folder(Path(base) / name)
        status = folder.lstat()
        # Somebody else could have made a folder of this name in a shared place.
        if stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077:
            return folder
    raise DataDirUnusable(
        f"The path {home} is too long for a socket ({SOCKET_PATH_BYTES_MAX} bytes at most).",
        hint="Choose a shorter --data-dir.",
    )


def forget_socket_folder(home: Path, socket_name: str) -> None:
    """Remove the short folder that `socket_folder` made for `home`, once its server has stopped."""
    folder = socket_folder(home, socket_name)
    if folder != home:
        with suppress(OSError):
            folder.rmdir()
