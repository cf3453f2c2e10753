"""Stamps: what was prepared from what, so that a later start reads a few files and does nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(paths: Iterable[Path], *, base: Path, words: Iterable[str] = ()) -> str:
    """Hash the names (relative to `base`) and contents of `paths`, and `words`; an absent file counts as such."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"word {word}\0".encode())
    for path in sorted(paths):
        content = path.read_bytes() if path.is_file() else None
        size = "absent" if content is None else str(len(content))
        digest.update(f"file {path.relative_to(base).as_posix()} {size}\0".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def is_current(stamp: Path, *, mark: str) -> bool:
    """Whether `stamp` was written for `mark`."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == mark


def write(stamp: Path, *, mark: str) -> None:
    """Remember that what stands beside `stamp` was made from `mark`."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark + "\n", encoding="utf-8")
