"""The order of the preparation, and the only place that turns its failures into an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Generator, Sequence

from prepare import browser, node, python
from prepare.trouble import LOG, ROOT, Trouble, say

PROFILES = ("run", "check", "test")


@contextlib.contextmanager
def _alone() -> Generator[None]:
    """Let only one preparation work in this folder at a time; a second one waits and then finds all done."""
    try:
        import fcntl  # noqa: PLC0415 - not there on Windows
    except ImportError:
        yield
        return
    lock = ROOT / ".cache" / "bootstrap.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another preparation is at work in this folder: waiting for it …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(profile: str) -> None:
    """Bring the working copy to the state that `profile` needs; raises Trouble."""
    with _alone():
        python.prepare("runtime" if profile == "run" else "dev")
        node.prepare_web()
        if profile != "run":
            node.prepare_tools()
        if profile == "test":
            browser.prepare()


def main(arguments: Sequence[str]) -> int:
    """Prepare for the profile named in `arguments`; return 0, or 1 after one sentence on stderr."""
    if len(arguments) != 1 or arguments[0] not in PROFILES:
        say(f"name one of {', '.join(PROFILES)}, for example `python3 scripts/bootstrap.py run`.")
        return 2
    try:
        prepare(arguments[0])
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except KeyboardInterrupt:
        say("stopped; the next start goes on from here.")
        return 130
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say("the disk is full: free about 2 GB and run the command again.")
        elif error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            say(f"{error.filename or ROOT} cannot be written by user {os.environ.get('USER', '?')}: make it writable.")
        else:
            say(f"the preparation failed ({error}): what came before is in {LOG.relative_to(ROOT)}.")
        return 1
    return 0
