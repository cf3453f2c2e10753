"""From a fresh clone to a working .venv, with nothing but Python, make and the package registries.

Usage: `python3 scripts/bootstrap.py run|check|test`. This first file is kept so plain that any Python 3 can
read it: an old one must say what to do instead of failing on a word it does not know. All the work is in `prepare/`.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)


def newer_python():
    """Return the path of a Python that is new enough, or None."""
    for minor in (13, 12, 11, 14):
        found = shutil.which("python3.%d" % minor)  # noqa: UP031
        if found and subprocess.call([found, "-c", "pass"], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def enter():
    """Run the preparation with a Python that can, or say what is missing."""
    if sys.version_info < OLDEST:
        found = newer_python()
        if found is None or os.environ.get("QUORATE_BOOTSTRAP_AGAIN"):
            sys.stderr.write(
                "quorate: this is Python %d.%d and 3.11 or newer is needed: install one "  # noqa: UP031
                "(for example `apt-get install python3.11-venv`, or python.org) and run the command again, "
                "or name it: `make run PYTHON=/path/to/python3.11`.\n" % sys.version_info[:2]
            )
            return 1
        os.environ["QUORATE_BOOTSTRAP_AGAIN"] = "1"
        os.execv(found, [found, *sys.argv])

    from prepare.main import main  # noqa: PLC0415

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(enter())
