"""Prompts, scripted models and a small market for the tests of the model panel."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from quorate.analysts.consulting import Deadlines
from quorate.analysts.lookout import Lookout
from quorate.analysts.model_panel import Cycle, ModelPanel, Surroundings
from quorate.analysts.prompt_inputs import COLUMNS, Background, Coin, PromptInputs, Quote, TextKind
from quorate.council.validation import validate
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.minds import MindAnswer, MindRequest, MindSilence, ModelSpec
from quorate.domain.policy import CouncilPolicy
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import MarketRegime, Regime

D = Decimal
HOUR_MS = 3_600_000
AT_MS = 1_735_689_600_000
AS_OF = "2025-01-01T00:00:00Z"
NAMES = ("claude", "gemini", "grok")
POLICY = CouncilPolicy(panel=NAMES)
QUICK = Deadlines(cycle_s=5.0, call_s=2.0, least_s=0.01, grace_s=0.01)
BTC = Market("BTC/USDT", D("0.01"), D("0.00001"), D(5), 200)
ETH = Market("ETH/USDT", D("0.01"), D("0.0001"), D(5), 200)

Said = str | MindAnswer | MindSilence
Script = Callable[[ModelSpec, MindRequest], Said | Awaitable[Said]]


def coin(pair: str = "BTC/USDT", price: str = "100", turnover: float = 1e6, **changes: Any) -> Coin:
    row = tuple(float(place) for place in range(len(COLUMNS)))
    fields: dict[str, Any] = {
        "regime": Regime.NEUTRAL,
        "funding": D("0.0001"),
        "readings": dict.fromkeys(("1h", "4h", "1d"), row),
        **changes,
    }
    return Coin(pair=pair, price=D(price), turnover=turnover, **fields)


def inputs(*coins: Coin, background: Background | None = None, **changes: Any) -> PromptInputs:
    fields: dict[str, Any] = {
        "at_ms": AT_MS,
        "market_regime": MarketRegime.NEUTRAL,
        "market_why": "breadth is not known yet.",
        "dominance_change": D("0.25"),
        "policy": POLICY,
        **changes,
    }
    return PromptInputs(coins=coins or (coin(),), background=background or Background(), **fields)


def many(count: int) -> tuple[Coin, ...]:
    return tuple(coin(f"C{place:03d}/USDT", turnover=1e9 / (place + 1)) for place in range(count))


def news(text: str, *, kind: TextKind = TextKind.NEWS, age_h: float = 1, source: str = "wire") -> Quote:
    return Quote(kind=kind, source=source, at_ms=AT_MS - round(age_h * HOUR_MS), text=text)


def vote(pair: str = "BTC/USDT", **changes: Any) -> dict[str, Any]:
    """One sound LONG vote at 100, as a model writes it."""
    sound = {"side": "LONG", "confidence": 0.7, "entry": 100, "stop": 98, "target": 104, "reason": "it rises"}
    return {"pair": pair, **sound, **changes}


def answer(*votes: dict[str, Any], as_of: str = AS_OF, **more: Any) -> str:
    return json.dumps({"as_of": as_of, "votes": list(votes), **more})


def spec(analyst: str, **changes: Any) -> ModelSpec:
    return replace(ModelSpec(analyst=analyst, provider="openai", model=f"{analyst}-1"), **changes)


def answered(said: str, asked: ModelSpec, *, by: str | None = None) -> MindAnswer:
    own = f"{asked.provider}/{asked.model}"
    return MindAnswer(
        analyst=asked.analyst,
        answered_by=by or own,
        fallback=by is not None,
        text=said,
        input_tokens=1_000,
        output_tokens=100,
        cost_usd=D("0.001"),
        latency_ms=2_000,
        record=f"record-{asked.analyst}",
    )


@dataclass
class ScriptedMind:
    """A mind whose every word is written in the test."""

    scripts: Mapping[str, Script]
    asked: list[tuple[str, MindRequest]] = field(default_factory=list[tuple[str, MindRequest]])

    async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
        if deadline_s == 0:
            return MindSilence(analyst=spec.analyst, code="timeout", reason="There was no time to ask.")
        self.asked.append((spec.analyst, request))
        said = self.scripts[spec.analyst](spec, request)
        if not isinstance(said, str | MindAnswer | MindSilence):
            said = await said
        return answered(said, spec) if isinstance(said, str) else said

    def requests_of(self, analyst: str) -> list[MindRequest]:
        return [request for name, request in self.asked if name == analyst]


def says(*texts: str) -> Script:
    """The texts one after the other, the last for good."""
    left = list(texts)
    return lambda spec, request: left.pop(0) if len(left) > 1 else left[0]


def long_btc(spec: ModelSpec, request: MindRequest) -> str:
    return answer(vote(), as_of=as_of_in(request))


def as_of_in(request: MindRequest) -> str:
    found = re.search(r"^as_of: (\S+)$", request.prompt, re.MULTILINE)
    assert found is not None
    return found[1]


async def never(*_: object) -> str:
    await asyncio.Event().wait()
    return ""


def market_at(lookout: Lookout, hour: int, prices: Mapping[str, str]) -> Snapshot:
    """One hour of every pair at a standing price; `hour` 0 closes at `AT_MS`."""
    candles: list[Candle] = []
    for pair, text in sorted(prices.items()):
        ticks = lookout.markets[pair].ticks_nearest(D(text))
        candles.append(Candle(pair, "1h", AT_MS + (hour - 1) * HOUR_MS, ticks, ticks + 50, ticks - 50, ticks, 10.0))
    return lookout.observe(Step(AT_MS + hour * HOUR_MS, tuple(candles)))


@dataclass
class Room:
    """A panel of models over a market of BTC and ETH at 100, thirty hours old."""

    mind: ScriptedMind
    specs: tuple[ModelSpec, ...] = tuple(spec(name) for name in NAMES)
    background: Background = field(default_factory=Background)
    deadlines: Deadlines = QUICK
    policy: CouncilPolicy = POLICY
    repeat_every: int = 0
    cycles: list[Cycle] = field(default_factory=list[Cycle])

    def __post_init__(self) -> None:
        self.lookout = Lookout([BTC, ETH], "1h", [])
        self.prices = {"BTC/USDT": "100", "ETH/USDT": "100"}
        self.snapshot = [market_at(self.lookout, hour, self.prices) for hour in range(-29, 1)][-1]
        around = Surroundings(
            lookout=self.lookout,
            policy=self.policy,
            rules=validate,
            background=lambda snapshot: self.background,
            told=self.cycles.append,
        )
        self.panel = ModelPanel(self.mind, self.specs, around, deadlines=self.deadlines, repeat_every=self.repeat_every)


def room(*, background: Background | None = None, deadlines: Deadlines = QUICK, **scripts: Script) -> Room:
    return Room(ScriptedMind(scripts), background=background or Background(), deadlines=deadlines)
