"""Where money is decided 95 % of the branches are tested, package by package, from the last run's coverage."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gates.source import ROOT, Finding

PACKAGES = ("domain", "rules", "risk", "desk")
BRANCHES_MIN_PERCENT = 95.0


def _report() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "--fail-under=0", "-o", str(target)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        report: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return report


def find() -> Iterator[Finding]:
    """Yield each of the deciding packages whose branches are tested less than they must be, with its weakest files."""
    measured = _report()["files"]
    for package in PACKAGES:
        prefix = f"src/quorate/{package}/"
        summaries = {
            name: entry["summary"] for name, entry in measured.items() if Path(name).as_posix().startswith(prefix)
        }
        total = sum(summary["num_branches"] for summary in summaries.values())
        covered = sum(summary["covered_branches"] for summary in summaries.values())
        if total == 0:
            continue
        percent = 100 * covered / total
        if percent < BRANCHES_MIN_PERCENT:
            weakest = sorted(summaries, key=lambda name: summaries[name]["missing_branches"], reverse=True)[:4]
            told = ", ".join(f"{Path(name).name} ({summaries[name]['missing_branches']} missing)" for name in weakest)
            sentence = (
                f"{percent:.1f} % of {total} branches tested, {BRANCHES_MIN_PERCENT} % are needed; weakest: {told}."
            )
            yield Finding(Path(prefix), 1, sentence)
