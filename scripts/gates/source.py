"""Which files the gates look at, and how a finding is told."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finding:
    """One breach of a rule. A warning is printed and lets pass."""

    path: Path
    line: int
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        """Return the finding as `path:line: sentence`, which editors can jump to."""
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}: {kind}{self.sentence}"


def files(*suffixes: str) -> list[Path]:
    """List the project's files, tracked or about to be, relative to the root; `suffixes` narrows them."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        names = [name for name in done.stdout.split("\0") if name]
    else:
        skipped = {".git", ".venv", ".cache", "node_modules", "dist"}
        names = [
            path.relative_to(ROOT).as_posix()
            for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        ]
    paths = sorted({Path(name) for name in names})
    return [path for path in paths if (not suffixes or path.suffix in suffixes) and (ROOT / path).is_file()]
