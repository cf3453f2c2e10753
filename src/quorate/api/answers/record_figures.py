"""One record of one analyst in figures: its trades as columns, its cost, how well it is calibrated."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from quorate.api.schemas.records import AnalystKind, Bounds, CalibrationBin, Contaminated, Cost, RecordKey
from quorate.council.calibration import Forecast
from quorate.domain.money import ZERO, plain
from quorate.domain.shadows import MAJORITY
from quorate.domain.signals import COUNCIL
from quorate.kernel.bars import FloatArray, IntArray
from quorate.store.readers.records import Asked, Begun, Closed, Running, Spent, Voted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.council.calibration import Bin
    from quorate.domain.policy import PortfolioPolicy
    from quorate.kernel.statistics import Interval

JOINT: dict[str, AnalystKind] = {COUNCIL: "council", MAJORITY: "majority"}
"""Analysts that stand for several."""
USD_STEP = Decimal("0.000001")
_MODEL_KEY = re.compile(r"(?P<provider>[^/ ]+)/(?P<model>[^ ]+) (?P<template>[^ ]*) (?P<sampling>.+)")
_DIGEST_KEY = re.compile(r"(?:rules|panel) (?P<digest>[0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Trades:
    """Ended shadow trades that count and reached their entry, as columns; NaN where a value is not known."""

    days: IntArray
    """Number of the UTC day each was opened on."""
    r: FloatArray
    hold_r: FloatArray
    mirror_r: FloatArray
    """Result of its mirror image."""

    def where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Trades:
        """Those at these places."""
        return Trades(self.days[kept], self.r[kept], self.hold_r[kept], self.mirror_r[kept])

    @property
    def day_count(self) -> int:
        """Days on which one of them was opened."""
        return len(np.unique(self.days))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record's shadow trades that have ended."""

    trades: Trades
    forecasts: tuple[Forecast, ...]
    tainted_r: tuple[float, ...]
    tainted: int
    never_entered: int
    days: int
    """Days on which any of them was opened."""
    risk_share: float | None
    """Mean distance from entry to stop, as a share of the entry price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that is known of one record."""

    begun: Begun
    kind: AnalystKind
    outcome: Outcome
    running: Running
    voted: Voted | None
    asked: Sequence[Asked]
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    r_usd: float | None
    """Money that 1 R stands for."""

    @property
    def name(self) -> str:
        """What to call it at the start of a sentence."""
        return f"The {self.kind}" if self.kind in ("council", "majority") else self.begun.analyst

    @property
    def begun_trades(self) -> int:
        """Every shadow trade it has begun, whatever became of it."""
        ended = len(self.outcome.trades.r) + self.outcome.never_entered + self.outcome.tainted
        return ended + self.running.counting + self.running.contaminated

    @property
    def decisions(self) -> int:
        """Votes with a side and abstentions; for those who cast no votes, shadow trades begun."""
        return self.begun_trades if self.voted is None else self.voted.votes + self.voted.abstentions

    @property
    def days(self) -> int:
        """UTC days on which it decided."""
        return self.outcome.days if self.voted is None else self.voted.days

    @property
    def cost_r(self) -> float | None:
        """Token money for one of its trades, in R; None where it cost something that cannot be told in R."""
        if not self.cost_usd:
            return 0.0
        if self.r_usd is None or not self.begun_trades:
            return None
        return float(self.cost_usd) / self.begun_trades / self.r_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the readers found, for one account."""

    begun: Sequence[Begun]
    voted: Sequence[Voted]
    asked: Sequence[Asked]
    spent: Sequence[Spent]
    running: Sequence[Running]
    closed: Sequence[Closed]
    mirrored: Mapping[str, float] = field(repr=False)


def standings_of(found: Material, portfolios: Sequence[PortfolioPolicy]) -> list[Standing]:
    """Every record that has begun or has a shadow trade, by analyst and key."""
    begun = {(each.analyst, each.record): each for each in found.begun}
    with_newest = {each.analyst for each in found.begun}
    voted = {(each.analyst, each.record): each for each in found.voted}
    running = {(each.analyst, each.record): each for each in found.running}
    closed = {(each.analyst, each.record): each for each in found.closed}
    spent = {(each.analyst, each.record): each for each in found.spent}
    on_panel = {each.analyst for each in found.voted}
    notional = _base_notional(portfolios)
    standings: list[Standing] = []
    for key in sorted(begun.keys() | closed.keys() | running.keys()):
        analyst, record = key
        outcome = _outcome(closed.get(key), found.mirrored)
        asked = [each for each in found.asked if (each.analyst, each.record) == key]
        bills: Sequence[Asked | Spent] = asked if analyst not in JOINT else [spent[key]] if key in spent else []
        share = outcome.risk_share
        standings.append(
            Standing(
                begun=begun.get(key) or Begun(analyst, record, None, None, newest=analyst not in with_newest),
                kind=JOINT.get(analyst) or _kind(record, on_panel=analyst in on_panel),
                outcome=outcome,
                running=running.get(key) or Running(analyst, record, 0, 0),
                voted=voted.get(key),
                asked=asked,
                input_tokens=sum(bill.input_tokens for bill in bills),
                output_tokens=sum(bill.output_tokens for bill in bills),
                cost_usd=sum((bill.cost_usd for bill in bills), ZERO),
                r_usd=None if share is None or notional is None else float(notional) * share,
            )
        )
    return standings


def key_of(begun: Begun) -> RecordKey:
    """The key of a record, taken apart as far as it can be."""
    model = _MODEL_KEY.fullmatch(begun.record)
    digest = _DIGEST_KEY.fullmatch(begun.record)
    parts = (
        {"provider": None, "model": None, "template": None, "sampling": None} if model is None else model.groupdict()
    )
    return RecordKey(
        key=begun.record,
        provider=parts["provider"],
        model=parts["model"],
        template=parts["template"] or None,
        sampling=parts["sampling"],
        digest=None if digest is None else digest["digest"],
        newest=begun.newest,
    )


def cost_of(standing: Standing) -> Cost:
    """What asking has cost, in money and in R."""
    usd, r_usd = standing.cost_usd, standing.r_usd
    decision = float(usd) / standing.decisions if standing.decisions else None
    return Cost(
        usd=plain(usd.quantize(USD_STEP)),
        usd_per_decision=decision,
        usd_per_trade=float(usd) / standing.begun_trades if standing.begun_trades else None,
        r_usd=r_usd,
        r_per_decision=None if decision is None or not r_usd else decision / r_usd,
        r_per_trade=standing.cost_r,
    )


def contaminated_of(standing: Standing) -> Contaminated:
    """Its trades that count for nothing."""
    outcome = standing.outcome
    mean = float(np.mean(outcome.tainted_r)) if outcome.tainted_r else None
    return Contaminated(closed=outcome.tainted, open=standing.running.contaminated, average_r=mean)


def bins_of(curve: Sequence[Bin]) -> list[CalibrationBin]:
    """The calibration curve, lowest bin first."""
    return [
        CalibrationBin(
            low=float(each.low),
            high=float(each.high),
            count=each.count,
            confidence=float(each.confidence),
            win_rate=float(each.win_rate),
        )
        for each in curve
    ]


def bounds_of(found: Interval) -> Bounds | None:
    """The interval's bounds; None where they cannot be told."""
    return Bounds(low=found.low, high=found.high) if math.isfinite(found.low) and math.isfinite(found.high) else None


def told(value: float) -> float | None:
    """The value, or None where it cannot be told."""
    return value if math.isfinite(value) else None


def _kind(record: str, *, on_panel: bool) -> AnalystKind:
    if _MODEL_KEY.fullmatch(record):
        return "model"
    return "rule" if on_panel else "strategy"


def _base_notional(portfolios: Sequence[PortfolioPolicy]) -> Decimal | None:
    """Notional of a trade of normal size in the first portfolio that trades the council."""
    sizes = (policy.start_equity * policy.base_share for policy in portfolios if COUNCIL in policy.sources)
    return next(sizes, None)


def _outcome(closed: Closed | None, mirrored: Mapping[str, float]) -> Outcome:
    if closed is None:
        nothing = np.empty(0, np.float64)
        trades = Trades(np.empty(0, np.int64), nothing, nothing, nothing)
        return Outcome(trades, (), (), tainted=0, never_entered=0, days=0, risk_share=None)
    r = np.array(closed.r, np.float64)
    tainted, entered = np.array(closed.contaminated, np.bool_), np.isfinite(r)
    nan = float("nan")
    every = Trades(
        np.array(closed.days, np.int64),
        r,
        np.array(closed.hold_r, np.float64),
        np.array([mirrored.get(id_, nan) for id_ in closed.ids], np.float64),
    )
    counts = entered & ~tainted
    forecasts = (
        Forecast(Decimal(said), won=bool(result > 0))
        for said, result, wanted in zip(closed.confidence, r, counts, strict=True)
        if wanted
    )
    shares = np.array(closed.risk_share, np.float64)[counts]
    return Outcome(
        every.where(counts),
        tuple(forecasts),
        tuple(float(result) for result in r[entered & tainted]),
        tainted=int(tainted.sum()),
        never_entered=int((~entered & ~tainted).sum()),
        days=every.day_count,
        risk_share=float(shares.mean()) if len(shares) and shares.mean() > 0 else None,
    )
