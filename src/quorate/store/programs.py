"""Running the embedded servers' programs; as root, under a system user, because Postgres refuses root."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from quorate.store.errors import ServerFailed

if sys.platform != "win32":
    import pwd

SYSTEM_USER = "pgserver"
PROGRAM_TIMEOUT_S = 120
"""Longest run of one program: creating a cluster takes 2-3 s on a laptop."""


def run_program(command: list[str], *, user: str | None, stdin: str = "") -> tuple[int, str]:
    """Run `command` to its end and give its exit code and all it said."""
    # Files, not pipes: a server started by pg_ctl inherits them and would keep a pipe open for ever.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin.encode())
        given.seek(0)
        done = subprocess.run(
            command,
            stdin=given,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/" if user else None,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            timeout=PROGRAM_TIMEOUT_S,
            check=False,
        )
        said.seek(0)
        return done.returncode, said.read().decode(errors="replace")


def system_user() -> str | None:
    """The user that servers run as: None for ourselves; for root a system user, made on first need."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    if SYSTEM_USER not in (entry.pw_name for entry in pwd.getpwall()):
        maker = shutil.which("useradd")
        flags = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        if maker is None or run_program([maker, *flags, SYSTEM_USER], user=None)[0]:
            raise ServerFailed(
                "Postgres does not run as root, and no system user could be made for it.",
                hint="Run as an ordinary user, or set DATABASE_URL.",
            )
    return SYSTEM_USER


def give_to(path: Path, user: str | None) -> None:
    """Make `user` the owner of `path`; None leaves it ours."""
    if user is not None:
        shutil.chown(path, user, user)


def let_traverse(path: Path) -> None:
    """Let a system user walk to `path`: adds the search bit (never read) to parents that lack it."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
