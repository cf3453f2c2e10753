"""Records of the analysts: what every vote would have earned, how sure that is, and whether it beats its baselines."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from quorate.analysts.consulting import VOTED
from quorate.api.answers import baselines
from quorate.api.answers.performance import expectancy_of
from quorate.api.answers.record_figures import (
    JOINT,
    Material,
    Standing,
    bins_of,
    bounds_of,
    contaminated_of,
    cost_of,
    key_of,
    standings_of,
    told,
)
from quorate.api.answers.rows import instant_or_none
from quorate.api.schemas.records import AnalystKind, AnalystRecord, AnalystRecords, Bounds
from quorate.council.calibration import brier, calibration_curve, calibration_error
from quorate.domain.optimization import Optimization
from quorate.domain.shadows import MAJORITY
from quorate.domain.signals import COUNCIL
from quorate.kernel import statistics
from quorate.kernel.comparisons import daily_mean
from quorate.store.readers import optimizations, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.api.resources import Resources
    from quorate.api.schemas.records import Comparison

DECISIONS_MIN = 100
"""Decisions below which nobody is ranked."""
REMEMBERED_MAX = 20
"""Answers that are remembered at once."""
ONE = Decimal(1)
KINDS: tuple[AnalystKind, ...] = ("council", "majority", "model", "rule", "strategy")
"""In this order the records without a rank are told."""
_decode = msgspec.json.Decoder(Optimization).decode


@dataclass(frozen=True, slots=True)
class _Told:
    """A record ready to be told, and what it is ranked by: None where it is not ranked."""

    shape: AnalystRecord
    bound: float | None


async def records_of(given: Resources, account: str, *, all_records: bool) -> AnalystRecords:
    """Every analyst's newest record, or all of them. Computed once for each state of the journal."""
    head = await records.head(given.pool)
    kept = given.memory.records.get((account, all_records))
    if kept is not None and kept[0] == head:
        return kept[1]
    found, weights, as_of = await asyncio.gather(
        _material(given, account), _weights(given, account), records.newest_close(given.pool, account)
    )
    shapes = await asyncio.to_thread(_records, found, given, weights, all_records=all_records)
    answer = AnalystRecords(models=shapes, as_of=instant_or_none(as_of))
    if len(given.memory.records) >= REMEMBERED_MAX:
        given.memory.records.clear()
    given.memory.records[account, all_records] = (head, answer)
    return answer


async def _material(given: Resources, account: str) -> Material:
    pool = given.pool
    begun, voted, asked, spent = await asyncio.gather(
        records.begun(pool, account),
        records.voted(pool, account),
        records.asked(pool, account),
        records.spent(pool, account, list(JOINT)),
    )
    running, closed, mirrored = await asyncio.gather(
        records.running(pool, account), records.closed(pool, account), records.mirrored(pool, account)
    )
    return Material(
        begun=begun, voted=voted, asked=asked, spent=spent, running=running, closed=closed, mirrored=mirrored
    )


async def _weights(given: Resources, account: str) -> dict[str, Decimal]:
    newest = await optimizations.newest(given.pool, account)
    return {} if newest is None else dict(_decode(newest.body).weights)


def _records(
    found: Material, given: Resources, weights: Mapping[str, Decimal], *, all_records: bool
) -> list[AnalystRecord]:
    standings = standings_of(found, given.policy.portfolios)
    newest = [standing for standing in standings if standing.begun.newest]
    wanted = standings if all_records else newest
    made = [_record(standing, newest, weights) for standing in wanted]
    ranked = sorted((each for each in made if each.bound is not None), key=_by_bound)
    others = sorted((each.shape for each in made if each.bound is None), key=_by_kind)
    shown = [each.shape.model_copy(update={"rank": place}) for place, each in enumerate(ranked, 1)]
    return [*shown, *others]


def _by_bound(each: _Told) -> tuple[float, str]:
    assert each.bound is not None, "only ranked records are sorted by their bound"
    return -each.bound, each.shape.analyst


def _by_kind(shape: AnalystRecord) -> tuple[int, str, bool, str]:
    """The council and what it is held against, its members, then those who sit on no panel."""
    return KINDS.index(shape.kind), shape.analyst, not shape.record.newest, shape.record.key


def _record(standing: Standing, newest: Sequence[Standing], weights: Mapping[str, Decimal]) -> _Told:
    begun, trades, voted = standing.begun, standing.outcome.trades, standing.voted
    closed, forecasts = len(trades.r), standing.outcome.forecasts
    average_r = told(statistics.expectancy(trades.r))
    bounds = bounds_of(daily_mean(trades.r, trades.days, seed=baselines.SEED))
    why = _unranked_why(standing, bounds)
    luck, against_luck = baselines.luck_of(standing)
    repeats, flips = sum(each.repeats for each in standing.asked), sum(each.flips for each in standing.asked)
    curve = calibration_curve(forecasts)
    score, error = brier(forecasts), calibration_error(curve)
    on_panel = standing.kind in ("rule", "model")
    shape = AnalystRecord(
        analyst=begun.analyst,
        kind=standing.kind,
        record=key_of(begun),
        knowledge_cutoff=begun.knowledge_cutoff,
        weight=float(weights.get(begun.analyst, ONE)) if on_panel else None,
        since=instant_or_none(begun.since),
        days=standing.days,
        decisions=standing.decisions,
        abstentions=0 if voted is None else voted.abstentions,
        failures={each.code: each.count for each in standing.asked if each.code != VOTED},
        closed=closed,
        open=standing.running.counting,
        never_entered=standing.outcome.never_entered,
        contaminated=contaminated_of(standing),
        win_rate=told(statistics.win_rate(trades.r)),
        average_r=average_r,
        average_r_interval=bounds,
        expectancy_r=expectancy_of(average_r, closed),
        brier=None if score is None else float(score),
        calibration=bins_of(curve),
        calibration_error=None if error is None else float(error),
        flip_rate=flips / repeats if repeats else None,
        input_tokens=standing.input_tokens,
        output_tokens=standing.output_tokens,
        cost=cost_of(standing),
        ranked=why is None,
        rank=None,
        unranked_why=why,
        luck=luck,
        comparisons=[against_luck, baselines.against_holding(standing), *_rivals(standing, newest)],
    )
    bound = None if why is not None or bounds is None else expectancy_of(bounds.low, closed)
    return _Told(shape, bound)


def _unranked_why(standing: Standing, bounds: Bounds | None) -> str | None:
    """Why the record has no rank; None where it has one."""
    closed = len(standing.outcome.trades.r)
    if not standing.begun.newest:
        return "An earlier record: its key has changed since."
    lacks = baselines.lacking(
        (standing.decisions, DECISIONS_MIN, "decisions"),
        (standing.days, baselines.DAYS_MIN, "days"),
        (closed, baselines.TRADES_MIN, "closed trades that count"),
    )
    if lacks:
        return f"{lacks} so far."
    return "Its trades closed on too few days for an interval." if bounds is None else None


def _rivals(standing: Standing, newest: Sequence[Standing]) -> list[Comparison]:
    """What the council alone is held against besides."""
    if standing.begun.analyst != COUNCIL or not standing.begun.newest:
        return []
    singles = [each for each in newest if each.kind in ("rule", "model")]
    majority = next((each for each in newest if each.begun.analyst == MAJORITY), None)
    return [baselines.against_best(standing, singles), baselines.against_majority(standing, majority)]
