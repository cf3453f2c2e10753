"""What counts as a vote: the numbers make sense, the market is known, the reward is worth the risk.

A vote that does not count becomes an abstention that carries the reason, so that nothing disappears.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from quorate.domain.market import Market
from quorate.domain.money import ZERO, plain
from quorate.domain.policy import CouncilPolicy
from quorate.domain.votes import Ballot, Side, Vote

SHOWN_STEP = Decimal("0.0001")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a vote does not count, in one sentence."""

    reason: str


def validate(
    vote: Vote, *, policy: CouncilPolicy, markets: Mapping[str, Market], prices: Mapping[str, Decimal]
) -> Rejection | None:
    """Why `vote` does not count, or None when it does. FLAT and abstentions always count as what they are.

    `prices` are the snapshot's: pair -> price.
    """
    if vote.abstained or vote.side is Side.FLAT:
        return None
    if vote.pair not in markets:
        return Rejection(f"{vote.pair} is not a known market.")
    price = prices.get(vote.pair)
    if price is None:
        return Rejection(f"The snapshot has no price of {vote.pair}.")
    if not (vote.confidence.is_finite() and ZERO <= vote.confidence <= ONE):
        return Rejection(f"Confidence {vote.confidence} is not between 0 and 1.")
    if vote.entry is None or vote.stop is None or vote.target is None:
        return Rejection(f"A {vote.side} vote needs entry, stop and target.")
    return refused_geometry(vote.side, entry=vote.entry, stop=vote.stop, target=vote.target, price=price, policy=policy)


def refused_geometry(
    side: Side, *, entry: Decimal, stop: Decimal, target: Decimal, price: Decimal, policy: CouncilPolicy
) -> Rejection | None:
    """Why these prices cannot be a trade at a snapshot price, or None when they can.

    LONG: stop < entry < target, SHORT mirrored, all positive and finite; entry within `entry_drift_max` of the price;
    reward/risk at least `reward_risk_min`. Both limits themselves are allowed.
    """
    for name, value in (("Entry", entry), ("Stop", stop), ("Target", target)):
        if not value.is_finite() or value <= 0:
            return Rejection(f"{name} {value} is not a positive price.")
    risk, reward = (entry - stop) * side.sign, (target - entry) * side.sign
    if risk <= 0 or reward <= 0:
        order = "stop < entry < target" if side is Side.LONG else "target < entry < stop"
        return Rejection(f"{side} needs {order}: stop {plain(stop)}, entry {plain(entry)}, target {plain(target)}.")
    if abs(entry - price) > policy.entry_drift_max * price:
        drift = _shown(abs(entry - price) / price * 100)
        allowed = plain(policy.entry_drift_max * 100)
        return Rejection(f"Entry {plain(entry)} is {drift} % from the price {plain(price)}; {allowed} % is allowed.")
    if reward < policy.reward_risk_min * risk:
        return Rejection(f"Reward/risk {_shown(reward / risk)} is under {plain(policy.reward_risk_min)}.")
    return None


def screen(
    ballot: Ballot, *, policy: CouncilPolicy, markets: Mapping[str, Market], prices: Mapping[str, Decimal]
) -> Ballot:
    """The ballot with every vote that does not count turned into an abstention; screening twice changes nothing more.

    An analyst that is not on the panel has no vote, and one that voted more than once on a pair has none there.
    """
    cast = Counter((vote.analyst, vote.pair) for vote in ballot.votes)
    heard = list[Vote]()
    for vote in ballot.votes:
        if vote.analyst not in ballot.panel:
            reason = f"{vote.analyst} is not on the panel."
        elif cast[vote.analyst, vote.pair] > 1:
            reason = f"{vote.analyst} voted {cast[vote.analyst, vote.pair]} times on {vote.pair}."
        else:
            rejection = validate(vote, policy=policy, markets=markets, prices=prices)
            reason = None if rejection is None else rejection.reason
        heard.append(vote if reason is None or vote.abstained else abstention(vote, reason))
    return replace(ballot, votes=tuple(heard))


def abstention(vote: Vote, reason: str) -> Vote:
    """The vote as an abstention that says why."""
    return Vote(
        vote.analyst,
        vote.pair,
        Side.FLAT,
        ZERO,
        None,
        None,
        None,
        f"Rejected {vote.side} vote: {reason}",
        abstained=True,
    )


def _shown(value: Decimal) -> str:
    return plain(value.quantize(SHOWN_STEP, ROUND_HALF_EVEN))
