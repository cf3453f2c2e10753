"""When a quorum agrees (RULES section 2): votes in, at most one verdict for each pair out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby

from quorate.council.validation import refused_geometry, screen
from quorate.domain.market import Market
from quorate.domain.money import ZERO, ceil_to_step, floor_to_step, round_to_step
from quorate.domain.policy import CouncilPolicy
from quorate.domain.signals import Tier
from quorate.domain.votes import Ballot, Side, Vote

CONFIDENCE_STEP = Decimal("0.000001")
NORMAL_WEIGHT = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a quorum wants on one pair. Prices are on the market's tick.

    `votes` holds every vote cast on the pair, dissent and abstentions included. `refused` says why a quorum's means do
    not make a trade, or who vetoed it; None when the verdict may be published.
    """

    pair: str
    side: Side
    tier: Tier
    confidence: Decimal
    entry: Decimal
    stop: Decimal
    target: Decimal
    agreeing: tuple[str, ...]
    dissenting: tuple[str, ...]
    votes: tuple[Vote, ...]
    refused: str | None = None

    @property
    def reward_risk(self) -> Decimal:
        """Way to the target over way to the stop; 0 where a refused verdict has no way to its stop."""
        risk = abs(self.entry - self.stop)
        return abs(self.target - self.entry) / risk if risk else ZERO


def quorum(analysts: int) -> int:
    """How many of a panel make a quorum: two thirds, rounded up, and always more than half."""
    assert analysts >= 0, "a panel has no negative size"
    return -(-2 * analysts // 3)


def consensus(
    ballot: Ballot,
    *,
    weights: Mapping[str, Decimal],
    policy: CouncilPolicy,
    markets: Mapping[str, Market],
    prices: Mapping[str, Decimal],
) -> tuple[Verdict, ...]:
    """Every pair on which a quorum agrees, sorted by pair.

    Votes are screened first; n is the whole panel, answered or not. Prices are the unweighted means over those who
    agree, confidence is weighted by `weights` (1 where absent). `prices` are the snapshot's: pair -> price.
    """
    needed = quorum(len(ballot.panel))
    heard = screen(ballot, policy=policy, markets=markets, prices=prices)
    agreed = _agreed(heard, lambda agreeing, _: agreeing >= needed, weights=weights, markets=markets)
    return tuple(_reviewed(verdict, policy=policy, price=prices[verdict.pair]) for verdict in agreed)


def majority(
    ballot: Ballot, *, policy: CouncilPolicy, markets: Mapping[str, Market], prices: Mapping[str, Decimal]
) -> tuple[Verdict, ...]:
    """What an unweighted majority would do, to be compared with: more than half of those who did not abstain.

    Two must have answered: one voice is no majority. Its tier tells nothing.
    """
    heard = screen(ballot, policy=policy, markets=markets, prices=prices)
    agreed = _agreed(
        heard, lambda agreeing, present: present > 1 and 2 * agreeing > present, weights={}, markets=markets
    )
    reviewed = (
        _reviewed(verdict, policy=replace(policy, veto_opposite=False), price=prices[verdict.pair])
        for verdict in agreed
    )
    return tuple(verdict for verdict in reviewed if verdict.refused is None)


def _agreed(
    heard: Ballot,
    enough: Callable[[int, int], bool],
    *,
    weights: Mapping[str, Decimal],
    markets: Mapping[str, Market],
) -> list[Verdict]:
    """A verdict for each pair and side on which enough agree; `enough` is asked with (agreeing, not abstained)."""
    verdicts = list[Verdict]()
    by_pair = sorted(heard.votes, key=lambda vote: (vote.pair, vote.analyst))
    for pair, group in groupby(by_pair, key=lambda vote: vote.pair):
        votes = tuple(group)
        present = sum(not vote.abstained for vote in votes)
        for side in (Side.LONG, Side.SHORT):
            agreeing = [vote for vote in votes if vote.side is side]
            if agreeing and enough(len(agreeing), present):
                tier = Tier.GOLD if len(agreeing) == len(heard.panel) else Tier.SILVER
                verdicts.append(_verdict(votes, agreeing, tier, weights=weights, market=markets[pair]))
    return verdicts


def _verdict(
    votes: tuple[Vote, ...], agreeing: Sequence[Vote], tier: Tier, *, weights: Mapping[str, Decimal], market: Market
) -> Verdict:
    side = agreeing[0].side
    opposite = Side.SHORT if side is Side.LONG else Side.LONG
    # A stop rounds away from the entry and a target towards it: the risk is never understated, the reward never
    # overstated.
    outward = floor_to_step if side is Side.LONG else ceil_to_step
    return Verdict(
        pair=agreeing[0].pair,
        side=side,
        tier=tier,
        confidence=weighted_confidence(agreeing, weights),
        entry=round_to_step(_mean([vote.entry for vote in agreeing]), market.tick),
        stop=outward(_mean([vote.stop for vote in agreeing]), market.tick),
        target=outward(_mean([vote.target for vote in agreeing]), market.tick),
        agreeing=tuple(vote.analyst for vote in agreeing),
        dissenting=tuple(vote.analyst for vote in votes if vote.side is opposite),
        votes=votes,
    )


def _reviewed(verdict: Verdict, *, policy: CouncilPolicy, price: Decimal) -> Verdict:
    """The verdict, refused where the panel vetoed it or its means make no trade."""
    rejection = refused_geometry(
        verdict.side, entry=verdict.entry, stop=verdict.stop, target=verdict.target, price=price, policy=policy
    )
    if rejection is not None:
        return replace(verdict, refused=f"The means of the votes make no trade: {rejection.reason}")
    if policy.veto_opposite and verdict.dissenting:
        return replace(verdict, refused=f"Vetoed by {', '.join(verdict.dissenting)}.")
    return verdict


def weighted_confidence(agreeing: Sequence[Vote], weights: Mapping[str, Decimal]) -> Decimal:
    """Sum of weight times confidence over sum of weights, to six decimals."""
    total = weighted = ZERO
    for vote in agreeing:
        weight = weights.get(vote.analyst, NORMAL_WEIGHT)
        assert weight > 0, "an analyst's weight is positive: the optimizer keeps it between 0.25 and 4"
        total += weight
        weighted += weight * vote.confidence
    return (weighted / total).quantize(CONFIDENCE_STEP, ROUND_HALF_EVEN)


def _mean(values: Sequence[Decimal | None]) -> Decimal:
    present = [value for value in values if value is not None]
    assert len(present) == len(values), "a screened vote with a side has its prices"
    return sum(present, ZERO) / len(present)
