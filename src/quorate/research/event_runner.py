"""The event runner: the real desk on a virtual clock, with its journal in memory.

Controls, sizing, breakers, partial exits, every portfolio: nothing is played by anybody else. What it saves is only
what nothing can come of (decision page 0018). Candles at which no strategy speaks and nothing is open change no
decision and are left out, so that an empty year costs nothing. Candles that touch nothing of what is open are passed
over: the desk marks them, and leaves the rest of a step undone.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from quorate.analysts.base import Strategy, StrategyFault
from quorate.analysts.evaluating import RuleEvaluator
from quorate.desk import schedule
from quorate.desk.desk import Desk
from quorate.desk.marks import Close
from quorate.desk.passing import expiry_of
from quorate.desk.scanner import COUNCIL_TIMEFRAME
from quorate.desk.state import DeskState
from quorate.desk.strategies import resting
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.evaluation import Advice, Evaluation
from quorate.domain.market import Market
from quorate.domain.portfolio import EquityPoint, Trade
from quorate.domain.signals import Signal
from quorate.domain.snapshot import Context, Settlement, Snapshot, Step
from quorate.domain.votes import Ballot, Facts, Regime, Setup
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.foresight import Foresight, Sighting, Told
from quorate.research.stretches import Tape

BEFORE = 2
"""Candles before a setup that the desk sees as well: the controls want a reference from before the decision."""
NOTHING: Mapping[str, Regime] = {}
NO_FACTS: Mapping[tuple[str, str], Facts] = {}
NO_CONTEXT = Context()
TOLD_STEPS = 200
"""Steps after which the caller hears how far the run is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What the desk did, oldest first, and how it ended. Open positions are in `state`."""

    trades: tuple[Trade, ...]
    signals: tuple[Signal, ...]
    equity: tuple[EquityPoint, ...]
    events: tuple[ev.Event, ...]
    """The whole journal; empty where it was not kept."""
    state: DeskState
    bars: int
    """Candles that lay in the time that was run."""
    steps: int
    """Instants that the desk worked through as a whole."""
    passed: int
    """Instants that touched nothing of what was open, and were only marked."""
    faults: tuple[str, ...]
    """What strategies did wrong, once each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRun:
    """What is run: the desk's charter, its strategies, the candles, and the settlements of funding by instant."""

    charter: Charter
    strategies: Sequence[Strategy]
    columns: Mapping[str, Columns]
    markets: Mapping[str, Market]
    start_ms: int = 0
    """The desk opens here; candles before it are for warming up."""
    settlements: Mapping[int, tuple[Settlement, ...]] | None = None
    ballots: Mapping[int, Ballot] = field(default_factory=dict[int, Ballot])
    """What the council said, by the instant of a close at which it is heard."""
    keep_events: bool = False
    every_candle: bool = False
    """Work every candle through as a whole while anything is open: what passing over is held against."""


def run_events(run: EventRun, *, told: Callable[[int], None] | None = None) -> EventResult:
    """Run the desk over all candles. `told` hears the instant from time to time. BadInput, StrategyFault."""
    return _Runner(run).run(told)


@dataclass(slots=True)
class _Present:
    """The columns as somebody knows them at an instant who cannot look ahead."""

    foresight: Foresight
    at_ms: int = 0

    @property
    def markets(self) -> Mapping[str, Market]:
        """The markets by pair."""
        return self.foresight.markets

    def newest(self, pair: str) -> Bars:
        """The last bars that have closed."""
        if pair not in self.foresight.columns:
            return Bars.empty(pair, self.foresight.base)
        return self.foresight.window(pair, self.foresight.base, self.at_ms)


class Speaker(NamedTuple):
    """Who would speak, and on what."""

    strategy: str
    pair: str
    timeframe: str


class _Runner:
    """One run under way."""

    def __init__(self, run: EventRun) -> None:
        self._run = run
        self._foresight = Foresight(run.columns, run.markets)
        self._present = _Present(self._foresight)
        self._desk = Desk(run.charter)
        self._first = int(np.searchsorted(self._foresight.instants, run.start_ms, side="right"))
        self._sighted: dict[int, list[tuple[str, str, Sighting]]] = {}
        self._looked_at: dict[int, set[str]] = {}
        self._ballots: dict[int, Ballot] = {}
        self._faults: dict[str, None] = {}
        self._events: list[ev.Event] = []
        self._trades: list[Trade] = []
        self._signals: list[Signal] = []
        self._equity: list[EquityPoint] = []
        self._rules = RuleEvaluator(self._present, run.charter.policy.costs)
        self._length_ms = TIMEFRAME_MS[self._foresight.base]
        self._tapes = {
            pair: Tape(columns, self._foresight.markets[pair], self._foresight.instants)
            for pair, columns in self._foresight.columns.items()
        }
        charter = run.charter
        self._passes = not (run.every_candle or charter.paced or charter.real_venue is not None)
        """Whether closes may be passed over (see `quorate.desk.passing.pass_over`)."""
        self._stops: list[int] = []
        self._stopping: frozenset[int] = frozenset()
        self._judged: frozenset[int] = frozenset()

    def run(self, told: Callable[[int], None] | None) -> EventResult:
        self._look_ahead()
        self._listen_ahead()
        self._take(self._desk.open(list(self._foresight.markets.values()), ""))
        wanted = self._wanted()
        instants, end, steps, passed = self._foresight.instants, len(self._foresight.instants), 0, 0
        place = self._next(wanted, self._first)
        while place < end:
            at_ms = int(instants[place])
            self._step(place, at_ms)
            steps += 1
            if told is not None and steps % TOLD_STEPS == 0:
                told(at_ms)
            place = place + 1 if self._engaged() else self._next(wanted, place + 1)
            if self._passes:
                place, count = self._pass_over(place) if self._engaged() else self._look_back(wanted, place)
                passed += count
        return EventResult(
            trades=tuple(self._trades),
            signals=tuple(self._signals),
            equity=tuple(self._equity),
            events=tuple(self._events),
            state=self._desk.state,
            bars=sum(int((tape.places >= self._first).sum()) for tape in self._tapes.values()),
            steps=steps,
            passed=passed,
            faults=tuple(self._faults),
        )

    def _look_ahead(self) -> None:
        """Find every setup of every strategy, and the candles before each that the controls look back on."""
        for strategy in sorted(self._run.strategies, key=lambda each: each.name):
            try:
                for instant, pair, sighting in self._foresight.sightings(strategy):
                    if instant >= self._first:
                        self._sighted.setdefault(instant, []).append((pair, strategy.name, sighting))
                        for place in self._before(pair, instant):
                            self._looked_at.setdefault(place, set()).add(pair)
            except StrategyFault as fault:
                self._faults[fault.message] = None

    def _listen_ahead(self) -> None:
        """Find the candles that the council's words are about. A word between two closes is heard at neither."""
        instants = self._foresight.instants
        for at_ms, ballot in self._run.ballots.items():
            instant = int(np.searchsorted(instants, at_ms))
            if not (self._first <= instant < len(instants) and int(instants[instant]) == at_ms):
                self._faults["The council spoke at instants at which no candle closes here; they were left out."] = None
                continue
            self._ballots[instant] = ballot
            self._looked_at.setdefault(instant, set())
            for pair in {vote.pair for vote in ballot.votes} & self._tapes.keys():
                for place in self._before(pair, instant):
                    self._looked_at.setdefault(place, set()).add(pair)

    def _before(self, pair: str, instant: int) -> list[int]:
        """The places of the pair's candle at an instant and of those before it, as far as they are run."""
        places = self._tapes[pair].places
        own = int(np.searchsorted(places, instant, side="right"))
        return [place for place in places[max(0, own - 1 - BEFORE) : own].tolist() if place >= self._first]

    def _wanted(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Places at which something may begin, ascending: looks at setups, runs of the optimizer, the last candle.

        On the way it finds where passing over has to stop, whatever is open, and where open trades are judged.
        """
        charter = self._run.charter
        stops = {*self._slots(charter.optimizer_cron), *self._ballots}
        if self._first < len(self._foresight.instants):
            stops.add(len(self._foresight.instants) - 1)
        wanted = sorted(place for place in stops | self._looked_at.keys() if place >= self._first)
        settled = np.searchsorted(self._foresight.instants, np.array(list(self._run.settlements or ()), np.int64))
        self._stopping = frozenset(stops.union(settled.tolist()))
        self._stops = sorted(self._stopping)
        self._judged = frozenset(self._slots(charter.evaluator_cron) if charter.jobs_enabled else ())
        return np.array(wanted, np.intp)

    def _slots(self, cron: str) -> Iterator[int]:
        """The places at which the slots of a job are due: the first instant at or after each."""
        instants = self._foresight.instants[self._first :]
        at_ms = int(instants[0]) - 1 if len(instants) else 0
        while len(instants) and (at_ms := schedule.next_slot(cron, at_ms)) <= int(instants[-1]):
            place = int(instants.searchsorted(at_ms))
            yield self._first + place
            at_ms = int(instants[place])

    def _next(self, wanted: np.ndarray[tuple[int], np.dtype[np.intp]], place: int) -> int:
        """The first wanted place at or after `place`; the end where there is none."""
        found = int(wanted.searchsorted(place))
        return int(wanted[found]) if found < len(wanted) else len(self._foresight.instants)

    def _engaged(self) -> bool:
        state = self._desk.state
        return bool(state.orders or state.positions or state.shadows)

    def _look_back(self, wanted: np.ndarray[tuple[int], np.dtype[np.intp]], place: int) -> tuple[int, int]:
        """Let the desk mark candles that controls will look back on while nothing is open: (where it begins, how many).

        They come before a setup, and nobody speaks at them.
        """
        closes: list[Close] = []
        while place in self._looked_at and place not in self._sighted and place not in self._stopping:
            marked = [(pair, self._tapes[pair].closes(place, place + 1)) for pair in sorted(self._looked_at[place])]
            marks = tuple((pair, price) for pair, closed in marked for _, _, price in closed)
            closes.append((int(self._foresight.instants[place]), marks))
            place = self._next(wanted, place + 1)
        if closes:
            self._take(self._desk.pass_over(closes))
        return place, len(closes)

    def _pass_over(self, place: int) -> tuple[int, int]:
        """Let the desk mark what touches nothing: (the first place that it has to work through, how many before it).

        Nothing is touched where every bar stays between the levels of what is open on its pair, and nothing is due
        where no plan expires, no job or settlement is, nobody speaks who is heard, and no advice would be given.
        """
        state = self._desk.state
        held = sorted({*state.positions, *state.shadows})
        end = self._stops[bisect_left(self._stops, place)] if place <= self._stops[-1] else place
        expires_ms = expiry_of(state)
        if expires_ms is not None:
            end = min(end, int(self._foresight.instants.searchsorted(expires_ms)))
        for pair in held:
            calm = self._desk.calm(pair) if end > place and not state.orders else None
            end = place if calm is None else self._tapes[pair].calm_until(place, end, calm)
        closes = self._quiet(place, end, held) if end > place else []
        if closes:
            self._take(self._desk.pass_over(closes))
        return place + len(closes), len(closes)

    def _quiet(self, place: int, end: int, held: Sequence[str]) -> list[Close]:
        """The closes from a place up to the first at which somebody might say something."""
        marks: list[list[tuple[str, Decimal]]] = [[] for _ in range(place, end)]
        ticks: list[dict[str, int]] = [{} for _ in marks]
        for pair in held:
            for at, close, price in self._tapes[pair].closes(place, end):
                marks[at - place].append((pair, price))
                ticks[at - place][pair] = close
        closes: list[Close] = []
        for at, (at_ms, marked, known) in enumerate(
            zip(self._foresight.instants[place:end].tolist(), marks, ticks, strict=True), place
        ):
            if self._stirs(at, at_ms, known, held):
                break
            closes.append((at_ms, tuple(marked)))
        return closes

    def _stirs(self, place: int, at_ms: int, closes: Mapping[str, int], held: Sequence[str]) -> bool:
        """Whether anything might be said or told at a place whose candles touch nothing; `closes` are in ticks."""
        if place in self._looked_at and not self._looked_at[place].issubset(held):
            return True
        if place in self._sighted and self._speak(place, at_ms):
            return True
        return place in self._judged and self._advise(at_ms, closes)

    def _speak(self, place: int, at_ms: int) -> bool:
        """Whether any strategy is heard at a place, or a regime is told for the sake of its setup."""
        state = self._desk.state
        for pair, strategy, sighting in self._sighted[place]:
            speaker = Speaker(strategy, pair, sighting.bars.timeframe)
            if resting(self._run.charter, state, speaker, at_ms=at_ms) is None:
                return True
        setups = self._setups(place)
        if not setups:
            return False
        news = any(state.regimes.get(setup.pair) != self._foresight.regime(setup.pair, at_ms) for setup in setups)
        return news or self._foresight.mood(at_ms).regime != state.market_regime

    def _advise(self, at_ms: int, closes: Mapping[str, int]) -> bool:
        """Whether the position manager would say anything, or a regime is told for its sake."""
        state, markets = self._desk.state, self._foresight.markets
        for pair, held in state.positions.items():
            regime = self._foresight.regime(pair, at_ms)
            if regime != state.regimes.get(pair) or pair not in closes:
                return True
            for position in held.values():
                if self._rules.wants(position, markets[pair], closes[pair], regime)[0] is not Advice.HOLD:
                    return True
        return False

    def _step(self, place: int, at_ms: int) -> None:
        state = self._desk.state
        self._present.at_ms = at_ms
        pairs = {*self._looked_at.get(place, ()), *state.positions, *state.shadows}
        pairs |= {order.intent.pair for order in state.orders.values()}
        candles = tuple(candle for pair in sorted(pairs) if (candle := self._tapes[pair].candle(place)) is not None)
        setups, ballot = self._setups(place), self._ballots.get(place)
        slot = self._desk.evaluator_slot(at_ms) if state.positions and place in self._judged else None
        asked = {setup.pair for setup in setups} | (set(state.positions) if slot is not None else set[str]())
        voted = self._voted_on(ballot, at_ms)
        asked |= voted
        mood = self._foresight.mood(at_ms) if setups or ballot is not None else None
        measured = {(setup.pair, setup.timeframe) for setup in setups} | {(pair, COUNCIL_TIMEFRAME) for pair in voted}
        snapshot = Snapshot(
            step=Step(at_ms, candles),
            setups=setups,
            facts=Told(self._foresight, at_ms, sorted(measured)) if measured else NO_FACTS,
            regimes={pair: self._foresight.regime(pair, at_ms) for pair in sorted(asked)} if asked else NOTHING,
            market_regime=state.market_regime if mood is None else mood.regime,
            market_why="" if mood is None else mood.why,
            context=self._context(at_ms),
        )
        self._take(self._desk.step(snapshot, ballot, None if slot is None else self._judge(snapshot, slot)))

    def _voted_on(self, ballot: Ballot | None, at_ms: int) -> set[str]:
        """The pairs of a ballot of which enough is known to act."""
        if ballot is None or TIMEFRAME_MS[COUNCIL_TIMEFRAME] < self._length_ms:
            return set()
        pairs = {vote.pair for vote in ballot.votes} & self._tapes.keys()
        return {pair for pair in pairs if len(self._foresight.window(pair, COUNCIL_TIMEFRAME, at_ms))}

    def _setups(self, place: int) -> tuple[Setup, ...]:
        found: list[Setup] = []
        sighted = self._sighted.get(place)
        if sighted is None:
            return ()
        for pair, _, sighting in sorted(sighted, key=lambda each: each[:2]):
            try:
                setup = self._foresight.setup(pair, sighting)
            except StrategyFault as fault:
                self._faults[fault.message] = None
                continue
            if setup is not None:
                found.append(setup)
        return tuple(found)

    def _judge(self, snapshot: Snapshot, slot: str) -> Evaluation:
        held = self._desk.state.positions
        positions = [held[pair][name] for pair in sorted(held) for name in sorted(held[pair])]
        return self._rules.judge(snapshot, slot=slot, positions=positions)

    def _context(self, at_ms: int) -> Context:
        due = () if self._run.settlements is None else self._run.settlements.get(at_ms, ())
        return Context(settlements=due) if due else NO_CONTEXT

    def _take(self, events: Sequence[ev.Event]) -> None:
        """The journal in memory."""
        for event in events:
            if isinstance(event, ev.StepClosed):
                continue
            if isinstance(event, ev.EquityMarked):
                self._equity.append(event.point)
            elif isinstance(event, ev.TradeClosed):
                self._trades.append(event.trade)
            elif isinstance(event, ev.SignalPublished):
                self._signals.append(event.signal)
        if self._run.keep_events:
            self._events += events
