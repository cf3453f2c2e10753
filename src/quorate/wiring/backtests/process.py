"""One backtest in a process of its own, so that neither its memory nor its crash is the desk's.

Started as `python -m quorate.wiring.backtests`, with an `Order` on its standard input. The desk keeps that
pipe open for as long as it lives: its end is the end of the run, however the desk came to go.
"""

from __future__ import annotations

import os
import pickle  # from our own parent, through a pipe that nobody else holds
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from quorate.api.backtests import CURVES_FILE, REPORT_FILE, RESULT_FILE, TRADES_FILE
from quorate.api.schemas.backtests import BacktestFault, BacktestPhase, BacktestProgress, BacktestWanted
from quorate.clock import SystemClock
from quorate.domain.errors import QuorateError
from quorate.minds.files import write_whole
from quorate.wiring.backtests.shelf import MADE, MAKING, STATE_FILE, read_state, tell_progress

if TYPE_CHECKING:
    from quorate.research.backtesting import Tested
    from quorate.research.findings import Findings
    from quorate.settings import Settings

NICENESS = 10
"""Lower priority than the desk's own."""
TELL_S = 0.2
"""Progress is told at most this often, new phases at once."""
DOCUMENT_FILE = "backtest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is told: settings with the candles and parameters that are wanted, and where its folder is."""

    settings: Settings
    wanted: BacktestWanted
    folder: Path


Work = Callable[[Order], None]


class Teller:
    """Tells how far the run has come."""

    def __init__(self, tell: Callable[[BacktestProgress], None], monotonic: Callable[[], float]) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._phase: BacktestPhase = "starting"
        self._told_s = float("-inf")

    def phase(self, phase: BacktestPhase, about: str = "") -> None:
        """A new phase has begun."""
        self._phase = phase
        self._say(about, 0, 0)
        self._told_s = float("-inf")

    def step(self, about: str, done: int, total: int) -> None:
        """A piece of this phase begins."""
        if self._monotonic() - self._told_s >= TELL_S:
            self._say(about, done, total)

    def _say(self, about: str, done: int, total: int) -> None:
        self._told_s = self._monotonic()
        self._tell(BacktestProgress(phase=self._phase, about=about, done=done, total=total))


def main(work: Work | None = None) -> int:
    """Do what the order on standard input says; whatever comes of it is in its folder afterwards.

    `work` is there to be replaced by whoever tests what happens around a run.
    """
    work = run if work is None else work
    order = pickle.load(sys.stdin.buffer)  # noqa: S301  our own parent wrote it
    assert isinstance(order, Order)
    threading.Thread(target=_end_with_the_desk, daemon=True, name="watch of the desk").start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        work(order)
    except QuorateError as error:
        _failed(order.folder, BacktestFault(code=error.code, message=str(error)))
    except MemoryError:
        message = "It needs more memory than there is. Give it fewer pairs or a shorter range."
        _failed(order.folder, BacktestFault(code="out_of_memory", message=message))
    except Exception as error:  # noqa: BLE001  a strategy may raise anything; the page has to say so
        traceback.print_exc()
        message = f"It broke off with {type(error).__name__}: {error}. Its folder in the data directory has a log."
        _failed(order.folder, BacktestFault(code="crashed", message=message))
    return 0


def run(order: Order) -> None:
    """Run the backtest and put what it came to into its folder. Errors: QuorateError, and what a strategy raises."""
    teller = Teller(lambda progress: tell_progress(order.folder, progress), time.monotonic)
    teller.phase("starting")
    # Research compiles and reads much: it is loaded here and nowhere in the desk.
    from quorate.research.examining import Wanted, examine  # noqa: PLC0415
    from quorate.wiring.machine_code import keep_machine_code  # noqa: PLC0415
    from quorate.wiring.research import Asked, prepare, run_prepared  # noqa: PLC0415

    keep_machine_code()
    wanted = order.wanted
    teller.phase("reading")
    asked = Asked(
        strategies=[one.name for one in wanted.strategies],
        without=tuple(wanted.without),
        fee=None if wanted.fee is None else Decimal(wanted.fee),
        entry=wanted.entry,
        tie=wanted.tie,
        start_equity=None if wanted.start_equity is None else Decimal(wanted.start_equity),
    )
    prepared = prepare(order.settings, asked)
    teller.phase("running")
    tested = run_prepared(prepared, wanted.engine, step=teller.step)
    teller.phase("examining", "luck, intervals and baselines" if wanted.baselines else "look-ahead")
    tested, findings = examine(tested, prepared.terms.costs, Wanted(baselines=wanted.baselines))
    teller.phase("writing")
    keep(order.folder, tested, findings)


def keep(folder: Path, tested: Tested, findings: Findings) -> None:
    """Write every file, make them appear at once, and say that it is done."""
    from quorate.research.findings import Study  # noqa: PLC0415  as above
    from quorate.research.reports.document import write_document  # noqa: PLC0415
    from quorate.wiring.backtests.telling import (  # noqa: PLC0415
        curves_json,
        headline_of,
        result_of,
        trade_lines,
    )
    from quorate.wiring.research import report  # noqa: PLC0415

    study = Study(backtest=tested.backtest, findings=findings)
    making = folder / MAKING
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    write_whole(making / RESULT_FILE, result_of(study).model_dump_json().encode())
    write_whole(making / CURVES_FILE, curves_json(study).encode())
    write_whole(making / TRADES_FILE, "".join(trade_lines(tested.backtest.trades)).encode())
    write_document(study, making / DOCUMENT_FILE)
    report(tested, findings, making / REPORT_FILE)
    making.rename(folder / MADE)
    stored = read_state(folder)
    if stored is not None:
        ended = stored.ended("done", SystemClock().now_ms(), headline=headline_of(study))
        write_whole(folder / STATE_FILE, ended.model_dump_json().encode())


def _failed(folder: Path, fault: BacktestFault) -> None:
    stored = read_state(folder)
    if stored is not None:
        ended = stored.ended("failed", SystemClock().now_ms(), error=fault)
        write_whole(folder / STATE_FILE, ended.model_dump_json().encode())


def _end_with_the_desk() -> None:
    """Wait for the end of the pipe, and be gone."""
    # Not by the buffered reader: a thread that waits inside it cannot be left behind at the end.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)
