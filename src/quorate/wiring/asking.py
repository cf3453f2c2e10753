"""Asks the council once, on the present, for somebody who wants to know: nothing is traded or journalled."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from quorate.analysts.lookout import Lookout
from quorate.clock import SystemClock
from quorate.council.consensus import consensus
from quorate.council.validation import screen
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput, Unavailable
from quorate.domain.market import Market, symbol_of
from quorate.domain.minds import MindRequest
from quorate.domain.money import ZERO, plain
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Vote
from quorate.feeds.logged import Source
from quorate.settings import Settings
from quorate.wiring.council import BY_HAND, Room, Seated, records_folder, seat_council
from quorate.wiring.desks import folded, open_lookout
from quorate.wiring.feeds import find_feed
from quorate.wiring.models import prompts_now
from quorate.wiring.stores import open_stores
from quorate.wiring.tools import Silent


@dataclass(frozen=True, slots=True)
class Present:
    """The market as it is now, and the panel that can be asked about it."""

    room: Room
    seated: Seated
    snapshot: Snapshot


async def ask_council(settings: Settings, symbol: str) -> dict[str, Any]:
    """Every vote of the panel on one pair, what the council makes of them, and what asking the models took."""
    async with _present(settings) as present:
        market = market_of(symbol, tuple(present.room.lookout.markets.values()))
        snapshot = about(present.snapshot, market.pair)
        slot = f"ask-{uuid.uuid4()}"
        ballot = await present.seated.council.vote(snapshot, slot=slot)
        prices = {candle.pair: market.price(candle.close) for candle in snapshot.step.candles}
        markets = {market.pair: market}
        policy = settings.desk.council
        own = replace(ballot, votes=tuple(vote for vote in ballot.votes if vote.pair == market.pair))
        screened = screen(own, policy=policy, markets=markets, prices=prices)
        weights = present.room.state().weights
        verdicts = consensus(screened, weights=weights, policy=policy, markets=markets, prices=prices)
    verdict = next(iter(verdicts), None)
    counts = verdict is not None and verdict.refused is None
    return {
        "pair": market.pair,
        "at": snapshot.at_ms,
        "price": plain(prices[market.pair]),
        "tier": str(verdict.tier) if verdict is not None and counts else None,
        "side": str(verdict.side) if verdict is not None and counts else None,
        "refused": None if verdict is None else verdict.refused,
        "votes": [_vote(vote) for vote in screened.votes],
        "models": [
            {
                "analyst": asked.analyst,
                "model": f"{asked.provider}/{asked.model}",
                "code": asked.code,
                "prompt": asked.prompt,
                "answered_by": [one.answered_by for one in asked.askings],
                "records": [one.record for one in asked.askings],
                "tokens": sum(one.input_tokens + one.output_tokens for one in asked.askings),
                "cost_usd": plain(sum((one.cost_usd for one in asked.askings), ZERO)),
                "latency_ms": sum(one.latency_ms for one in asked.askings),
            }
            for asked in ballot.asked
        ],
    }


async def council_prompts(settings: Settings, symbol: str | None) -> Sequence[MindRequest]:
    """The prompts that the models would be asked now, one of each class; about one pair, or about all of them."""
    if not settings.seated:
        raise BadInput("No model sits on the panel, so nothing is asked.", hint="Name one in desk.council.panel.")
    async with _present(settings) as present:
        snapshot = present.snapshot
        if symbol is not None:
            snapshot = about(snapshot, market_of(symbol, tuple(present.room.lookout.markets.values())).pair)
        return prompts_now(settings, present.room, present.seated.world, snapshot)


def market_of(symbol: str, markets: Sequence[Market]) -> Market:
    """The market that somebody means by BTC, BTCUSDT or BTC/USDT. Raises BadInput."""
    wanted = symbol.strip().upper()
    for market in markets:
        if wanted in (market.pair, symbol_of(market.pair), market.base):
            return market
    raise BadInput(f"{symbol[:40]!r} is not among the {len(markets)} pairs of this feed.", hint="Write it as BTC/USDT.")


def about(snapshot: Snapshot, pair: str) -> Snapshot:
    """The snapshot with one pair's candle only: nobody is asked about the others. Raises Unavailable."""
    candles = tuple(candle for candle in snapshot.step.candles if candle.pair == pair)
    if not candles:
        raise Unavailable(f"No candle of {pair} has closed lately.", hint="Ask again after the next close.")
    return replace(snapshot, step=replace(snapshot.step, candles=candles))


@asynccontextmanager
async def _present(settings: Settings) -> AsyncGenerator[Present]:
    """The newest snapshot of the feed, and the panel with the records that the account's desk has."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        found = await find_feed(settings, clock)
        source = found.source
        stack.push_async_callback(source.close)
        async with open_stores(settings, Silent(), redis=False) as stores:
            state = await folded(stores.pool, found.account)
        lookout = open_lookout(settings, source)
        records = records_folder(settings, found.account, of=BY_HAND)
        room = Room(lookout=lookout, source=source, clock=clock, state=lambda: state, records=records)
        seated = await seat_council(settings, room, stack)
        yield Present(room, seated, await _newest(seated, lookout, source))


async def _newest(seated: Seated, lookout: Lookout, source: Source) -> Snapshot:
    """The snapshot of the newest bar that has closed; of a recording, of its first."""
    bar_ms = TIMEFRAME_MS[source.timeframe]
    now_ms = source.now_ms()
    first_ms = source.start_ms if source.kind == "replay" else max(now_ms - now_ms % bar_ms - bar_ms, source.start_ms)
    await lookout.warm(source, origin_ms=first_ms, resume_ms=first_ms)
    async for step in source.steps(first_ms):
        return seated.lookout.observe(step)
    raise Unavailable("The feed has no step to look at.", hint="`quorate doctor` looks into it.")


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "analyst": vote.analyst,
        "side": "abstains" if vote.abstained else str(vote.side),
        "confidence": plain(vote.confidence),
        "entry": None if vote.entry is None else plain(vote.entry),
        "stop": None if vote.stop is None else plain(vote.stop),
        "target": None if vote.target is None else plain(vote.target),
        "reason": vote.reason,
    }
