"""The panel of models: all asked the same at once, each heard within one deadline, whatever the others do.

A model votes, or it abstains and says why. Nothing it says reaches the desk in another form than a vote.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from quorate.analysts.answer import REPAIR_TOKENS_MAX, Fault, read_answer
from quorate.analysts.asked import asked_of
from quorate.analysts.consulting import (
    VOTED,
    Consulted,
    Deadlines,
    Hear,
    Mind,
    abstains,
    consult,
    settled,
)
from quorate.analysts.lookout import Lookout
from quorate.analysts.prompt import COMPACT, FULL, Composed, PromptTooLarge, Template, compose
from quorate.analysts.prompt_gather import inputs_from
from quorate.analysts.prompt_inputs import Background, PromptInputs, as_of
from quorate.analysts.repeating import repeatable, repeated, repeats_at
from quorate.domain.errors import BadInput, QuorateError
from quorate.domain.market import Market
from quorate.domain.minds import ModelSpec
from quorate.domain.money import ZERO
from quorate.domain.policy import CouncilPolicy
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot, Side, Vote

DEFAULT_DEADLINES = Deadlines()


class Objection(Protocol):
    """Why a vote does not count."""

    @property
    def reason(self) -> str:
        """One sentence."""
        ...


class TradeRules(Protocol):
    """The council's rules of what makes a trade (see `quorate.council.validation.validate`)."""

    def __call__(
        self, vote: Vote, *, policy: CouncilPolicy, markets: Mapping[str, Market], prices: Mapping[str, Decimal]
    ) -> Objection | None:
        """Why the vote does not count at these prices, or None when it does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One asking of the panel: what the page and the records tell of it."""

    slot: str
    at_ms: int
    prompts: Mapping[str, Composed]
    """Template version -> what every model of that class was asked."""
    consulted: tuple[Consulted, ...]
    """By analyst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a panel of models needs besides the models.

    `background` is asked once a cycle for what the models are told besides the market; `told` learns how each cycle
    went; `rules` are the council's.
    """

    lookout: Lookout
    policy: CouncilPolicy
    rules: TradeRules
    background: Callable[[Snapshot], Background]
    told: Callable[[Cycle], None]


class ModelPanel:
    """The council port with models as analysts."""

    asks_models = True

    def __init__(
        self,
        mind: Mind,
        specs: Sequence[ModelSpec],
        surroundings: Surroundings,
        *,
        deadlines: Deadlines = DEFAULT_DEADLINES,
        repeat_every: int = 0,
    ) -> None:
        """`specs` are the models; each must sit on the policy's panel, under a name of its own.

        At one of `repeat_every` slots on average they are asked twice (see `quorate.analysts.repeating`).
        """
        names = [spec.analyst for spec in specs]
        strangers = sorted(name for name in names if name not in surroundings.policy.panel or names.count(name) > 1)
        if strangers:
            raise BadInput(
                f"The models {', '.join(strangers)} do not sit on the panel once each.",
                hint="Correct `desk.council.panel` or the models in the settings.",
            )
        self._mind = mind
        self._specs = tuple(sorted(specs, key=lambda spec: spec.analyst))
        self._around = surroundings
        self._deadlines = deadlines
        self._repeat_every = repeat_every
        self._late: dict[str, asyncio.Task[Consulted]] = {}
        self._version = "; ".join(
            f"{spec.analyst} {spec.provider}/{spec.model} {_version(template_of(spec))}" for spec in self._specs
        )

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """Every model's vote on every pair of the lookout, by pair and analyst, within the cycle's deadline.

        Raises the operating error of a mind that cannot go on at all.
        """
        ends_s = asyncio.get_running_loop().time() + self._deadlines.cycle_s
        around = self._around
        background = around.background(snapshot)
        inputs = inputs_from(around.lookout, snapshot, background=background, policy=around.policy)
        prompts = self._prompts(inputs)
        consulted = settled(await self._consult_all(inputs, prompts, slot=slot, ends_s=ends_s), self._specs)
        if repeats_at(slot, every=self._repeat_every):
            consulted = await self._repeat_all(consulted, inputs, prompts, slot=slot, ends_s=ends_s)
        around.told(Cycle(slot=slot, at_ms=snapshot.at_ms, prompts=prompts, consulted=consulted))
        known = {coin.pair for coin in inputs.coins}
        votes = [
            _vote_on(pair, each, prompts.get(each.template), known=pair in known)
            for pair in around.lookout.markets
            for each in consulted
        ]
        asked = asked_of(consulted, self._specs, prompts)
        return Ballot(slot, snapshot.at_ms, around.policy.panel, tuple(votes), self._version, asked)

    def _prompts(self, inputs: PromptInputs) -> dict[str, Composed]:
        """The prompt of each class that a model of this panel needs, by version; one that cannot be made is absent."""
        prompts: dict[str, Composed] = {}
        for template in (FULL, COMPACT):
            if any(template_of(spec) is template for spec in self._specs):
                with suppress(PromptTooLarge):
                    prompts[template.version] = compose(inputs, template, tokens_max=template.tokens_max)
        return prompts

    async def _consult_all(
        self, inputs: PromptInputs, prompts: Mapping[str, Composed], *, slot: str, ends_s: float
    ) -> tuple[Consulted, ...]:
        """What every model said, by analyst; one that has not answered in time is left behind."""
        results: dict[str, Consulted] = {}
        askings: dict[str, Coroutine[Any, Any, Consulted]] = {}
        for spec in self._specs:
            prompt = prompts.get(_version(template_of(spec)))
            refusal = self._refusal(spec, prompt, any_coins=bool(inputs.coins))
            if refusal is not None:
                results[spec.analyst] = refusal
            elif prompt is not None:
                askings[spec.analyst] = consult(
                    self._mind,
                    spec,
                    replace(prompt.request, cycle=slot),
                    hear=self._hearing(spec, inputs, prompt),
                    ends_s=ends_s,
                    deadlines=self._deadlines,
                )
        tasks = await _in_time(askings, ends_s=ends_s)
        for spec in self._specs:
            task = tasks.get(spec.analyst)
            if task is not None:
                results[spec.analyst] = self._result(spec, task)
        return tuple(results[spec.analyst] for spec in self._specs)

    async def _repeat_all(
        self,
        consulted: tuple[Consulted, ...],
        inputs: PromptInputs,
        prompts: Mapping[str, Composed],
        *,
        slot: str,
        ends_s: float,
    ) -> tuple[Consulted, ...]:
        """The same, with what came of asking again; a model that does not answer again keeps its vote."""
        specs = {spec.analyst: spec for spec in self._specs}
        askings: dict[str, Coroutine[Any, Any, Consulted]] = {}
        for first in filter(repeatable, consulted):
            spec, prompt = specs[first.analyst], prompts[first.template]
            askings[first.analyst] = repeated(
                self._mind,
                spec,
                replace(prompt.request, cycle=slot),
                first,
                hear=self._hearing(spec, inputs, prompt),
                ends_s=ends_s,
                deadlines=self._deadlines,
            )
        tasks = await _in_time(askings, ends_s=ends_s)
        again = {name: self._result(specs[name], task) for name, task in tasks.items()}
        # An asking that came to nothing changes nothing about the first.
        return tuple(again[each.analyst] if _heard_again(again, each) else each for each in consulted)

    def _refusal(self, spec: ModelSpec, prompt: Composed | None, *, any_coins: bool) -> Consulted | None:
        """Why this model is not asked in this cycle, or None."""
        template = template_of(spec)
        if template is None:
            window = f"{spec.context_tokens} tokens, {spec.output_tokens_max} of them for its answer"
            return abstains(spec, "window_too_small", f"Its window ({window}) holds no prompt.")
        if not any_coins:
            return abstains(spec, "nothing_to_ask", "No pair can be voted on.", template=template.version)
        if prompt is None:
            reason = "The parts of a prompt that are never left out do not fit its class."
            return abstains(spec, "prompt_too_large", reason, template=template.version)
        late = self._late.get(spec.analyst)
        if late is not None and not late.done():
            reason = "It has not let go of an earlier question yet."
            return abstains(spec, "busy", reason, template=template.version)
        self._late.pop(spec.analyst, None)
        return None

    def _result(self, spec: ModelSpec, task: asyncio.Task[Consulted]) -> Consulted:
        version = _version(template_of(spec))
        if not task.done() or task.cancelled():
            self._late[spec.analyst] = task
            return abstains(spec, "timeout", "No answer within the cycle's deadline.", template=version)
        error = task.exception()
        if isinstance(error, QuorateError):
            raise error
        if error is not None:
            # The text of an error may hold an address with a key in it; its kind is enough here.
            return abstains(spec, "failed", f"Asking it failed: {type(error).__name__}.", template=version)
        return task.result()

    def _hearing(self, spec: ModelSpec, inputs: PromptInputs, prompt: Composed) -> Hear:
        around = self._around
        prices = {coin.pair: coin.price for coin in inputs.coins}

        def refused(vote: Vote) -> str | None:
            objection = around.rules(vote, policy=around.policy, markets=around.lookout.markets, prices=prices)
            return None if objection is None else objection.reason

        def hear(text: str) -> tuple[Vote, ...] | Fault:
            return read_answer(
                text, analyst=spec.analyst, as_of=as_of(inputs.at_ms), pairs=prompt.pairs, refused=refused
            )

        return hear


def template_of(spec: ModelSpec) -> Template | None:
    """The class of prompts for a model: the first whose limit its window holds besides answer and second asking."""
    room = spec.context_tokens - spec.output_tokens_max - REPAIR_TOKENS_MAX
    return next((template for template in (FULL, COMPACT) if template.tokens_max <= room), None)


def _version(template: Template | None) -> str:
    return "" if template is None else template.version


def _vote_on(pair: str, said: Consulted, prompt: Composed | None, *, known: bool) -> Vote:
    """A model's vote on one pair: what it named, FLAT on what it did not, an abstention where it said nothing."""

    def flat(reason: str, *, abstained: bool = False) -> Vote:
        return Vote(said.analyst, pair, Side.FLAT, ZERO, None, None, None, reason, abstained)

    if not known:
        return flat("No candle of this pair closed at this instant, or too little is known about it.")
    if prompt is not None and pair not in prompt.pairs:
        return flat("Left out of its prompt for size.")
    if said.code != VOTED:
        return flat(f"{said.code}: {said.reason}", abstained=True)
    return next((vote for vote in said.votes if vote.pair == pair), flat("Not named in its answer."))


def _heard_again(again: Mapping[str, Consulted], first: Consulted) -> bool:
    return first.analyst in again and again[first.analyst].code == VOTED


async def _in_time(
    askings: Mapping[str, Coroutine[Any, Any, Consulted]], *, ends_s: float
) -> Mapping[str, asyncio.Task[Consulted]]:
    """The askings as tasks, by analyst, each of them ended, or told to end, by `ends_s` of the event loop's clock."""
    tasks = {name: asyncio.create_task(asking, name=f"asking {name}") for name, asking in askings.items()}
    try:
        if tasks:
            left_s = ends_s - asyncio.get_running_loop().time()
            await asyncio.wait(tasks.values(), timeout=max(left_s, 0.0))
    finally:
        for task in tasks.values():
            # A cancelled task may take its time, or never end: it is watched, not waited for.
            task.cancel()
            task.add_done_callback(_let_go)
    return tasks


def _let_go(task: asyncio.Task[Consulted]) -> None:
    """Look at how a task ended, so that nobody is told of it again."""
    if not task.cancelled():
        task.exception()
