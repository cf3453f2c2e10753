"""Orders per second through the loopback exchange's matching engine, in process, with everything switched on.

`python -m benchmarks.bench_exchange` drives one market with filters, fees and four accounts. An operation is an order
or a cancel; every fact is delivered to a listener. Two mixes: one in which orders mostly rest and are cancelled, as
market makers do, and one in which most orders trade. `--profile` says where the time goes.
"""

from __future__ import annotations

import cProfile
import pstats
import random
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from quorate.exchange import Engine, Event, Filters, Kind, MarketSpec, NewOrder, Order, OrderRefused, Side, VenueRules

OPERATIONS = 100_000
FLOOR_PER_S = 50_000
ROUNDS = 5
ACCOUNTS = ("a", "b", "c", "d")
CENT, STEP = 1_000_000, 1_000
MIDDLE = 60_000 * 100


def engine() -> Engine:
    """A market like BTCUSDT on Binance, and accounts with plenty of money."""
    filters = Filters(
        price_step=CENT,
        price_min=CENT,
        lot_step=STEP,
        lots_min=STEP,
        lots_max=9_000 * 10**8,
        notional_min=5 * 10**8,
        band_up_ppm=5_000_000,
        band_down_ppm=200_000,
        orders_max=0,
    )
    made = Engine(
        [MarketSpec(symbol="BTCUSDT", base="BTC", quote="USDT", filters=filters)],
        rules=VenueRules(history_max=10_000),
    )
    for name in ACCOUNTS:
        made.open_account(name, {"BTC": Decimal(10**6), "USDT": Decimal(10**11)})
    made.print_trade("BTCUSDT", Side.BUY, MIDDLE * CENT, STEP, at_ms=0)
    return made


def asked(dice: random.Random, spread: int) -> list[NewOrder]:
    """Orders around a fixed price; the smaller `spread`, the more of them trade."""
    orders: list[NewOrder] = []
    for number in range(OPERATIONS):
        side = Side.BUY if dice.random() < 0.5 else Side.SELL
        away = int(dice.gauss(spread, 100)) * (1 if side is Side.SELL else -1)
        orders.append(
            NewOrder(
                account=ACCOUNTS[number % 4],
                symbol="BTCUSDT",
                side=side,
                kind=Kind.LIMIT,
                ticks=(MIDDLE + away) * CENT,
                lots=dice.randrange(1, 500) * STEP * 10,
                client_id=f"q{number}",
            )
        )
    return orders


def run(spread: int, cancel_share: float) -> tuple[float, int, int]:
    """One round: operations per CPU second, trades, facts told."""
    dice = random.Random(7)
    orders, made = asked(dice, spread), engine()
    heard = 0

    def listen(events: Sequence[Event]) -> None:
        nonlocal heard
        heard += len(events)

    made.listen(listen)
    cancels = [dice.random() < cancel_share for _ in orders]
    places = [dice.random() for _ in orders]
    resting: list[Order] = []
    operations = 0
    begun = time.process_time()
    for at_ms, order in enumerate(orders):
        try:
            taken = made.submit(order, at_ms=at_ms)
        except OrderRefused:
            continue
        operations += 1
        if taken.open:
            resting.append(taken)
        if cancels[at_ms] and resting:
            place = int(places[at_ms] * len(resting))
            resting[place], resting[-1] = resting[-1], resting[place]
            chosen = resting.pop()
            if chosen.open:
                made.cancel(chosen, at_ms=at_ms)
                operations += 1
    took = time.process_time() - begun
    return operations / took, made.listing("BTCUSDT").tape.last_id, heard


MIXES: dict[str, Callable[[], tuple[float, int, int]]] = {
    "resting and cancelled": lambda: run(150, 0.9),
    "mostly trading": lambda: run(-20, 0.1),
}


def main() -> None:
    """Measure and print; with --profile show the dearest functions of one round each."""
    for name, mix in MIXES.items():
        if "--profile" in sys.argv:
            profile = cProfile.Profile()
            profile.runcall(mix)
            pstats.Stats(profile).sort_stats("tottime").print_stats(18)
            continue
        rounds = [mix() for _ in range(ROUNDS)]
        best, trades, heard = max(rounds)
        print(f"{name:24} {best:9,.0f} operations/s   {trades:,} trades, {heard:,} facts   floor {FLOOR_PER_S:,}")


if __name__ == "__main__":
    main()
