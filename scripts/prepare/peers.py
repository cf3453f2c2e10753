"""Other people's backtesters in a folder of their own, `.cache/peers`: references that tests and benchmarks ask.

They are no dependency of anything: some carry licences under which we would not ship them, and together they weigh more
than the desk. Whoever has not run `make peers` is told that these tests were skipped.
"""

from __future__ import annotations

import shutil
import sys

from prepare import python, stamps
from prepare.trouble import ROOT, Trouble, run, say

FOLDER = ROOT / ".cache" / "peers"
PYTHON = FOLDER / "bin" / "python"
LOCK = python.REQUIREMENTS / "peers.txt"


def install() -> None:
    """Bring `.cache/peers` to the locked state; raises Trouble."""
    stamp, mark = FOLDER / ".quorate", stamps.fingerprint([LOCK], base=ROOT, words=[str(ROOT)])
    if PYTHON.exists() and stamps.is_current(stamp, mark=mark):
        return
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    run([sys.executable, "-m", "venv", "--without-pip", FOLDER], doing="making .cache/peers")
    sync = [python.UV, "pip", "sync", "--python", PYTHON, "--require-hashes", "--no-build", LOCK]
    run(sync, doing="installing the locked peers (about 1.5 GB)", env=python.environment())
    stamps.write(stamp, mark=mark)


if __name__ == "__main__":
    try:
        install()
    except Trouble as trouble:
        say(str(trouble))
        sys.exit(1)
