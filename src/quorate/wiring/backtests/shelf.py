"""Folders of backtests in the data directory, one each, so that what was told outlives every process.

`ID/state.json` says what is wanted and how it stands; it is written whole and renamed, before anybody is told.
`ID/made/` holds the finished files and appears at once, whole. A run belongs to the process that started it, which
holds a lock for as long as it lives: a run whose owner is gone was interrupted, whatever its file still says.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from quorate.api.schemas.backtests import (
    BacktestFault,
    BacktestHeadline,
    BacktestProgress,
    BacktestState,
    BacktestWanted,
)
from quorate.feeds.candles.faults import SeriesLocked
from quorate.feeds.candles.locks import writing
from quorate.minds.files import write_whole

FOLDER = "backtests"
STATE_FILE = "state.json"
PROGRESS_FILE = "progress.json"
LOG_FILE = "log.txt"
MADE = "made"
MAKING = "making"
"""Where finished files are put together, until they are renamed to `made`."""
OWNERS = ".owners"
NEW, GONE = ".new-", ".gone-"
PROBE_S = 0.05
"""How long a lock is asked for before its holder counts as alive: two who ask at once are not its holder."""
ID = re.compile(r"[0-9a-f]{32}")
ENDED: frozenset[BacktestState] = frozenset({"done", "failed", "stopped", "interrupted"})


class Stored(BaseModel):
    """One backtest as it stands on disk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    owner: str
    """The process that started it, by the name of its lock."""
    digest: str
    """SHA-256 of what is wanted: the same key with another one is refused."""
    created_ms: int
    wanted: BacktestWanted
    state: BacktestState = "running"
    ended_ms: int | None = None
    error: BacktestFault | None = None
    headline: BacktestHeadline | None = None

    def ended(
        self,
        state: BacktestState,
        at_ms: int,
        *,
        error: BacktestFault | None = None,
        headline: BacktestHeadline | None = None,
    ) -> Stored:
        """The same, at its end."""
        return self.model_copy(update={"state": state, "ended_ms": at_ms, "error": error, "headline": headline})


def digest_of(wanted: BacktestWanted) -> str:
    """SHA-256 of what is wanted."""
    return hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()


def id_of(key: str) -> str:
    """The id that a key stands for."""
    return hashlib.sha256(f"backtest {key}".encode()).hexdigest()[:32]


class Shelf:
    """The backtests under `root`. One process may hold several; each has an owner's name of its own."""

    def __init__(self, root: Path, owner: str) -> None:
        self.root = root
        self.owner = owner
        self._held = ExitStack()

    def open(self) -> None:
        """Hold our lock, and clear away what was left half removed or half begun. Errors: DataDirUnusable."""
        self._held.enter_context(writing(self.root / OWNERS / self.owner))
        dead = [path for path in (self.root / OWNERS).iterdir() if not self._alive(path.name)]
        begun = [path for owner in dead for path in self.root.glob(f"{NEW}{owner.name}-*")]
        for path in (*self.root.glob(f"{GONE}*"), *begun, *dead):
            shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Let our lock go: whatever still runs for us counts as interrupted from now on."""
        self._held.close()

    def folder(self, backtest: str) -> Path:
        """Where a backtest lies."""
        assert ID.fullmatch(backtest), "ids are checked at the door"
        return self.root / backtest

    def put(self, stored: Stored) -> bool:
        """Put a new backtest on the shelf, whole. False where one of that id lies there already."""
        fresh = self.root / f"{NEW}{self.owner}-{stored.id}"
        shutil.rmtree(fresh, ignore_errors=True)
        write_whole(fresh / STATE_FILE, stored.model_dump_json().encode())
        try:
            fresh.rename(self.folder(stored.id))
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if self.folder(stored.id).is_dir():
                return False
            raise
        return True

    def write(self, stored: Stored) -> None:
        """Bring the state of a backtest up to date. One that was removed meanwhile stays removed."""
        if self.folder(stored.id).is_dir():
            write_whole(self.folder(stored.id) / STATE_FILE, stored.model_dump_json().encode())

    def find(self, backtest: str, *, now_ms: int) -> Stored | None:
        """One of them as it truly stands; None where there is none."""
        stored = read_state(self.folder(backtest))
        if stored is None or stored.state in ENDED or self._alive(stored.owner):
            return stored
        # Its owner may have said how it ended just before it went.
        stored = read_state(self.folder(backtest))
        if stored is None or stored.state in ENDED:
            return stored
        why = BacktestFault(code="interrupted", message="The process that ran it is gone. Start it again.")
        stored = stored.ended("interrupted", now_ms, error=why)
        self.write(stored)
        return stored

    def every(self, *, now_ms: int) -> Iterator[Stored]:
        """All of them, in no order."""
        if not self.root.is_dir():
            return
        for path in self.root.iterdir():
            if ID.fullmatch(path.name) and (stored := self.find(path.name, now_ms=now_ms)) is not None:
                yield stored

    def count(self) -> int:
        """How many lie here."""
        return sum(1 for path in self.root.iterdir() if ID.fullmatch(path.name)) if self.root.is_dir() else 0

    def progress(self, backtest: str) -> BacktestProgress | None:
        """How far a run has come by its own word."""
        try:
            return BacktestProgress.model_validate_json((self.folder(backtest) / PROGRESS_FILE).read_bytes())
        except (OSError, ValidationError):
            return None

    def made(self, backtest: str) -> Path:
        """Where its finished files are."""
        return self.folder(backtest) / MADE

    def remove(self, backtest: str) -> None:
        """Take one away: at once for everybody, then file by file."""
        gone = self.root / f"{GONE}{backtest}"
        shutil.rmtree(gone, ignore_errors=True)
        try:
            self.folder(backtest).rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone, ignore_errors=True)

    def _alive(self, owner: str) -> bool:
        if owner == self.owner:
            return True
        place = self.root / OWNERS / owner
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", owner) or not place.is_dir():
            return False
        try:
            with writing(place, wait_s=PROBE_S):
                return False
        except SeriesLocked:
            return True


def read_state(folder: Path) -> Stored | None:
    """The state of the backtest in `folder`, as its file says; None where there is none that can be read."""
    try:
        return Stored.model_validate_json((folder / STATE_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def tell_progress(folder: Path, progress: BacktestProgress) -> None:
    """Say how far a run has come. Not forced to disk: it means nothing once the run is over."""
    fresh = folder / f"{PROGRESS_FILE}.new"
    fresh.write_bytes(progress.model_dump_json().encode())
    fresh.replace(folder / PROGRESS_FILE)
