"""Write the locks anew: every Python package with its hashes, for every platform, without naming where it came from.

Usage: `make lock` keeps the pins that still fit; `make lock UPGRADE=1` takes the newest of everything.
"""

from __future__ import annotations

import sys
from pathlib import Path

from prepare import node, python
from prepare.trouble import ROOT, Trouble, run, say

COMPILE = (
    "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
    "--python-version", "3.11", "--custom-compile-command", "make lock",
)  # fmt: skip
LOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bootstrap", ("requirements/bootstrap.in",)),
    ("runtime", ("pyproject.toml",)),
    ("dev", ("pyproject.toml", "--group", "dev", "-c", "requirements/runtime.txt")),
    ("node", ("requirements/node.in",)),
    ("peers", ("requirements/peers.in",)),
)


def lock(*, upgrade: bool) -> None:
    """Compile each lock; a later one is held to the pins of the one before where it names it."""
    for name, sources in LOCKS:
        command = [python.UV, *COMPILE, *sources, "-o", f"requirements/{name}.txt", *(["--upgrade"] if upgrade else [])]
        run(command, doing=f"locking requirements/{name}.txt", env=python.environment())
    found = node.find()
    for folder in (node.TOOLS, node.WEB):
        if (folder / "package.json").is_file():
            doing = f"locking {Path(folder).relative_to(ROOT)}/package-lock.json"
            run([*found.npm, "install", "--package-lock-only"], doing=doing, cwd=folder, env=found.environment())


if __name__ == "__main__":
    try:
        lock(upgrade="--upgrade" in sys.argv[1:])
    except Trouble as trouble:
        say(str(trouble))
        sys.exit(1)
