"""A run's process for tests: everything around a run is real, what is run does as BACKTEST_ACT says."""

import os
import signal
import sys
import time

from quorate.api.schemas.backtests import BacktestProgress
from quorate.domain.errors import BadInput
from quorate.wiring.backtests.process import Order, keep, main
from quorate.wiring.backtests.shelf import MAKING, tell_progress

FOR_EVER_S = 600


def act(order: Order) -> None:
    word = os.environ.get("BACKTEST_ACT", "done")
    tell_progress(order.folder, BacktestProgress(phase="running", about=f"{word} BTC/USDT", done=1, total=3))
    if word == "hang":
        time.sleep(FOR_EVER_S)
    elif word == "hang in writing":
        (order.folder / MAKING).mkdir()
        (order.folder / MAKING / "result.json").write_text("{", encoding="utf-8")
        time.sleep(FOR_EVER_S)
    elif word == "refuse":
        raise BadInput("The candles are no good.", hint="Download them again.")
    elif word == "raise":
        raise ZeroDivisionError("by nothing")
    elif word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        from quorate.research.backtesting import Tested
        from quorate.research.materials import Materials
        from tests.research.made_backtests import made_study

        study = made_study()
        materials = Materials(columns={}, markets={}, start_ms=0, end_ms=0, source="made up")
        keep(order.folder, Tested(backtest=study.backtest, strategies=(), materials=materials), study.findings)


if __name__ == "__main__":
    sys.exit(main(act))
