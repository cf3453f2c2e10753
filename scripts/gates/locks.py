"""The locks are whole: every pin has hashes, dev holds all of runtime, optional npm packages are locked too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gates.source import ROOT, Finding, files

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==(\S+)([^\\]*)\\?$", re.IGNORECASE)
REQUIREMENTS = Path("requirements")


def pins(path: Path) -> dict[str, tuple[int, str]]:
    """Return, for each `name==version` of a requirements file, its line and its marker."""
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), start=1):
        match = PIN.match(line)
        if match:
            found[f"{match[1].lower()}=={match[2]}"] = number, match[3].strip()
    return found


def _python() -> Iterator[Finding]:
    for path in files(".txt"):
        if path.parent != REQUIREMENTS:
            continue
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            following = lines[number] if number < len(lines) else ""
            if line and not line.startswith((" ", "#")) and "--hash=" not in following:
                yield Finding(path, number, "is not pinned with hashes: run `make lock`.")
    dev = pins(REQUIREMENTS / "dev.txt")
    for pin, (line, _) in pins(REQUIREMENTS / "runtime.txt").items():
        if pin not in dev:
            yield Finding(REQUIREMENTS / "runtime.txt", line, f"{pin} is not in dev.txt: run `make lock`.")


def _node() -> Iterator[Finding]:
    for path in files(".json"):
        if path.name != "package-lock.json":
            continue
        lock: dict[str, Any] = json.loads((ROOT / path).read_text(encoding="utf-8"))
        packages: dict[str, Any] = lock["packages"]
        known = {name.rpartition("node_modules/")[2] for name in packages}
        for name, entry in packages.items():
            if name and not entry.get("integrity") and not entry.get("link") and not entry.get("inBundle"):
                yield Finding(path, 1, f"{name} has no integrity hash: run `make lock`.")
            for optional in entry.get("optionalDependencies", {}):
                if optional not in known:
                    yield Finding(
                        path,
                        1,
                        f"{name} wants {optional}, which is not locked: `npm ci` will refuse; pin an older {name}.",
                    )


def find() -> Iterator[Finding]:
    """Yield every hole in the Python and Node locks."""
    yield from _python()
    yield from _node()
