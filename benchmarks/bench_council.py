"""The council's own part of a scan: gathering, building the prompt, and three models of two seconds in one vote.

`python -m benchmarks.bench_council` prints milliseconds of CPU for 80 coins on 1h, 4h and 1d: the rows of the tables
computed anew (no bar of any timeframe was measured before), taken from what is kept, the full and the compact prompt;
and the wall time of a whole vote in which every model answers after two seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from statistics import median

from quorate.analysts.consulting import Deadlines
from quorate.analysts.lookout import Lookout
from quorate.analysts.model_panel import ModelPanel, Surroundings
from quorate.analysts.prompt import COMPACT, FULL, compose
from quorate.analysts.prompt_gather import inputs_from
from quorate.analysts.prompt_inputs import Background, PromptInputs, TextKind
from quorate.council.validation import validate
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.minds import MindRequest, ModelSpec
from quorate.domain.snapshot import Snapshot, Step
from quorate.kernel.resample import resample
from tests.analysts.prompting import NAMES, POLICY, ScriptedMind, answer, as_of_in, news, spec
from tests.analysts.synthetic import candles_of, wild_bars

COINS = 80
DAYS = 300
ROUNDS = 15
LATENCY_S = 2.0
LIMIT_MS = 50.0
LIMIT_S = 2.6


def market_of_eighty() -> tuple[Lookout, Snapshot]:
    """A lookout over 80 pairs with full windows, and the snapshot of their last hour."""
    markets = [
        Market(f"C{place:02d}/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200) for place in range(COINS)
    ]
    lookout = Lookout(markets, "1h", [])
    last: list[Candle] = []
    for seed, market in enumerate(markets):
        bars = wild_bars(seed, 24 * DAYS, timeframe="1h", market=market)
        for timeframe in ("1h", "4h", "1d"):
            lookout.windows.seed(market.pair, timeframe, resample(bars.between(0, len(bars) - 1), timeframe))
        last += candles_of(bars.tail(1), market)
    return lookout, lookout.observe(Step(last[0].close_ms, tuple(last)))


def busy_day(at_ms: int) -> Background:
    """As many texts as a prompt takes."""
    quotes = [
        replace(news(f"{kind} number {place}: " + "something happened somewhere, " * 6, kind=kind), at_ms=at_ms - place)
        for kind in TextKind
        for place in range(40)
    ]
    return Background(quotes=tuple(quotes))


def cpu_ms(work: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> float:
    """The median of several runs, in milliseconds of CPU."""
    times: list[float] = []
    for _ in range(ROUNDS):
        before()
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1e3)
    return median(times)


def forget(lookout: Lookout) -> None:
    """As if every bar of every timeframe had just closed."""
    for pair in lookout.markets:
        for timeframe in ("1h", "4h", "1d"):
            lookout.windows.bars(pair, timeframe).memo.clear()


async def whole_vote(lookout: Lookout, snapshot: Snapshot, background: Background) -> float:
    """Seconds of wall time for a vote of three models that take two seconds each, every row computed anew."""

    async def slow(asked: ModelSpec, request: MindRequest) -> str:
        await asyncio.sleep(LATENCY_S)
        return answer(as_of=as_of_in(request))

    around = Surroundings(
        lookout=lookout, policy=POLICY, rules=validate, background=lambda _: background, told=lambda _: None
    )
    mind = ScriptedMind(dict.fromkeys(NAMES, slow))
    panel = ModelPanel(mind, [spec(name) for name in NAMES], around, deadlines=Deadlines())
    forget(lookout)
    start = time.perf_counter()
    await panel.vote(snapshot, slot="0")
    return time.perf_counter() - start


def main() -> None:
    """Measure and print; fails where a limit is missed."""
    lookout, snapshot = market_of_eighty()
    background = busy_day(snapshot.at_ms)

    def gather() -> PromptInputs:
        return inputs_from(lookout, snapshot, background=background, policy=POLICY)

    anew, kept = cpu_ms(gather, before=lambda: forget(lookout)), cpu_ms(gather)
    inputs = gather()
    full = cpu_ms(lambda: compose(inputs, FULL, tokens_max=FULL.tokens_max))
    compact = cpu_ms(lambda: compose(inputs, COMPACT, tokens_max=COMPACT.tokens_max))
    size = compose(inputs, FULL, tokens_max=FULL.tokens_max)
    whole = asyncio.run(whole_vote(lookout, snapshot, background))
    print(f"tables of {COINS} coins x 3 timeframes: computed anew {anew:.1f} ms, kept {kept:.1f} ms")
    print(f"full prompt {full:.1f} ms ({size.tokens} tokens by rule), compact {compact:.1f} ms")
    print(f"anew and full: {anew + full:.1f} ms (limit {LIMIT_MS:.0f})")
    print(f"vote of three models of {LATENCY_S:.0f} s: {whole:.2f} s (limit {LIMIT_S} s)")
    if whole > LIMIT_S or anew + full > LIMIT_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
