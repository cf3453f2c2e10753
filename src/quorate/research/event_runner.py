"""The event runner: the real desk on a virtual clock, with its journal in memory.

Controls, sizing, breakers, partial exits, every portfolio: nothing is played by anybody else. What it saves is only
what nothing can come of: candles at which no strategy speaks and nothing is open change no decision and are passed
over, so that an empty year costs nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quorate.analysts.base import Strategy, StrategyFault
from quorate.analysts.evaluating import RuleEvaluator
from quorate.desk import schedule
from quorate.desk.desk import Desk
from quorate.desk.scanner import COUNCIL_TIMEFRAME
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.evaluation import Evaluation
from quorate.domain.market import Market
from quorate.domain.portfolio import EquityPoint, Trade
from quorate.domain.signals import Signal
from quorate.domain.snapshot import Context, Settlement, Snapshot, Step
from quorate.domain.votes import Ballot, Regime, Setup
from quorate.kernel.bars import Bars, FloatArray, to_ticks
from quorate.research.columns import Columns
from quorate.research.foresight import Foresight, Sighting, Told

BEFORE = 2
"""Candles before a setup that the desk sees as well: the controls want a reference from before the decision."""
NOTHING: Mapping[str, Regime] = {}


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
    """Instants that the desk looked at."""
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
        self._ticks = {
            pair: np.array([to_ticks(column, market.tick) for column in _prices(self._foresight.columns[pair].bars)])
            for pair, market in self._foresight.markets.items()
        }
        self._places = {
            pair: np.searchsorted(self._foresight.instants, columns.close_ms)
            for pair, columns in self._foresight.columns.items()
        }

    def run(self, told: Callable[[int], None] | None) -> EventResult:
        self._look_ahead()
        self._listen_ahead()
        self._take(self._desk.open(list(self._foresight.markets.values()), ""))
        wanted = self._wanted()
        instants, end, steps = self._foresight.instants, len(self._foresight.instants), 0
        place = self._next(wanted, self._first)
        while place < end:
            at_ms = int(instants[place])
            self._step(place, at_ms)
            steps += 1
            if told is not None and steps % 1_000 == 0:
                told(at_ms)
            place = place + 1 if self._engaged() else self._next(wanted, place + 1)
        return EventResult(
            trades=tuple(self._trades),
            signals=tuple(self._signals),
            equity=tuple(self._equity),
            events=tuple(self._events),
            state=self._desk.state,
            bars=sum(int((places >= self._first).sum()) for places in self._places.values()),
            steps=steps,
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
            for pair in {vote.pair for vote in ballot.votes} & self._places.keys():
                for place in self._before(pair, instant):
                    self._looked_at.setdefault(place, set()).add(pair)

    def _before(self, pair: str, instant: int) -> list[int]:
        """The places of the pair's candle at an instant and of those before it, as far as they are run."""
        places = self._places[pair]
        own = int(np.searchsorted(places, instant, side="right"))
        return [place for place in places[max(0, own - 1 - BEFORE) : own].tolist() if place >= self._first]

    def _wanted(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Places at which something may begin, ascending: looks at setups, runs of the optimizer, the last candle."""
        instants = self._foresight.instants
        found = set(self._looked_at)
        cron, end = self._run.charter.optimizer_cron, len(instants)
        at_ms = int(instants[self._first]) - 1 if self._first < end else 0
        while self._first < end and (at_ms := schedule.next_slot(cron, at_ms)) <= int(instants[-1]):
            found.add(int(np.searchsorted(instants, at_ms)))
        if self._first < end:
            found.add(end - 1)
        return np.array(sorted(place for place in found if place >= self._first), np.intp)

    def _next(self, wanted: np.ndarray[tuple[int], np.dtype[np.intp]], place: int) -> int:
        """The first wanted place at or after `place`; the end where there is none."""
        found = int(np.searchsorted(wanted, place))
        return int(wanted[found]) if found < len(wanted) else len(self._foresight.instants)

    def _engaged(self) -> bool:
        state = self._desk.state
        return bool(state.orders or state.positions or state.shadows)

    def _step(self, place: int, at_ms: int) -> None:
        state = self._desk.state
        self._present.at_ms = at_ms
        pairs = {*self._looked_at.get(place, ()), *state.positions, *state.shadows}
        pairs |= {order.intent.pair for order in state.orders.values()}
        candles = tuple(candle for pair in sorted(pairs) if (candle := self._candle(pair, at_ms)) is not None)
        setups, ballot = self._setups(place), self._ballots.get(place)
        slot = self._desk.evaluator_slot(at_ms) if state.positions else None
        asked = {setup.pair for setup in setups} | (set(state.positions) if slot is not None else set[str]())
        voted = self._voted_on(ballot, at_ms)
        asked |= voted
        mood = self._foresight.mood(at_ms) if setups or ballot is not None else None
        measured = {(setup.pair, setup.timeframe) for setup in setups} | {(pair, COUNCIL_TIMEFRAME) for pair in voted}
        snapshot = Snapshot(
            step=Step(at_ms, candles),
            setups=setups,
            facts=Told(self._foresight, at_ms, sorted(measured)),
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
        pairs = {vote.pair for vote in ballot.votes} & self._places.keys()
        return {pair for pair in pairs if len(self._foresight.window(pair, COUNCIL_TIMEFRAME, at_ms))}

    def _candle(self, pair: str, at_ms: int) -> Candle | None:
        bars, ticks = self._foresight.columns[pair].bars, self._ticks[pair]
        open_ms = at_ms - self._length_ms
        row = int(np.searchsorted(bars.open_ms, open_ms))
        if row == len(bars) or bars.open_ms[row] != open_ms:
            return None
        prices: list[int] = ticks[:, row].tolist()
        opened, high, low, close = prices
        return Candle(pair, bars.timeframe, open_ms, opened, high, low, close, float(bars.volume[row]))

    def _setups(self, place: int) -> tuple[Setup, ...]:
        found: list[Setup] = []
        for pair, _, sighting in sorted(self._sighted.get(place, ()), key=lambda each: each[:2]):
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
        if self._run.settlements is None:
            return Context()
        return Context(settlements=self._run.settlements.get(at_ms, ()))

    def _take(self, events: Sequence[ev.Event]) -> None:
        """The journal in memory."""
        for event in events:
            if isinstance(event, ev.TradeClosed):
                self._trades.append(event.trade)
            elif isinstance(event, ev.SignalPublished):
                self._signals.append(event.signal)
            elif isinstance(event, ev.EquityMarked):
                self._equity.append(event.point)
        if self._run.keep_events:
            self._events += events


def _prices(bars: Bars) -> tuple[FloatArray, ...]:
    return bars.open, bars.high, bars.low, bars.close
