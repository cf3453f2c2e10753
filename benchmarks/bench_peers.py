"""The same orders through the compiled runner and other people's backtesters, in one run (`make peers` installs them).

`python -m benchmarks.bench_peers [--quick]` has each make the trades of a breakout with an intrabar stop and target
over a synthetic year of 5m candles, and prints CPU time of the run alone, start-up and reading left out, beside the
number of trades. Conventions differ in where an order fills; that the trades are the same is a test
(`tests/research/test_peers.py`).
"""

from __future__ import annotations

import sys
import tempfile
from decimal import Decimal
from pathlib import Path

from benchmarks.bench_runner import BARS, MARKET, best, year
from quorate.research.columns import Columns
from quorate.research.compiled import run, warm
from quorate.research.conventions import Conventions, RunCosts, Sizing
from quorate.research.orders import orders_of
from tests.peers.asking import MODULES, answer, installed
from tests.research import test_peers as same
from tests.research.scripted import Line, rules, speaking

FREE = RunCosts().without("fees", "spread", "slippage", "latency", "funding", "liquidation", "queue")


def main() -> None:
    """Measure and print."""
    count = BARS // 8 if "--quick" in sys.argv else BARS
    warm()
    bars = year(1).between(0, count)
    orders = same.orders_of(bars, MARKET, same.breakout(bars))
    close, stop, goal = (same.to_ticks(column, MARKET.tick) for column in (bars.close, orders.stop, orders.goal))
    script = {
        int(bars.open_ms[row]): Line(
            int(orders.side[row]), int(abs(close[row] - stop[row])), (int(abs(goal[row] - close[row])),)
        )
        for row in orders.side.nonzero()[0].tolist()
    }
    strategy, columns = speaking(script=script, exits=rules()), Columns.of(bars, MARKET)
    book = orders_of(strategy, columns, MARKET)
    sizing = Sizing(by="amount", amount=Decimal(100_000), start_equity=Decimal(10_000_000))

    def ours() -> int:
        return len(run(strategy, columns, MARKET, Conventions(), FREE, sizing, book=book).trades)

    seconds = best(ours, 20)
    print(f"{'compiled runner, orders given':<32} {count / seconds:14,.0f} bars/s   {ours():,} trades")
    for peer in MODULES:
        if not installed(peer):
            print(f"{peer:<32} not installed: run `make peers`")
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = answer(peer, bars, orders, Path(folder))
        ratio = found.seconds / seconds
        print(
            f"{peer:<32} {count / found.seconds:14,.0f} bars/s   {len(found.trades):,} trades   {ratio:,.0f} × slower"
        )


if __name__ == "__main__":
    main()
