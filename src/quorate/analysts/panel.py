"""The rule-based panel: strategies that vote their stance, so that the desk agrees or disagrees without any model.

A stance is the direction of a strategy's last setup while that is still alive. It changes only when a bar of the
strategy's timeframe closes; the vote's entry is the price of the moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quorate.analysts.base import Strategy, StrategyFault, evaluate, setup_at
from quorate.analysts.lookout import Lookout
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import CouncilPolicy
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot, Setup, Side, Vote
from quorate.kernel import readings
from quorate.kernel.bars import Bars

MODEL_VERSION = "rule-based"
CONTEXT_TIMEFRAMES = ("4h", "1d")
CONTEXT_FAST, CONTEXT_SLOW = 20, 50
CONTEXT_STEP = Decimal("0.05")
"""What each higher timeframe adds to the confidence when its trend agrees, and takes away when it does not."""


@dataclass(frozen=True, slots=True)
class Stance:
    """What an analyst stands for until its next bar: a side with stop and final target, or FLAT without them."""

    side: Side
    confidence: Decimal
    stop: Decimal | None
    target: Decimal | None
    reason: str
    abstained: bool = False


def flat(reason: str, *, abstained: bool = False) -> Stance:
    """A stance that wants nothing."""
    return Stance(Side.FLAT, Decimal(0), None, None, reason, abstained)


def trend_of(bars: Bars) -> int:
    """+1 where EMA 20 is over EMA 50 at the last bar, −1 where it is under, 0 where they are equal or not known."""
    if len(bars) < CONTEXT_SLOW:
        return 0
    return readings.crossing(bars, CONTEXT_FAST, CONTEXT_SLOW)


def alive(setup: Setup, later: Bars) -> bool:
    """Whether no bar after the setup touched its stop or its final target; to touch is enough."""
    if len(later) == 0:
        return True
    lowest, highest = float(later.low.min()), float(later.high.max())
    stop, target = float(setup.plan.stop), float(setup.plan.targets[-1].price)
    if setup.side is Side.LONG:
        return lowest > stop and highest < target
    return highest < stop and lowest > target


def stance(strategy: Strategy, bars: Bars, market: Market, *, bars_max: int, context: Sequence[int]) -> Stance:
    """The strategy's stance at the newest of `bars`.

    Its last setup counts for `bars_max` bars after its own while it is alive. `context` holds the trends of higher
    timeframes (+1, 0, −1): each moves the confidence by 0.05 towards or away, within 0 and 1. Raises `StrategyFault`.
    """
    setups = evaluate(strategy, bars, market, since=len(bars) - 1 - bars_max)
    if len(setups) == 0:
        return flat(f"No setup in the last {bars_max} bars.")
    row = int(setups.rows[-1])
    setup = setup_at(strategy, bars, market, setups, len(setups) - 1)
    if setup is None:
        return flat("The market's price steps are too coarse for its last setup.")
    age = len(bars) - 1 - row
    if not alive(setup, bars.between(row + 1, len(bars))):
        return flat(f"Its setup of {age} bars ago has run to its stop or target.")
    agreement = sum(trend * setup.side.sign for trend in context)
    confidence = min(max(setup.confidence + CONTEXT_STEP * agreement, Decimal(0)), Decimal(1))
    views = ", ".join(
        f"{name} {'agrees' if trend == setup.side.sign else 'disagrees' if trend else 'is unknown'}"
        for name, trend in zip(CONTEXT_TIMEFRAMES, context, strict=True)
    )
    reason = f"{setup.reason} ({'now' if age == 0 else f'{age} bars ago'}; {views})"
    return Stance(setup.side, confidence, setup.plan.stop, setup.plan.targets[-1].price, reason)


def vote_at(price: Decimal, held: Stance, *, analyst: str, pair: str, reward_risk_min: Decimal) -> Vote:
    """The vote that a stance makes at `price`: FLAT where price has left its stop and target, or too little is left."""

    def flat_for(reason: str) -> Vote:
        return Vote(analyst, pair, Side.FLAT, Decimal(0), None, None, None, reason, held.abstained)

    if held.stop is None or held.target is None:
        return flat_for(held.reason)
    sign = held.side.sign
    risk, reward = (price - held.stop) * sign, (held.target - price) * sign
    if risk <= 0 or reward <= 0:
        return flat_for("Price has left the ground between the stop and the target of its setup.")
    if reward < reward_risk_min * risk:
        return flat_for(f"Only {reward / risk:.2f} of reward for each 1 of risk is left at this price.")
    return Vote(analyst, pair, held.side, held.confidence, price, held.stop, held.target, held.reason)


class RulePanel:
    """The council port with strategies as analysts. Every pair is voted on; no I/O, so no deadline is ever missed."""

    asks_models = False

    def __init__(self, lookout: Lookout, analysts: Sequence[Strategy], policy: CouncilPolicy) -> None:
        """`analysts` are the members in any order; each member that `policy.panel` names must be among them."""
        members = {analyst.name: analyst for analyst in analysts}
        missing = [name for name in policy.panel if name not in members]
        if missing:
            raise BadInput(
                f"The panel names {', '.join(missing)}, which no analyst answers to.",
                hint="Correct `desk.council.panel` in the settings.",
            )
        self._lookout = lookout
        self._policy = policy
        self._analysts = tuple(members[name] for name in sorted(set(policy.panel)))
        self._held: dict[tuple[str, str], tuple[tuple[int, ...], Stance, Vote]] = {}

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """Everybody's vote on every pair at the snapshot's prices, sorted by pair, then analyst."""
        closes = {candle.pair: candle.close for candle in snapshot.step.candles}
        votes: list[Vote] = []
        for pair, market in self._lookout.markets.items():
            ticks = closes.get(pair)
            for analyst in self._analysts:
                if ticks is None:
                    reason = "No candle of this pair closed at this instant."
                    votes.append(Vote(analyst.name, pair, Side.FLAT, Decimal(0), None, None, None, reason))
                else:
                    votes.append(self._vote(analyst, market, ticks))
        return Ballot(slot, snapshot.at_ms, self._policy.panel, tuple(votes), MODEL_VERSION)

    def _vote(self, analyst: Strategy, market: Market, ticks: int) -> Vote:
        pair = market.pair
        edition = tuple(self._lookout.edition(pair, name) for name in (analyst.timeframe, *CONTEXT_TIMEFRAMES))
        known = self._held.get((analyst.name, pair))
        if known is not None and known[0] == edition and known[1].side is Side.FLAT:
            return known[2]
        held = known[1] if known is not None and known[0] == edition else self._stance(analyst, market)
        price, least = market.price(ticks), self._policy.reward_risk_min
        vote = vote_at(price, held, analyst=analyst.name, pair=pair, reward_risk_min=least)
        self._held[analyst.name, pair] = (edition, held, vote)
        return vote

    def _stance(self, analyst: Strategy, market: Market) -> Stance:
        windows = self._lookout.windows
        if analyst.timeframe not in windows.timeframes:
            return flat(f"The feed gives no {analyst.timeframe} bars.")
        bars = windows.bars(market.pair, analyst.timeframe)
        context = [trend_of(windows.bars(market.pair, timeframe)) for timeframe in CONTEXT_TIMEFRAMES]
        try:
            return stance(analyst, bars, market, bars_max=self._policy.stance_bars_max, context=context)
        except StrategyFault as fault:
            return flat(fault.message, abstained=True)
