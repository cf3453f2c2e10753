"""The four agents by name, composed from what the desk has written into its journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from quorate.api.answers import agent_sentences as say
from quorate.api.schemas.agents import Agent, Agents, Decision
from quorate.domain import events as ev
from quorate.journal.codec import decode
from quorate.store.readers import entries, orders

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.api.resources import Resources
    from quorate.api.schemas.agents import AgentName
    from quorate.store.readers.entries import EntryRow

BALLOTS_FOR_EACH = 3
"""Ballots read for each decision that is told: many of them only say again what was said before."""
HELD = "Held "
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class _Portrait:
    """What does not change about an agent."""

    name: AgentName
    title: str
    does: str


REGIMES = _Portrait(
    "regime_detector", "Regime detector", "Says what kind of market every pair and the whole universe is in."
)
ANALYSTS = _Portrait(
    "signal_analysts", "Signal analysts", "Vote independently; where a quorum agrees, a signal is published."
)
RISK = _Portrait(
    "risk_manager", "Risk manager", "Sizes every signal for every portfolio, and stops what must not be opened."
)
POSITIONS = _Portrait(
    "position_manager", "Position manager", "Looks after open trades: takes profits, moves stops, gets out."
)


@dataclass(slots=True)
class _Diary:
    """Decisions of one agent, gathered from entries of several kinds, with the place of each in the journal."""

    limit: int
    told: list[tuple[entries.Position, Decision]] = field(default_factory=list[tuple[entries.Position, Decision]])

    def add(
        self, rows: Iterable[EntryRow], kind: type[Kind], say_it: Callable[[EntryRow, Kind], Iterator[Decision]]
    ) -> None:
        """Put the entries of one kind into words."""
        for row in rows:
            self.told += (((row.epoch, row.seq), decision) for decision in say_it(row, _read(row, kind)))

    def agent(self, portrait: _Portrait, made_of: Sequence[str], *, repeats: Callable[[Decision], str | None]) -> Agent:
        """The agent with its newest decisions; of those that `repeats` gives one word for only the newest stays."""
        newest_first = sorted(self.told, key=lambda each: each[0], reverse=True)
        said: set[str] = set()
        kept: list[Decision] = []
        for _, decision in newest_first:
            word = repeats(decision)
            if word is None or word not in said:
                kept.append(decision)
            if word is not None:
                said.add(word)
            if len(kept) == self.limit:
                break
        return Agent(
            name=portrait.name,
            title=portrait.title,
            does=portrait.does,
            made_of=list(made_of),
            last=kept[0] if kept else None,
            decisions=kept,
        )


async def agents_of(given: Resources, account: str, limit: int) -> Agents:
    """All four, each with its newest decisions."""
    made = await asyncio.gather(
        _regime_detector(given.pool, account, limit),
        _signal_analysts(given, account, limit),
        _risk_manager(given.pool, account, limit),
        _position_manager(given.pool, account, limit),
    )
    return Agents(agents=list(made))


async def _regime_detector(pool: Pool, account: str, limit: int) -> Agent:
    diary = _Diary(limit)
    diary.add(await _newest(pool, account, ev.RegimeChanged, limit), ev.RegimeChanged, say.regime_changed)
    rows = await _newest(pool, account, ev.MarketRegimeChanged, limit)
    diary.add(rows, ev.MarketRegimeChanged, say.market_regime_changed)
    made_of = (
        "of a pair: ADX, SMA 50, ATR, Choppiness Index and band width on 500 bars of 1h",
        "of the market: breadth over SMA 50 on 4h, and the regime of BTC",
    )
    return diary.agent(REGIMES, made_of, repeats=_never)


async def _signal_analysts(given: Resources, account: str, limit: int) -> Agent:
    pool, diary = given.pool, _Diary(limit)
    ballots = await _newest(pool, account, ev.VotesCast, limit * BALLOTS_FOR_EACH)
    diary.add(ballots, ev.VotesCast, say.votes_cast)
    diary.add(await _newest(pool, account, ev.SignalPublished, limit), ev.SignalPublished, say.setup_published)
    asked = await _newest(pool, account, ev.CouncilAsked, 1)
    models = {
        model.analyst: f"{model.analyst}: model {model.provider}/{model.model}"
        for row in asked
        for model in _read(row, ev.CouncilAsked).asked
    }
    panel = _read(ballots[0], ev.VotesCast).panel if ballots else given.policy.council.panel
    seats = [models.get(name, f"{name}: rules") for name in panel]
    own = f"strategies with signals of their own: {', '.join(given.policy.strategies) or 'none'}"
    return diary.agent(ANALYSTS, [*seats, own], repeats=_said_before)


async def _risk_manager(pool: Pool, account: str, limit: int) -> Agent:
    diary = _Diary(limit)
    diary.add(await _newest(pool, account, ev.SignalPublished, limit), ev.SignalPublished, say.stakes_taken)
    denied = await _newest(pool, account, ev.OrderDenied, limit)
    known = {
        order.client_id: order for order in await orders.of_clients(pool, account, [row.subject for row in denied])
    }
    diary.add(denied, ev.OrderDenied, lambda row, event: say.order_denied(row, event, known))
    breakers, states, rearmed = await asyncio.gather(
        _newest(pool, account, ev.BreakerChanged, limit),
        _newest(pool, account, ev.TradingStateChanged, limit),
        _newest(pool, account, ev.KillSwitchRearmed, limit),
    )
    diary.add(breakers, ev.BreakerChanged, say.breaker_changed)
    diary.add(states, ev.TradingStateChanged, say.trading_state_changed)
    diary.add(rearmed, ev.KillSwitchRearmed, say.kill_switch_rearmed)
    made_of = (
        "sizing chain: base, Kelly, anti-martingale, regime, confidence",
        "pre-trade controls on every order",
        "seven circuit breakers for every portfolio",
    )
    return diary.agent(RISK, made_of, repeats=_never)


async def _position_manager(pool: Pool, account: str, limit: int) -> Agent:
    diary = _Diary(limit)
    looks = await _newest(pool, account, ev.PositionsEvaluated, limit)
    diary.add(looks, ev.PositionsEvaluated, say.positions_evaluated)
    whys = (say.STOP_MOVED, say.TARGET_TAKEN)
    moves = await entries.position_changes(pool, account, whys=whys, limit=limit)
    diary.add(moves, ev.PositionChanged, say.position_changed)
    diary.add(await _newest(pool, account, ev.TradeClosed, limit), ev.TradeClosed, say.trade_closed)
    by = _read(looks[0], ev.PositionsEvaluated).by if looks else "rules"
    made_of = ("exit plan of every signal: targets, break-even, trailing stop, expiry", f"evaluator: {by}")
    return diary.agent(POSITIONS, made_of, repeats=_held_before)


def _read(row: EntryRow, kind: type[Kind]) -> Kind:
    event = decode(kind.__name__, row.body)
    assert isinstance(event, kind), "an entry is of the kind it was looked up by"
    return event


async def _newest(pool: Pool, account: str, kind: type[Any], limit: int) -> list[EntryRow]:
    return await entries.newest(pool, account, kind.__name__, limit=limit)


def _never(_: Decision) -> str | None:
    """Every decision is told."""


def _said_before(decision: Decision) -> str | None:
    """A pair that is kept back slot after slot, and a council that agrees on nothing, are told once."""
    return None if decision.signal is not None else f"{decision.subject} {decision.decided}"


def _held_before(decision: Decision) -> str | None:
    """A trade that is held slot after slot is told once."""
    return f"{decision.portfolio} {decision.subject}" if decision.decided.startswith(HELD) else None
