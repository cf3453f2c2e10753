"""Orders through vectorbt; run by the Python of `.cache/peers`, never imported. See `tests.peers.asking`."""

# What it imports is not in this project's own environment.
# pyright: reportMissingImports=false, reportUntypedBaseClass=false

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import vectorbt as vbt  # noqa: E402  after its warnings are silenced

NEARER = 1e-10
"""Stops are shares of the entry there: a hair nearer, so that a price which touches one does so in doubles too."""


def main() -> None:
    """Read the columns named, write trades as JSON."""
    held = np.load(sys.argv[1])
    side, close = held["side"], held["close"]
    index = pd.to_datetime(held["open_ms"], unit="ms")

    def column(values):
        return pd.Series(values, index=index)

    def run():
        return vbt.Portfolio.from_signals(
            column(close),
            entries=column(side > 0),
            short_entries=column(side < 0),
            exits=column(np.zeros(len(side), bool)),
            short_exits=column(np.zeros(len(side), bool)),
            open=column(held["open"]),
            high=column(held["high"]),
            low=column(held["low"]),
            sl_stop=column(np.where(side != 0, np.abs(close - held["stop"]) / close - NEARER, np.nan)),
            tp_stop=column(np.where(side != 0, np.abs(held["goal"] - close) / close - NEARER, np.nan)),
            size=1.0,
            init_cash=1e9,
            upon_opposite_entry="ignore",
            freq="5min",
        )

    run()
    begun = time.process_time()
    found = run()
    seconds = time.process_time() - begun
    records = found.trades.records
    closed = records[records["status"] == 1].sort_values("entry_idx")
    sign = np.where(closed["direction"] == 0, 1, -1)
    rows = (closed["entry_idx"], closed["exit_idx"], sign, closed["entry_price"], closed["exit_price"])
    trades = [list(row) for row in zip(*(list(map(float, each)) for each in rows), strict=True)]
    json.dump({"trades": trades, "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
