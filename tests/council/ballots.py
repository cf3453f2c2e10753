"""Votes and ballots on one market, as the tests of the council need them."""

from decimal import Decimal
from typing import Any

from quorate.domain.market import Market
from quorate.domain.policy import CouncilPolicy
from quorate.domain.votes import Ballot, Side, Vote

D = Decimal
POLICY = CouncilPolicy()
BTC = Market("BTC/USDT", tick=D("0.1"), lot=D("0.001"), min_notional=D(5), spread_ppm=200)
ETH = Market("ETH/USDT", tick=D("0.01"), lot=D("0.01"), min_notional=D(5), spread_ppm=200)
WORLD: dict[str, Any] = {
    "policy": POLICY,
    "markets": {"BTC/USDT": BTC, "ETH/USDT": ETH},
    "prices": {"BTC/USDT": D(100), "ETH/USDT": D(10)},
}
PANEL = ("a", "b", "c")


def long(
    analyst: str, *, entry: str | None = "100", stop: str | None = "98", target: str | None = "104", **changes: Any
) -> Vote:
    """A sound LONG vote on BTC at 100."""
    fields: dict[str, Any] = {"pair": "BTC/USDT", "side": Side.LONG, "confidence": D("0.7"), "reason": "it rises"}
    for name, text in (("entry", entry), ("stop", stop), ("target", target)):
        fields[name] = None if text is None else D(text)
    fields.update(changes)
    return Vote(analyst=analyst, **fields)


def short(
    analyst: str, *, entry: str | None = "100", stop: str | None = "102", target: str | None = "96", **changes: Any
) -> Vote:
    """A sound SHORT vote on BTC at 100."""
    return long(analyst, entry=entry, stop=stop, target=target, **{"side": Side.SHORT, **changes})


def flat(analyst: str, *, abstained: bool = False, pair: str = "BTC/USDT") -> Vote:
    """A considered FLAT, or an abstention."""
    return Vote(analyst, pair, Side.FLAT, D(0), None, None, None, "nothing to see", abstained)


def ballot(*votes: Vote, panel: tuple[str, ...] = PANEL) -> Ballot:
    """A ballot of the panel."""
    return Ballot(slot="1", at_ms=1, panel=panel, votes=votes, model_version="test")
