"""Every control on one order, in a busy account: microseconds of CPU at the median and the 99th percentile.

`python -m benchmarks.bench_controls` asks all controls about an entry that passes, with 80 open positions, 100 open
orders and 1,000 orders sent lately, a fresh view of the account each time, as the desk does. The floor beside it: the
same view with nothing in it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from quorate.domain.orders import Order, OrderState
from quorate.domain.policy import Limits
from quorate.risk.book import Book
from quorate.risk.controls import check
from quorate.risk.verdict import Pass
from tests.risk.accounts import NOW, Sent, book, intent, position

PAIRS, ORDERS, SENT, ROUNDS = 80, 100, 1_000, 5_000
LIMIT_US = 1_000.0
LIMITS = Limits(
    open_orders_max=1_000, throttle_orders_max=10_000, repeats_max=10_000, symbol_notional_max=Decimal(10**9)
)


def busy() -> Book:
    """An account with something of everything."""
    pairs = [f"C{number}/USDT" for number in range(PAIRS)]
    quiet = book()
    small = replace(position(), quantity=Decimal("0.0001"), opened_quantity=Decimal("0.0001"))
    held = {pair: {"aggressive": replace(small, pair=pair)} for pair in pairs}
    orders = {
        f"q{number}": Order(
            replace(intent(name=f"o{number}", quantity="0.0001"), pair=pairs[number % PAIRS], client_id=f"q{number}"),
            OrderState.ACCEPTED,
        )
        for number in range(ORDERS)
    }
    market = quiet.markets["BTC/USDT"]
    markets = {**quiet.markets, **{pair: replace(market, pair=pair) for pair in pairs}}
    sent = [Sent(NOW - 3_600_000 + number * 1_000, pairs[number % PAIRS]) for number in range(SENT)]
    return replace(quiet, positions=held, orders=orders, markets=markets, sent=sent)


def timed(made: Book) -> list[float]:
    """Microseconds of CPU of each round, ascending."""
    wish, took = intent(), list[float]()
    for _ in range(ROUNDS):
        view = replace(made)
        began = time.thread_time_ns()
        verdict = check(wish, view, LIMITS)
        took.append((time.thread_time_ns() - began) / 1_000)
        assert isinstance(verdict, Pass), verdict
    return sorted(took)


def main() -> int:
    """Print both, and 1 where the limit is missed."""
    figures = {"busy account": timed(busy()), "nothing in it": timed(book())}
    for name, took in figures.items():
        print(f"{name:<16}p50 {took[len(took) // 2]:7.1f} µs   p99 {took[len(took) * 99 // 100]:7.1f} µs")
    return int(figures["busy account"][ROUNDS * 99 // 100] > LIMIT_US)


if __name__ == "__main__":
    raise SystemExit(main())
