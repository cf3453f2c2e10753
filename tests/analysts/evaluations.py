"""A small market with open trades, and models that look after them, for the tests of the evaluator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from quorate.analysts.consulting import Deadlines
from quorate.analysts.evaluating import RuleEvaluator
from quorate.analysts.evaluating_model import Beside, ModelEvaluator
from quorate.analysts.lookout import Lookout
from quorate.analysts.prompt_inputs import Background
from quorate.domain.evaluation import Evaluation
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.minds import MindRequest, ModelSpec
from quorate.domain.policy import Costs
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import ExitPlan, Regime, Side, Target
from tests.analysts.prompting import (
    AS_OF,
    AT_MS,
    BTC,
    ETH,
    HOUR_MS,
    POLICY,
    QUICK,
    Script,
    ScriptedMind,
    market_at,
    spec,
)

D = Decimal
COSTS = Costs()


def position(side: Side = Side.LONG, entry: str = "100", stop: str = "90", **changes: Any) -> Position:
    """BTC of the aggressive portfolio, opened five hours ago by the council's signal."""
    sign = side.sign
    made = Position(
        portfolio="aggressive",
        pair=BTC.pair,
        side=side,
        signal_id="signal-btc",
        source="council",
        quantity=D(1),
        opened_quantity=D(1),
        entry=D(entry),
        initial_stop=D(stop),
        stop=D(stop),
        plan=ExitPlan(D(stop), (Target(D(entry) + sign * 30, D(1)),)),
        targets_hit=0,
        trailing=False,
        realized=D(0),
        fees=D(0),
        opened_ms=AT_MS - 5 * HOUR_MS,
        thesis="consensus expected LONG from 100 to 130, wrong at 90, with confidence 0.7.",
    )
    return replace(made, **changes)


def lesson(trade: str = "trade-1", **changes: Any) -> Lesson:
    made = Lesson(
        trade=trade,
        portfolio="aggressive",
        pair=ETH.pair,
        side=Side.SHORT,
        source="council",
        r=D("-1.02"),
        expected="consensus expected SHORT from 50 to 40, wrong at 55, with confidence 0.6.",
        happened="Ended by stop after 3.0 h at -1.02 R; RANGING then, NEUTRAL now.",
        lesson="A SHORT taken in RANGING was stopped out at -1.02 R.",
        by="rules",
        at_ms=AT_MS - HOUR_MS,
    )
    return replace(made, **changes)


def advice(trade: str = "t1", said: str = "HOLD", stop: object = None, reason: str = "it holds") -> dict[str, Any]:
    """One piece of advice as a model writes it."""
    return {"trade": trade, "advice": said, "stop": stop, "reason": reason}


def answer(*trades: dict[str, Any], lessons: tuple[dict[str, Any], ...] = (), as_of: str = AS_OF, **more: Any) -> str:
    return json.dumps({"as_of": as_of, "trades": list(trades), "lessons": list(lessons), **more})


@dataclass
class Bureau:
    """A model that looks after open trades in a market of BTC and ETH, thirty hours old."""

    script: Script
    prices: Mapping[str, str] = field(default_factory=lambda: {BTC.pair: "105", ETH.pair: "100"})
    regimes: Mapping[str, Regime] = field(default_factory=dict[str, Regime])
    background: Background = field(default_factory=Background)
    deadlines: Deadlines = QUICK
    model: ModelSpec = field(default_factory=lambda: spec("gina"))
    markets: tuple[Market, ...] = (BTC, ETH)

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.markets, "1h", [])
        seen = [market_at(self.lookout, hour, self.prices) for hour in range(-29, 1)][-1]
        self.snapshot: Snapshot = replace(seen, regimes={**seen.regimes, **self.regimes})
        self.rules = RuleEvaluator(self.lookout, COSTS)
        self.mind = ScriptedMind({self.model.analyst: self.script})
        beside = Beside(
            lookout=self.lookout, policy=POLICY, background=lambda snapshot: self.background, rules=self.rules
        )
        self.evaluator = ModelEvaluator(self.mind, self.model, beside, deadlines=self.deadlines)

    async def look(self, *positions: Position, lessons: tuple[Lesson, ...] = (), slot: str = "1800000") -> Evaluation:
        return await self.evaluator.evaluate(self.snapshot, slot=slot, positions=positions, lessons=lessons)

    @property
    def asked(self) -> list[MindRequest]:
        return self.mind.requests_of(self.model.analyst)
