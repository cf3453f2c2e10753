"""Orders through backtesting.py; run by the Python of `.cache/peers`, never imported. See `tests.peers.asking`."""

# What it imports is not in this project's own environment.
# pyright: reportMissingImports=false, reportUntypedBaseClass=false

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
from backtesting import Backtest, Strategy  # noqa: E402  after its warnings are silenced


class Ordered(Strategy):
    """Does at each close what the orders say, unless it is in a trade."""

    def init(self):
        """The columns of the orders, as plain arrays."""
        frame = self.data.df
        self.sides, self.stops, self.goals, self.holds = (
            frame[name].to_numpy() for name in ("Side", "Stop", "Goal", "Hold")
        )
        self.until = None

    def next(self):
        """Leave when the time is over, enter when an order says so."""
        row = len(self.data) - 1
        if self.position:
            if self.until is not None and row >= self.until:
                self.position.close()
                self.until = None
            return
        if self.sides[row] and not self.orders:
            self.until = row + int(self.holds[row]) if self.holds[row] else None
            enter = self.buy if self.sides[row] > 0 else self.sell
            enter(size=1, sl=float(self.stops[row]), tp=float(self.goals[row]))


def main() -> None:
    """Read the columns named, write trades as JSON."""
    held = np.load(sys.argv[1])
    frame = pd.DataFrame(
        {
            "Open": held["open"],
            "High": held["high"],
            "Low": held["low"],
            "Close": held["close"],
            "Volume": held["volume"],
            "Side": held["side"],
            "Stop": held["stop"],
            "Goal": held["goal"],
            "Hold": held["hold"],
        },
        index=pd.to_datetime(held["open_ms"], unit="ms"),
    )
    tested = Backtest(frame, Ordered, cash=1e9, commission=0.0, finalize_trades=False)
    begun = time.process_time()
    stats = tested.run()
    seconds = time.process_time() - begun
    trades = stats["_trades"].sort_values("EntryBar")
    columns = ("EntryBar", "ExitBar", "Size", "EntryPrice", "ExitPrice")
    rows = [trades[name].tolist() for name in columns]
    json.dump({"trades": [list(row) for row in zip(*rows, strict=True)], "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
