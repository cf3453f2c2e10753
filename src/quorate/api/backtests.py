"""What the API needs of whoever runs backtests: a port, its errors, and where a finished one lies.

Research stands beside the API, so neither knows the other: wiring hands in what starts processes and keeps folders.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from quorate.domain.errors import BadInput, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.api.schemas.backtests import BacktestFacts, BacktestOffer, BacktestWanted

RESULT_FILE = "result.json"
"""One `BacktestResult`."""
CURVES_FILE = "curves.json"
"""Name of a curve -> [instants in UTC ms, equity]."""
TRADES_FILE = "trades.jsonl"
"""One `BacktestTrade` a line, newest first."""
REPORT_FILE = "report.html"
NONE_HERE = "This process runs no backtests."


class BadWish(BadInput):
    """Something about a wanted backtest makes no sense; `field` says what."""

    code = "invalid_parameters"

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class KeyTaken(BadInput):
    """The idempotency key was used for another backtest."""

    code = "idempotency_key_reused"


class TooManyRunning(Refused):
    """As many backtests are running as may."""

    code = "too_many_running"


class TooManyKept(Refused):
    """As many backtests are kept as may be."""

    code = "too_many_kept"


class NoBacktestsHere(Unavailable):
    """This process runs none."""

    code = "no_backtests_here"


class Backtests(Protocol):
    """Runs backtests in processes of their own and keeps them on disk. What is told is on disk already."""

    def offer(self) -> BacktestOffer:
        """What may be started. Blocks: candle files are looked at."""
        ...

    async def start(self, wanted: BacktestWanted, key: str | None) -> BacktestFacts:
        """Start one; the same key gives the same one. Errors: BadWish, KeyTaken, TooManyRunning, TooManyKept."""
        ...

    def every(self) -> Sequence[BacktestFacts]:
        """All that are kept, newest first. Blocks."""
        ...

    def find(self, backtest: str) -> BacktestFacts | None:
        """One of them. Blocks."""
        ...

    def made(self, backtest: str) -> Path | None:
        """Folder of the finished files of one that is done; None else. Blocks."""
        ...

    async def stop(self, backtest: str) -> bool:
        """End one that runs, and keep it as stopped. False where it had ended already."""
        ...

    async def remove(self, backtest: str) -> None:
        """End one that runs, and forget it. Refused where another process runs it."""
        ...

    @property
    def running_max(self) -> int:
        """How many may run at once."""
        ...


class NoBacktests:
    """For a process that runs none."""

    running_max = 0

    def offer(self) -> BacktestOffer:
        """Nothing can be started."""
        raise _none_here()

    async def start(self, wanted: BacktestWanted, key: str | None) -> BacktestFacts:
        """Nothing can be started."""
        raise _none_here()

    def every(self) -> Sequence[BacktestFacts]:
        """None."""
        return ()

    def find(self, backtest: str) -> BacktestFacts | None:
        """None."""
        del backtest

    def made(self, backtest: str) -> Path | None:
        """None."""
        del backtest

    async def stop(self, backtest: str) -> bool:
        """There is nothing to stop."""
        raise _none_here()

    async def remove(self, backtest: str) -> None:
        """There is nothing to remove."""
        raise _none_here()


def _none_here() -> NoBacktestsHere:
    return NoBacktestsHere(NONE_HERE, hint="Ask the desk's own process.")
