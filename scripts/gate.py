"""Run the house's own gates by name: `python scripts/gate.py sizes purity leaks words locks contract branches`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from gates import branches, contract, leaks, locks, purity, sizes, words
from gates.source import Finding

GATES: dict[str, Callable[[], Iterable[Finding]]] = {
    "sizes": sizes.find,
    "purity": purity.find,
    "leaks": leaks.find,
    "words": words.find,
    "locks": locks.find,
    "contract": contract.find,
    "branches": branches.find,
}


def main(names: list[str]) -> int:
    """Print what each named gate finds; return 1 when anything but warnings was found."""
    unknown = [name for name in names if name not in GATES]
    if unknown or not names:
        print(f"Name one or more of: {', '.join(GATES)}.", file=sys.stderr)
        return 2
    found = [finding for name in names for finding in GATES[name]()]
    for finding in found:
        print(finding)
    return 1 if any(not finding.warning for finding in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
