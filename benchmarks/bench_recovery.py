"""A live desk with 1,000 open orders is killed: how long until it knows them all again and trades.

`python -m benchmarks.bench_recovery` runs the whole house in live mode, as a process, at the loopback exchange in this
one: embedded Postgres, ccxt over HTTP, the private stream over a WebSocket. It is started twice. First on the journal
that a desk leaves that was killed while it waited for 1,000 answers: every order SUBMITTED, all of them taken by the
exchange. Then after a SIGKILL at work, with 1,000 orders ACCEPTED. Times are from the start of the process. At the end
it says how long orders took from their entry in the journal to the exchange's matching engine.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from quorate.clock import SystemClock
from quorate.domain import events as ev
from quorate.domain.ids import client_order_id, intent_id
from quorate.domain.market import Market
from quorate.domain.orders import Intent, OrderKind, Purpose
from quorate.domain.votes import Action, ExitPlan, Target
from quorate.exchange import Kind, NewOrder, Side
from quorate.journal.account import AccountJournal
from quorate.journal.append import Journal
from quorate.journal.entry import LOCAL_OWNER
from quorate.journal.lease import take_lease, this_process
from quorate.settings import Settings
from tests.crash.live_desk import ACCOUNT, ROOT, LiveDesk, LiveHouse, live_desk
from tests.crash.live_exchange import LiveExchange, live_exchange
from tests.crash.live_house import policy, run_house, settings_at
from tests.crash.live_venues import BINANCE
from tests.servers import servers_root
from tests.simulation.simulated_desk import ACCOUNT as AT_EXCHANGE
from tests.simulation.world import MARKETS

ORDERS, COINS = 1_000, 20
RECOVERED_S_MAX, WIRE_MS_MAX = 8.0, 3.0
AT_WORK_S = 20.0
LOOK_S = 0.02
CPU = "CPU"
PRICE, BELOW, QUANTITY = Decimal(100), Decimal(60), Decimal("0.1")
MONEY = {"USDT": Decimal(1_000_000), "BTC": Decimal("0.5")}
QUIET = tuple(
    Market(f"C{number:02d}/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), spread_ppm=200)
    for number in range(COINS)
)
"""Markets on which orders rest far below the price."""


def settings_of(data_dir: Path, address: str) -> Settings:
    """Orders may rest for as long as they like, and the portfolio has room for more."""
    usual = policy()
    desk = replace(
        usual,
        portfolios=tuple(replace(each, start_equity=Decimal(200_000)) for each in usual.portfolios),
        execution=replace(usual.execution, maker_patience_ms=3_600_000),
    )
    pairs = tuple(sorted((*BINANCE.pairs, *(market.pair for market in QUIET))))
    return settings_at(data_dir, address, desk=desk, pairs=pairs)


def intents(now_ms: int) -> list[Intent]:
    """The resting entries."""
    plan = ExitPlan(BELOW * Decimal("0.9"), (Target(BELOW * Decimal("1.2"), Decimal(1)),))
    made: list[Intent] = []
    for number in range(ORDERS):
        intent = intent_id(signal=f"s{number}", portfolio="live", purpose=Purpose.ENTRY, at_ms=now_ms, ordinal=0)
        made.append(
            Intent(
                id=intent,
                client_id=client_order_id(account=ACCOUNT, intent=intent, attempt="1"),
                signal_id=f"s{number}",
                portfolio="live",
                pair=QUIET[number % COINS].pair,
                action=Action.BUY,
                kind=OrderKind.POST_ONLY,
                purpose=Purpose.ENTRY,
                price=BELOW,
                quantity=QUANTITY,
                at_ms=now_ms,
                source="resting",
                plan=plan,
            )
        )
    return made


async def write_story(desk: LiveDesk, wanted: Sequence[Intent]) -> None:
    """The journal of a desk that was killed with every order on its way."""
    connect = desk.database.database.connect
    lease = await take_lease(partial(connect, name="lease"), account=ACCOUNT, owner=LOCAL_OWNER, holder=this_process())
    journal = Journal(partial(connect, name="journal"))
    await journal.open()
    now_ms = wanted[0].at_ms
    story: list[ev.Event] = [
        ev.WriterChanged(lease.writer.token),
        ev.AccountOpened("live", "exchange", "", (("live", Decimal(200_000)),)),
        *(ev.MarketListed(market) for market in QUIET),
        ev.VenueAccountOpened("binance", tuple(MONEY.items()), now_ms),
    ]
    for intent in wanted:
        story += [ev.OrderIntended(intent), ev.OrderSubmitted(intent.client_id, now_ms)]
    await AccountJournal(journal, lease).append(story, at_ms=now_ms)
    await journal.close()
    await lease.release()


def rest(exchange: LiveExchange, wanted: Sequence[Intent]) -> None:
    """The exchange has taken them all."""
    engine = exchange.engine
    for market in QUIET:
        spec = engine.listing(market.symbol).spec
        lots = spec.lots(Decimal(50)) or 0
        price, step = spec.ticks(PRICE) or 0, spec.filters.price_step
        engine.quote(market.symbol, [(price - step, lots)], [(price + step, lots)], at_ms=wanted[0].at_ms)
        engine.print_trade(market.symbol, Side.BUY, price, lots, at_ms=wanted[0].at_ms)
    for intent in wanted:
        spec = engine.listing(intent.pair.replace("/", "")).spec
        asked = NewOrder(
            account=AT_EXCHANGE,
            symbol=spec.symbol,
            side=Side.BUY,
            kind=Kind.LIMIT,
            lots=spec.lots(QUANTITY) or 0,
            ticks=spec.ticks(BELOW) or 0,
            post_only=True,
            client_id=intent.client_id,
        )
        engine.submit(asked, at_ms=intent.at_ms)


async def times(exchange: LiveExchange, desk: LiveDesk, *, accepted: int) -> tuple[LiveHouse, dict[str, float]]:
    """Start the house; seconds until it writes, steps, knows so many more orders, and sends one of its own."""
    before = {kind: await desk.count(kind) for kind in ("WriterChanged", "StepClosed", "OrderAccepted")}
    wanted = {
        "writes": ("WriterChanged", before["WriterChanged"] + 1),
        "first step": ("StepClosed", before["StepClosed"] + 1),
        "knows them": ("OrderAccepted", before["OrderAccepted"] + accepted),
    }
    # "asked": the venue has told which orders are open. "sends": a new order of the desk's own is at the exchange.
    asked, taken = exchange.moments.happened["after GET /api/v3/openOrders"], len(exchange.taken)
    began_s, found = time.monotonic(), dict[str, float]()
    house = desk.start()
    while len(found) < len(wanted) + 2:
        house.require_alive()
        passed_s = time.monotonic() - began_s
        for name, (kind, count) in wanted.items():
            if name not in found and await desk.count(kind) >= count:
                found[name] = passed_s
        if "asked" not in found and exchange.moments.happened["after GET /api/v3/openOrders"] > asked:
            found["asked"] = passed_s
        if "sends" not in found and len(exchange.taken) > taken:
            found["sends"] = passed_s
        await asyncio.sleep(LOOK_S)
    found[CPU] = cpu_s(house)
    return house, found


def cpu_s(house: LiveHouse) -> float:
    """What the process has computed so far: on a machine that does other things too, this is the truer figure."""
    fields = Path(f"/proc/{house.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(name: str, found: dict[str, float]) -> bool:
    """Print one recovery; whether it was in time."""
    recovered_s = max(found["knows them"], found["asked"], found["first step"])
    computed_s = found.pop(CPU)
    steps = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in sorted(found.items(), key=lambda each: each[1]))
    sys.stdout.write(
        f"{name}: recovered {recovered_s:.2f} s (< {RECOVERED_S_MAX:.0f}); {steps}; "
        f"{computed_s:.2f} s of it computed by the house; load {os.getloadavg()[0]:.1f}\n"
    )
    sys.stdout.flush()
    return recovered_s < RECOVERED_S_MAX


def compile_byte_code(desk: LiveDesk) -> None:
    """What the first start on a machine does once for all."""
    words = "import ccxt.async_support, benchmarks.bench_recovery"
    subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=dict(desk.environment), check=True)


async def measure(folder: Path) -> bool:
    """Both recoveries, and the way of an order."""
    wanted = intents(SystemClock().now_ms())
    async with (
        live_exchange(7, more=QUIET, money=MONEY) as exchange,
        live_desk(folder, exchange.address, make=settings_of, program="benchmarks.bench_recovery") as desk,
    ):
        await write_story(desk, wanted)
        rest(exchange, wanted)
        compile_byte_code(desk)
        house, found = await times(exchange, desk, accepted=ORDERS)
        house.kill()
        in_time = told("killed with every answer outstanding", found)
        house, found = await times(exchange, desk, accepted=0)
        in_time = told("killed at work", found) and in_time
        await asyncio.sleep(AT_WORK_S)
        house.kill()
        p50 = await told_ways(exchange, desk, {intent.client_id for intent in wanted})
    return in_time and p50 < WIRE_MS_MAX


async def told_ways(exchange: LiveExchange, desk: LiveDesk, before: set[str]) -> float:
    """Print how long orders took from their entry in the journal to the engine; gives the median of all, in ms.

    Orders of `before` came another way. An entry's batch holds the signal and all that led to it, a stop's little else.
    """
    submitted = await desk.recorded_s("OrderSubmitted")
    rows = await desk.pool.fetch("select client_id, purpose from orders where account = $1", ACCOUNT)
    purposes = {row["client_id"]: row["purpose"] for row in rows}
    ways_ms: dict[str, list[float]] = {}
    for client_id, at_s in exchange.taken_s.items():
        if client_id not in before:
            ways_ms.setdefault(purposes[client_id], []).append((at_s - submitted[client_id]) * 1_000)
    for purpose, each in sorted(ways_ms.items()):
        sys.stdout.write(f"  {purpose}: {len(each)} orders, {min(each):.1f} to {max(each):.1f} ms\n")
    every = [way for each in ways_ms.values() for way in each]
    sys.stdout.write(
        f"from the journal's entry to the matching engine: {len(every)} orders, p50 {median(every):.1f} ms "
        f"(< {WIRE_MS_MAX:.0f}), p95 {quantiles(every, n=20)[-1]:.1f} ms; load {os.getloadavg()[0]:.1f}\n"
    )
    return median(every)


def main() -> int:
    """Measure; with the arguments of a house, be that house."""
    if len(sys.argv) > 1:
        data_dir, address = sys.argv[1:]
        return run_house(settings_of(Path(data_dir), address), address, (*MARKETS.values(), *QUIET))
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as folder:
        return 0 if asyncio.run(measure(Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
