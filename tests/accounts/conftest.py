"""A sealed file in an empty folder, with a master key and chance that are the same in every run."""

import hashlib
from collections.abc import Callable

import pytest

from quorate.accounts.master_key import MasterKey, master_key_of
from quorate.accounts.sealed_file import FILE_NAME, SealedFile

NOW_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


def chance(seed: str = "chance") -> Callable[[int], bytes]:
    """Bytes that nobody can guess who does not know the seed: different at every call."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{seed} {count}".encode()).digest(size)

    return draw


def master(name: str = "the master key") -> MasterKey:
    return master_key_of(hashlib.sha256(name.encode()).digest())


@pytest.fixture
def sealed(tmp_path) -> SealedFile:
    return SealedFile(tmp_path / "state" / FILE_NAME, master(), chance())
