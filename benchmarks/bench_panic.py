"""The panic drill: 100 open orders at each loopback exchange, ended by the real command, Postgres and Redis stopped.

`python -m benchmarks.bench_panic` runs `quorate panic --offline --json` in a process of its own, several times at each
exchange, and prints medians: from the beginning of the work (the key is open, what is needed is loaded) to the venue's
answer to the first cancel of everything, to its word that nothing is open, and the whole command from its start.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.accounts.desks import OwnersDesk, exchange_of

ORDERS = 100
ROUNDS = 5
FIRST_MS_MAX, ALL_MS_MAX = 500.0, 2_000.0
PROGRAM = Path(sys.executable).with_name("quorate")
DEAD = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


async def drill(venue: str) -> tuple[float, float, float]:
    """Milliseconds to the first cancel's answer, to nothing being open, and of the whole command."""
    with TemporaryDirectory() as folder:
        async with exchange_of(venue) as place:
            desk = OwnersDesk(Path(folder)).with_key(venue=venue, key=place.key, secret=place.secret)
            place.rest(ORDERS)
            began_s = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                "panic",
                "--offline",
                "--json",
                cwd=folder,
                env={**os.environ, **desk.environment(), **place.environment(), **DEAD},
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await process.communicate()
            took_ms = (time.perf_counter() - began_s) * 1_000
            report = json.loads(out)
            assert process.returncode == 0, report
            assert place.open_orders() == 0
            return report["cancelled_ms"], report["no_orders_ms"], took_ms


def main() -> int:
    """Run the drills; ends with 1 where a figure misses its aim."""
    met = True
    for venue in ("binance", "kraken"):
        runs = [asyncio.run(drill(venue)) for _ in range(ROUNDS)]
        first, gone, whole = (median(column) for column in zip(*runs, strict=True))
        met = met and first < FIRST_MS_MAX and gone < ALL_MS_MAX
        load = os.getloadavg()[0]
        print(
            f"{venue}: first cancel answered {first:.0f} ms (< {FIRST_MS_MAX:.0f}), {ORDERS} orders gone {gone:.0f} ms "
            f"(< {ALL_MS_MAX:.0f}), whole command {whole / 1_000:.1f} s; load {load:.1f}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
