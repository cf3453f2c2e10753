"""What a record is held against: luck, buying and holding, the best single analyst, a plain majority.

Token money is included.
A verdict needs TRADES_MIN closed trades on DAYS_MIN days; before that it cannot be told. "Beats" means that the whole
95 % interval of the difference lies above 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quorate.api.answers.record_figures import Standing, Trades, bounds_of, told
from quorate.api.schemas.records import Baseline, Bounds, Comparison, Luck, Verdict
from quorate.api.schemas.results import Interval as IntervalShape
from quorate.kernel.comparisons import daily_difference, daily_mean, random_means
from quorate.kernel.statistics import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

TRADES_MIN = 30
"""Closed trades that anything is concluded from."""
DAYS_MIN = 30
"""Days on which they were opened."""
TRADERS = 1_000
"""Random traders that toss coins."""
LUCK_P_MAX = 0.025
"""How often luck may do as well at most: then the result lies above the middle 95 % of the random traders."""
SEED = 20_250_101
"""The same records give the same figures, whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A comparison before it is judged."""

    against: Baseline
    other: str
    words: str
    """The baseline in a sentence."""
    found: Interval
    trades: Trades
    other_trades: int
    priced: bool
    """Whether token money could be told in R."""


def luck_of(standing: Standing) -> tuple[Luck, Comparison]:
    """The record against random traders with the same entries, exits, turnover and costs."""
    trades = standing.outcome.trades
    paired = trades.where(np.isfinite(trades.mirror_r))
    count, cost = len(paired.r), standing.cost_r
    case = _Case(
        against="luck",
        other=f"{TRADERS} random traders",
        words="luck",
        found=daily_mean((paired.r - paired.mirror_r) / 2 - (cost or 0.0), paired.days, seed=SEED),
        trades=paired,
        other_trades=count,
        priced=cost is not None,
    )
    if not count:
        luck = Luck(traders=TRADERS, trades=0, average_r=None, interval=None, percentile=None, p_value=None)
        return luck, _judged(standing, case)
    own = float(paired.r.mean()) - (cost or 0.0)
    means = random_means(paired.r, paired.mirror_r, traders=TRADERS, seed=SEED)
    as_good = int((means >= own).sum())
    low, high = np.quantile(means, [0.025, 0.975])
    luck = Luck(
        traders=TRADERS,
        trades=count,
        average_r=own,
        interval=Bounds(low=float(low), high=float(high)),
        percentile=100.0 * (TRADERS - as_good) / TRADERS,
        p_value=(as_good + 1) / (TRADERS + 1),
    )
    return luck, _against_luck(standing, case, luck)


def against_holding(standing: Standing) -> Comparison:
    """The record against buying at the same entries and selling at the same instants."""
    trades = standing.outcome.trades
    known = trades.where(np.isfinite(trades.hold_r))
    cost = standing.cost_r
    return _judged(
        standing,
        _Case(
            against="buy_and_hold",
            other="buy-and-hold",
            words="buying and holding through the same spans",
            found=daily_mean(known.r - known.hold_r - (cost or 0.0), known.days, seed=SEED),
            trades=known,
            other_trades=len(known.r),
            priced=cost is not None,
        ),
    )


def against_best(standing: Standing, singles: Sequence[Standing]) -> Comparison:
    """The council against the best of its members, chosen with hindsight: that favours the member.

    Both are measured from the day on which the later of the two records began.
    """
    rivals = [(rival, *_since_both(standing, rival)) for rival in singles]
    enough = [each for each in rivals if len(each[2].r) >= TRADES_MIN and each[0].cost_r is not None]
    if not enough:
        return _judged(standing, _nobody("best_single", "its best single analyst"))
    rival, own, others = max(enough, key=lambda each: (_net(each[0], each[2]), each[0].begun.analyst))
    kind = "model" if rival.kind == "model" else "analyst"
    words = f"its best single {kind} ({rival.begun.analyst})"
    return _judged(standing, _pair("best_single", words, (standing, own), (rival, others)))


def against_majority(standing: Standing, majority: Standing | None) -> Comparison:
    """The council against more than half of those who answered, unweighted."""
    words = "a plain majority"
    if majority is None:
        return _judged(standing, _nobody("majority", words))
    own, others = _since_both(standing, majority)
    return _judged(standing, _pair("majority", words, (standing, own), (majority, others)))


def _pair(against: Baseline, words: str, own: tuple[Standing, Trades], other: tuple[Standing, Trades]) -> _Case:
    costs = (own[0].cost_r, other[0].cost_r)
    found = daily_difference(
        own[1].r - (costs[0] or 0.0),
        own[1].days,
        other[1].r - (costs[1] or 0.0),
        other[1].days,
        seed=SEED,
    )
    return _Case(
        against=against,
        other=other[0].begun.analyst,
        words=words,
        found=found,
        trades=own[1],
        other_trades=len(other[1].r),
        priced=None not in costs,
    )


def _nobody(against: Baseline, words: str) -> _Case:
    unknown, nothing = float("nan"), np.empty(0, np.float64)
    trades = Trades(np.empty(0, np.int64), nothing, nothing, nothing)
    found = Interval(unknown, unknown, unknown)
    return _Case(
        against=against, other="nobody yet", words=words, found=found, trades=trades, other_trades=0, priced=True
    )


def _since_both(first: Standing, second: Standing) -> tuple[Trades, Trades]:
    """The trades of both from the first day on which both had opened one."""
    own, other = first.outcome.trades, second.outcome.trades
    if not len(own.days) or not len(other.days):
        return own, other
    begin = max(int(own.days.min()), int(other.days.min()))
    return own.where(own.days >= begin), other.where(other.days >= begin)


def _net(standing: Standing, trades: Trades) -> float:
    return float(trades.r.mean()) - (standing.cost_r or 0.0)


def _judged(standing: Standing, case: _Case) -> Comparison:
    count, days = min(len(case.trades.r), case.other_trades), case.trades.day_count
    found, name = case.found, standing.name
    words = f"by {found.value:+.2f} R a trade, 95 % interval {found.low:+.2f} to {found.high:+.2f}"
    verdict: Verdict = "cannot_be_told"
    if count < TRADES_MIN or days < DAYS_MIN or not math.isfinite(found.low):
        lacks = lacking((count, TRADES_MIN, "closed trades"), (days, DAYS_MIN, "days"))
        why = lacks or "its interval is not known"
        sentence = f"It cannot be told yet whether {_inside(name)} beats {case.words}: {why}."
    elif not case.priced:
        sentence = f"It cannot be told whether {_inside(name)} beats {case.words}: its token money has no value in R."
    elif found.low > 0:
        verdict, sentence = "beats", f"{name} beats {case.words} {words}{_still_loses(standing, case)}."
    else:
        verdict, sentence = "does_not_beat", f"{name} does not beat {case.words}: it differs {words}."
    return _comparison(case, verdict, sentence)


def _still_loses(standing: Standing, case: _Case) -> str:
    """What must not be forgotten of somebody who beats a baseline that lost even more."""
    mean = _net(standing, case.trades)
    return "" if mean >= 0 else f", and yet loses: {mean:+.2f} R a trade"


def _against_luck(standing: Standing, case: _Case, luck: Luck) -> Comparison:
    """Luck has to be beaten twice: by the tosses of single trades, and by the interval over whole days."""
    judged = _judged(standing, case)
    if judged.verdict == "cannot_be_told":
        return judged
    assert luck.p_value is not None, "there are trades"
    share = f"{luck.p_value * 100:.1f} % of {TRADERS} random traders with the same entries, exits and costs"
    if judged.verdict == "beats" and luck.p_value <= LUCK_P_MAX:
        loses = _still_loses(standing, case)
        return _comparison(case, "beats", f"{standing.name} beats luck: {share} did as well{loses}.")
    days = "" if luck.p_value > LUCK_P_MAX else ", but the interval over whole days holds 0"
    return _comparison(case, "does_not_beat", f"{standing.name} does not beat luck: {share} did as well{days}.")


def _comparison(case: _Case, verdict: Verdict, sentence: str) -> Comparison:
    bounds, days = bounds_of(case.found), case.trades.day_count
    note = f"{days} days are too few for an interval." if bounds is None else f"Bootstrap over {days} days."
    return Comparison(
        against=case.against,
        other=case.other,
        difference=IntervalShape(
            estimate=told(case.found.value),
            low=None if bounds is None else bounds.low,
            high=None if bounds is None else bounds.high,
            note=note,
        ),
        trades=len(case.trades.r),
        other_trades=case.other_trades,
        verdict=verdict,
        sentence=sentence,
    )


def lacking(*counts: tuple[int, int, str]) -> str:
    """What there is too little of: "8 of 30 days", for each (found, needed, of what); empty where nothing lacks."""
    return ", ".join(f"{found:,} of {needed:,} {what}" for found, needed, what in counts if found < needed)


def _inside(name: str) -> str:
    """A name inside a sentence."""
    return f"the{name[3:]}" if name.startswith("The ") else name
