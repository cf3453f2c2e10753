"""The position manager with a model: one call for all open trades, and the rules where it is not heard.

Nobody's record is at stake here, so the answer of a fallback counts; it is told whose it is.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from quorate.analysts.answer import REPAIR_TOKENS_MAX, Fault
from quorate.analysts.asked import asked_of
from quorate.analysts.consulting import Consulted, Deadlines, Mind, abstains, consult
from quorate.analysts.evaluating import RuleEvaluator, prices_at
from quorate.analysts.evaluating_answer import Advised, read_advice, told
from quorate.analysts.evaluating_prompt import TEMPLATE, Asked, OpenTrade, Question, compose_question
from quorate.analysts.lookout import Lookout
from quorate.analysts.prompt import PromptTooLarge
from quorate.analysts.prompt_gather import inputs_from
from quorate.analysts.prompt_inputs import Background, as_of
from quorate.analysts.prompt_text import model_name
from quorate.domain.errors import QuorateError
from quorate.domain.evaluation import Evaluation
from quorate.domain.lessons import Lesson
from quorate.domain.minds import ModelSpec
from quorate.domain.policy import CouncilPolicy
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Regime, Vote

ADVISED = "advised"
"""Code of a model whose advice was read, at least in part."""
CYCLE = "evaluator"
"""Its asks have a budget of their own beside the council's at the same slot."""
DEFAULT_DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a model that looks after open trades needs besides itself.

    `background` is asked once a slot for what it is told besides the market and the trades.
    """

    lookout: Lookout
    policy: CouncilPolicy
    background: Callable[[Snapshot], Background]
    rules: RuleEvaluator
    """Who speaks where the model is not heard."""


@dataclass(slots=True)
class _Ear:
    """Hears answers for `consult`, and keeps what the last one advised as far as it could be read."""

    asked: Asked
    as_of: str
    heard: Advised | None = field(default=None, init=False)

    def __call__(self, text: str) -> tuple[Vote, ...] | Fault:
        """No votes where every piece of advice can be carried out, else what is wrong."""
        outcome = read_advice(text, as_of=self.as_of, trades=self.asked.trades, closed=self.asked.closed)
        if isinstance(outcome, Fault):
            self.heard = None
            return outcome
        self.heard = outcome
        return Fault(code="bad_advice", reason=told(outcome.objections)) if outcome.objections else ()


class ModelEvaluator:
    """The evaluator port with one model."""

    asks_models = True

    def __init__(
        self, mind: Mind, spec: ModelSpec, beside: Beside, *, deadlines: Deadlines = DEFAULT_DEADLINES
    ) -> None:
        self._mind = mind
        self._spec = spec
        self._beside = beside
        self._deadlines = deadlines
        self._late: asyncio.Task[Consulted] | None = None

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        """The model's advice on every open trade and its words for `lessons`, or the rules' and why.

        Nobody is asked where there is nothing to ask about. Within the cycle's deadline; raises the operating error of
        a mind that cannot go on at all.
        """
        ends_s = asyncio.get_running_loop().time() + self._deadlines.cycle_s
        # First of all: the rules read the market as it stands before the model is waited for.
        by_rules = self._beside.rules.judge(snapshot, slot=slot, positions=positions)
        if not positions and not lessons:
            return by_rules
        try:
            asked = compose_question(self._question(snapshot, positions, lessons), tokens_max=self._room())
        except PromptTooLarge as error:
            return replace(by_rules, fault=f"prompt_too_large: {error.message}")
        if self._late is not None and not self._late.done():
            return replace(by_rules, fault="busy: It has not let go of an earlier question yet.")
        ear = _Ear(asked, as_of(snapshot.at_ms))
        consulted = await self._consult(asked, ear, slot=slot, ends_s=ends_s)
        (account,) = asked_of([consulted], [self._spec], {TEMPLATE: asked.composed})
        if ear.heard is None:
            return replace(by_rules, asked=account, fault=f"{consulted.code}: {consulted.reason}")
        stood_in = _stood_in(consulted)
        return Evaluation(
            slot=slot,
            at_ms=snapshot.at_ms,
            by=stood_in or self._spec.analyst,
            advices=ear.heard.advices,
            lessons=ear.heard.lessons,
            asked=replace(account, code=ADVISED, stood_in=stood_in),
        )

    def _room(self) -> int:
        """Tokens that the model's window leaves a prompt besides its answer and a second asking."""
        return self._spec.context_tokens - self._spec.output_tokens_max - REPAIR_TOKENS_MAX

    def _question(self, snapshot: Snapshot, positions: Sequence[Position], lessons: Sequence[Lesson]) -> Question:
        beside = self._beside
        pairs = {position.pair for position in positions}
        prices = prices_at(beside.lookout, snapshot, sorted(pairs))
        candles = tuple(candle for candle in snapshot.step.candles if candle.pair in pairs)
        narrowed = replace(snapshot, step=replace(snapshot.step, candles=candles))
        return Question(
            inputs=inputs_from(beside.lookout, narrowed, background=beside.background(snapshot), policy=beside.policy),
            trades=tuple(
                OpenTrade(
                    position=position,
                    price=beside.lookout.markets[position.pair].price(prices[position.pair]),
                    regime=snapshot.regimes.get(position.pair, Regime.NEUTRAL),
                )
                for position in positions
                if position.pair in prices
            ),
            closed=tuple(lessons),
        )

    async def _consult(self, asked: Asked, ear: _Ear, *, slot: str, ends_s: float) -> Consulted:
        """What became of asking; a model that has not answered in time is left behind."""
        asking = consult(
            self._mind,
            self._spec,
            replace(asked.composed.request, cycle=f"{CYCLE} {slot}"),
            hear=ear,
            ends_s=ends_s,
            deadlines=self._deadlines,
        )
        task = asyncio.create_task(asking, name=f"asking {self._spec.analyst} about open trades")
        try:
            left_s = ends_s - asyncio.get_running_loop().time()
            await asyncio.wait([task], timeout=max(left_s, 0.0))
        finally:
            # A cancelled task may take its time, or never end: it is watched, not waited for.
            task.cancel()
            task.add_done_callback(_let_go)
        if not task.done() or task.cancelled():
            self._late, ear.heard = task, None
            return abstains(self._spec, "timeout", "No answer within the cycle's deadline.", template=TEMPLATE)
        error = task.exception()
        if isinstance(error, QuorateError):
            raise error
        if error is not None:
            # The text of an error may hold an address with a key in it; its kind is enough here.
            ear.heard = None
            return abstains(self._spec, "failed", f"Asking it failed: {type(error).__name__}.", template=TEMPLATE)
        return task.result()


def _stood_in(consulted: Consulted) -> str:
    """provider/model of the fallback whose answer was the last; empty where it was the model's own."""
    last = next((one for one in reversed(consulted.rounds) if one.answered_by), None)
    return model_name(last.answered_by) if last is not None and last.fallback else ""


def _let_go(task: asyncio.Task[Consulted]) -> None:
    """Look at how a task ended, so that nobody is told of it again."""
    if not task.cancelled():
        task.exception()
